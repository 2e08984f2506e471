"""Resizing: a signal, image or volume sampled at another size, one spatial dim after another.

Output o lies at source position scale * (o + 1/2) - 1/2, or scale * o where corners are aligned; scale is the
reciprocal of the factor that the caller gave, else the ratio of the sizes. Which elements are read is decided in
whole numbers; only the weights are floats, computed as PyTorch computes them.
"""
from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..graph import dims as d
from ..graph.build import axes_for, constant, contract, fixed, gather, iota, reindex, weight
from ..graph.dims import Dim
from ..graph.functions import absolute, maximum, minimum, where
from . import aten
from .aten_indexing import trailing
from .common import Tensor, is_float, refuse


# ---- positions and scales

def rational(factor: float) -> Fraction:
    """The factor the caller meant: 1.7 is 17/10."""
    return Fraction(factor).limit_denominator(10 ** 6)


def ratio(n: Dim, size: Dim, factor: float | None) -> tuple[Dim, Dim]:
    """The scale as a fraction of whole numbers."""
    return (rational(factor).denominator, rational(factor).numerator) if factor else (n, size)


def position(n: Dim, size: Dim, factor: float | None, align_corners: bool) -> tuple[Dim, Dim]:
    """The source position of output o0, as a fraction of whole numbers."""
    o = d.axis("o0", size)
    if align_corners:
        return o * (n - 1), d.maximum(size - 1, 1)
    a, b = ratio(n, size, factor)
    return (2 * o + 1) * a - b, 2 * b


def scale_of(n: Dim, size: Dim, factor: float | None, align_corners: bool, dtype: str) -> Tensor:
    """The scale as PyTorch rounds it."""
    if align_corners:
        if fixed(size, "a size resized to with aligned corners") == 1:
            return constant(0, dtype)
        n, size = n - 1, size - 1
    elif factor:
        return constant(1 / factor, dtype)
    return constant(n, dtype) / constant(size, dtype)


def taken(x: Tensor, dim: int, place: Dim, size: Dim) -> Tensor:
    """x at `place`, an expression over o0 as the output's index, along dim."""
    dims = [size if k == dim else n for k, n in enumerate(x.dims)]
    axes = axes_for(dims)
    axes[dim] = d.substitute(place, lambda atom: axes[dim] if isinstance(atom, d.Axis) else None)
    return reindex(x, axes, dims)


# ---- nearest

def nearest(x: Tensor, dim: int, size: Dim, factor: float | None, exact: bool, small: bool) -> Tensor:
    """The element at floor(scale * o), or floor(scale * (o + 1/2)) where exact."""
    n = x.dims[dim]
    a, b = ratio(n, size, factor)
    o = d.axis("o0", size)
    place = d.minimum((2 * o + 1) * a // (2 * b) if exact else o * a // b, n - 1)
    if d.is_static(n) and d.is_static(size):
        table = as_rounded(n, size, factor, exact, "small" if small else x.dtype)
        if not np.array_equal(table, d.evaluate(place, {"o0": np.arange(size)}) + np.zeros(size, np.int64)):
            name = f"nearest_{n}_{size}_{factor}_{exact}_{'small' if small else x.dtype}".replace(".", "_")
            return gathered(x, dim, weight(name, table))
    return taken(x, dim, place, size)


def gathered(x: Tensor, dim: int, places: Tensor) -> Tensor:
    dims = [places.dims[0] if k == dim else n for k, n in enumerate(x.dims)]
    axes = axes_for(dims)
    axes[dim] = trailing(places, x.rank - 1 - dim)
    return gather(x, axes, dims)


def as_rounded(n: int, size: int, factor: float | None, exact: bool, kind: str) -> np.ndarray:
    """The indices as PyTorch's floating-point arithmetic gives them; for a few sizes rounding moves one.

    Two kernels differ: the one for small images (kind "small") rounds the scale to float32, then computes in
    double, and knows the same and the double size; the other computes in the tensor's dtype, multiply-add fused.
    """
    o, small = np.arange(size), kind == "small"
    if small and not exact and size in (n, 2 * n):
        return o // (size // n)
    real = np.float64 if kind == "float64" else np.float32
    scale = np.float64(real(1 / factor) if factor else real(n) / real(size))
    place = scale * (o + 0.5) - 0.5 if exact else scale * o
    place = place if small else place.astype(real)
    return np.minimum(np.floor((place + 0.5 * exact).astype(np.float32)).astype(np.int64), n - 1)


# ---- linear and cubic

def linear(x: Tensor, dim: int, size: Dim, factor: float | None, align_corners: bool) -> Tensor:
    """The two neighbours, each weighted with the distance of the other."""
    n = x.dims[dim]
    if n == size:
        return x
    numerator, denominator = position(n, size, factor, align_corners)
    first = d.minimum(d.maximum(numerator, 0) // denominator, n - 1)
    t = behind(first, n, size, factor, align_corners, x.dtype)
    return weighted(x, dim, size, [(first, 1 - t), (d.minimum(first + 1, n - 1), t)])


def cubic(x: Tensor, dim: int, size: Dim, factor: float | None, align_corners: bool) -> Tensor:
    """Four taps of Keys' kernel with a = -3/4; those over the border repeat the edge."""
    n = x.dims[dim]
    numerator, denominator = position(n, size, factor, align_corners)
    first = d.minimum((numerator + denominator) // denominator - 1, n - 1)
    t = behind(first, n, size, factor, align_corners, x.dtype)
    places = [d.maximum(d.minimum(first + k, n - 1), 0) for k in (-1, 0, 1, 2)]
    return weighted(x, dim, size, zip(places, keys(t, -0.75)))


def behind(first: Dim, n: Dim, size: Dim, factor: float | None, align_corners: bool, dtype: str) -> Tensor:
    """How far each source position lies behind `first` (-1 at the least), between 0 and 1."""
    scale, o = scale_of(n, size, factor, align_corners, dtype), iota(size, dtype)
    source = scale * o if align_corners else scale * (o + 0.5) - 0.5
    return minimum(maximum(source - (taken(iota(n + 1, dtype), 0, first + 1, size) - 1), 0), 1)


def keys(t: Tensor, a: float) -> list[Tensor]:
    """Weights of four neighbours at t between the middle two (Keys, IEEE Transactions ASSP 29, 1981)."""
    def inner(s): return ((a + 2) * s - (a + 3)) * s * s + 1
    def outer(s): return ((a * s - 5 * a) * s + 8 * a) * s - 4 * a
    return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]


def weighted(x: Tensor, dim: int, size: Dim, taps) -> Tensor:
    terms = [taken(x, dim, place, size) * trailing(factor, x.rank - 1 - dim) for place, factor in taps]
    return sum(terms[1:], terms[0])


# ---- antialiased: a triangle or Keys' kernel as wide as one output element

def triangle(s: Tensor) -> Tensor:
    return maximum(1 - s, 0)


def keys_kernel(s: Tensor) -> Tensor:
    """Keys' kernel with a = -1/2 at distance s."""
    inner, outer = (1.5 * s - 2.5) * s * s + 1, ((-0.5 * s + 2.5) * s - 4) * s + 2
    return where(s < 1, inner, where(s < 2, outer, 0))


def antialiased(x: Tensor, dim: int, size: Dim, factor: float | None, align_corners: bool, kernel) -> Tensor:
    """A product with the matrix of the kernel's values, each row scaled to sum to one."""
    n = x.dims[dim]
    scale = scale_of(n, size, factor, align_corners, x.dtype)
    centre = (scale * (iota(size, x.dtype) + 0.5)).unsqueeze(1)
    values = kernel(absolute(iota(n, x.dtype) - centre + 0.5) / maximum(scale, 1))
    values = values / values.sum(1, keepdim=True)
    return contract("...i,oi->...o", x.transpose(dim, -1), values).transpose(dim, -1)


# ---- the operators

def sizes(x: Tensor, size, factors) -> list[Dim]:
    """The output's sizes, given or from the factors."""
    if size is None:
        size = [d.scaled(n, factor) for n, factor in zip(x.dims[2:], factors)]
        if None in size:
            refuse(f"resizing free sizes by {factors} rounds unlike a fraction for some; give the size instead")
    return list(size)


def resized(x: Tensor, size, factors, along, *options) -> Tensor:
    """along(x, dim, size, factor or None, *options) applied from the last dim to the first spatial one."""
    for k in reversed(range(len(size))):
        x = along(x, k + 2, size[k], factors[k] if factors else None, *options)
    return x


def _nearest_overloads(exact: bool) -> tuple:
    def vector(x, output_size, scale_factors):
        size = sizes(x, output_size, scale_factors)
        small = len(size) == 2 and all(map(d.is_static, size)) and sum(size) <= 128    # PyTorch's threshold
        return resized(x, size, scale_factors, nearest, exact, small)

    def core(x, output_size, *factors, **named):
        return vector(x, output_size, [*factors, *named.values()])
    return core, vector


def _smooth_overloads(along, *options) -> tuple:
    def vector(x, output_size, align_corners, scale_factors):
        if not is_float(x.dtype):
            refuse(f"resizing {x.dtype} by anything but the nearest element is not supported; cast it to float")
        return resized(x, sizes(x, output_size, scale_factors), scale_factors, along, align_corners, *options)

    def core(x, output_size, align_corners, *factors, **named):
        return vector(x, output_size, align_corners, [*factors, *named.values()])
    return core, vector


_TABLE = {
    **{f"upsample_nearest{k}d": _nearest_overloads(False) for k in (1, 2, 3)},
    **{f"_upsample_nearest_exact{k}d": _nearest_overloads(True) for k in (1, 2, 3)},
    **{f"upsample_{name}": _smooth_overloads(linear) for name in ("linear1d", "bilinear2d", "trilinear3d")},
    "upsample_bicubic2d": _smooth_overloads(cubic),
    "_upsample_bilinear2d_aa": _smooth_overloads(antialiased, triangle),
    "_upsample_bicubic2d_aa": _smooth_overloads(antialiased, keys_kernel),
}
for _name, (_core, _vector) in _TABLE.items():
    aten(f"{_name}.default")(_core)
    aten(f"{_name}.vec")(_vector)
