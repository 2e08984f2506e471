"""Fractional pooling: windows of one size whose distances differ, drawn from a sample for each plane and dim.

Where the windows start is the pseudo-random sequence of Graham, Fractional Max-Pooling (2014): floor(alpha (i + u)) with u
the sample, less its first element; the last window ends at the border.
"""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import Tensor, arg_reduce, axes_for, fixed, gather, iota
from ..graph.functions import isnan, maximum, where
from . import aten
from .aten_indexing import gather_along, trailing
from .common import Dim, constant, pair


@aten("fractional_max_pool2d.default", "fractional_max_pool3d.default")
def fractional_max_pool(x, kernel_size, output_size, random_samples):
    """The maxima, and where they are in their plane: of equals the first, of NaN the last."""
    spatial = random_samples.dims[-1]
    if x.rank == spatial + 1:
        return tuple(one.squeeze(0) for one in fractional_max_pool(x.unsqueeze(0), kernel_size, output_size, random_samples))
    kernel, counts = pair(kernel_size, spatial), pair(output_size, spatial)
    dims = [*x.dims[:2], *counts, *kernel]
    # an image's samples are listed from its last dim on, a volume's from its first
    order = range(spatial) if spatial == 3 else reversed(range(spatial))
    starts = [first_places(random_samples.select(-1, j), x.dims[2 + k], kernel[k], counts[k]) for k, j in enumerate(order)]
    places = [trailing(start.reshape(*x.dims[:2], *[counts[k] if j == k else 1 for j in range(spatial)]), spatial)
              + trailing(iota(kernel[k]), spatial - 1 - k) for k, start in enumerate(starts)]
    flat: Tensor | Dim = 0
    for place, n in zip(places, x.dims[2:]):
        flat = place + flat * n
    shape = [*x.dims[:2], *counts, d.product(kernel)]
    seen = gather(x, [*axes_for(dims)[:2], *places], dims).reshape(shape)
    flat = flat.expand(dims).reshape(shape)
    best = gather_along(flat, -1, arg_reduce("max", seen, -1, keepdim=True)).squeeze(-1)
    return seen.max(-1), maximum(best, where(isnan(seen), flat, -1).max(-1))


def first_places(sample: Tensor, n: Dim, kernel: int, count: int) -> Tensor:
    """Where `count` windows of a size start in an extent, for each sample [N, C]: [N, C, count]."""
    count = fixed(count, "the output size of fractional pooling")
    sample, number = sample.unsqueeze(-1), iota(count)
    room = n - kernel
    if count == 1:
        return (sample * 0).cast("int64") + room
    alpha = constant(room, sample.dtype) / (count - 1)
    drawn = ((number.cast(sample.dtype) + sample) * alpha).cast("int64") - (sample * alpha).cast("int64")
    return where(number < count - 1, drawn, room)
