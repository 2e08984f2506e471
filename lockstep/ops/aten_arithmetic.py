"""Arithmetic: sums, differences, products, quotients and remainders, dtypes promoted as PyTorch does it.

Whole numbers wrap around. A whole number divided by the whole number zero raises in PyTorch;
here it gives zero.
"""
from __future__ import annotations

from ..graph import functions as f
from . import aten
from .aten_products import scaled
from .common import category, promote, refuse, result_type, whole


@aten("add.Tensor", "add.Scalar")
def add(a, b, alpha=1):
    a, b = promote(a, b)
    return a + scaled(b, alpha)


@aten("sub.Tensor", "sub.Scalar", "subtract.Tensor", "subtract.Scalar")
def sub(a, b, alpha=1):
    a, b = promote(a, b)
    return a - scaled(b, alpha)


@aten("rsub.Tensor", "rsub.Scalar")
def rsub(a, b, alpha=1):
    a, b = promote(a, b)
    return b - scaled(a, alpha)


@aten("mul.Tensor", "mul.Scalar", "multiply.Tensor", "multiply.Scalar")
def mul(a, b):
    a, b = promote(a, b)
    return a * b


@aten("div.Tensor", "div.Scalar", "div.Tensor_mode", "div.Scalar_mode", "divide.Tensor", "divide.Scalar",
      "divide.Tensor_mode", "divide.Scalar_mode", "true_divide.Tensor", "true_divide.Scalar")
def div(a, b, *, rounding_mode=None):
    """The true quotient (real even for whole numbers), or the quotient rounded to a whole number."""
    a, b = promote(a, b, floating=rounding_mode is None)
    if rounding_mode == "floor":
        return f.floor_divide(a, b)
    if rounding_mode == "trunc" and category(result_type(a, b)) < 2:
        return f.trunc_divide(a, b)
    return f.trunc(a / b) if rounding_mode == "trunc" else a / b


@aten("floor_divide.default", "floor_divide.Scalar")
def floor_divide(a, b):
    return div(a, b, rounding_mode="floor")


@aten("remainder.Tensor", "remainder.Scalar", "remainder.Scalar_Tensor")
def remainder(a, b):
    """What is left of the quotient rounded down; it has the divisor's sign."""
    return f.remainder(*promote(a, b))


@aten("fmod.Tensor", "fmod.Scalar")
def fmod(a, b):
    """What is left of the quotient rounded towards zero; it has the dividend's sign."""
    return f.fmod(*promote(a, b))


@aten("neg.default", "negative.default")
def neg(x):
    return -x if x.dtype != "bool" else refuse("PyTorch does not negate bool; use logical_not")


@aten("addcmul.default")
def addcmul(x, a, b, *, value=1):
    x, a, b = promote(x, a, b)
    return x + scaled(a, whole(value, x.dtype)) * b


@aten("addcdiv.default")
def addcdiv(x, a, b, *, value=1):
    x, a, b = promote(x, a, b)
    return x + scaled(a, value) / b


@aten("lerp.Scalar", "lerp.Tensor")
def lerp(start, end, weight):
    """Between start and end; counted back from the nearer of the two, so that weight 1 gives end exactly."""
    start, end, weight = promote(start, end, weight)
    gap = end - start
    if not hasattr(weight, "dtype"):
        return start + gap * weight if abs(weight) < 0.5 else end - gap * (1 - weight)
    return f.where(f.absolute(weight) < 0.5, start + weight * gap, end - gap * (1 - weight))


for _names, _function in {("maximum.default", "max.other"): f.maximum, ("fmax.default",): f.fmax,
                          ("minimum.default", "min.other"): f.minimum, ("fmin.default",): f.fmin}.items():
    aten(*_names)(lambda a, b, function=_function: function(*promote(a, b)))
