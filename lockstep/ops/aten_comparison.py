"""Comparison, logic, bits and choice."""
from __future__ import annotations

import operator
from functools import partial

from ..graph import functions as f
from ..graph.build import apply
from . import aten
from .common import Tensor, constant, full, is_float, promote, result_type

_COMPARISONS = {("eq",): f.equal, ("ne", "not_equal"): f.not_equal,
                ("lt", "less"): operator.lt, ("le", "less_equal"): operator.le,
                ("gt", "greater"): operator.gt, ("ge", "greater_equal"): operator.ge}
_LOGIC = {name: partial(apply, f"bit_{name}") for name in ("and", "or", "xor")}
_SHIFTS = {("bitwise_left_shift", "__lshift__"): f.shift_left,
           ("bitwise_right_shift", "__rshift__"): f.shift_right}
_CLASSES = {"isnan": (f.isnan, False), "isinf": (f.isinf, False), "isfinite": (f.isfinite, True),
            "isposinf": (lambda x: f.equal(x, float("inf")), False),
            "isneginf": (lambda x: f.equal(x, float("-inf")), False)}


def _promoted(function):
    def on_common_dtype(a, b):
        return function(*promote(a, b))
    return on_common_dtype


def _of_class(function, of_whole_numbers: bool):
    def apply_to_reals(x):
        return function(x) if is_float(x.dtype) else full(x.dims, of_whole_numbers, "bool")
    return apply_to_reals


def _of_truths(function):
    def on_bools(a, b):
        return function(a.cast("bool"), b.cast("bool"))
    return on_bools


for _name, (_function, _whole) in _CLASSES.items():
    aten(f"{_name}.default")(_of_class(_function, _whole))
for _names, _function in _COMPARISONS.items():
    aten(*(f"{name}.{kind}" for name in _names for kind in ("Tensor", "Scalar")))(_promoted(_function))
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
    """At least min, then at most max (which wins where min > max); NaN in x or in a bound gives NaN."""
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


@aten("signbit.default")
def signbit(x):
    """True for minus zero and negative NaN as well."""
    return f.signbit(x) if is_float(x.dtype) else x < 0


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
