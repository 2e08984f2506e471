"""A source program: what capture gives and `ops` defines, the same form for PyTorch and for ONNX.

It is a list of named calls in single-assignment form. A call's arguments are Python numbers, strings (dtypes go by
name), None, extent expressions, `Ref`s to values, `SubProgram`s, and lists of these.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Mapping

import numpy as np

from .core import Origin, Type


@dataclass(frozen=True)
class Ref:
    """A value by name."""

    name: str


@dataclass(frozen=True)
class Read:
    """In place of a result's type: the result is a whole number that the program goes on to use as a size or a number,
    between `least` and `most` (None: not known)."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class SubProgram:
    """Calls inside a program: the side of a branch, the body of a loop. What they use of the program around them they
    name as it does."""

    inputs: tuple[tuple[str, Type], ...]
    calls: tuple["Call", ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True)
class Call:
    """One operator applied: results[k] is the name of its k-th result, types[k] what the source says of it (or None).

    An extent that a type names and that nothing named before is found by the call.
    """

    target: str
    args: tuple
    kwargs: Mapping[str, Any]
    results: tuple[str, ...]
    types: tuple[Type | Read | None, ...]
    origin: Origin


@dataclass(frozen=True)
class SourceProgram:
    """A whole program.

    dialect   "aten" or "onnx": which definitions apply
    inputs    (name, type) of each input, in order
    weights   parameters, buffers and constants by name
    outputs   (name, Ref or number) of each flat output
    updates   what a run leaves in a weight that it writes to, by the weight's name
    symbols   named extents -> (least, greatest or None)
    tree      how the flat outputs form the source's structure, as the source's own library flattens it
    """

    dialect: str
    name: str
    inputs: tuple[tuple[str, Type], ...]
    weights: Mapping[str, np.ndarray]
    calls: tuple[Call, ...]
    outputs: tuple[tuple[str, Any], ...]
    symbols: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    tree: Any = None
    updates: Mapping[str, Ref] = field(default_factory=dict)


def relative(path: str) -> str:
    """A source path from its package's folder on: the same on every machine."""
    parts = path.split("/")
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1:])
    return "/".join(parts[-2:])


def source_line(stack_trace: str) -> str:
    """Where the model's own code stands in a Python stack trace, as `package/file.py:12`; "" where it does not."""
    frames = re.findall(r'File "([^"]+)", line (\d+)', stack_trace)
    outside = [f for f in frames if "/torch/" not in f[0] and "/lockstep/" not in f[0]]
    return f"{relative(outside[-1][0])}:{outside[-1][1]}" if outside else ""
