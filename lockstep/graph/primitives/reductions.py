"""reduce, arg_reduce and scan.

The rounding of a sum follows the order in which it is added. For a random order, partial sum k of n terms with total S
and squares Q has the mean square (k/n)^2 S^2 + k(n-k)/(n(n-1)) (Q - S^2/n); each addition is off by half an ULP of its
partial sum at most, evenly spread, so the variance of all is about u^2/12 * (n/3 S^2 + n/6 Q) with u the relative ULP.
"""
from __future__ import annotations

import numpy as np

from ..core import FLOATS
from ..world import HALVES, held, spacing
from . import REACH, error, value

_UNIT = {"float16": 2.0 ** -23, "bfloat16": 2.0 ** -23, "float32": 2.0 ** -23, "float64": 2.0 ** -52}
_REDUCE = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum, "any": np.logical_or,
           "all": np.logical_and}


def identity(monoid: str, dtype: np.dtype):
    """What the monoid leaves unchanged, in a dtype."""
    if monoid in ("max", "min"):
        if dtype.kind == "b":
            return monoid == "min"
        low, high = (-np.inf, np.inf) if dtype.kind in "fV" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        return low if monoid == "max" else high
    return {"sum": 0, "prod": 1, "any": False, "all": True}[monoid]


def sum_deviation(total, squares, count, dtype):
    """Standard deviation of the rounding of a sum of `count` terms; see the head of this file."""
    unit = _UNIT.get(dtype, 0.0)
    if count < 2:
        return np.zeros(np.shape(total))
    added = unit / np.sqrt(12) * np.sqrt((count - 1) * (np.square(_f(total)) / 3 + _f(squares) / 6))
    if dtype not in HALVES:
        return added
    rounded = np.where(_f(total) == held(_f(total), dtype), 0.0, spacing(total, dtype) / np.sqrt(3))
    return np.hypot(added, rounded)                    # 16-bit floats are added in float32 and rounded once


def _f(x):
    return np.asarray(x).astype(np.float64)


def either_zero(out, x, full, axes, sigma):
    """Where zeros of both signs tie for an extremum, either may be given: the smallest deviation there is allows it."""
    if x.dtype.kind != "f":
        return sigma
    zeros = (x == 0) & (full == 0)
    both = np.any(zeros & np.signbit(x), axis=axes) & np.any(zeros & ~np.signbit(x), axis=axes)
    return np.where((out == 0) & both, np.fmax(sigma, np.finfo(np.float64).smallest_subnormal), sigma)


def _count(node, inputs):
    return int(np.prod([inputs[0].shape[k] for k in node.attrs["axes"]]))


@value("reduce")
def reduce(node, inputs, world):
    (x,), axes, monoid, dtype = inputs, node.attrs["axes"], node.attrs["monoid"], node.types[0].dtype
    with np.errstate(all="ignore"):
        if monoid in ("max", "min"):
            result = _REDUCE[monoid].reduce(x, axis=axes, initial=identity(monoid, x.dtype)) if x.dtype.kind != "b" else \
                (np.any if monoid == "max" else np.all)(x, axis=axes)
        else:
            result = _REDUCE[monoid].reduce(x, axis=axes, dtype=x.dtype)
        result = np.asarray(result).astype(x.dtype)
        if world.noise is not None and monoid == "sum":
            result = world.rounded(dtype, result, 0.5, sum_deviation(result, np.sum(np.square(_f(x)), axis=axes),
                                                                     _count(node, inputs), dtype))
        elif world.noise is not None and monoid == "prod":
            result = world.rounded(dtype, result, 0.5, np.sqrt(max(_count(node, inputs) - 1, 0)) * spacing(result, dtype) / np.sqrt(12))
    return (result,)


@error("reduce")
def reduce_error(node, inputs, sigmas, outputs, world):
    (x,), (sigma,), (out,) = inputs, sigmas, outputs
    axes, monoid, dtype = node.attrs["axes"], node.attrs["monoid"], node.types[0].dtype
    with np.errstate(all="ignore"):
        if monoid in ("any", "all"):
            decided = np.where(np.isnan(sigma), monoid == "all", x)
            settled = _REDUCE[monoid].reduce(decided, axis=axes)
            open_ = np.any(np.isnan(sigma), axis=axes) & (settled == (monoid == "all"))
            return (np.where(open_, np.nan, 0.0),)
        if monoid in ("max", "min"):
            if 0 in x.shape:
                return (np.zeros(out.shape),)
            full = np.expand_dims(_f(out), axes)
            close = np.abs(_f(x) - full) <= 2 * REACH * sigma
            near = np.where(close | (_f(x) == full), sigma, 0.0)
            return (either_zero(out, x, full, axes, np.max(near, axis=axes, initial=0.0)),)
        if not dtype.startswith(("float", "bfloat")):
            return (np.where(np.any(np.isnan(sigma), axis=axes), np.nan, 0.0),)
        if monoid == "sum":
            own = sum_deviation(out, np.sum(np.square(_f(x)), axis=axes), _count(node, inputs), dtype)
            return (np.sqrt(np.sum(np.square(sigma), axis=axes) + np.square(own)),)
        relative = np.sum(np.square(sigma / np.where(x == 0, 1, _f(x))), axis=axes)
        own = max(_count(node, inputs) - 1, 0) / 12 * np.square(spacing(out, dtype))
        return (np.sqrt(np.square(_f(out)) * relative + own),)


@value("arg_reduce")
def arg_reduce(node, inputs, world):
    (x,), axis = inputs, node.attrs["axis"]
    return (np.asarray((np.argmax if node.attrs["which"] == "max" else np.argmin)(x, axis=axis)).astype(np.int64),)


@error("arg_reduce")
def arg_reduce_error(node, inputs, sigmas, outputs, world):
    """Too close to call where another element is within reach of the chosen one."""
    (x,), (sigma,), (out,), axis = inputs, sigmas, outputs, node.attrs["axis"]
    chosen = np.expand_dims(out, axis)
    best = np.take_along_axis(_f(x), chosen, axis)
    reach = REACH * (sigma + np.take_along_axis(sigma, chosen, axis))
    rival = (np.abs(_f(x) - best) <= reach) & (reach > 0)
    np.put_along_axis(rival, chosen, False, axis)
    return (np.where(np.any(rival | np.isnan(sigma), axis=axis), np.nan, 0.0),)


@value("scan")
def scan(node, inputs, world):
    (x,), axis, monoid = inputs, node.attrs["axis"], node.attrs["monoid"]
    with np.errstate(all="ignore"):
        result = _REDUCE[monoid].accumulate(x, axis=axis, dtype=x.dtype) if x.shape[axis] else x
    if monoid in ("sum", "prod"):
        if world.noise is not None and node.types[0].dtype in FLOATS and x.size:
            result = world.rounded(node.types[0].dtype, result, 0.5, _scan_deviation(node, result))
        return (result,)
    places = np.broadcast_to(_along(np.arange(x.shape[axis]), axis, x.ndim), x.shape)
    took = (x == result) | (np.isnan(x) if x.dtype.kind in "fV" else False)
    return result, np.maximum.accumulate(np.where(took, places, 0), axis=axis).astype(np.int64) if x.size else \
        np.zeros(x.shape, np.int64)


def _along(row, axis, rank):
    return row.reshape([-1 if k == axis else 1 for k in range(rank)])


def _scan_deviation(node, result):
    dtype, axis = node.types[0].dtype, node.attrs["axis"]
    steps = np.square(spacing(result, dtype)) / 12
    if node.attrs["monoid"] == "sum":
        return np.sqrt(np.cumsum(steps, axis=axis))
    return np.sqrt(np.arange(result.shape[axis]).reshape([-1 if k == axis else 1 for k in range(result.ndim)]) * steps)


@error("scan")
def scan_error(node, inputs, sigmas, outputs, world):
    (x,), (sigma,), axis, monoid = inputs, sigmas, node.attrs["axis"], node.attrs["monoid"]
    if not x.size:
        return tuple(np.zeros(np.shape(out)) for out in outputs)
    if monoid == "sum":
        return (np.sqrt(np.cumsum(np.square(sigma), axis=axis) + np.square(_scan_deviation(node, outputs[0]))),)
    if monoid == "prod":
        relative = np.cumsum(np.square(sigma / np.where(x == 0, 1, _f(x))), axis=axis)
        return (np.sqrt(np.square(_f(outputs[0])) * relative + np.square(_scan_deviation(node, outputs[0]))),)
    spread = np.maximum.accumulate(sigma, axis=axis)
    return spread, np.where(spread > 0, np.nan, 0.0)
