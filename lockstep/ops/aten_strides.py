"""Memory read by strides: capture gives these operators what lies in memory, as one row of elements in its order."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for, reindex, scatter
from . import aten
from .common import Tensor


def _places(size, stride, storage_offset) -> d.Dim:
    """Where each element of a strided view lies."""
    return sum((axis * step for axis, step in zip(axes_for(size), stride)), storage_offset)


@aten("as_strided.default", "as_strided_copy.default")
def as_strided(memory: Tensor, size, stride, storage_offset):
    return reindex(memory, [_places(size, stride, storage_offset)], size)


@aten("as_strided_scatter.default")
def as_strided_scatter(memory: Tensor, source, size, stride, storage_offset):
    """Of several elements for one place the last holds."""
    return scatter(memory, [_places(size, stride, storage_offset)], source.expand(size))

