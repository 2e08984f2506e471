"""Finds suites, loads their cases, and makes each case's module ready: weights drawn, eval mode, inputs as tensors."""
from __future__ import annotations

import copy
import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import BadInput
from ..ops import load_file
from .case import Case, flatten, inputs_of
from .needs import NotInstalled
from .rules import generator_for

TORCH = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64,
         "complex64": torch.complex64, "complex128": torch.complex128}


@dataclass(frozen=True)
class Suite:
    """One generator: its name, file, docstring and cases, and the file of definitions that it names as OPS."""

    name: str
    path: Path
    about: str
    cases: tuple[Case, ...]
    ops: Path | None = None


def find(folder: Path, names: tuple[str, ...] = ()) -> list[Path]:
    """The generators of a folder, or those named. Raises BadInput for a name that is not there."""
    there = {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}
    missing = [name for name in names if name not in there]
    if missing:
        raise BadInput(f"no generator {', '.join(missing)} in {folder.name}/; there are {', '.join(there) or 'none'}")
    return [there[name] for name in names] if names else list(there.values())


def load(path: Path) -> Suite:
    """A generator's suite. Raises BadInput where it raises, yields none, or yields two cases of one name; NotInstalled
    where a package that it needs is not there.

    A generator may name a file of definitions, relative to itself: OPS = "my_ops.py". It is loaded as `--ops` loads it.
    """
    spec = importlib.util.spec_from_file_location(f"lockstep_generators.{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        ops = (path.parent / module.OPS).resolve() if hasattr(module, "OPS") else None
        if ops is not None:
            load_file(ops)
        cases = flatten(module.cases) if hasattr(module, "cases") else []
    except NotInstalled:
        raise
    except (Exception, SystemExit) as failure:  # whatever it raises is reported under its name; the others go on
        raise BadInput(f"generator {path.name} failed{_line(path, failure)}: {type(failure).__name__}: "
                       f"{failure}") from failure
    if not cases:
        raise BadInput(f"generator {path.name} yields no case; `cases()` must be there and yield at least one")
    strange = [one for one in cases if not isinstance(one, Case)]
    if strange:
        raise BadInput(f"generator {path.name} yields a {type(strange[0]).__name__}; yield what case(...) gives")
    names = [one.name for one in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"generator {path.name} yields two cases named {', '.join(twice)}; names must differ")
    return Suite(path.stem, path, (module.__doc__ or "").strip().split("\n")[0], tuple(cases), ops)


def _line(path: Path, failure: BaseException) -> str:
    """The generator's own line that led to a failure, wherever it was raised."""
    lines = [frame.lineno for frame in traceback.extract_tb(failure.__traceback__) if frame.filename == str(path)]
    if isinstance(failure, SyntaxError) and failure.filename == str(path):
        lines.append(failure.lineno)
    return f" (line {lines[-1]})" if lines else ""


class Function(torch.nn.Module):
    """A plain function of tensors as a module."""

    def __init__(self, function: Any):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def module_of(suite: str, one: Case) -> torch.nn.Module:
    """The case's module with its weights drawn from suite, case and path; a function becomes a module."""
    if not isinstance(one.model, torch.nn.Module):
        return Function(one.model)
    module = copy.deepcopy(one.model)
    if one.dtype in TORCH and one.dtype != "float32":
        module = module.to(TORCH[one.dtype])
    module.train(one.training)
    if not one.keep_weights:
        with torch.no_grad():
            for path, tensor in [*module.named_parameters(), *module.named_buffers()]:
                if tensor.is_floating_point():
                    tensor.copy_(torch.from_numpy(draw(suite, one.name, path, tuple(tensor.shape))).to(tensor.dtype))
                elif tensor.is_complex():
                    real, imag = (draw(suite, one.name, f"{path}{part}", tuple(tensor.shape)) for part in ("", ".imag"))
                    tensor.copy_(torch.from_numpy(real + 1j * imag).to(tensor.dtype))
    return module


def draw(suite: str, case: str, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """A parameter's values: variances positive and not 1, matrices scaled so that depth neither blows up nor dies,
    everything else (biases, scales, means) away from zero and from one."""
    rng = generator_for(suite, case, path)
    if path.endswith("running_var"):
        return rng.uniform(0.3, 2.5, shape)
    if len(shape) >= 2:
        return rng.normal(0.0, 1.0 / np.sqrt(max(np.prod(shape[1:]), 1)), shape)
    return rng.uniform(0.2, 1.3, shape) * rng.choice([-1.0, 1.0, 1.0], shape)


def tensors_of(suite: str, one: Case, data_set: int = 0) -> tuple[torch.Tensor, ...]:
    """The case's inputs as fresh tensors."""
    return tuple(to_torch(array) for array in inputs_of(suite, one, data_set))


def to_torch(array: np.ndarray) -> torch.Tensor:
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(np.array(array, order="C"))
