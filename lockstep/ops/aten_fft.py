"""Fourier transforms over one dim after the other. What PyTorch composes of them comes by its decompositions."""
from __future__ import annotations

from typing import Callable, Sequence

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import Tensor, axes_of, concat, iota, kernel, strided
from ..graph.core import Type
from ..graph.dims import Dim
from . import aten
from .common import constant
from .complex import Complex, aten_complex

UNSCALED, BY_ROOT, BY_COUNT = 0, 1, 2          # PyTorch's normalisation modes


def _along(name: str, x: Sequence[Tensor], dim: int, count: int, extent: Dim, n: Dim, **attrs) -> list[Tensor]:
    """`count` results of a kernel along dim; `extent` is theirs there, n the transform's length."""
    dims = x[0].dims
    outer, inner = d.product(dims[:dim]), d.product(dims[dim + 1:])
    rows = [part.reshape(outer, dims[dim], inner) for part in x]
    types = [Type(x[0].dtype, (outer, extent, inner))] * count
    found = kernel(name, rows, types, outer=outer, n=n, inner=inner, **attrs)
    return [part.reshape(*dims[:dim], extent, *dims[dim + 1:]) for part in found]


def transform(x: Complex, dim: int, inverse: bool) -> Complex:
    n = x.dims[dim]
    return Complex(*_along("fft", [x.real, x.imag], dim, 2, n, n, inverse=inverse))


def transform_of_real(x: Tensor, dim: int) -> Complex:
    """The first n/2 + 1 numbers of the transform."""
    n = x.dims[dim]
    return Complex(*_along("fft_of_real", [x], dim, 2, n // 2 + 1, n))


def transform_to_real(x: Complex, dim: int, n: Dim) -> Tensor:
    """The inverse of `transform_of_real`, unscaled."""
    return _along("fft_to_real", [x.real, x.imag], dim, 1, n, n)[0]


def _scale(dims: Sequence[Dim], normalization: int) -> Callable[[Tensor], Tensor]:
    """The division by the number of elements of a transform over dims, or by its root."""
    if normalization == UNSCALED:
        return lambda part: part
    count = d.product(dims)

    def divided(part: Tensor) -> Tensor:
        return part / (f.sqrt(constant(count, part.dtype)) if normalization == BY_ROOT else count)
    return divided


def _both(function: Callable, x: Complex) -> Complex:
    return Complex(function(x.real), function(x.imag))


@aten_complex("_fft_c2c.default")
def fft_c2c(x, dim, normalization, forward):
    dims = axes_of(dim, x.rank, sort=False) if dim else []
    y = x
    for axis in reversed(dims):
        y = transform(y, axis, not forward)
    return _both(_scale([x.dims[k] for k in dims], normalization), y)


@aten_complex("_fft_r2c.default")
def fft_r2c(x, dim, normalization, onesided):
    """Half of the last dim's results; the others are conjugates, of what stands mirrored in every dim."""
    *others, last = axes_of(dim, x.rank, sort=False)
    y = transform_of_real(x, last)
    if not onesided:
        y = _mirrored(y, last, x.dims[last])
    for axis in others:
        y = transform(y, axis, False)
    return _both(_scale([x.dims[k] for k in (*others, last)], normalization), y)


def _mirrored(half: Complex, dim: int, n: Dim) -> Complex:
    """All n numbers of a real row's transform from the first n/2 + 1: X[n - k] is the conjugate of X[k]."""
    def rest(part: Tensor) -> Tensor:
        return strided(part, dim, (n - 1) // 2, (n - 1) // 2, -1)
    return Complex(concat([half.real, rest(half.real)], dim), concat([half.imag, -rest(half.imag)], dim))


@aten_complex("_fft_c2r.default")
def fft_c2r(x, dim, normalization, last_dim_size):
    """The last dim's numbers are those of a real row; of an even number of elements the last stands alone."""
    *others, last = axes_of(dim, x.rank, sort=False)
    y = x
    for axis in others:
        y = transform(y, axis, True)
    y = transform_to_real(_both(lambda part: part.slice(last, 0, last_dim_size // 2 + 1), y), last, last_dim_size)
    return _scale([*(x.dims[k] for k in others), last_dim_size], normalization)(y)


# ---- the frequencies of the results

@aten("fft_fftfreq.default")
def fftfreq(n, d=1.0, *, dtype=None, **_):
    """0, 1, ... and from the middle on ..., -2, -1, in cycles a unit where samples are d apart."""
    place = iota(n)
    return f.where(place < (n + 1) // 2, place, place - n).cast(dtype or "float32") * (1 / (n * d))


@aten("fft_rfftfreq.default")
def rfftfreq(n, d=1.0, *, dtype=None, **_):
    return iota(n // 2 + 1).cast(dtype or "float32") * (1 / (n * d))
