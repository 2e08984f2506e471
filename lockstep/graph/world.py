"""In which arithmetic a graph is evaluated: as its dtypes say, one precision wider, or wider and perturbed."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

import numpy as np

_MANTISSA = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
_LEAST = {"float16": -24, "bfloat16": -133, "float32": -149, "float64": -1074}
# a 16-bit float inside a wider model is there to round, and that rounding is part of the truth: it stays
_WIDE = {"float32": "float64", "float64": "longdouble"}


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
        _, exponent = np.frexp(np.abs(np.where(np.isfinite(x), x, 0)))
        return np.ldexp(1.0, np.maximum(exponent - _MANTISSA[dtype], _LEAST[dtype]))


@dataclass
class World:
    """The arithmetic of one evaluation.

    wide       floats one precision wider than the graph says (the truth); False: exactly the graph's dtypes
    symbols    the value of every named extent
    noise      called as noise(dtype, result, deviation in absolute units or None, ulp) after each inexact operation
    """

    wide: bool = False
    symbols: Mapping[str, int] = field(default_factory=dict)
    noise: Callable[[str, np.ndarray, Any, float], np.ndarray] | None = None

    def dtype(self, name: str) -> np.dtype:
        return numpy_dtype(_WIDE.get(name, name) if self.wide else name)

    def rounded(self, dtype: str, result: np.ndarray, ulp: float, deviation: Any = None) -> np.ndarray:
        """The result as an operation with an error of `ulp` (or of a given standard deviation) might have given it."""
        if self.noise is None or (ulp == 0 and deviation is None) or dtype not in _MANTISSA:
            return result
        return self.noise(dtype, result, deviation, ulp)
