"""map: one scalar function over elements."""
from __future__ import annotations

import numpy as np

from ..scalar import SCALARS
from ..special import size
from ..ulp import ulp_of
from ..world import HALVES, LARGEST, held, numpy_dtype, spacing
from . import REACH, error, value

COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


@value("map")
def apply(node, inputs, world):
    fn, dtype = node.attrs["fn"], node.types[0].dtype
    with np.errstate(all="ignore"):
        if fn == "cast":
            return (_cast(node, inputs[0], world),)
        if fn == "nextafter" or fn in COMPARISONS:
            # neighbours are the dtype's own, and a literal or a whole number is compared as the dtype holds it
            inputs = [np.asarray(x).astype(numpy_dtype(node.inputs[0].dtype)) for x in inputs]
        result = np.asarray(SCALARS[fn].numpy(*inputs)).astype(world.dtype(dtype), copy=False)
    return (world.rounded(dtype, result, ulp_of(fn, dtype)) if world.noise and dtype.startswith(("f", "bf")) else result,)


def _cast(node, x, world):
    source, target = node.inputs[0].dtype, node.types[0].dtype
    if source.startswith(("float", "bfloat")) and target.startswith(("int", "uint")):
        # what the machine's conversion gives out of range: the lowest int64, cut to the target's bits
        out = ~(np.abs(x) < 2.0 ** 63)
        return np.where(out, np.int64(-2 ** 63), np.where(out, 0, x).astype(np.int64)).astype(target)
    result = x.astype(world.dtype(target))
    if node.attrs.get("unrounded"):
        return world.rounded(target, result, 0.5)
    if target in HALVES:
        return held(result, target)
    narrowing = source.startswith(("float", "bfloat")) or source in ("int64", "uint64", "int32", "uint32")
    return world.rounded(target, result, 0.5 if narrowing and _narrower(source, target) else 0.0)


def _narrower(source: str, target: str) -> bool:
    bits = {"float64": 53, "float32": 24, "int64": 63, "uint64": 64, "int32": 31, "uint32": 32}
    return bits.get(target, 99) < bits.get(source, 0)


@error("map")
def apply_error(node, inputs, sigmas, outputs, world):
    fn, dtype, out = node.attrs["fn"], node.types[0].dtype, outputs[0]
    with np.errstate(all="ignore"):
        if fn == "select":
            return (_select(inputs, sigmas),)
        if fn in COMPARISONS and np.asarray(inputs[0]).dtype.kind == "f":
            return (np.zeros(np.shape(out)) if all(map(_rounded_once, node.inputs)) else _close(inputs, sigmas),)
        if fn == "multiply" and dtype != "bool":
            (a, b), (s, t) = inputs, sigmas
            spread = np.hypot(np.hypot(_f(b) * s, _f(a) * t), s * t)          # squares would underflow
        else:
            spread = _secant(node, inputs, sigmas, out, world)
        if not dtype.startswith(("float", "bfloat")):
            undecided = np.zeros(np.shape(out), bool)
            for sigma in sigmas:
                undecided |= np.isnan(sigma)
            return (np.where(undecided | (spread > 0), np.nan, 0.0),)
        ulp = ulp_of(fn, dtype) if fn != "cast" else \
            0.5 * (_narrower(node.inputs[0].dtype, dtype) or node.attrs.get("unrounded", False))
        own = ulp * spacing(size(fn, inputs, out), dtype) / np.sqrt(3)
        if fn == "sigmoid":                            # 1 / (1 + exp(-x)) gives 0 where exp overflows
            own = np.where(out < 1 / LARGEST[dtype], np.fmax(own, _f(out) / REACH), own)
        wider = np.asarray(out).dtype != numpy_dtype(dtype)        # else the result was rounded here already
        exact = out == held(out, dtype) if wider else np.zeros(np.shape(out), bool)
        if fn in ("log", "log2", "log10"):             # the logarithm of 1 is 0 in every implementation
            own = np.where(out == 0, 0.0, own)
        if 0.5 <= ulp < 0.51:                          # nothing is lost where the dtype holds the exact result
            own = np.where(exact, 0.0, own)
        limits = [~np.isfinite(x) for x in inputs if np.asarray(x).dtype.kind == "f"]
        if any(map(np.any, limits)):                              # exp(-inf) is 0: a limit that is held is met exactly
            own = np.where(np.logical_or.reduce(np.broadcast_arrays(*limits)) & exact, 0.0, own)
        if fn in ("maximum", "minimum", "fmax", "fmin"):          # of two zeros of opposite sign either may be given
            tie = (inputs[0] == 0) & (inputs[1] == 0) & (np.signbit(inputs[0]) != np.signbit(inputs[1]))
            own = np.where(tie, np.finfo(np.float64).smallest_subnormal, own)
        return (np.hypot(spread, own),)


def _f(x):
    return np.asarray(x).astype(np.float64)




def _rounded_once(value):
    """Whether a value is an input, a literal or a whole number as its dtype holds it: every implementation then has the
    very same one, and comparing it is never too close to call."""
    node = value.node
    if node.op == "reindex" or node.op == "map" and node.attrs["fn"] == "cast":
        return _rounded_once(node.inputs[0])
    return node.op in ("input", "weight", "constant", "iota")


def _close(inputs, sigmas):
    """Where a comparison is too close to call: the sides are within reach of each other."""
    (a, b), (s, t) = inputs, sigmas
    reach = REACH * np.hypot(s, t)
    return np.where((np.abs(_f(a) - _f(b)) <= reach) & (reach > 0) | np.isnan(reach), np.nan, 0.0)


def _secant(node, inputs, sigmas, out, world):
    """How far the result moves when each input moves by the reach, per standard deviation, inputs independent."""
    total = np.zeros(np.shape(out))
    fn = node.attrs["fn"]
    quiet = type(world)(world.wide, world.symbols)
    for k, (x, sigma) in enumerate(zip(inputs, sigmas)):
        beyond = np.isfinite(x) & (np.abs(_f(x)) > LARGEST.get(node.inputs[k].dtype, np.inf))
        if not np.any(sigma) and not np.any(beyond):
            continue
        if np.asarray(x).dtype.kind != "f":
            total = total + np.where(np.isnan(sigma), np.nan, 0.0)
            continue
        move = np.zeros(np.shape(out))
        for sign in (1, -1):
            shifted = list(inputs)
            shifted[k] = (x + sign * REACH * sigma).astype(x.dtype)
            moved, = apply(node, shifted, quiet)
            distance = np.abs(_f(moved) - _f(out))
            move = np.fmax(move, np.where(np.isfinite(distance), distance, 0.0))
        if fn in ("divide", "remainder", "fmod", "floor_divide") and k == 1 or fn in ("reciprocal", "rsqrt"):
            move = np.where((np.abs(x) <= REACH * sigma) & (sigma > 0), np.inf, move)      # the pole is within reach
        if np.any(beyond):
            move = np.maximum(move, _as_infinity(node, inputs, k, beyond, out, quiet))
        total = np.hypot(total, move / REACH) + np.where(np.isnan(sigma), np.nan, 0.0)      # squares would underflow
    return total


def _as_infinity(node, inputs, k, beyond, out, world):
    """How far off the result is where input k, whose truth is beyond its dtype's range, is held as infinity; NaN where
    the result is then no finite number."""
    held = list(inputs)
    held[k] = np.where(beyond, np.copysign(np.inf, inputs[k]), inputs[k]).astype(inputs[k].dtype)
    moved, = apply(node, held, world)
    expected = np.where(np.abs(_f(out)) > LARGEST.get(node.types[0].dtype, np.inf), np.copysign(np.inf, _f(out)), _f(out))
    distance = np.where(_f(moved) == expected, 0.0, np.abs(_f(moved) - _f(out)))
    return np.where(beyond, np.where(np.isfinite(distance), distance, np.nan), 0.0)


def _select(inputs, sigmas):
    """Of the side that is chosen; where the choice itself is too close to call, wide enough for either side."""
    mask, a, b = inputs
    chosen = np.where(mask, sigmas[1], sigmas[2])
    if not np.any(np.isnan(sigmas[0])):
        return chosen
    if np.asarray(a).dtype.kind != "f":
        either = np.where(a == b, chosen, np.nan)
    else:
        gap = np.abs(_f(a) - _f(b)) / REACH
        either = np.fmax(np.fmax(sigmas[1], sigmas[2]), np.where(np.isfinite(gap), gap, np.nan))
        either = np.where(np.isnan(sigmas[1]) | np.isnan(sigmas[2]), np.nan, either)
    return np.where(np.isnan(sigmas[0]), either, chosen)


