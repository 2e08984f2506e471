"""Four small models as packages, and the compilers, flags and programs that the tests of emitted C++ share.

`python helpers_package.py FOLDER` converts them in a process of its own.
"""
from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import pytest

HERE = Path(__file__).resolve().parent
WARNINGS = ("-std=c++17", "-Wall", "-Wextra", "-Werror")


@dataclass(frozen=True)
class Example:
    """A model to convert, its inputs, and the extents to run it with."""

    model: Callable[[], Any]
    inputs: Callable[[], tuple]
    extents: tuple[str, ...]
    dynamic: dict = field(default_factory=dict)


def conv_model():
    from torch import nn
    return nn.Sequential(nn.Conv2d(2, 5, 3, padding=1), nn.ReLU(), nn.Flatten(1), nn.Linear(180, 7), nn.Softmax(-1))


def look_model():
    from torch import nn

    class Look(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(9, 4)

        def forward(self, index, x):
            return self.table(index), x.gather(1, index)
    return Look()


def mlp_model():
    from torch import nn
    # over the batch: all rows must be in memory before the first is done
    return nn.Sequential(nn.Linear(6, 20), nn.Softmax(0), nn.Linear(20, 4))


def lstm_model():
    from torch import nn
    return nn.LSTM(3, 4)


def _normal(*shapes: tuple[int, ...]) -> tuple:
    import torch
    generator = torch.Generator().manual_seed(7)
    return tuple(torch.randn(shape, generator=generator) for shape in shapes)


def _look_inputs() -> tuple:
    import torch
    return torch.arange(15).reshape(3, 5) * 7 % 9, *_normal((3, 10))


EXAMPLES = {
    "conv": Example(conv_model, lambda: _normal((3, 2, 6, 6)), ("3,2,6,6",)),
    "lstm": Example(lstm_model, lambda: _normal((5, 2, 3)), ("5,2,3",)),
    "look": Example(look_model, _look_inputs, ("3,5", "3,10")),
    "mlp": Example(mlp_model, lambda: _normal((3, 6)), ("3,6",), {0: {0: "batch"}}),
}


def made(name: str):
    """The example's module, its weights always the same."""
    import torch
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return EXAMPLES[name].model().eval()


def convert_one(name: str, out: Path, **options: Any) -> Path:
    import lockstep
    example = EXAMPLES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lockstep.convert(made(name), example.inputs(), out=out, name=name, dynamic=example.dynamic, **options)


def convert_all(folder: Path) -> Path:
    for name in EXAMPLES:
        convert_one(name, folder / name)
    return folder


@functools.cache
def _converted(folder: Path) -> Path:
    return convert_all(folder)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with one package an example; shared by every test file, and not to be changed."""
    return _converted(tmp_path_factory.getbasetemp() / "shared" / "packages")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    """Libraries that the tests compile go to the session's folder, not to the user's cache."""
    before = os.environ.get("LOCKSTEP_CACHE")
    os.environ["LOCKSTEP_CACHE"] = str(tmp_path_factory.getbasetemp() / "cache")
    yield
    if before is None:
        del os.environ["LOCKSTEP_CACHE"]
    else:
        os.environ["LOCKSTEP_CACHE"] = before


def compiler(name: str = "g++") -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def compile_cpp(source: Path, to: Path, *flags: str, by: str = "g++") -> Path:
    """Compiles (and links, unless -c is among the flags); the compiler's words are the failure's message."""
    to.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([compiler(by), *WARNINGS, str(source), *flags, "-o", str(to)], capture_output=True, text=True)
    assert done.returncode == 0, f"{by} {' '.join(flags)} refused {source.name}:\n{done.stderr[:4000]}"
    return to


@functools.cache
def object_of(package: Path, by: str = "g++", *flags: str) -> Path:
    """The model's object file, compiled once for a compiler and flags."""
    name = package.name
    tag = "".join(c if c.isalnum() else "_" for c in "".join((by, *flags)))
    return compile_cpp(package / f"{name}.cpp", package.parent / "objects" / f"{name}.{tag}.o", "-c", *flags, by=by)


def program(package: Path, source: Path, to: Path, *flags: str, objects: tuple[Path, ...] = ()) -> Path:
    """A program of `source` and the package's model (its own object where none is given)."""
    return compile_cpp(source, to, f"-I{package}", *flags, *map(str, objects or (object_of(package, "g++", "-O2"),)), "-pthread")


def run(*command: Any, **options: Any) -> subprocess.CompletedProcess:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120, **options)


def weights_of(package: Path) -> Path:
    return package / f"{package.name}.safetensors"


if __name__ == "__main__":
    convert_all(Path(sys.argv[1]))
