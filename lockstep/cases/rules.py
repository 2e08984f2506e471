"""Input rules: how a case's inputs are drawn, from nothing but the case's name, its shape and its dtype."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Callable

import numpy as np

from ..graph.world import as_complex, numpy_dtype

FLOATS = ("float16", "bfloat16", "float32", "float64")


def generator_for(*names: object) -> np.random.Generator:
    """A random generator that depends on the given names alone, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


@dataclass(frozen=True)
class Rule:
    """One input tensor as a rule: `draw(rng, shape, dtype)` gives an ndarray of that shape and dtype.

    dtype None means the dtype of the case (`dtypes=`); a rule with a dtype of its own keeps it.
    fixed is True where the values are spelled out, so that the rule cannot be drawn at another size.
    """

    shape: tuple[int, ...]
    dtype: str | None
    draw: Callable[[np.random.Generator, tuple[int, ...], str], np.ndarray]
    fixed: bool = False

    def resized(self, shape: tuple[int, ...]) -> "Rule":
        """The same rule at another shape; ValueError where the values are spelled out."""
        if shape != self.shape and self.fixed:
            raise ValueError(f"values() of shape {self.shape} cannot be drawn at {shape}; use normal() or another rule")
        return replace(self, shape=shape)

    def array(self, rng: np.random.Generator, case_dtype: str) -> np.ndarray:
        """The input itself: shape `self.shape`, dtype the rule's own or the case's."""
        dtype = self.dtype or case_dtype
        return np.asarray(self.draw(rng, self.shape, dtype), order="C").astype(numpy_dtype(dtype), copy=False)


def _as_dtype(real: np.ndarray, dtype: str) -> np.ndarray:
    """Reals around zero in the spirit of a dtype: rounded for integers (unsigned: magnitudes), signs for bool."""
    if dtype == "bool":
        return real > 0
    if dtype.startswith("complex"):
        signs = np.resize([0.7, -0.7], real.size)                # the imaginary part: a neighbour's real one, of either sign
        return (real + 1j * (np.roll(real.ravel(), 1) * signs).reshape(real.shape)).astype(dtype)
    if dtype in FLOATS or dtype.startswith("float"):
        return real.astype(numpy_dtype(dtype))
    whole = np.rint(real * 4)
    return (np.abs(whole) if dtype.startswith("uint") else whole).astype(dtype)


def normal(*shape: int, mean: float = 0.0, std: float = 1.0, dtype: str | None = None) -> Rule:
    """Gaussian reals; for integer dtypes four times as wide and rounded, for bool their signs."""
    return Rule(shape, dtype, lambda rng, s, d: _as_dtype(rng.normal(mean, std, s), d))


def uniform(*shape: int, low: float = 0.0, high: float = 1.0, dtype: str | None = None) -> Rule:
    """Reals spread evenly over [low, high); integer dtypes get whole numbers of that range, ends included."""
    def draw(rng: np.random.Generator, s: tuple[int, ...], d: str) -> np.ndarray:
        if d in FLOATS:
            return rng.uniform(low, high, s)
        return _as_dtype(rng.uniform(low, high, s), d) if d == "bool" or d.startswith("complex") \
            else rng.integers(int(np.ceil(low)), int(np.floor(high)), s, endpoint=True)
    return Rule(shape, dtype, draw)


def integers(*shape: int, low: int, high: int, dtype: str = "int64") -> Rule:
    """Whole numbers of [low, high): indices, token ids, labels. Their dtype is their own (int64)."""
    return Rule(shape, dtype, lambda rng, s, d: rng.integers(low, high, s))


def booleans(*shape: int) -> Rule:
    """True or False with even odds: masks and conditions."""
    return Rule(shape, "bool", lambda rng, s, d: rng.integers(0, 2, s).astype(bool))


def padding(*shape: int) -> Rule:
    """Attention masks (int64): each row of the last dim is 1 for its first few tokens, one at least, and 0 behind them."""
    def draw(rng: np.random.Generator, s: tuple[int, ...], d: str) -> np.ndarray:
        lengths = rng.integers(1, s[-1], (*s[:-1], 1), endpoint=True)
        return (np.arange(s[-1]) < lengths).astype(np.int64)
    return Rule(shape, "int64", draw)


def permutation(*shape: int, dtype: str = "int64") -> Rule:
    """Each last-axis row is a permutation of 0..n-1: indices without repeats."""
    return Rule(shape, dtype, lambda rng, s, d: rng.permuted(np.broadcast_to(np.arange(s[-1]), s).copy(), axis=-1))


def distinct(*shape: int, dtype: str | None = None) -> Rule:
    """Every element differs, in random order, around zero: for sorts and arg-reductions that may not tie."""
    def draw(rng: np.random.Generator, s: tuple[int, ...], d: str) -> np.ndarray:
        count = int(np.prod(s))
        whole = rng.permutation(count).reshape(s) - count // 2
        return whole * 0.37 + 0.11 if d in FLOATS else whole
    return Rule(shape, dtype, draw)


def spread(*shape: int, decades: float = 4.0, dtype: str | None = None) -> Rule:
    """Signed reals whose magnitudes run over 10^-decades .. 10^decades: cancelling and dominance show here."""
    def draw(rng: np.random.Generator, s: tuple[int, ...], d: str) -> np.ndarray:
        return _as_dtype(10.0 ** rng.uniform(-decades, decades, s) * rng.choice([-1.0, 1.0], s), d)
    return Rule(shape, dtype, draw)


def positive(*shape: int, low: float = 0.1, high: float = 4.0, dtype: str | None = None) -> Rule:
    """Reals of [low, high): for logarithms, roots and divisors."""
    return uniform(*shape, low=low, high=high, dtype=dtype)


_SPECIAL = {
    "float": [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-40, -1e-40, 1e-20, 88.5,
              -88.5, 104.0, -104.0, 1e30, -1e30, 3.4e38, np.pi, 1e4, 16777217.0],
    "int": [0, 1, -1, 2, -2, 7, -7, 100, -100, 127, -128],
}


def _special_pairs(count: int, finite: bool) -> np.ndarray:
    """Awkward real parts in turn, each beside an awkward imaginary part: at first itself, in the next turn the next one."""
    pool = np.array(_SPECIAL["float"])
    pool = pool[np.isfinite(pool)] if finite else pool
    place = np.arange(count)
    return as_complex(np.stack([pool[place % len(pool)], pool[(place + place // len(pool)) % len(pool)]], -1))


def special(*shape: int, dtype: str | None = None, finite: bool = False) -> Rule:
    """The dtype's awkward values in turn: signed zeros, infinities, NaN, denormals, ties, overflow's edge, extremes."""
    def draw(rng: np.random.Generator, s: tuple[int, ...], d: str) -> np.ndarray:
        if d == "bool":
            pool = np.array([True, False, False])
        elif d.startswith("complex"):
            return _special_pairs(int(np.prod(s)), finite).astype(d).reshape(s)
        elif d in FLOATS:
            pool = np.array(_SPECIAL["float"])
            pool = pool[np.isfinite(pool)] if finite else pool
        else:
            info = np.iinfo(d)
            pool = np.array([v for v in _SPECIAL["int"] if info.min <= v <= info.max] + [info.max, info.min], dtype=d)
        return np.resize(pool, s)
    return Rule(shape, dtype, draw)


def values(data: Any, dtype: str | None = None) -> Rule:
    """These very values, as nested lists; the shape is theirs."""
    array = np.asarray(data)
    return Rule(array.shape, dtype, lambda rng, s, d: array, fixed=True)

