"""Values that are known before the run: constants, and what shapes are computed from, as numbers and extents.

ONNX gives shapes, axes and sizes as tensors. `numbers` follows such a tensor back through the graph.
"""
from __future__ import annotations

import math
from typing import Any, Callable

import numpy as np

from ..errors import Unsupported
from ..graph import dims as d
from ..graph.build import Tensor
from ..graph.core import Node, reachable
from ..graph.dims import Dim, Expr

LARGEST = 1 << 16                        # elements; shapes and axes are short


class _Unknown(Exception):
    """The value depends on data, or on a comparison of extents that are not known."""


def numbers(x: Tensor, what: str = "a shape, axis or size") -> list[Dim | float]:
    """The elements of a tensor in row-major order. Raises Unsupported naming `what` where they depend on data."""
    found = known(x)
    if found is None:
        raise Unsupported(f"{what} must be known before the run, but it depends on data")
    return list(found.reshape(-1))


def number(x: Tensor, what: str = "a number") -> Dim | float:
    """The only element of a tensor."""
    found = numbers(x, what)
    if len(found) != 1:
        raise Unsupported(f"{what} must be one number, but is {len(found)}")
    return found[0]


def known(x: Tensor) -> np.ndarray | None:
    """The elements as an array of ints, floats, bools and extents (dtype object); None where they depend on data."""
    values: dict[tuple[int, int], np.ndarray] = {}
    if any(node.op not in _RULES for node in reachable([x.node])):
        return None
    try:
        for node in reachable([x.node]):
            values[id(node), 0] = _RULES[node.op](node, [values[id(v.node), v.index] for v in node.inputs])
    except _Unknown:
        return None
    return values[id(x.node), 0]


def _objects(array: Any) -> np.ndarray:
    found = np.empty(np.shape(array), object)
    found[...] = np.asarray(array).tolist() if np.shape(array) else np.asarray(array).item()
    return found


def _shape(node: Node) -> tuple[int, ...]:
    dims = node.types[0].dims
    if any(isinstance(n, Expr) for n in dims) or math.prod(dims) > LARGEST:
        raise _Unknown
    return tuple(map(int, dims))


def _weight(node: Node, _: list) -> np.ndarray:
    _shape(node)
    return _objects(node.attrs["array"])


def _constant(node: Node, _: list) -> np.ndarray:
    found = np.empty((), object)
    found[()] = node.attrs["value"]
    return found


def _iota(node: Node, _: list) -> np.ndarray:
    return _objects(np.arange(*_shape(node)))


def _grid(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    places = np.ogrid[tuple(slice(n) for n in shape)] if shape else []
    return {f"o{k}": place for k, place in enumerate(places)}


def _places(expressions: list, shape: tuple[int, ...]) -> list[np.ndarray]:
    grid = _grid(shape)
    try:
        return [np.broadcast_to(d.evaluate(e, grid), shape) for e in expressions]
    except KeyError as symbol:           # the place itself depends on an extent that is not known
        raise _Unknown from symbol


def _reindex(node: Node, inputs: list) -> np.ndarray:
    shape, x = _shape(node), inputs[0]
    allowed = np.ones(shape, bool)
    for guard in _places(node.attrs["guard"], shape):
        allowed = allowed & (guard >= 0)
    found = np.empty(shape, object)
    found[...] = node.attrs["fill"]
    if allowed.any():
        places = _places(node.attrs["index"], shape)
        found[allowed] = x[tuple(place[allowed] for place in places)]
    return found


def _gather(node: Node, inputs: list) -> np.ndarray:
    x, *tensors = inputs
    shape = _shape(node)
    places = [np.broadcast_to(tensors[one[1]], shape) if isinstance(one, tuple) else _places([one], shape)[0]
              for one in node.attrs["index"]]
    found = np.empty(shape, object)
    for here in np.ndindex(shape):
        at = tuple(place[here] for place in places)
        if any(isinstance(k, Expr) for k in at):
            raise _Unknown
        if any(not 0 <= k < n for k, n in zip(at, x.shape)):
            raise Unsupported(f"index {list(at)} leaves a tensor of shape {list(x.shape)}")
        found[here] = x[at]
    return found


def _map(node: Node, inputs: list) -> np.ndarray:
    name = node.attrs["fn"]
    if name not in _SCALARS:
        raise _Unknown
    shape, dtype = _shape(node), node.types[0].dtype
    inputs = [np.broadcast_to(x, shape) for x in inputs]
    found = np.empty(shape, object)
    for here in np.ndindex(shape):
        operands = [x[here] for x in inputs]
        found[here] = _cast(operands[0], dtype) if name == "cast" else _SCALARS[name](*operands)
    return found


def _reduce(node: Node, inputs: list) -> np.ndarray:
    shape, (x,) = _shape(node), inputs
    start, combine = _MONOIDS[node.attrs["monoid"]]
    axes = node.attrs["axes"]
    rows = np.moveaxis(x, axes, range(len(axes))).reshape(-1, *shape)
    if start is None and not len(rows):
        raise _Unknown
    found = np.empty(shape, object)
    for here in np.ndindex(shape):
        total = start
        for element in rows[(slice(None), *here)]:
            total = element if total is None else combine(total, element)
        found[here] = total
    return found


# ---- the scalar functions that shapes are computed with

def _cast(x: Any, dtype: str) -> Any:
    if isinstance(x, Expr):
        return not _EQUAL(x, 0) if dtype == "bool" else x
    return bool(x) if dtype == "bool" else float(x) if dtype.startswith(("float", "bfloat")) else int(x)


def _divided(a: Any, b: Any) -> Any:
    if isinstance(a, Expr) or isinstance(b, Expr):
        a, b = _whole_number(a), _whole_number(b)
        if d.mod(a, b) == 0:
            return a // b
        raise _Unknown
    if b == 0:
        raise _Unknown
    return a / b


def _whole_divided(a: Any, b: Any) -> Any:
    """Rounded towards zero, which is down for extents: none is negative."""
    if isinstance(a, Expr) or isinstance(b, Expr):
        if d.at_least(a) is None or d.at_least(a) < 0:
            raise _Unknown
        return d.floordiv(a, b)
    if b == 0:
        raise _Unknown
    return int(a / b) if abs(a) < 2 ** 52 else (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def _gap(a: Any, b: Any) -> tuple[float, float]:
    """The least and the greatest that a - b can be."""
    if isinstance(a, Expr) or isinstance(b, Expr):
        a, b = _whole_number(a), _whole_number(b)
    gap = a - b
    if not isinstance(gap, Expr):
        return gap, gap
    least, greatest = d.at_least(gap), d.at_least(-gap)
    return -math.inf if least is None else least, math.inf if greatest is None else -greatest


def _whole_number(x: Any) -> Any:
    if isinstance(x, float) and not x.is_integer():
        raise _Unknown
    return int(x) if isinstance(x, float) else x


def _compare(yes: Callable[[float, float], bool], no: Callable[[float, float], bool]) -> Callable:
    """A comparison that the least and greatest difference may settle."""
    def apply(a: Any, b: Any) -> bool:
        low, high = _gap(a, b)
        if not yes(low, high) and not no(low, high):
            raise _Unknown
        return yes(low, high)
    return apply


_EQUAL = _compare(lambda low, high: low == high == 0, lambda low, high: low > 0 or high < 0)
_LESS = _compare(lambda low, high: high < 0, lambda low, high: low >= 0)


def _whole(function: Callable) -> Callable:
    """A rounding; extents are whole already."""
    return lambda x: x if isinstance(x, Expr) else type(x)(function(x))


_SCALARS: dict[str, Callable] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "negative": lambda a: -a, "divide": _divided, "trunc_divide": _whole_divided, "floor_divide": d.floordiv,
    "remainder": d.mod, "fmod": lambda a, b: d.mod(a, b) if isinstance(a, Expr) else type(a)(math.fmod(a, b)),
    "maximum": lambda a, b: d.maximum(a, b), "minimum": lambda a, b: d.minimum(a, b),
    "floor": _whole(math.floor), "ceil": _whole(math.ceil), "round": _whole(round), "trunc": _whole(math.trunc),
    "abs": lambda a: a if isinstance(a, Expr) else abs(a), "cast": _cast,
    "select": lambda mask, a, b: a if mask else b,
    "bit_not": lambda a: not a if isinstance(a, bool) else ~a,
    "bit_and": lambda a, b: a & b, "bit_or": lambda a, b: a | b,
    "less": _LESS, "less_equal": lambda a, b: not _LESS(b, a), "greater": lambda a, b: _LESS(b, a),
    "greater_equal": lambda a, b: not _LESS(a, b), "equal": _EQUAL, "not_equal": lambda a, b: not _EQUAL(a, b),
}
_MONOIDS = {"sum": (0, _SCALARS["add"]), "prod": (1, _SCALARS["multiply"]), "max": (None, d.maximum),
            "min": (None, d.minimum), "any": (False, lambda a, b: a or b), "all": (True, lambda a, b: a and b)}
_RULES: dict[str, Callable[[Node, list], np.ndarray]] = {
    "weight": _weight, "constant": _constant, "iota": _iota, "reindex": _reindex, "gather": _gather, "map": _map,
    "reduce": _reduce, "concat": lambda node, inputs: np.concatenate(inputs, axis=node.attrs["axis"])}
