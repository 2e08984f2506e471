"""Order: sorting, and what is read off sorted values; searching in them."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import arg_reduce, scan, sort, strided
from ..graph.functions import isnan, maximum, not_equal, trunc_divide, where
from . import aten
from .aten_indexing import gather_along
from .aten_movement import along
from .common import constant, full, is_float, promote, refuse


@aten("sort.default", "sort.stable")
def sort_(x, dim=-1, descending=False, *, stable=False):
    """Stable where asked, and along short dims, which PyTorch sorts by insertion; NaN counts as the largest."""
    if not x.rank:
        return x, full((), 0, "int64")
    short = d.is_static(x.dims[dim]) and x.dims[dim] <= 16
    return sort(x, dim, descending, bool(stable) or short)


@aten("argsort.default", "argsort.stable")
def argsort(x, dim=-1, descending=False, *, stable=False):
    return sort_(x, dim, descending, stable=stable)[1]


@aten("msort.default")
def msort(x):
    return sort_(x, 0)[0]


@aten("topk.default")
def topk(x, k, dim=-1, largest=True, sorted=True):
    """The first k in order (in order even where that is not asked)."""
    if x.rank == 0:
        return tuple(one.reshape(()) for one in topk(x.reshape(1), k))
    return tuple(strided(one, dim, 0, k) for one in sort(x, dim, largest, stable=False))


@aten("kthvalue.default")
def kthvalue(x, k, dim=-1, keepdim=False):
    """The k-th smallest, counted from 1."""
    if x.rank == 0:
        return sort_(x)
    found = (one.select(dim, k - 1) for one in sort(x, dim, stable=False))
    return tuple(one.unsqueeze(dim % x.rank) if keepdim else one for one in found)


@aten("mode.default")
def mode(x, dim=-1, keepdim=False):
    """The smallest of the most frequent values, and the last place of it: equals follow each other in order, so each place
    has a run up to it, and the first of the longest runs is looked for."""
    if x.rank == 0:
        return sort_(x)
    dim = dim % x.rank
    values, places = sort_(x, dim)
    number = along(x, dim)
    before, after = strided(values, dim, 0, x.dims[dim] - 1), strided(values, dim, 1, x.dims[dim] - 1)
    changed = not_equal(before, after).pad([int(k == dim) for k in range(x.rank)], [0] * x.rank, False)
    length = number - scan("max", where(changed, number, 0), dim)[0]
    longest = arg_reduce("max", length, dim, keepdim=True)
    found = (gather_along(one, dim, longest) for one in (values, places))
    return tuple(one if keepdim else one.squeeze(dim) for one in found)


@aten("median.dim")
def median_along(x, dim, keepdim=False):
    """The lower of two middle elements; a NaN wins, and its first place is the index."""
    if x.rank == 0:
        return sort_(x)
    middle, place = kthvalue(x, (x.dims[dim] + 1) // 2, dim, keepdim)
    if not is_float(x.dtype):
        return middle, place
    spoilt = isnan(x).any(dim, keepdim)
    return where(spoilt, float("nan"), middle), where(spoilt, arg_reduce("max", x, dim, keepdim), place)


@aten("median.default")
def median(x):
    return median_along(x.reshape(-1), 0)[0]


@aten("nanmedian.dim")
def nanmedian_along(x, dim, keepdim=False):
    """The lower middle of what is not NaN, which sorting puts in front; NaN where there is nothing else."""
    if x.rank == 0 or not is_float(x.dtype):
        return median_along(x, dim, keepdim)
    numbers = (~isnan(x)).cast("int64").sum(dim, keepdim=True)
    middle = maximum(trunc_divide(numbers - 1, 2), 0)
    found = (gather_along(one, dim, middle) for one in sort(x, dim, stable=False))
    return tuple(one if keepdim else one.squeeze(dim) for one in found)


@aten("nanmedian.default")
def nanmedian(x):
    return nanmedian_along(x.reshape(-1), 0)[0]


@aten("searchsorted.Tensor", "searchsorted.Scalar")
def searchsorted(boundaries, x, *, out_int32=False, right=False, side=None, sorter=None):
    """How many boundaries lie below each value (right: at or below); NaN lies behind all.

    Rows have their own boundaries unless these are one vector. Boundaries must be sorted, as PyTorch demands.
    """
    if not hasattr(x, "dims"):
        x = constant(x, boundaries.dtype if is_float(boundaries.dtype) or isinstance(x, int) else "float32")
    if sorter is not None:
        boundaries = gather_along(boundaries, -1, sorter)
    boundaries, x = promote(boundaries, x)
    rows = boundaries.unsqueeze(-2) if boundaries.rank > 1 else boundaries
    value = x.unsqueeze(-1)
    below = ~(rows > value) if right or side == "right" else ~(rows >= value)      # true where either is NaN
    return below.cast("int64").sum(-1).cast("int32" if out_int32 else "int64")


@aten("bucketize.Tensor", "bucketize.Scalar")
def bucketize(x, boundaries, *, out_int32=False, right=False):
    if boundaries.rank != 1:
        refuse(f"boundaries tensor must be 1 dimension, but got dim({boundaries.rank})")
    return searchsorted(boundaries, x, out_int32=out_int32, right=right)
