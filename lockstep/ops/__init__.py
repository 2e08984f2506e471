"""What each source operator means, in primitives: aten_*.py for PyTorch, onnx_*.py for ONNX, one family a file.

A definition is a function over values, registered under the names it defines. The folder is the index: every module
named after a dialect is imported when that dialect is first asked for.
"""
from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Iterator

from ..errors import BadInput


@dataclass(frozen=True)
class Definition:
    """What a name means. `since` is the first ONNX operator-set version it holds for (0 for ATen)."""

    name: str
    function: Callable
    since: int = 0


ATEN: dict[str, Definition] = {}
ONNX: dict[str, list[Definition]] = {}         # lists are replaced, never changed


def aten(*names: str) -> Callable:
    """Registers a definition for ATen overloads, named as `softmax.int`. It gets the overload's own arguments."""
    def register(function: Callable) -> Callable:
        for name in names:
            if name in ATEN and _is_ours(function) and ATEN[name].function.__module__ != function.__module__:
                if not _is_ours(ATEN[name].function):
                    continue                                # a user's own definition holds, whenever it was given
                raise ValueError(f"{name} is defined in {ATEN[name].function.__module__} and {function.__module__}")
            ATEN[name] = Definition(name, function)
        return function
    return register


def _is_ours(function: Callable) -> bool:
    return function.__module__.partition(".")[0] == "lockstep"


def onnx(name: str, since: int = 1) -> Callable:
    """Registers a definition for an ONNX operator from an operator-set version on.

    It gets the node's inputs in order (None for one left out) and the node's attributes by name.
    """
    def register(function: Callable) -> Callable:
        ONNX[name] = [*ONNX.get(name, []), Definition(name, function, since)]
        return function
    return register


@lru_cache(maxsize=None)
def load(dialect: str) -> None:
    """Imports every definition of a dialect."""
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith(f"{dialect}_"):
            importlib.import_module(f"{__name__}.{module.name}")


def aten_definitions() -> dict[str, Definition]:
    load("aten")
    return ATEN


def onnx_definition(name: str, version: int) -> Definition | None:
    """The definition that holds for an operator at an operator-set version; None where there is none. A user's own goes
    before ours, and the last one given before those before it."""
    load("onnx")
    fitting = [one for one in reversed(ONNX.get(name, [])) if one.since <= version]
    return max(fitting, key=lambda one: (not _is_ours(one.function), one.since), default=None)


@contextmanager
def separate() -> Iterator[None]:
    """What is defined inside, a user's file for one suite, holds inside alone."""
    load("aten")
    load("onnx")
    aten_before, onnx_before = dict(ATEN), dict(ONNX)
    try:
        yield
    finally:
        for registry, before in ((ATEN, aten_before), (ONNX, onnx_before)):
            registry.clear()
            registry.update(before)


_FILES: dict[Path, tuple[bytes, list[tuple[dict, str, Any]]]] = {}      # what each file read so far defines


def load_file(path: str | Path) -> None:
    """A user's own definitions: a Python file that uses `lockstep.define`, `@aten` or `@onnx`. It is run once, and again
    where it changed. Raises BadInput where it is missing or fails."""
    file = Path(path).resolve()
    try:
        content = file.read_bytes()
    except OSError as failure:
        raise BadInput(f"--ops {path}: {failure.strerror}") from failure
    if file not in _FILES or _FILES[file][0] != content:
        with separate():
            before = {id(registry): dict(registry) for registry in (ATEN, ONNX)}
            _run(file, path)
            _FILES[file] = content, [(registry, name, found) for registry in (ATEN, ONNX)
                                     for name, found in registry.items() if before[id(registry)].get(name) != found]
    for registry, name, found in _FILES[file][1]:
        registry[name] = found


def _run(file: Path, path: str | Path) -> None:
    name = f"lockstep_user_ops.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BadInput(f"--ops {path}: not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)       # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as failure:  # a user's file may raise anything
        raise BadInput(f"--ops {path}: {type(failure).__name__}: {failure}") from failure
