"""Special functions in NumPy, as PyTorch answers at poles and outside domains; and in whose ULP their errors count.

SciPy computes in float64: where float64 is widened to long double, a double must do.
"""
from __future__ import annotations

import math
from typing import Callable

import numpy as np

from . import polynomials


_ERFC = np.vectorize(math.erfc, otypes=[np.float64])


def erfc(x):
    """The C library's: SciPy's is off by thirty ULP of float64 in the right tail."""
    return _ERFC(np.asarray(x, np.float64)).astype(np.asarray(x).dtype)


def normal_cdf(x):
    """The distribution function of a normal variable, (1 + erf(x / sqrt 2)) / 2; without its cancellation."""
    wide = np.asarray(x).astype(np.promote_types(np.asarray(x).dtype, np.float64))
    return (erfc(wide * -math.sqrt(0.5)) / 2).astype(np.asarray(x).dtype)


def via_scipy(name: str) -> Callable:
    def apply(*operands):
        import scipy.special
        function = getattr(scipy.special, name)
        if np.asarray(operands[0]).dtype == np.longdouble:
            return function(*(np.asarray(x, np.float64) for x in operands)).astype(np.longdouble)
        return function(*operands)
    return apply


def zeta(s, q):
    """Hurwitz's zeta function: the sum of (q + k)^-s. NaN for s < 1, also where it could be continued; infinite at its
    poles even if the other argument is NaN; zero, or NaN at infinity, where the first term vanishes."""
    value = via_scipy("zeta")(s, q)
    vanished = np.where(np.isfinite(q) & (np.abs(s) < 1e15), 0, np.nan)
    value = np.where((q > 1) & (np.power(q, -s) == 0), vanished, value)
    value = np.where((q <= 0) & (q == np.floor(q)), np.inf, value)
    return np.where(s == 1, np.inf, np.where(s < 1, np.nan, value)).astype(np.asarray(q).dtype)


# what the square root of pi is too small by, relatively, when pi is taken in float32
_ROOT_OF_PI = np.sqrt(np.pi / np.float64(np.float32(np.pi))) - 1


def _incomplete_gamma(name: str, sign: int) -> Callable:
    at_zero, at_infinity = (0, 1) if sign < 0 else (1, 0)

    def apply(a, x):
        """SciPy's, with what PyTorch does near x = a: it takes pi in float32 in what Temme's uniform expansion adds
        to erfc(+-eta sqrt(a/2)) / 2 (DLMF 8.12.3). At zero and infinity the other argument may be NaN."""
        value = via_scipy(name)(a, x)
        m = (x - a) / a
        uniform = (a > 20) & (a < 200) & (np.abs(m) < 0.3) | (a > 200) & (np.abs(m) < 4.5 / np.sqrt(a))
        eta = np.copysign(np.sqrt(2 * np.maximum(m - np.log1p(m), 0)), m)
        leading = via_scipy("erfc")(sign * eta * np.sqrt(a / 2)) / 2
        value = np.where(uniform, value + _ROOT_OF_PI * (value - leading), value)
        limits = [((a < 0) | (x < 0), np.nan), ((a == 0) & ~(x > 0), np.nan), (a == 0, at_infinity),
                  (x == 0, at_zero), (np.isinf(a) & np.isinf(x), np.nan), (np.isinf(a), at_zero),
                  (np.isinf(x), at_infinity)]
        found = np.select([np.broadcast_to(where, value.shape) for where, _ in limits],
                          [np.full(value.shape, limit, value.dtype) for _, limit in limits], value)
        return found.astype(np.asarray(x).dtype)
    return apply


igamma = _incomplete_gamma("gammainc", -1)
igammac = _incomplete_gamma("gammaincc", 1)


def _at_least_one(inputs, out):
    return np.maximum(np.abs(out), 1)


def _erfcx_size(inputs, out):
    """Left of zero the square that is an exponent is rounded."""
    x, = inputs
    return np.abs(out) * np.where(x < 0, 1 + np.square(np.minimum(x, 0)), 1)


def _zeta_size(inputs, out):
    """The terms left and right of zero cancel; and q + k is rounded before it is raised to the power of s."""
    s, q = inputs
    mirrored = np.where(q > 0, np.inf, -q - np.floor(-q))
    first = np.where(q > 0, q, 1 - mirrored)
    of = via_scipy("zeta")
    return of(s, first) + of(s, mirrored) + s * (of(s, first + 1) + of(s, mirrored + 1))


def _incomplete_gamma_size(inputs, out):
    """The density x^a e^-x / gamma(a) is good to so many ULP of its parts' exponents; and where x is small and a
    tiny, the upper function is a difference from one."""
    a, x = inputs
    lower, upper = via_scipy("gammainc")(a, x), via_scipy("gammaincc")(a, x)
    density = np.minimum(lower, upper) * (1 + np.abs(x - a) + np.minimum(a, 200))
    return np.abs(out) + np.where(np.isfinite(density), density, 0) + (x <= 1.1)


def _polynomial_size(name: str) -> Callable:
    return lambda inputs, out: np.fmax(np.abs(out), polynomials.growth(name, *inputs))


SIZE: dict[str, Callable] = {
    "lgamma": _at_least_one, "digamma": _at_least_one, "erfcx": _erfcx_size, "zeta": _zeta_size,
    "igamma": _incomplete_gamma_size, "igammac": _incomplete_gamma_size,
    **{name: _polynomial_size(name) for name in polynomials.POLYNOMIALS}}


def size(name: str, inputs, out: np.ndarray) -> np.ndarray:
    """The numbers in whose ULP function `name` is good to its row in `ulp.py`: its results, except where terms
    cancel (near roots) or exponents are rounded."""
    if name not in SIZE:
        return out
    found = SIZE[name](inputs, out)
    return np.where(np.isfinite(found), found, np.abs(out))
