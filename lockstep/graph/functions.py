"""The scalar functions by their textbook names, for definitions: `exp(x)`, `where(mask, a, b)`, `maximum(x, 0)`."""
from __future__ import annotations

from .build import Number, Tensor, apply


def _unary(name: str):
    def function(x: Tensor) -> Tensor:
        return apply(name, x)
    function.__name__, function.__doc__ = name, f"{name} of every element."
    return function


def _binary(name: str):
    def function(x: Tensor | Number, y: Tensor | Number) -> Tensor:
        return apply(name, x, y)
    function.__name__, function.__doc__ = name, f"{name} of elements pair by pair, broadcast."
    return function


exp, exp2, expm1, log, log2, log10, log1p = map(_unary, ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p"))
sqrt, rsqrt, reciprocal, sigmoid, erf, erfc, erfinv = map(
    _unary, ("sqrt", "rsqrt", "reciprocal", "sigmoid", "erf", "erfc", "erfinv"))
sin, cos, tan, asin, acos, atan = map(_unary, ("sin", "cos", "tan", "asin", "acos", "atan"))
sinh, cosh, tanh, asinh, acosh, atanh = map(_unary, ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"))
lgamma, digamma, absolute, sign = map(_unary, ("lgamma", "digamma", "abs", "sign"))
i0e, i1e, k0e, k1e, erfcx, ndtri = map(_unary, ("i0e", "i1e", "k0e", "k1e", "erfcx", "ndtri"))
floor, ceil, trunc, round_even = map(_unary, ("floor", "ceil", "trunc", "round"))
isnan, isinf, isfinite, signbit = map(_unary, ("isnan", "isinf", "isfinite", "signbit"))
equal, not_equal = map(_binary, ("equal", "not_equal"))
maximum, minimum, fmax, fmin = map(_binary, ("maximum", "minimum", "fmax", "fmin"))
power, remainder, fmod, floor_divide, trunc_divide = map(
    _binary, ("pow", "remainder", "fmod", "floor_divide", "trunc_divide"))
atan2, hypot, copysign, nextafter = map(_binary, ("atan2", "hypot", "copysign", "nextafter"))
zeta, igamma, igammac = map(_binary, ("zeta", "igamma", "igammac"))
shift_left, shift_right = map(_binary, ("shift_left", "shift_right"))


def where(mask: Tensor, a: Tensor | Number, b: Tensor | Number) -> Tensor:
    """a where the mask is true, else b; a or b may be a number."""
    return apply("select", mask, a, b)
