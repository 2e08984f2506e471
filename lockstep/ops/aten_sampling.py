"""grid_sample: an image or volume read at positions that are data, between its elements and outside them.

A grid lists positions between -1 and 1, the last spatial dim first: the borders themselves, or the middles of the
outermost elements where corners are aligned.
"""
from __future__ import annotations

from itertools import product

from ..graph import dims as d
from ..graph.build import axes_for, gather, iota
from ..graph.functions import absolute, floor, fmod, isnan, maximum, minimum, round_even, where
from . import aten
from .aten_resize import keys
from .common import Dim, Tensor, constant, refuse

ZEROS, BORDER, REFLECTION = range(3)
LINEAR, NEAREST, CUBIC = range(3)


@aten("grid_sampler.default", "grid_sampler_2d.default", "grid_sampler_3d.default", "_grid_sampler_2d_cpu_fallback.default")
def grid_sampler(x, grid, interpolation_mode, padding_mode, align_corners):
    """x [N, C, *spatial] at grid [N, *places, number of spatial dims]: [N, C, *places]."""
    spatial = x.rank - 2
    if interpolation_mode == CUBIC and spatial != 2:
        refuse("bicubic sampling is for images; a volume is sampled bilinearly or at the nearest element")
    edges = Edges(x.dims[2:], padding_mode, align_corners)
    places = [edges.place(grid.select(-1, spatial - 1 - k).unsqueeze(1), n) for k, n in enumerate(x.dims[2:])]
    if interpolation_mode == CUBIC:
        return cubic(x, places, edges)
    places = [edges.kept(place, n) for place, n in zip(places, x.dims[2:])]
    return nearest(x, places) if interpolation_mode == NEAREST else linear(x, places)


@aten("cudnn_grid_sampler.default")
def cudnn_grid_sampler(x, grid):
    return grid_sampler(x, grid, LINEAR, ZEROS, True)


@aten("affine_grid_generator.default")
def affine_grid(theta, size, align_corners):
    """The grid [N, *places, spatial dims] of affine maps [N, spatial dims, spatial dims + 1], the last dim first."""
    places = list(size[2:])
    count = len(places)

    def coefficient(k):
        return theta.select(2, k).reshape(theta.dims[0], *[1] * count, count)
    grid = coefficient(count)
    for k, n in enumerate(places):
        along = middles(n, align_corners, theta.dtype).reshape(*[-1 if j == k else 1 for j in range(count)], 1)
        grid = grid + along * coefficient(count - 1 - k)
    return grid.expand([theta.dims[0], *places, count])


def middles(n: Dim, aligned: bool, dtype: str) -> Tensor:
    """n positions evenly from -1 to 1: the middles of n parts, or (aligned) both ends and what lies between."""
    number = iota(n, dtype)
    if not aligned:
        return (2 * number + 1) / n - 1
    return number * 2 / d.maximum(n - 1, 1) - (1 if n != 1 else 0)


class Edges:
    """Where the grid's -1 and 1 lie, and what is read outside them."""

    def __init__(self, extents, padding: int, align_corners: bool):
        self.extents, self.padding, self.aligned = extents, padding, align_corners

    def place(self, at: Tensor, n: Dim) -> Tensor:
        """A position between -1 and 1, counted in elements of an extent."""
        return (at + 1) / 2 * (n - 1) if self.aligned else ((at + 1) * n - 1) / 2

    def kept(self, place: Tensor, n: Dim) -> Tensor:
        """The position that stands in for one outside the extent."""
        if self.padding == ZEROS:
            return place
        if self.padding == REFLECTION:
            place = self.reflected(place, n)
        place = where(isnan(place), 0, place)                       # clipped, NaN is the first element
        return minimum(maximum(place, 0), n - 1)

    def reflected(self, place: Tensor, n: Dim) -> Tensor:
        """Back and forth between the borders, or between the middles of the outermost elements."""
        shift, period = (0, 2 * (n - 1)) if self.aligned else (0.5, 2 * n)
        there = fmod(absolute(place + shift), d.maximum(period, 1))
        return minimum(there, constant(period, place.dtype) - there) - shift


def tap(x: Tensor, places: list[Tensor]) -> Tensor:
    """The elements at whole positions; zero outside."""
    inside = None
    index = []
    for place, n in zip(places, x.dims[2:]):
        here = (place >= 0) & (place <= n - 1)
        inside = here if inside is None else inside & here
        index.append(where(here, place, 0).cast("int64"))
    dims = [*x.dims[:2], *places[0].dims[2:]]
    return where(inside, gather(x, [*axes_for(dims)[:2], *index], dims), 0)


def nearest(x: Tensor, places: list[Tensor]) -> Tensor:
    """Halfway between two elements, the one at an even position."""
    return tap(x, [round_even(place) for place in places])


def linear(x: Tensor, places: list[Tensor]) -> Tensor:
    """The corners around each position, each weighted with the distance of the opposite one."""
    first = [floor(place) for place in places]
    total = None
    for corner in product((0, 1), repeat=len(places)):
        weight = None
        for side, place, low in zip(corner, places, first):
            share = place - low if side else low + 1 - place
            weight = share if weight is None else weight * share
        term = tap(x, [low + side if side else low for side, low in zip(corner, first)]) * weight
        total = term if total is None else total + term
    return total


def cubic(x: Tensor, places: list[Tensor], edges: Edges) -> Tensor:
    """Sixteen elements with Keys' kernel, a = -3/4; each is looked up on its own where it lies outside."""
    first = [floor(place) for place in places]
    rows, columns = (keys(place - low, -0.75) for place, low in zip(places, first))
    at = [[edges.kept(low + k, n) for k in (-1, 0, 1, 2)] for low, n in zip(first, edges.extents)]
    total = None
    for row, factor in zip(at[0], rows):
        terms = [tap(x, [row, column]) * share for column, share in zip(at[1], columns)]
        term = sum(terms[1:], terms[0]) * factor
        total = term if total is None else total + term
    return total
