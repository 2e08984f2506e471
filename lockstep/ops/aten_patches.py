"""Patches and triangles: windows as columns, channels as pixels, and what is left of a matrix's diagonal."""
from __future__ import annotations

import numpy as np

from ..graph import dims as d
from ..graph.build import axes_for, reindex, scatter, weight, windows
from ..graph.functions import equal, remainder, where
from . import aten
from .aten_movement import along, diagonal as diagonal_of
from .common import axes_of, constant, pair, whole, zeros


@aten("unfold.default", "unfold_copy.default")
def unfold(x, dim, size, step):
    """Windows along dim, their elements as a new last dim."""
    if x.rank == 0:
        return x.reshape(1).slice(0, 0, size)
    dim = dim % x.rank
    dims = [*x.dims[:dim], (x.dims[dim] - size) // step + 1, *x.dims[dim + 1:], size]
    *places, tap = axes_for(dims)
    places[dim] = places[dim] * step + tap
    return reindex(x, places, dims)


@aten("im2col.default")
def im2col(x, kernel_size, dilation, padding, stride):
    """[N, C, H, W] to [N, C * kernel elements, windows]."""
    if x.rank == 3:
        return im2col(x.unsqueeze(0), kernel_size, dilation, padding, stride).squeeze(0)
    kernel, dilation, padding, stride = (pair(p, 2) for p in (kernel_size, dilation, padding, stride))
    padded = x.pad([0, 0, *padding], [0, 0, *padding])
    counts = _window_counts(x.dims[2:], kernel, dilation, padding, stride)
    columns = windows(padded, 2, kernel, stride, dilation, counts).permute(0, 1, 4, 5, 2, 3)
    return columns.reshape(x.dims[0], d.product([x.dims[1], *kernel]), d.product(counts))


@aten("col2im.default")
def col2im(x, output_size, kernel_size, dilation, padding, stride):
    """The reverse of im2col: overlapping windows are summed."""
    if x.rank == 2:
        return col2im(x.unsqueeze(0), output_size, kernel_size, dilation, padding, stride).squeeze(0)
    kernel, dilation, padding, stride = (pair(p, 2) for p in (kernel_size, dilation, padding, stride))
    batch, channels = x.dims[0], x.dims[1] // d.product(kernel)
    counts = _window_counts(output_size, kernel, dilation, padding, stride)
    patches = x.reshape(batch, channels, *kernel, *counts)
    n, c, *taps_and_places = axes_for(patches.dims)
    places = [place * s + tap * dil for tap, place, s, dil in
              zip(taps_and_places[:2], taps_and_places[2:], stride, dilation)]
    base = zeros([batch, channels, *(n + 2 * p for n, p in zip(output_size, padding))], x.dtype)
    cut = [0, 0, *(-p for p in padding)]
    return scatter(base, [n, c, *places], patches, "sum").pad(cut, cut)


def _window_counts(size, kernel, dilation, padding, stride) -> list:
    return [(n + 2 * p - dil * (k - 1) - 1) // s + 1
            for n, k, dil, p, s in zip(size, kernel, dilation, padding, stride)]


@aten("pixel_shuffle.default")
def pixel_shuffle(x, upscale_factor):
    """[..., C r r, H, W] to [..., C, H r, W r]."""
    *batch, channels, height, width = x.dims
    r, front = upscale_factor, len(batch)
    apart = x.reshape(*batch, channels // (r * r), r, r, height, width)
    order = [*range(front), *(front + k for k in (0, 3, 1, 4, 2))]
    return apart.permute(order).reshape(*batch, channels // (r * r), height * r, width * r)


@aten("pixel_unshuffle.default")
def pixel_unshuffle(x, downscale_factor):
    """[..., C, H r, W r] to [..., C r r, H, W]."""
    *batch, channels, height, width = x.dims
    r, front = downscale_factor, len(batch)
    apart = x.reshape(*batch, channels, height // r, r, width // r, r)
    order = [*range(front), *(front + k for k in (0, 2, 4, 1, 3))]
    return apart.permute(order).reshape(*batch, channels * r * r, height // r, width // r)


@aten("channel_shuffle.default", "native_channel_shuffle.default")
def channel_shuffle(x, groups):
    return x.reshape(x.dims[0], groups, x.dims[1] // groups, *x.dims[2:]).transpose(1, 2).reshape(x.dims)


@aten("tril.default")
def tril(x, diagonal=0):
    """Zero above the diagonal."""
    axes = axes_for(x.dims)
    return reindex(x, axes, x.dims, [axes[-2] + diagonal - axes[-1]])


@aten("triu.default")
def triu(x, diagonal=0):
    """Zero below the diagonal."""
    axes = axes_for(x.dims)
    return reindex(x, axes, x.dims, [axes[-1] - axes[-2] - diagonal])


@aten("tril_indices.default")
def tril_indices(row, col, offset=0, *, dtype=None, layout=None, device=None, pin_memory=None):
    return _table(f"tril_indices_{row}_{col}_{offset}", np.tril_indices(row, offset, col), dtype)


@aten("triu_indices.default")
def triu_indices(row, col, offset=0, *, dtype=None, layout=None, device=None, pin_memory=None):
    return _table(f"triu_indices_{row}_{col}_{offset}", np.triu_indices(row, offset, col), dtype)


def _table(name: str, places, dtype):
    return weight(name.replace("-", "minus_"), np.stack(places).astype(np.int64)).cast(dtype or "int64")


@aten("diag_embed.default")
def diag_embed(x, offset=0, dim1=-2, dim2=-1):
    """The last dim on a diagonal of a new matrix, zeros elsewhere."""
    dim1, dim2 = axes_of([dim1, dim2], x.rank + 1, sort=False)
    size = x.dims[-1] + abs(offset)
    rest = iter(x.dims[:-1])
    dims = [size if k in (dim1, dim2) else next(rest) for k in range(x.rank + 1)]
    axes = axes_for(dims)
    apart = axes[dim2] - axes[dim1] - offset                     # zero on the diagonal
    places = [a for k, a in enumerate(axes) if k not in (dim1, dim2)]
    return reindex(x, [*places, axes[dim1] - max(-offset, 0)], dims, [apart, -apart])


@aten("diag.default")
def diag(x, diagonal=0):
    """The matrix with a vector on its diagonal; the diagonal of a matrix."""
    return diag_embed(x, diagonal) if x.rank == 1 else diagonal_of(x, diagonal)


@aten("fill_diagonal_.default")
def fill_diagonal(x, fill_value, wrap=False):
    """One number on the main diagonal; `wrap` starts it again below a square block of a tall matrix."""
    row = along(x, 0)
    if wrap and x.rank == 2:
        row = remainder(row, constant(x.dims[1] + 1, "int64"))
    mask = equal(along(x, 1), row)
    for dim in range(2, x.rank):
        mask = mask & equal(along(x, dim), row)
    return where(mask, whole(fill_value, x.dtype), x)
