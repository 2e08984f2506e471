"""Histograms: how many values (or how much weight) each bin holds. A bin has its left edge, the last one both."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import fixed, scatter
from ..graph.functions import equal, minimum, where
from . import aten
from .aten_factories import linspace
from .common import Tensor, constant, zeros


@aten("histc.default")
def histc(x, bins=100, min=0, max=0):
    """Bins of equal width from min to max; equal bounds stand for the smallest and the largest value."""
    x = x.reshape(-1)
    low, high = outer(x, None if min == max else (min, max), 1)
    place = where(equal(x, high), bins - 1, ((x - low) * bins / (high - low)).cast("int64"))
    inside = (x >= low) & (x <= high)
    return counted([minimum(where(inside, place, 0), bins - 1)], inside, None, [bins], x.dtype)


def outer(x: Tensor, given, margin: float) -> tuple[Tensor, Tensor]:
    """The first and the last edge: given, else the extremes of x (0 and 1 without elements); each moved out by `margin`
    where they are equal."""
    if given is None and x.dims[0] != 0:
        low, high = x.min(), x.max()
    else:
        low, high = (constant(bound, x.dtype) for bound in given or (0, 1))
    alone = equal(low, high)
    return where(alone, low - margin, low), where(alone, high + margin, high)


def counted(places: list[Tensor], inside: Tensor, weight: Tensor | None, bins: list[int], dtype: str) -> Tensor:
    """How many elements (or how much of their weight) fall into each bin; what is not inside does not count."""
    if weight is None:
        return scatter(zeros(bins, "int64"), places, inside.cast("int64"), "sum").cast(dtype)
    return scatter(zeros(bins, dtype), places, where(inside, weight.reshape(-1), 0), "sum")


def by_edges(x: Tensor, edges: list[Tensor], weight: Tensor | None, density: bool) -> Tensor:
    """The histogram of points [M, number of axes] over the edges of each axis."""
    places, inside = [], None
    for axis, edge in enumerate(edges):
        value = x.select(1, axis)
        last = edge.select(0, edge.dims[0] - 1)
        here = (value >= edge.select(0, 0)) & (value <= last)
        inside = here if inside is None else inside & here
        passed = (value.unsqueeze(1) >= edge).cast("int64").sum(1)           # how many edges lie at or before it
        places.append(where(here & ~equal(value, last), passed - 1, edge.dims[0] - 2))
    total = counted(places, inside, weight, [edge.dims[0] - 1 for edge in edges], x.dtype)
    return dense(total, edges) if density else total


def dense(total: Tensor, edges: list[Tensor]) -> Tensor:
    """Scaled so that the integral is one."""
    total = total / total.sum()
    for axis, edge in enumerate(edges):
        count = edge.dims[0] - 1
        width = edge.slice(0, 1, count + 1) - edge.slice(0, 0, count)
        total = total / width.reshape(-1, *[1] * (len(edges) - 1 - axis))
    return total


def points(x: Tensor) -> Tensor:
    """The leading dims as one."""
    return x.reshape(d.product(x.dims[:-1]), x.dims[-1])


@aten("histogram.bin_ct")
def histogram(x, bins=100, *, range=None, weight=None, density=False):
    edges, = histogramdd_edges(x.reshape(d.product(x.dims), 1), [bins], range=range)
    return histogram_of_edges(x, edges, weight=weight, density=density)


@aten("histogram.bins_tensor")
def histogram_of_edges(x, bins, *, weight=None, density=False):
    return by_edges(x.reshape(d.product(x.dims), 1), [bins], weight, density), bins


@aten("_histogramdd_bin_edges.default")
def histogramdd_edges(x, bins, *, range=None, weight=None, density=False):
    """Edges of equal distance for each axis, from `range` (pairs, flat) or around the values."""
    x, edges = points(x), []
    for axis, count in enumerate(bins):
        low, high = outer(x.select(1, axis), range and range[2 * axis:2 * axis + 2], 0.5)
        edges.append(linspace(low, high, fixed(count, "a number of bins") + 1, dtype=x.dtype))
    return edges


@aten("histogramdd.default", "histogramdd.int_bins")
def histogramdd(x, bins, range=None, weight=None, density=False):
    edges = histogramdd_edges(x, bins if isinstance(bins, list) else [bins] * fixed(x.dims[-1], "the points' dims"), range=range)
    return by_edges(points(x), edges, weight, density), *edges


@aten("histogramdd.TensorList_bins")
def histogramdd_over(x, bins, range=None, weight=None, density=False):
    return by_edges(points(x), bins, weight, density), *bins


@aten("_histogramdd_from_bin_cts.default")
def histogramdd_counts(x, bins, *, range=None, weight=None, density=False):
    return by_edges(points(x), histogramdd_edges(x, bins, range=range), weight, density)


@aten("_histogramdd_from_bin_tensors.default")
def histogramdd_of_edges(x, bins, *, weight=None, density=False):
    return by_edges(points(x), bins, weight, density)
