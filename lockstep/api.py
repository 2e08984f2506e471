"""The Python interface: convert, compile, verify, load."""
from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from .build.compiler import cache_folder, shared_library
from .build.library import Library
from .build.tune import Trial, tune
from .emit.package import Example, emit_package
from .errors import BadInput
from .passes.pipeline import optimise
from .plan.choices import Choices
from .plan.pipeline import make
from .judge.verdict import Report, Verdict, example_of, judge_twice
from .judge.models import OpenModel, open_model


class Compiled:
    """A model compiled to C++: call it with tensors or arrays (positional, or by name), get the same kind back."""

    def __init__(self, library: Library, unflatten: Callable[[list], Any], folder: Path):
        self.library, self._unflatten, self.folder = library, unflatten, folder

    @property
    def name(self) -> str:
        return self.library.name

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Outputs in the model's own structure. Raises BadInput where an input's number, name, dtype or shape is wrong."""
        names = [port.name for port in self.library.inputs]
        unknown = [k for k in named if k not in names]
        if unknown:
            raise BadInput(f"{self.name} has no input {', '.join(unknown)}; it takes {', '.join(names)}")
        twice = [k for k in names[:len(inputs)] if k in named]
        if twice:
            raise BadInput(f"{self.name} was given {', '.join(twice)} twice: by position and by name")
        ordered = list(inputs) + [named[k] for k in names[len(inputs):] if k in named]
        with_torch = any(not isinstance(x, np.ndarray) and hasattr(x, "detach") for x in ordered)
        results = self.library.run([_as_array(x) for x in ordered])
        if with_torch:
            from .cases.suites import to_torch
            return self._unflatten([to_torch(r) for r in results])
        return self._unflatten(results)


def _as_array(x: Any) -> np.ndarray:
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "detach"):
        from .capture.recorder import to_numpy
        return to_numpy(x)
    return np.asarray(x)


def convert(model: Any, example_inputs: Any = None, *, out: str | Path, input: Sequence[tuple] | None = None,
            dynamic: Mapping | None = None, name: str | None = None, input_names: Sequence[str] | None = None,
            output_names: Sequence[str] | None = None, embed: bool = False, selftest: bool = True,
            choices: Choices = Choices(), tuned: bool = False) -> Path:
    """Writes a C++17 package of the model into `out` and returns that folder.

    model, example_inputs, input, dynamic and the names: see `judge.models.open_model`. embed puts the weights into the
    source. selftest stores the example with PyTorch's answers and their bounds. choices decide of the plan what results
    do not depend on beyond their bounds, and tuned measures which are fastest here; the package records them. Raises
    BadInput, Unsupported.
    """
    opened = open_model(model, example_inputs, input=input, dynamic=dynamic, name=name, input_names=input_names,
                        output_names=output_names)
    if tuned:
        choices, _ = tune_opened(opened, choices)
    return convert_opened(opened, Path(out), embed, selftest, choices)


def convert_opened(opened: OpenModel, out: Path, embed: bool = False, selftest: bool = True,
                   choices: Choices = Choices()) -> Path:
    """`convert` of a model that has been read."""
    graph = optimise(opened.graph)
    example = example_of(opened) if selftest else None
    return emit_package(make(graph, choices), opened.name, out, opened.source, example, embed)


def compile(model: Any, example_inputs: Any = None, choices: Choices = Choices(), **options: Any) -> Compiled:
    """The model as a Python callable that runs its C++. Options as for `convert`. Raises BuildError without a compiler."""
    return compile_opened(open_model(model, example_inputs, **options), choices)


def compile_opened(opened: OpenModel, choices: Choices = Choices()) -> Compiled:
    """`compile` of a model that has been read."""
    base = cache_folder()
    base.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.TemporaryDirectory(dir=base, prefix="package-")
    try:
        graph = optimise(opened.graph)
        folder = emit_package(make(graph, choices), opened.name, Path(scratch.name) / opened.name, opened.source)
        weights = f"{opened.name}.safetensors"
        compiled = _load(folder, opened.name, weights if (folder / weights).exists() else "", opened.unflatten)
    except BaseException:
        scratch.cleanup()                   # not left to the garbage collector: the traceback may live long
        raise
    compiled.scratch = scratch              # the weights stay mapped: the folder lives as long as the callable
    return compiled


def _load(folder: Path, name: str, weights: str, unflatten: Callable) -> Compiled:
    """A package's library with its weights file, where it has one ("" where it has none)."""
    return Compiled(Library(shared_library(folder, name), name, folder / weights if weights else None), unflatten, folder)


def load(folder: str | Path) -> Compiled:
    """A converted package as a callable, compiled where the cache does not hold it. Raises BadInput where it is none."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError) as failure:
        raise BadInput(f"{folder} is not a package that Lockstep wrote: package.json cannot be read") from failure
    if not isinstance(manifest, dict) or not {"name", "weights", "files"} <= set(manifest):
        raise BadInput(f"{folder} is not a package that Lockstep wrote: its package.json is another program's")
    return _load(folder, manifest["name"], manifest["weights"],
                 lambda results: results[0] if len(results) == 1 else tuple(results))


def tune_opened(opened: OpenModel, choices: Choices = Choices()) -> tuple[Choices, list[Trial]]:
    """The choices that make a model that has been read fastest on this machine, and what was tried: see `build.tune`."""
    return tune(lambda one: compile_opened(opened, one), list(opened.examples), choices)


def verify(model: Any, example_inputs: Any = None, choices: Choices = Choices(), **options: Any) -> Report:
    """Converts, compiles, runs and judges a model against the original, element by element within computed bounds."""
    return verify_opened(open_model(model, example_inputs, **options), choices)


def verify_opened(opened: OpenModel, choices: Choices = Choices()) -> Report:
    """`verify` of a model that has been read."""
    start = time.perf_counter()
    compiled = compile_opened(opened, choices)
    built = time.perf_counter()
    example = example_of(opened)
    judged = time.perf_counter()
    return Report(opened.name, verdicts_of(compiled, example),
                  {"convert_and_build": round(built - start, 3), "truth": round(judged - built, 3)})


def verdicts_of(compiled: Compiled, example: Example) -> tuple[Verdict, ...]:
    """The judgement of the C++ on an example, one an output and one a buffer that it updates."""
    library = compiled.library
    first, second = (library.first_run(example.inputs, fill) for fill in (0xA5, 0x5A))
    return tuple(judge_twice(port.name, one, other, *answer) for port, one, other, answer in
                 zip([*library.outputs, *library.states], first, second, example.outputs, strict=True))

