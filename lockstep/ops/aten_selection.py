"""Results whose size depends on data: what a mask or a comparison selects, what repeats, what is counted."""
from __future__ import annotations

from typing import Sequence

from ..graph import dims as d
from ..graph.build import (arg_reduce, axes_for, broadcast, concat, expand, gather, iota, reindex, scan, scatter, sort,
                           strided)
from ..graph.control import compact, extent, require
from ..graph.functions import equal, floor_divide, maximum, minimum, not_equal, remainder, where
from . import aten
from .aten_indexing import as_divisor, rows, true_places, wrapped
from .aten_movement import tensor_split as into_sections
from .common import Tensor, constant, full, refuse, zeros
from .known import known


# ---- where something is true

def truth(x: Tensor) -> Tensor:
    return x if x.dtype == "bool" else not_equal(x, 0)


@aten("nonzero.default")
def nonzero(x):
    """A row of indices for every element that is not zero; NaN is not."""
    places = true_places(truth(x))
    if not places:
        return zeros([compact(truth(x).reshape(-1)).dims[0], 0], "int64")
    return concat([place.unsqueeze(1) for place in places], 1)


@aten("nonzero_numpy.default")
def nonzero_numpy(x):
    return true_places(truth(x if x.rank else x.reshape(1)))


@aten("nonzero_static.default")
def nonzero_static(x, *, size, fill_value=-1):
    """The first `size` rows of nonzero, filled up with `fill_value`; what is beyond goes to a last row that is cut off."""
    mask = truth(x).reshape(-1)
    number = scan("sum", mask.cast("int64"), 0)[0] - 1
    row = where(mask & (number < size), number, size)
    columns = []
    for k, n in enumerate(x.dims):
        place = remainder(floor_divide(iota(mask.dims[0]), as_divisor(d.product(x.dims[k + 1:]), mask)), as_divisor(n, mask))
        columns.append(scatter(full([size + 1], fill_value, "int64"), [row], place).slice(0, 0, size).unsqueeze(1))
    return concat(columns, 1) if columns else zeros([size, 0], "int64")


@aten("masked_select.default")
def masked_select(x, mask):
    shape = broadcast(x.dims, mask.dims)
    flat = expand(x, shape).reshape(-1)
    places = compact(expand(mask, shape).reshape(-1))
    return gather(flat, [places], places.dims)


# ---- unique

@aten("_unique2.default")
def unique(x, sorted=True, return_inverse=False, return_counts=False):
    """Sorted values, each once; NaN equals nothing, so every NaN stays."""
    flat = x.reshape(-1)
    ordered, order = sort(flat, 0)
    found, group, counts = _groups(ordered.unsqueeze(1))
    inverse = scatter(zeros(flat.dims, "int64"), [order], group).reshape(x.dims)
    return _asked(gather(ordered, [found], found.dims), inverse, counts, return_inverse, return_counts)


@aten("_unique.default")
def unique_without_counts(x, sorted=True, return_inverse=False):
    return unique(x, sorted, return_inverse)[:2]


@aten("unique_dim.default")
def unique_dim(x, dim, sorted=True, return_inverse=False, return_counts=False):
    """Sub-tensors in lexicographic order, each once."""
    whole = _rows(x, dim)
    rank = _lexicographic_rank(whole)
    order = scatter(zeros(rank.dims, "int64"), [rank], iota(rank.dims[0]))
    found, group, counts = _groups(rows(whole, 0, order))
    inverse = scatter(zeros(rank.dims, "int64"), [order], group)
    first = gather(order, [found], found.dims)
    return rows(x, dim % x.rank, first), inverse, counts


@aten("unique_consecutive.default")
def unique_consecutive(x, return_inverse=False, return_counts=False, dim=None):
    if dim is None:
        flat = x.reshape(-1)
        found, group, counts = _groups(flat.unsqueeze(1))
        return _asked(gather(flat, [found], found.dims), group.reshape(x.dims), counts, return_inverse, return_counts)
    found, group, counts = _groups(_rows(x, dim))
    return rows(x, dim % x.rank, found), group, counts


@aten("unique_dim_consecutive.default")
def unique_dim_consecutive(x, dim, return_inverse=False, return_counts=False):
    return unique_consecutive(x, return_inverse, return_counts, dim)


def _rows(x: Tensor, dim: int) -> Tensor:
    """The sub-tensors along a dim as rows."""
    moved = x.transpose(dim, 0)
    return moved.reshape([moved.dims[0], d.product(moved.dims[1:])])


def _groups(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For rows of which equal ones follow each other: where each group begins, every row's group, and groups' sizes."""
    n = x.dims[0]
    differs = not_equal(x, reindex(x, _previous(x), x.dims)).any(1)
    begins = differs | equal(iota(n), 0)
    places = compact(begins)
    group = scan("sum", begins.cast("int64"), 0)[0] - 1
    return places, group, scatter(zeros(places.dims, "int64"), [group], full([n], 1, "int64"), "sum")


def _previous(x: Tensor) -> list[d.Dim]:
    """The index of the row before; the first row's own."""
    row, column = axes_for(x.dims)
    return [d.maximum(row - 1, 0), column]


def _lexicographic_rank(x: Tensor) -> Tensor:
    """How many rows come before each, equal ones by their place."""
    n = x.dims[0]
    left, right = x.unsqueeze(1), x.unsqueeze(0)
    if d.is_static(x.dims[1]) and x.dims[1] == 0:
        return iota(n)
    apart = not_equal(left, right)
    column = arg_reduce("max", apart.cast("int64"), 2)
    decides = equal(iota(x.dims[1]), column.unsqueeze(2))
    before = ((right < left) & decides).any(2) | (~apart.any(2) & (iota(n).unsqueeze(0) < iota(n).unsqueeze(1)))
    return before.cast("int64").sum(1)


def _asked(values, inverse, counts, return_inverse, return_counts):
    nothing = zeros([0], "int64")
    return values, inverse if return_inverse else nothing, counts if return_counts else nothing


# ---- repeated and counted

@aten("repeat_interleave.Tensor")
def repeated_places(repeats, *, output_size=None):
    """Index k as often as repeats[k] says."""
    ends = scan("sum", repeats.cast("int64"), 0)[0]
    require((repeats.cast("int64") >= 0).all())
    total = repeats.cast("int64").sum()
    if output_size is not None:
        require(equal(total, constant(output_size, "int64")))
    size = extent(total) if output_size is None else output_size
    return (ends <= iota(size).unsqueeze(1)).cast("int64").sum(1).cast(repeats.dtype)


@aten("repeat_interleave.self_Tensor")
def repeat_interleave(x, repeats, dim=None, *, output_size=None):
    x, dim = (x.reshape(-1), 0) if dim is None else (x if x.rank else x.reshape(1), dim)
    dim = dim % x.rank
    return rows(x, dim, repeated_places(expand(repeats, [x.dims[dim]]), output_size=output_size).cast("int64"))


@aten("bincount.default")
def bincount(x, weights=None, minlength=0):
    """How often each whole number occurs, or the sum of its weights."""
    x = x.cast("int64")
    require((x >= 0).all())
    largest = maximum(concat([x, full([1], minlength - 1, "int64")], 0).max(), minlength - 1)
    if weights is None:
        values = full(x.dims, 1, "int64")
    else:
        values = weights if weights.dtype in ("float32", "float64") else weights.cast("float64")
    return scatter(zeros([extent(largest + 1)], values.dtype), [x], values, "sum")


# ---- pieces

@aten("tensor_split.tensor_indices_or_sections")
def tensor_split(x, indices, dim=0):
    """Pieces between the places that a tensor holds."""
    n = x.dims[dim % x.rank]
    if indices.rank == 0:
        found = known(indices)
        if found is None:
            refuse("tensor_split into as many pieces as a tensor says gives a number of results that depends on data")
        return into_sections(x, int(found.item()), dim)
    places = [_place(indices.select(0, k), n) for k in range(_count(indices.dims))]
    starts = [constant(0, "int64"), *places]
    ends = [*places, constant(n, "int64")]
    return [_piece(x, dim, start, end, n) for start, end in zip(starts, ends)]


def _count(dims: Sequence[d.Dim]) -> int:
    if not d.is_static(dims[0]):
        refuse("tensor_split at places whose number varies gives a number of results that varies")
    return dims[0]


def _place(index: Tensor, extent_: d.Dim) -> Tensor:
    whole = wrapped(index.cast("int64"), extent_)
    return maximum(minimum(whole, constant(extent_, "int64")), 0)


def _piece(x: Tensor, dim: int, start: Tensor, end: Tensor, n: d.Dim) -> Tensor:
    count = extent(maximum(end - start, 0), n)
    return strided(x, dim, extent(start, n), count)
