"""Random complex numbers: both parts are drawn alike; a normal distribution's variance is shared between them.

The mean that normal_ is given goes into both, as PyTorch has it.
"""
from __future__ import annotations

import math

from .aten_random import standard_normal, uniform01
from .common import Tensor
from .complex import Complex, aten_complex, is_complex, part_dtype


def uniform_of(dims, dtype: str, low=0.0, high=1.0) -> Complex | Tensor:
    if not is_complex(dtype):
        return uniform01(dims, dtype) * (high - low) + low
    return Complex(*(uniform01(dims, part_dtype(dtype)) * (high - low) + low for _ in range(2)))


def normal_of(dims, dtype: str, mean=0.0, deviation=1.0) -> Complex | Tensor:
    if not is_complex(dtype):
        return standard_normal(dims, dtype) * deviation + mean
    real, imag = (standard_normal(dims, part_dtype(dtype)) * (deviation * math.sqrt(0.5)) for _ in range(2))
    return Complex(real + mean, imag + mean)


@aten_complex("rand.default", "rand.generator")
def rand(size, *, dtype, **_):
    return uniform_of(size, dtype)


@aten_complex("randn.default", "randn.generator")
def randn(size, *, dtype, **_):
    return normal_of(size, dtype)


@aten_complex("rand_like.default")
def rand_like(x, *, dtype=None, **_):
    return uniform_of(x.dims, dtype or x.dtype)


@aten_complex("randn_like.default")
def randn_like(x, *, dtype=None, **_):
    return normal_of(x.dims, dtype or x.dtype)


@aten_complex("uniform.default")
def uniform(x, low=0.0, high=1.0, *, generator=None):
    return uniform_of(x.dims, x.dtype, low, high)


@aten_complex("normal_functional.default")
def normal(x, mean=0.0, deviation=1.0, *, generator=None):
    return normal_of(x.dims, x.dtype, mean, deviation)
