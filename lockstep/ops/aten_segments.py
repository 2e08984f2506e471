"""Segments: neighbours along one dim reduced together, as many as lengths or offsets say."""
from __future__ import annotations

from ..graph.build import axes_for, iota, scan, scatter
from ..graph.functions import equal, isnan, where
from . import aten
from .aten_indexing import trailing
from .common import constant, full, refuse

_COMBINED = {"sum": ("sum", 0), "mean": ("sum", 0), "prod": ("prod", 1), "max": ("max", float("-inf")),
             "min": ("min", float("inf"))}


@aten("segment_reduce.default")
def segment_reduce(data, reduce, *, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None):
    """data [*batch, n, *inner] with lengths [*batch, segments], or offsets with one more: [*batch, segments, *inner].

    Every segment starts from `initial`; an empty one has a mean only of that."""
    if indices is not None:
        refuse("segment_reduce by indices is not supported, nor is it in PyTorch; give lengths or offsets")
    if lengths is not None:
        ends = scan("sum", lengths.cast("int64"), axis)[0]
        starts = ends - lengths.cast("int64")
    else:
        ends = offsets.cast("int64").slice(axis, 1, offsets.dims[axis])
        starts = offsets.cast("int64").slice(axis, 0, offsets.dims[axis] - 1)
    segments = ends.dims[axis]
    position = iota(data.dims[axis])
    number = (ends.unsqueeze(-1) <= position).cast("int64").sum(-2)
    # what lies before the first segment goes where what lies behind the last goes: into a row that is cut off
    inside = position >= starts.select(axis, 0).unsqueeze(-1) if segments != 0 else constant(False, "bool")
    number = where(inside, number, segments)
    how, neutral = _COMBINED[reduce]
    rows = [*data.dims[:axis], segments + 1, *data.dims[axis + 1:]]
    start = full(rows, neutral if initial is None else initial, data.dtype)
    places = axes_for(data.dims)
    places[axis] = trailing(number, data.rank - 1 - axis)
    total = scatter(start, places, data, how).slice(axis, 0, segments)
    if reduce != "mean":
        return total
    size = trailing(ends - starts, data.rank - 1 - axis)
    mean = where(equal(size, 0) | isnan(total), total, total / where(equal(size, 0), 1, size).cast(data.dtype))
    return where(equal(size, 0), float("nan"), mean) if initial is None else mean
