"""Comparison, logic, bits and choice."""
from __future__ import annotations

import operator
from functools import partial

from ..graph import functions as f
from ..graph.build import apply
from . import aten
from .common import Tensor, constant, is_float, promote, result_type

_COMPARISONS = {("eq", None): f.equal, ("ne", "not_equal"): f.not_equal, ("lt", "less"): operator.lt,
                ("le", "less_equal"): operator.le, ("gt", "greater"): operator.gt, ("ge", "greater_equal"): operator.ge}
_LOGIC = {name: partial(apply, f"bit_{name}") for name in ("and", "or", "xor")}
_SHIFTS = {("bitwise_left_shift", "__lshift__"): f.shift_left, ("bitwise_right_shift", "__rshift__"): f.shift_right}


def _promoted(function):
    def on_common_dtype(a, b):
        return function(*promote(a, b))
    return on_common_dtype


def _of_truths(function):
    def on_bools(a, b):
        return function(a.cast("bool"), b.cast("bool"))
    return on_bools


for _names, _function in _COMPARISONS.items():
    aten(*(f"{name}.{overload}" for name in _names if name for overload in ("Tensor", "Scalar")))(_promoted(_function))
for _name, _function in _LOGIC.items():
    aten(f"logical_{_name}.default")(_of_truths(_function))
    aten(*(f"bitwise_{_name}.{overload}" for overload in ("Tensor", "Scalar", "Scalar_Tensor")),
         f"__{_name}__.Tensor", f"__{_name}__.Scalar")(_promoted(_function))
for (_name, _dunder), _function in _SHIFTS.items():
    aten(*(f"{_name}.{overload}" for overload in ("Tensor", "Tensor_Scalar", "Scalar_Tensor")),
         f"{_dunder}.Tensor", f"{_dunder}.Scalar")(_promoted(_function))


@aten("logical_not.default")
def logical_not(x):
    return ~x.cast("bool")


@aten("bitwise_not.default")
def bitwise_not(x):
    return ~x


@aten("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def where(condition, a, b):
    dtype = result_type(a, b)
    a, b = (x.cast(dtype) if isinstance(x, Tensor) else constant(x, dtype) for x in (a, b))
    return f.where(condition.cast("bool"), a, b)


@aten("clamp.default", "clamp.Tensor", "clip.default", "clip.Tensor")
def clamp(x, min=None, max=None):
    """At least min, then at most max (which wins where min > max); NaN stays, and a bound that is NaN makes NaN."""
    dtype = result_type(x, min, max)
    x = x.cast(dtype)
    for bound, function in ((min, f.maximum), (max, f.minimum)):
        if bound is not None:
            x = function(x, bound.cast(dtype) if isinstance(bound, Tensor) else bound)
    return x


@aten("clamp_min.default", "clamp_min.Tensor")
def clamp_min(x, min):
    return clamp(x, min)


@aten("clamp_max.default", "clamp_max.Tensor")
def clamp_max(x, max):
    return clamp(x, None, max)


@aten("isnan.default")
def isnan(x):
    return f.isnan(x) if is_float(x.dtype) else f.not_equal(x, x)


@aten("isinf.default")
def isinf(x):
    return f.isinf(x) if is_float(x.dtype) else f.not_equal(x, x)


@aten("isfinite.default")
def isfinite(x):
    return f.isfinite(x) if is_float(x.dtype) else f.equal(x, x)


@aten("isposinf.default")
def isposinf(x):
    return f.equal(x, float("inf")) if is_float(x.dtype) else f.not_equal(x, x)


@aten("isneginf.default")
def isneginf(x):
    return f.equal(x, float("-inf")) if is_float(x.dtype) else f.not_equal(x, x)


@aten("signbit.default")
def signbit(x):
    """True for minus zero and negative NaN as well."""
    return f.signbit(x) if is_float(x.dtype) else f.not_equal(x, x) if x.dtype == "bool" else x < 0


@aten("isclose.default")
def isclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    """|a - b| <= atol + |rtol * b|, or equal (infinities too), or both NaN where NaN counts as equal."""
    a, b = promote(a, b)
    same = f.equal(a, b)
    if equal_nan and is_float(a.dtype):
        same = same | (f.isnan(a) & f.isnan(b))
    real = (a, b) if is_float(a.dtype) else (a.cast("float64"), b.cast("float64"))
    distance = f.absolute(real[0] - real[1])
    return same | (f.isfinite(distance) & (distance <= f.absolute(real[1] * rtol) + atol))
