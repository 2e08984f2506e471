"""Arithmetic, comparison and tests of complex tensors, operands in their common complex dtype."""
from __future__ import annotations

import math

from ..graph import functions as f
from ..graph.build import full
from . import ATEN, aten
from .common import floating, refuse
from .complex import Complex, aten_complex, as_complex, parts, promote


@aten_complex("add.Tensor", "add.Scalar")
def add(a, b, alpha=1):
    a, b = promote(a, b)
    return a + times(b, alpha)


@aten_complex("sub.Tensor", "sub.Scalar", "subtract.Tensor", "subtract.Scalar")
def sub(a, b, alpha=1):
    a, b = promote(a, b)
    return a - times(b, alpha)


@aten_complex("rsub.Tensor", "rsub.Scalar")
def rsub(a, b, alpha=1):
    return sub(b, a, alpha)


def times(x: Complex, factor) -> Complex:
    """x times a Python number, without the multiplication where it is 1."""
    return x if factor == 1 else x * as_complex(factor, x.dtype)


@aten_complex("mul.Tensor", "mul.Scalar", "multiply.Tensor", "multiply.Scalar")
def mul(a, b):
    a, b = promote(a, b)
    return a * b


@aten_complex("div.Tensor", "div.Scalar", "divide.Tensor", "divide.Scalar", "true_divide.Tensor", "true_divide.Scalar",
              "div.Tensor_mode", "div.Scalar_mode", "divide.Tensor_mode", "divide.Scalar_mode")
def div(a, b, *, rounding_mode=None):
    if rounding_mode is not None:
        refuse("division of complex numbers cannot be rounded")
    a, b = promote(a, b)
    return a / b


@aten_complex("reciprocal.default")
def reciprocal(x):
    return as_complex(1, x.dtype) / x


@aten_complex("neg.default", "negative.default")
def neg(x):
    return -x


@aten_complex("addcmul.default")
def addcmul(x, a, b, *, value=1):
    x, a, b = promote(x, a, b)
    return x + times(a, value) * b


@aten_complex("addcdiv.default")
def addcdiv(x, a, b, *, value=1):
    x, a, b = promote(x, a, b)
    return x + times(a, value) / b


@aten_complex("lerp.Scalar", "lerp.Tensor")
def lerp(start, end, weight):
    """From the nearer end, so that each end is met exactly."""
    start, end, weight = promote(start, end, weight)
    way = end - start
    near = start + weight * way
    far = end - way * (as_complex(1, weight.dtype) - weight)
    return parts(f.where)(weight.abs() < 0.5, near, far)


# ---- sizes and directions

@aten_complex("abs.default", "absolute.default")
def absolute(x):
    return x.abs()


@aten_complex("angle.default")
def angle(x):
    return x.angle()


@aten_complex("sgn.default")
def sgn(x):
    """The number of size 1 in the same direction; 0 of 0."""
    size, apart = x.abs(), x.nonzero()
    return parts(lambda part: f.where(apart, part / size, 0))(x)


# ---- comparison and tests

@aten_complex("eq.Tensor", "eq.Scalar")
def equal(a, b):
    a, b = promote(a, b)
    return f.equal(a.real, b.real) & f.equal(a.imag, b.imag)


@aten_complex("ne.Tensor", "ne.Scalar", "not_equal.Tensor", "not_equal.Scalar")
def not_equal(a, b):
    return ~equal(a, b)


@aten_complex("isnan.default")
def isnan(x):
    return f.isnan(x.real) | f.isnan(x.imag)


@aten_complex("isinf.default")
def isinf(x):
    return f.isinf(x.real) | f.isinf(x.imag)


@aten_complex("isfinite.default")
def isfinite(x):
    return f.isfinite(x.real) & f.isfinite(x.imag)


@aten_complex("isreal.default")
def isreal(x):
    return f.equal(x.imag, 0)


@aten_complex("isclose.default")
def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|a - b| <= atol + rtol |b|, or equal; NaN never, unless both parts' NaN are asked to count."""
    a, b = promote(a, b)
    gap = (a - b).abs()
    close = equal(a, b) | f.isfinite(gap) & (gap <= times(b, rtol).abs() + atol)
    return close | isnan(a) & isnan(b) if equal_nan else close


def _on_truth(name: str) -> None:
    @aten_complex(name)
    def apply(*args, **kwargs):
        """Of whether each number is not zero."""
        return ATEN[name].function(*(a.nonzero() if isinstance(a, Complex) else a for a in args), **kwargs)


for _name in ("all.default", "all.dim", "all.dims", "any.default", "any.dim", "any.dims", "count_nonzero.default",
              "count_nonzero.dim_IntList", "logical_and.default", "logical_or.default", "logical_xor.default",
              "logical_not.default", "nonzero.default", "nonzero_numpy.default", "nonzero_static.default"):
    _on_truth(_name)


# ---- of real tensors, whose imaginary part is 0

@aten("angle.default")
def angle_of_real(x):
    """0, or pi for what is negative; NaN stays."""
    x = floating(x)
    return f.where(f.isnan(x), x, f.where(x < 0, math.pi, full(x.dims, 0, x.dtype)))


@aten("isreal.default")
def isreal_of_real(x):
    return full(x.dims, True, "bool")


@aten("_neg_view.default", "_neg_view_copy.default")
def negated(x):
    return -x
