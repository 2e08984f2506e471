"""ONNX pooling: maxima, means and norms of windows, or of whole planes."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import iota
from ..graph.functions import absolute, floor_divide, power, remainder
from . import onnx
from . import aten_pooling as aten
from .common import Tensor, full, refuse
from .known import numbers
from .onnx_products import pads_of


class _Pool:
    """The windows of a node's attributes. Pads that differ at the two ends are put around x beforehand."""

    def __init__(self, x: Tensor, auto_pad, kernel, strides, pads, dilations, ceil_mode):
        self.spatial, self.kernel = len(kernel), kernel
        self.strides, self.dilations = strides or [1] * len(kernel), dilations or [1] * len(kernel)
        self.before, self.after = pads_of(auto_pad, pads, x.dims[2:], kernel, self.strides, self.dilations)
        self.even = self.before == self.after
        self.ceil = bool(ceil_mode)

    def windows(self, x: Tensor) -> aten.Windows:
        padding = self.before if self.even else 0
        return aten.windows_over(x, self.spatial, self.kernel, self.strides, padding, self.dilations,
                                 self.ceil)

    def around(self, x: Tensor, fill) -> Tensor:
        return x if self.even else x.pad([0, 0, *self.before], [0, 0, *self.after], fill)

    def sums(self, x: Tensor) -> Tensor:
        """The sum of each window, of zeros where it leaves x."""
        x = self.around(x, 0)
        return self.windows(x).of(x, 0).sum(range(-self.spatial, 0))


@onnx("MaxPool")
def max_pool(x, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, pads=None, storage_order=0,
             strides=None):
    """Indices count through the whole tensor, plane after plane; storage_order 1 counts a plane by columns."""
    pool = _Pool(x, auto_pad, kernel_shape, strides, pads, dilations, ceil_mode)
    padded = pool.around(x, aten.lowest(x.dtype))
    result, place = aten.maxima_and_places(padded, pool.windows(padded))
    if not pool.even or storage_order:
        before = [0] * pool.spatial if pool.even else pool.before
        place = _numbered_anew(place, padded.dims[2:], before, x.dims[2:], storage_order)
    return result, place + plane_starts(x, pool.spatial)


def _numbered_anew(place: Tensor, padded, before, plane, by_columns) -> Tensor:
    """A row-major index into a padded plane as an index into the plane itself."""
    total = None
    for k, pad in enumerate(before):
        along = remainder(floor_divide(place, d.product(padded[k + 1:])), padded[k]) - pad
        term = along * d.product(plane[:k] if by_columns else plane[k + 1:])
        total = term if total is None else total + term
    return total


def plane_starts(x: Tensor, spatial: int) -> Tensor:
    """Where each plane of a tensor starts in row-major order."""
    lead = x.dims[:x.rank - spatial]
    return (iota(d.product(lead)) * d.product(x.dims[len(lead):])).reshape(*lead, *[1] * spatial)


@onnx("AveragePool")
def average_pool(x, kernel_shape, auto_pad="NOTSET", ceil_mode=0, count_include_pad=0, dilations=None,
                 pads=None, strides=None):
    """Padding counts or does not; what a last window of ceil mode has beyond the padding never counts."""
    pool = _Pool(x, auto_pad, kernel_shape, strides, pads, dilations, ceil_mode)
    if pool.even and all(step == 1 for step in pool.dilations):
        return aten.avg_pool(pool.spatial, x, kernel_shape, pool.strides, pool.before, pool.ceil,
                             bool(count_include_pad))
    ones = full(x.dims, 1, x.dtype)
    if not count_include_pad:
        return pool.sums(x) / pool.sums(ones)
    around = zip(x.dims, [0, 0, *pool.before], [0, 0, *pool.after])
    whole = full([n + b + a for n, b, a in around], 1, x.dtype)
    inside = aten.windows_over(whole, pool.spatial, kernel_shape, pool.strides, 0, pool.dilations, pool.ceil)
    return pool.sums(x) / inside.of(whole, 0).sum(range(-pool.spatial, 0))


@onnx("LpPool")
def lp_pool(x, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, p=2, pads=None, strides=None):
    pool = _Pool(x, auto_pad, kernel_shape, strides, pads, dilations, ceil_mode)
    return root(pool.sums(power(absolute(x), p)), p)


def root(x: Tensor, p) -> Tensor:
    return power(x, 1 / p)


@onnx("GlobalAveragePool")
def global_average_pool(x):
    return x.mean(range(2, x.rank), keepdim=True)


@onnx("GlobalMaxPool")
def global_max_pool(x):
    return x.max(range(2, x.rank), keepdim=True)


@onnx("GlobalLpPool")
def global_lp_pool(x, p=2):
    return root(power(absolute(x), p).sum(range(2, x.rank), keepdim=True), p)


@onnx("MaxUnpool")
def max_unpool(x, places, output_shape=None, kernel_shape=(), pads=None, strides=None):
    """Each element back where MaxPool found it."""
    spatial = len(kernel_shape)
    strides, pads = strides or [1] * spatial, pads or [0] * 2 * spatial
    least = [(n - 1) * s + k - pads[i] - pads[i + spatial] for i, (n, s, k) in
             enumerate(zip(x.dims[2:], strides, kernel_shape))]
    if output_shape is not None and numbers(output_shape, "the output shape of MaxUnpool")[2:] != least:
        refuse("MaxUnpool into a shape larger than its windows reach is not supported")
    result_like = full([*x.dims[:2], *least], 0, x.dtype)
    return aten.max_unpool(x, places - plane_starts(result_like, spatial), least)
