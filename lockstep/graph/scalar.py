"""The scalar functions that `map` applies to elements: each one's NumPy meaning, result dtype and C++ spelling.

How far each may be off is its row in `ulp.py`. Integer arithmetic wraps; integer division by zero gives 0 here and is
refused or guarded by the definitions that can meet it.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from . import special
from .polynomials import POLYNOMIALS, value_of
from .special import via_scipy


@dataclass(frozen=True)
class Scalar:
    """name, number of operands, NumPy meaning, result ("same" as the last operand, or "bool"), C++ text, and the runtime
    header that only programs with this function include ("" where it is always there)."""

    name: str
    arity: int
    numpy: Callable
    result: str
    cpp: str
    header: str = ""

    @property
    def discrete(self) -> bool:
        """True where the result jumps: comparisons and roundings to whole numbers."""
        return self.result == "bool" or self.name in ("floor", "ceil", "trunc", "round", "sign", "floor_divide",
                                                      "trunc_divide")


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def _integer(on_integers: Callable, on_floats: Callable) -> Callable:
    def apply(a, b):
        if np.asarray(a).dtype.kind in "iub":
            safe = np.where(b == 0, 1, b).astype(np.asarray(b).dtype)
            return np.where(b == 0, 0, on_integers(a, safe)).astype(np.asarray(a).dtype)
        return on_floats(a, b)
    return apply


def _trunc_divide(a, b):
    quotient = np.abs(a) // np.abs(b)
    return np.where((a < 0) != (b < 0), -quotient, quotient)


def _floor_divide(a, b):
    """PyTorch's: the quotient from fmod, so that it is exact where the rounded division is not."""
    rest = np.fmod(a, b)
    quotient = (a - rest) / b
    quotient = np.where((rest != 0) & ((b < 0) != (rest < 0)), quotient - 1, quotient)
    whole = np.floor(quotient)
    whole = np.where(quotient - whole > 0.5, whole + 1, whole)
    return np.where(b == 0, a / b, np.where(quotient != 0, whole, np.copysign(np.zeros_like(quotient), a / b)))


def _remainder(a, b):
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


def _pow(a, b):
    if np.asarray(a).dtype.kind in "iu":
        with np.errstate(all="ignore"):
            base = np.asarray(a)
            positive = np.power(base, np.maximum(b, 0))
            negative = np.where(base == 1, 1, np.where(base == -1, np.where(b % 2 == 0, 1, -1), 0))
            return np.where(b < 0, negative, positive).astype(base.dtype)
    return np.power(a, b)


def _shift(left: bool) -> Callable:
    def apply(a, b):
        bits = np.asarray(a).dtype.itemsize * 8
        inside = (b >= 0) & (b < bits)
        count = np.where(inside, b, 0).astype(np.asarray(a).dtype)
        if left:
            return np.where(inside, np.left_shift(a, count), 0).astype(np.asarray(a).dtype)
        return np.where(inside, np.right_shift(a, count), np.where(a < 0, -1, 0)).astype(np.asarray(a).dtype)
    return apply


def _sign(x):
    return np.sign(x) if np.asarray(x).dtype.kind not in "fV" else np.where(np.isnan(x), 0, np.sign(x)).astype(x.dtype)






_TABLE = [
    # arithmetic
    Scalar("add", 2, np.add, "same", "{0} + {1}"),
    Scalar("subtract", 2, np.subtract, "same", "{0} - {1}"),
    Scalar("multiply", 2, np.multiply, "same", "{0} * {1}"),
    Scalar("divide", 2, np.divide, "same", "{0} / {1}"),
    Scalar("floor_divide", 2, _integer(np.floor_divide, _floor_divide), "same", "floor_divide({0}, {1})"),
    Scalar("trunc_divide", 2, _integer(_trunc_divide, lambda a, b: np.trunc(a / b)), "same", "trunc_divide({0}, {1})"),
    Scalar("remainder", 2, _integer(np.remainder, _remainder), "same", "remainder({0}, {1})"),
    Scalar("fmod", 2, _integer(np.fmod, np.fmod), "same", "fmod({0}, {1})"),
    Scalar("pow", 2, _pow, "same", "pow({0}, {1})"),
    Scalar("maximum", 2, np.maximum, "same", "maximum({0}, {1})"),
    Scalar("minimum", 2, np.minimum, "same", "minimum({0}, {1})"),
    Scalar("fmax", 2, np.fmax, "same", "fmax({0}, {1})"),
    Scalar("fmin", 2, np.fmin, "same", "fmin({0}, {1})"),
    Scalar("negative", 1, np.negative, "same", "-{0}"),
    Scalar("abs", 1, np.abs, "same", "abs({0})"),
    Scalar("sign", 1, _sign, "same", "sign({0})"),
    Scalar("reciprocal", 1, lambda x: 1 / x, "same", "reciprocal({0})"),
    # comparison and choice
    Scalar("equal", 2, np.equal, "bool", "{0} == {1}"),
    Scalar("not_equal", 2, np.not_equal, "bool", "{0} != {1}"),
    Scalar("less", 2, np.less, "bool", "{0} < {1}"),
    Scalar("less_equal", 2, np.less_equal, "bool", "{0} <= {1}"),
    Scalar("greater", 2, np.greater, "bool", "{0} > {1}"),
    Scalar("greater_equal", 2, np.greater_equal, "bool", "{0} >= {1}"),
    Scalar("select", 3, np.where, "same", "select({0}, {1}, {2})"),
    Scalar("isnan", 1, np.isnan, "bool", "isnan({0})"),
    Scalar("isinf", 1, np.isinf, "bool", "isinf({0})"),
    Scalar("isfinite", 1, np.isfinite, "bool", "isfinite({0})"),
    Scalar("signbit", 1, np.signbit, "bool", "signbit({0})"),
    # bits (and logic, on bool)
    Scalar("bit_and", 2, np.bitwise_and, "same", "{0} & {1}"),
    Scalar("bit_or", 2, np.bitwise_or, "same", "{0} | {1}"),
    Scalar("bit_xor", 2, np.bitwise_xor, "same", "{0} ^ {1}"),
    Scalar("bit_not", 1, np.invert, "same", "~{0}"),
    Scalar("shift_left", 2, _shift(True), "same", "{0} << {1}"),
    Scalar("shift_right", 2, _shift(False), "same", "{0} >> {1}"),
    # rounding to whole numbers
    Scalar("floor", 1, np.floor, "same", "floor({0})"),
    Scalar("ceil", 1, np.ceil, "same", "ceil({0})"),
    Scalar("trunc", 1, np.trunc, "same", "trunc({0})"),
    Scalar("round", 1, np.rint, "same", "round({0})"),
    Scalar("copysign", 2, np.copysign, "same", "copysign({0}, {1})"),
    Scalar("nextafter", 2, np.nextafter, "same", "nextafter({0}, {1})"),
    # elementary functions
    *(Scalar(name, 1, numpy, "same", name + "({0})") for name, numpy in {
        "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1,
        "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "sin": np.sin, "cos": np.cos,
        "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
        "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "sigmoid": _sigmoid,
        "erf": via_scipy("erf"), "erfc": special.erfc, "erfinv": via_scipy("erfinv"),
        "lgamma": via_scipy("gammaln"), "digamma": via_scipy("digamma")}.items()),
    Scalar("normal_cdf", 1, special.normal_cdf, "same", "normal_cdf({0})"),
    Scalar("atan2", 2, np.arctan2, "same", "atan2({0}, {1})"),
    Scalar("hypot", 2, np.hypot, "same", "hypot({0}, {1})"),
    # special functions, each with the header of its family
    *(Scalar(name, 1, via_scipy(name), "same", name + "({0})", header) for name, header in {
        "i0e": "math_bessel.hpp", "i1e": "math_bessel.hpp", "k0e": "math_bessel.hpp", "k1e": "math_bessel.hpp",
        "erfcx": "math_normal.hpp", "ndtri": "math_normal.hpp"}.items()),
    *(Scalar(name, 2, numpy, "same", name + "({0}, {1})", "math_gamma.hpp") for name, numpy in {
        "zeta": special.zeta, "igamma": special.igamma, "igammac": special.igammac}.items()),
    *(Scalar(name, 2, value_of(name), "same", name + "({0}, {1})", "math_polynomials.hpp") for name in POLYNOMIALS),
]

SCALARS: dict[str, Scalar] = {entry.name: entry for entry in _TABLE}
