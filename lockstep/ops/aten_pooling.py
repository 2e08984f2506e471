"""Pooling: maxima and means of windows, of a given size or as many as the output has places."""
from __future__ import annotations

from dataclasses import dataclass
from functools import partial, update_wrapper

import numpy as np

from ..graph import dims as d
from ..graph.build import arg_reduce, axes_for, fixed, gather, iota, reindex, scan, scatter, windows
from ..graph.functions import floor_divide, isnan, maximum, minimum, trunc_divide, where
from ..graph.world import HALVES
from . import aten
from .common import Dim, Tensor, is_float, pair, refuse, zeros


@dataclass(frozen=True)
class Windows:
    """Windows of given sizes over the last dims, one number an axis; `counts` of them along each axis."""

    kernel: list[int]
    stride: list[int]
    padding: list[int]
    dilation: list[int]
    ceil: bool
    counts: list[Dim]

    def of(self, x: Tensor, fill) -> Tensor:
        """[..., *counts, *kernel]; what lies outside x is `fill`."""
        lead = [0] * (x.rank - len(self.kernel))
        behind = [p + (s - 1 if self.ceil else 0) for p, s in zip(self.padding, self.stride)]
        padded = x.pad([*lead, *self.padding], [*lead, *behind], fill)
        return windows(padded, len(lead), self.kernel, self.stride, self.dilation, self.counts)


def windows_over(x: Tensor, spatial: int, kernel, stride, padding, dilation, ceil: bool) -> Windows:
    """The windows of PyTorch's attributes. In ceil mode the last may reach over the end, not start there."""
    kernel, padding, dilation = pair(kernel, spatial), pair(padding, spatial), pair(dilation, spatial)
    stride = pair(stride, spatial) if stride not in ([], (), None) else kernel
    counts = []
    for n, k, s, p, dil in zip(x.dims[-spatial:], kernel, stride, padding, dilation):
        room = n + 2 * p - dil * (k - 1) - 1
        counts.append(d.minimum((room + s - 1) // s, (n + p - 1) // s) + 1 if ceil else room // s + 1)
    return Windows(kernel, stride, padding, dilation, ceil, counts)


@dataclass(frozen=True)
class AdaptiveWindows:
    """As many windows as the output has places: number i of O covers floor(i*I/O) up to ceil((i+1)*I/O)."""

    extents: list[Dim]
    places: list[Dim]

    @property
    def kernel(self) -> list[Dim]:
        """The largest window along each axis."""
        return [widest(n, o) for n, o in zip(self.extents, self.places)]

    def of(self, x: Tensor, fill) -> Tensor:
        """[..., *places, *kernel]; what lies outside a window is `fill`."""
        first, spatial = x.rank - len(self.places), len(self.places)
        dims = [*x.dims[:first], *self.places, *self.kernel]
        axes = axes_for(dims)
        index, guard = axes[:first], []
        for k, (n, o) in enumerate(zip(self.extents, self.places)):
            place = axes[first + k]
            index.append(place * n // o + axes[first + spatial + k])
            guard.append((place + 1) * n - index[-1] * o - 1)
        return reindex(x, index, dims, guard, fill)


def widest(extent: Dim, places: Dim) -> Dim:
    """The size of the largest of `places` adaptive windows over an extent."""
    if d.mod(extent, places) == 0:
        return extent // places
    places = fixed(places, "the output size of adaptive pooling")
    if not d.is_static(extent):
        return (extent - 1) // places + 2
    return max(-(-(i + 1) * extent // places) - i * extent // places for i in range(places))


def adaptive_windows(x: Tensor, spatial: int, size) -> AdaptiveWindows:
    places = pair(size, spatial)
    if 0 in places:
        refuse("adaptive pooling to an output without elements")
    return AdaptiveWindows(list(x.dims[-spatial:]), places)


# ---- maxima

def lowest(dtype: str):
    return -float("inf") if is_float(dtype) else np.iinfo(dtype).min


def maxima(x: Tensor, over: Windows | AdaptiveWindows) -> Tensor:
    spatial = len(over.kernel)
    return over.of(x, lowest(x.dtype)).max(range(-spatial, 0))


def maxima_and_places(x: Tensor, over: Windows | AdaptiveWindows) -> tuple[Tensor, Tensor]:
    """The maxima, and where they are in the unpadded plane, row by row: of equals the first, of NaN the last."""
    spatial, lead = len(over.kernel), x.rank - len(over.kernel)
    plane = iota(d.product(x.dims[lead:])).reshape(x.dims[lead:])
    seen, place = over.of(x, lowest(x.dtype)), over.of(plane, -1)
    result = seen.max(range(-spatial, 0))
    flat, where_flat = (v.reshape(*v.dims[:-spatial], d.product(over.kernel)) for v in (seen, place))
    axes = axes_for(result.dims)
    best = gather(where_flat, [*axes[lead:], arg_reduce("max", flat, -1)], result.dims)
    # only a window of nothing but the lowest value has its first maximum in the padding
    first = where(where_flat < 0, d.product(x.dims[lead:]), where_flat).min(-1)
    best = where(best < 0, first, best)
    if is_float(x.dtype):
        best = maximum(best, where(isnan(flat), where_flat, -1).max(-1))
    return result, best


def each_rank(pattern: str, ranks: tuple[int, ...] = (1, 2, 3)):
    """Registers a family for 1, 2 and 3 spatial dims: the function gets their number first."""
    def register(function):
        for spatial in ranks:
            aten(pattern.format(spatial))(update_wrapper(partial(function, spatial), function))
        return function
    return register


@each_rank("max_pool{}d.default")
def max_pool(spatial, x, kernel, stride=(), padding=0, dilation=1, ceil_mode=False):
    return maxima(x, windows_over(x, spatial, kernel, stride, padding, dilation, ceil_mode))


@each_rank("max_pool{}d_with_indices.default")
def max_pool_with_indices(spatial, x, kernel, stride=(), padding=0, dilation=1, ceil_mode=False):
    return maxima_and_places(x, windows_over(x, spatial, kernel, stride, padding, dilation, ceil_mode))


@each_rank("adaptive_max_pool{}d.default")
def adaptive_max_pool(spatial, x, size):
    return maxima_and_places(x, adaptive_windows(x, spatial, size))


@aten("max_unpool2d.default", "max_unpool3d.default")
def max_unpool(x, places, size, stride=None, padding=None):
    """Each element put back where max_pool found it, zeros elsewhere; of several for one place the last."""
    lead = x.rank - len(size)
    base = zeros((*x.dims[:lead], d.product(size)), x.dtype)
    return scatter(base, [*axes_for(x.dims)[:lead], places], x).reshape(*x.dims[:lead], *size)


@aten("max_pool2d_with_indices_backward.default")
def max_pool_backward(gradient, x, kernel_size, stride, padding, dilation, ceil_mode, indices):
    """Each gradient added to the place that its maximum came from."""
    lead = x.rank - 2
    flat = zeros((*x.dims[:lead], d.product(x.dims[lead:])), gradient.dtype)
    return scatter(flat, [*axes_for(gradient.dims)[:lead], indices], gradient, "sum").reshape(x.dims)


# ---- means

def mean_of(x: Tensor, over: Windows | AdaptiveWindows, sizes: list[Dim | Tensor]) -> Tensor:
    """The sum of each window over the product of `sizes`, one an axis: a number, or one for every place."""
    spatial = len(over.kernel)
    total = over.of(x, 0).sum(range(-spatial, 0))
    divisor: Dim | Tensor = 1
    for size in per_place(sizes):
        divisor = divisor * size
    if not is_float(x.dtype):
        return trunc_divide(total, divisor)
    return total / (divisor.cast(x.dtype) if isinstance(divisor, Tensor) else divisor)


def per_place(sizes: list[Dim | Tensor]) -> list[Dim | Tensor]:
    """What is given for every place along an axis, shaped to meet the places along all of them."""
    return [size.reshape(-1, *[1] * (len(sizes) - 1 - k)) if isinstance(size, Tensor) else size
            for k, size in enumerate(sizes)]


def counted(over: Windows, axis: int, extent: Dim, padding_counts: bool) -> Dim | Tensor:
    """How many elements of each window along an axis count: the input's, and the padding's if it counts."""
    kernel, padding = over.kernel[axis], over.padding[axis]
    if not over.ceil and (padding_counts or padding == 0):
        return kernel
    start = iota(over.counts[axis]) * over.stride[axis] - padding
    if padding_counts:
        return minimum(start + kernel, extent + padding) - start
    return minimum(start + kernel, extent) - maximum(start, 0)


@each_rank("avg_pool{}d.default")
def avg_pool(spatial, x, kernel, stride=(), padding=0, ceil_mode=False, count_include_pad=True,
             divisor_override=None):
    over = windows_over(x, spatial, kernel, stride, padding, 1, ceil_mode)
    sizes = [counted(over, k, n, count_include_pad) for k, n in enumerate(x.dims[-spatial:])]
    return mean_of(x, over, sizes if divisor_override is None else [divisor_override])


@each_rank("adaptive_avg_pool{}d.default")
@each_rank("_adaptive_avg_pool{}d.default", (2, 3))
def adaptive_avg_pool(spatial, x, size):
    over = adaptive_windows(x, spatial, size)
    sizes = [covered(n, o) for n, o in zip(over.extents, over.places)]
    return rounded_mean_of(x, over, sizes) if spatial == 3 and x.dtype in HALVES else mean_of(x, over, sizes)


def rounded_mean_of(x: Tensor, over: AdaptiveWindows, sizes: list[Dim | Tensor]) -> Tensor:
    """The mean of each window as PyTorch's loop over volumes has it: rounded after every addition and division."""
    seen, count = over.of(x, 0), d.product(over.kernel)
    total = scan("sum", seen.reshape(*seen.dims[:x.rank], count), -1)[0].select(-1, count - 1)
    for size in per_place(sizes):
        total = total / (size.cast(x.dtype) if isinstance(size, Tensor) else size)
    return total


def covered(extent: Dim, places: Dim) -> Dim | Tensor:
    """The size of each of `places` adaptive windows over an extent."""
    if d.mod(extent, places) == 0:
        return extent // places
    place = iota(places)
    return floor_divide((place + 1) * extent + (places - 1), places) - floor_divide(place * extent, places)
