"""ONNX indexing: elements read from, or written to, places that are data. Negative ones count from the end."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for, gather, scatter
from . import onnx
from .aten_indexing import _along, rows, trailing, wrapped
from .common import Tensor, refuse
from .known import known

_MODES = {"none": "set", "add": "sum", "mul": "prod", "max": "max", "min": "min"}


def places_in(index: Tensor, extent: d.Dim) -> Tensor:
    """Indices counted from the front; constants that are so already stay as they are."""
    stored = index.node.attrs.get("array") if index.node.op == "weight" else None
    return index.cast("int64") if stored is not None and (stored >= 0).all() else wrapped(index, extent)


@onnx("Gather")
def gather_(x, indices, axis=0):
    """Slices along the axis, in the shape of the indices; a fixed index is a mere view."""
    axis = axis % x.rank
    fixed = known(indices) if indices.rank == 0 else None
    if fixed is not None and isinstance(fixed.item(), int) and x.dims[axis] != 0:
        place = fixed.item()
        return x.select(axis, place + x.dims[axis] if place < 0 else place)
    return rows(x, axis, places_in(indices, x.dims[axis]))


@onnx("GatherElements")
def gather_elements(x, indices, axis=0):
    return gather(x, _along(places_in(indices, x.dims[axis]), axis), indices.dims)


@onnx("GatherND")
def gather_nd(x, indices, batch_dims=0):
    """The last dim of the indices says where in x, behind the batch dims."""
    depth = indices.dims[-1]
    dims = [*indices.dims[:-1], *x.dims[batch_dims + depth:]]
    return gather(x, _nd_places(x, indices, batch_dims, dims, x.rank - batch_dims - depth), dims)


def _nd_places(x: Tensor, indices: Tensor, batch: int, dims, rest: int) -> list:
    if not 0 < indices.dims[-1] <= x.rank - batch:
        refuse(f"indices of shape {list(indices.dims)} do not fit a tensor of rank {x.rank}")
    axes = axes_for(dims)
    picked = [places_in(indices.select(-1, k), x.dims[batch + k]) for k in range(indices.dims[-1])]
    return [*axes[:batch], *(trailing(place, rest) for place in picked), *axes[len(dims) - rest:]]


@onnx("Scatter")
@onnx("ScatterElements")
def scatter_elements(x, indices, updates, axis=0, reduction="none"):
    return scatter(x, _along(places_in(indices, x.dims[axis]), axis), updates, _MODES[reduction])


@onnx("ScatterND")
def scatter_nd(x, indices, updates, reduction="none"):
    rest = x.rank - indices.dims[-1]
    return scatter(x, _nd_places(x, indices, 0, updates.dims, rest), updates, _MODES[reduction])


