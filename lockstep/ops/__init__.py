"""What each source operator means, in primitives: aten_*.py for PyTorch, onnx_*.py for ONNX, one family a file.

A definition is a function over values, registered under the names it defines. The folder is the index: every module
named after a dialect is imported when that dialect is first asked for.
"""
from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Definition:
    """What a name means. `since` is the first ONNX operator-set version it holds for (0 for ATen)."""

    name: str
    function: Callable
    since: int = 0


ATEN: dict[str, Definition] = {}
ONNX: dict[str, list[Definition]] = {}


def aten(*names: str) -> Callable:
    """Registers a definition for ATen overloads, named as `softmax.int`. It gets the overload's own arguments."""
    def register(function: Callable) -> Callable:
        for name in names:
            if name in ATEN and ATEN[name].function.__module__ != function.__module__:
                raise ValueError(f"{name} is defined in {ATEN[name].function.__module__} and {function.__module__}")
            ATEN[name] = Definition(name, function)
        return function
    return register


def onnx(name: str, since: int = 1) -> Callable:
    """Registers a definition for an ONNX operator from an operator-set version on.

    It gets the node's inputs in order (None for one left out) and the node's attributes by name.
    """
    def register(function: Callable) -> Callable:
        ONNX.setdefault(name, []).append(Definition(name, function, since))
        return function
    return register


def load(dialect: str) -> None:
    """Imports every definition of a dialect."""
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith(f"{dialect}_"):
            importlib.import_module(f"{__name__}.{module.name}")


def aten_definitions() -> dict[str, Definition]:
    load("aten")
    return ATEN


def onnx_definition(name: str, version: int) -> Definition | None:
    """The definition that holds for an operator at an operator-set version; None where there is none."""
    load("onnx")
    fitting = [one for one in ONNX.get(name, []) if one.since <= version]
    return max(fitting, key=lambda one: one.since, default=None)


def load_file(path: str) -> None:
    """A user's own definitions: a Python file that uses `@aten` or `@onnx`. Raises BadInput where it fails."""
    import importlib.util

    from ..errors import BadInput
    spec = importlib.util.spec_from_file_location("lockstep_user_ops", path)
    if spec is None or spec.loader is None:
        raise BadInput(f"--ops {path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as failure:  # a user's file may raise anything
        raise BadInput(f"--ops {path}: {type(failure).__name__}: {failure}") from failure
