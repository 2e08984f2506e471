"""What many definitions share: type promotion as PyTorch does it, sizes, and dims."""
from __future__ import annotations

from typing import Any, Sequence

from ..errors import Unsupported
from ..graph import dims as d
from ..graph.build import Tensor, axes_of, constant, expand, full, is_float
from ..graph.core import FLOATS, INTEGERS
from ..graph.dims import Dim, Expr

_ORDER = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")


def category(x: Any) -> int:
    """0 for bool, 1 for whole numbers, 2 for floats: of a tensor, a dtype's name or a Python number."""
    if isinstance(x, Tensor):
        x = x.dtype
    if isinstance(x, str):
        return 0 if x == "bool" else 2 if x in FLOATS else 1
    return 0 if isinstance(x, bool) else 2 if isinstance(x, float) else 1


def promote_dtypes(a: str, b: str) -> str:
    """The dtype of an operation on two dtypes of equal standing (torch.promote_types)."""
    if a == b:
        return a
    if {a, b} == {"float16", "bfloat16"}:
        return "float32"
    if {a, b} & {"uint16", "uint32", "uint64"} and not {a, b} & set(FLOATS):
        raise Unsupported(f"PyTorch has no common dtype of {a} and {b}; convert one with .to()")
    if category(a) != category(b):
        return a if category(a) > category(b) else b
    if {a, b} == {"uint8", "int8"}:
        return "int16"
    return max(a, b, key=_ORDER.index)


def result_type(*operands: Any) -> str:
    """torch.result_type: tensors with dims decide, then tensors without, then Python numbers, by category."""
    groups: list[str | None] = [None, None, None]
    for x in operands:
        if isinstance(x, Tensor):
            group, dtype = (0 if x.rank else 1), x.dtype
        elif x is None:
            continue
        else:
            group, dtype = 2, ("bool", "int64", "float32")[category(x)]
        groups[group] = dtype if groups[group] is None else promote_dtypes(groups[group], dtype)
    result = None
    for dtype in groups:
        if dtype is not None and (result is None or category(dtype) > category(result)):
            result = dtype
    assert result is not None
    return result


def promote(*operands: Any, floating: bool = False) -> list:
    """The operands in their common dtype (`floating`: at least float32); numbers stay numbers unless all are."""
    dtype = result_type(*operands)
    if floating and not is_float(dtype):
        dtype = "float32"
    tensors = [x.cast(dtype) if isinstance(x, Tensor) else whole(x, dtype) for x in operands]
    if not any(isinstance(x, Tensor) for x in tensors):
        tensors[0] = constant(tensors[0], dtype)
    return tensors


def whole(x: Any, dtype: str) -> Any:
    """A Python number as a dtype holds it: integers for integer dtypes, truth for bool."""
    if isinstance(x, Expr) or x is None or is_float(dtype):
        return x
    return bool(x) if dtype == "bool" else int(x)


def floating(x: Tensor) -> Tensor:
    """Whole numbers and bools as float32, as PyTorch's mathematical functions take them."""
    return x if is_float(x.dtype) else x.cast("float32")


def pair(x: Any, count: int) -> list:
    """A number or a list as `count` numbers."""
    listed = list(x) if isinstance(x, (list, tuple)) else [x]
    return listed * count if len(listed) == 1 else listed


def slice_bounds(start: Dim | None, stop: Dim | None, extent: Dim) -> tuple[Dim, Dim]:
    """PyTorch's start and stop (None, negative, past the end) as 0 <= start <= stop <= extent."""
    def place(position: Dim | None, default: Dim) -> Dim:
        if position is None or (d.is_static(position) and position >= 2 ** 62):
            return default
        if d.is_static(position) and position < 0:
            position = position + extent
            return d.maximum(position, 0)
        return d.minimum(position, extent)
    first, last = place(start, 0), place(stop, extent)
    return first, (last if d.not_negative_symbols(last - first) else d.maximum(first, last))


def zeros(dims: Sequence[Dim], dtype: str) -> Tensor:
    return full(dims, 0, dtype)


def refuse(reason: str):
    """Unsupported, for use as an expression."""
    raise Unsupported(reason)


__all__ = ["Dim", "INTEGERS", "Tensor", "axes_of", "category", "constant", "expand", "floating", "full", "is_float",
           "pair", "promote", "promote_dtypes", "refuse", "result_type", "slice_bounds", "whole", "zeros"]
