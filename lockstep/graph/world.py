"""In which arithmetic a graph is evaluated: as its dtypes say, one precision wider, or wider and perturbed."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable

import numpy as np

HALVES = ("float16", "bfloat16")
LARGEST = {"float16": 65504.0, "bfloat16": (2 - 2.0 ** -7) * 2.0 ** 127, "float32": (2 - 2.0 ** -23) * 2.0 ** 127,
           "float64": float(np.finfo(np.float64).max)}
_MANTISSA = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
_LEAST = {"float16": -24, "bfloat16": -133, "float32": -149, "float64": -1074}
# 16-bit floats too: an implementation may round to 16 bits after each step or once, and the truth is neither's. A cast
# to 16 bits is there to round, though, and does so in the truth as well
_WIDE = {"float16": "float64", "bfloat16": "float64", "float32": "float64", "float64": "longdouble"}


def numpy_dtype(name: str) -> np.dtype:
    """The NumPy dtype of a dtype's name; bfloat16 comes from ml_dtypes."""
    if name == "bfloat16":
        import ml_dtypes
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def spacing(x: np.ndarray, dtype: str) -> np.ndarray:
    """The distance from |x| to the next number that `dtype` holds (its ULP), as float64; 0 for non-floats."""
    if dtype not in _MANTISSA:
        return np.zeros(np.shape(x))
    with np.errstate(all="ignore"):
        x = np.where(np.isfinite(x), x, 0)
        exponent = np.where(x == 0, _LEAST[dtype], np.frexp(np.abs(x))[1])        # frexp gives 0 for 0, as for 0.5
        return np.ldexp(1.0, np.maximum(exponent - _MANTISSA[dtype], _LEAST[dtype]))


def held(x: np.ndarray, dtype: str) -> np.ndarray:
    """The nearest numbers that a float dtype holds, in the array's own precision."""
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(numpy_dtype(dtype)).astype(np.asarray(x).dtype)


def as_reals(array: np.ndarray) -> np.ndarray:
    """Complex numbers as their parts along a new last dim of 2; any other array as it is."""
    array = np.asarray(array)
    if array.dtype.kind != "c":
        return array
    return np.stack([array.real, array.imag], -1)


def as_complex(array: np.ndarray) -> np.ndarray:
    """Parts along the last dim (of 2) as complex numbers."""
    array = np.ascontiguousarray(array)
    return array.view(np.result_type(array.dtype, np.complex64)).reshape(array.shape[:-1])


@dataclass
class World:
    """The arithmetic of one evaluation.

    wide       floats one precision wider than the graph says (the truth); False: exactly the graph's dtypes
    symbols    the value of every named extent
    seed       the key of random numbers, and draw: which run since the key was set
    noise      called as noise(dtype, result, deviation in absolute units or None, ulp) after each inexact operation
    kept       weights in this arithmetic by their nodes' id: worlds that share it convert them once
    """

    wide: bool = False
    symbols: dict[str, int] = field(default_factory=dict)
    noise: Callable[[str, np.ndarray, Any, float], np.ndarray] | None = None
    seed: int = 0
    draw: int = 0
    kept: dict[int, np.ndarray] = field(default_factory=dict)

    def within(self) -> "World":
        """The same arithmetic for one evaluation: the extents that it measures are its own."""
        return replace(self, symbols=dict(self.symbols))

    def dtype(self, name: str) -> np.dtype:
        return numpy_dtype(_WIDE.get(name, name) if self.wide else name)

    def rounded(self, dtype: str, result: np.ndarray, ulp: float, deviation: Any = None) -> np.ndarray:
        """The result as an operation with an error of `ulp` (or of a given standard deviation) might have given it."""
        if self.noise is None or (ulp == 0 and deviation is None) or dtype not in _MANTISSA:
            return result
        return self.noise(dtype, result, deviation, ulp)
