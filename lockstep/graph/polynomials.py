"""Orthogonal polynomials whose degree is data: their values in NumPy as PyTorch computes them, and how rounding grows.

Every recurrence is p_(k+1) = (a p_k - b p_(k-1)) / c with p_0 = 1; a row gives p_1 and the three factors. The degree
is cut to a whole number, and a negative one (NaN and what int64 does not hold count as negative) gives zero.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

RUNS = 16
_ULP = 2.0 ** -30     # of the perturbed runs: small enough to be linear, large enough for float64 to resolve
_CLOSED_FORM = 8      # beyond this degree, and inside (-1, 1), Chebyshev polynomials are taken by their angle


@dataclass(frozen=True)
class Polynomial:
    """One family of polynomials.

    first      p_1 of x
    factors    a, b and c of x and k
    ends       of n: the value at 1 and, but for the sign of (-1)^n, at -1; None where they are not told apart
    angle      of n, acos(x) and a rounding: the closed form inside (-1, 1); None for none
    limited    whether PyTorch answers high degrees with NaN
    """

    first: Callable
    factors: Callable
    ends: Callable | None = None
    angle: Callable | None = None
    limited: bool = False


def _chebyshev(first: Callable, ends: Callable, angle: Callable) -> Polynomial:
    return Polynomial(first, lambda x, k: (x + x, 1, 1), ends, angle)


POLYNOMIALS = {
    "chebyshev_t": _chebyshev(lambda x: x, lambda n: (1, 1), lambda n, t, move: np.cos(move(n * t))),
    "chebyshev_u": _chebyshev(lambda x: x + x, lambda n: (n + 1, n + 1),
                              lambda n, t, move: np.sin(move((n + 1) * t)) / np.sin(t)),
    "chebyshev_v": _chebyshev(lambda x: x + x - 1, lambda n: (1, n + n + 1),
                              lambda n, t, move: np.cos(move((n + 0.5) * t)) / np.cos(move(t / 2))),
    "chebyshev_w": _chebyshev(lambda x: x + x + 1, lambda n: (n + n + 1, 1),
                              lambda n, t, move: np.sin(move((n + 0.5) * t)) / np.sin(move(t / 2))),
    "hermite_h": Polynomial(lambda x: x + x, lambda x, k: (x + x, k + k, 1), limited=True),
    "hermite_he": Polynomial(lambda x: x, lambda x, k: (x, k, 1), limited=True),
    "laguerre_l": Polynomial(lambda x: 1 - x, lambda x, k: (k + k + (1 - x), k, k + 1)),
    "legendre_p": Polynomial(lambda x: x, lambda x, k: ((k + k + 1) * x, k, k + 1),
                             ends=lambda n: (1, 1)),
}


def value_of(name: str) -> Callable:
    """The polynomial called `name` as a function of x and n in their floating dtype."""
    return lambda x, n: _value(POLYNOMIALS[name], np.asarray(x), np.asarray(n))


def growth(name: str, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """How far the value is off, in its own units, when every rounding is off by up to a relative one: the root mean
    square. Monte Carlo arithmetic of the recurrence and, inside (-1, 1), of the closed form too: either may be taken.
    """
    one = POLYNOMIALS[name]
    x, n = (np.asarray(v, np.float64) for v in np.broadcast_arrays(x, n))
    rng = np.random.Generator(np.random.Philox(key=17))

    def move(r):
        return r * (1 + _ULP * rng.uniform(-1, 1, np.shape(r)))
    inside = (np.abs(x) < 1) & (_degree(n) > 0)
    total = np.zeros(np.shape(x))
    for form in (_by_recurrence, _by_angle) if one.angle else (_by_recurrence,):
        exact = form(one, x, n, _still)
        squares = sum(np.square(form(one, x, n, move) - exact) for _ in range(RUNS))
        total = total + np.where(inside | (form is _by_recurrence), squares, 0.0)
    return np.sqrt(total / RUNS) / _ULP


def _still(r):
    return r


def _degree(n: np.ndarray) -> np.ndarray:
    return np.where(np.abs(n) < 9e18, np.trunc(n), -1)


def _value(one: Polynomial, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    x, n = np.broadcast_arrays(x, n)
    degree = _degree(n)
    closed = (np.abs(x) < 1) & (degree > _CLOSED_FORM) if one.angle else np.zeros(x.shape, bool)
    beyond = degree > (_last_degree(x) if one.limited else np.inf)
    result = _by_recurrence(one, x, np.where(closed | beyond, 0, degree), _still)
    if closed.any():
        result = np.where(closed, _by_angle(one, np.where(closed, x, 0), degree, _still), result)
    if one.ends:
        at_one, at_minus_one = one.ends(degree)
        sign = np.where(np.fmod(degree, 2) == 0, 1, -1)
        ends = np.where(x == 1, at_one, sign * at_minus_one)
        result = np.where((np.abs(x) == 1) & (degree >= 0), ends, result)
    return np.where(beyond, np.nan, result).astype(x.dtype)


def _last_degree(x: np.ndarray) -> int:
    """The highest degree of a Hermite polynomial that PyTorch does not answer with NaN."""
    return 128 if x.dtype == np.float32 else 512


def _by_recurrence(one: Polynomial, x: np.ndarray, n: np.ndarray, move: Callable) -> np.ndarray:
    degree = _degree(n)
    before, value = np.ones_like(x), np.where(degree == 0, np.ones_like(x), move(one.first(x)))
    value = np.where(degree < 0, np.zeros_like(x), value)
    k = 1
    while np.any((degree > k) & ~np.isnan(value)):
        a, b, c = one.factors(x, x.dtype.type(k))
        after = move((move(a * value) - move(b * before)) / c)
        going = degree > k
        before, value = np.where(going, value, before), np.where(going, after, value)
        k += 1
    return value


def _by_angle(one: Polynomial, x: np.ndarray, n: np.ndarray, move: Callable) -> np.ndarray:
    return move(one.angle(_degree(n).astype(x.dtype), move(np.arccos(np.where(np.abs(x) < 1, x, 0))), move))
