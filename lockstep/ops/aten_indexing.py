"""Indexing: elements read from, or written to, places that are data."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for, broadcast, expand, fixed, gather, iota, scan, scatter
from ..graph.control import compact
from ..graph.functions import equal, floor_divide, remainder, where
from . import aten
from .aten_distances import norm_of
from .common import Tensor, constant, full, is_float, refuse, whole, zeros

# ---- rows of a table


@aten("embedding.default")
def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """Rows of the table; negative indices are an error, as in PyTorch."""
    return rows(weight, 0, indices)


@aten("embedding_renorm.default")
def embedding_renorm(weight, indices, max_norm, norm_type):
    """The table with those rows that are named, and longer than max_norm, scaled to that length."""
    places = indices.reshape(-1)
    named = scatter(full(weight.dims[:1], False, "bool"), [places], full(places.dims, True, "bool"))
    length = norm_of(weight, norm_type, 1)
    scaled = weight * (max_norm / (length + 1e-7)).unsqueeze(1)
    return where((named & (length > max_norm)).unsqueeze(1), scaled, weight)


@aten("index_select.default")
def index_select(x, dim, index):
    if x.rank == 0:
        return index_select(x.reshape(1), 0, index).reshape(())
    return rows(x, dim % x.rank, index.reshape(-1))


def rows(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """x with one dim replaced by the dims of an index into it."""
    dims = [*x.dims[:dim], *index.dims, *x.dims[dim + 1:]]
    axes = axes_for(dims)
    place = trailing(index.cast("int64"), x.rank - 1 - dim)
    return gather(x, [*axes[:dim], place, *axes[dim + index.rank:]], dims)


@aten("embedding_bag.padding_idx")
def embedding_bag_with_padding(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights,
                               include_last_offset, padding_idx):
    """Here a negative padding_idx counts from the end; there it is none."""
    if padding_idx is not None and padding_idx < 0:
        padding_idx = fixed(weight.dims[0], "the number of rows before a negative padding_idx") + padding_idx
    return embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights,
                         include_last_offset, padding_idx)


@aten("embedding_bag.default", "_embedding_bag.default", "_embedding_bag_forward_only.default")
def embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False,
                  per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """Rows summed (mode 0), averaged (1) or their maximum (2) bag by bag; bag k starts at offsets[k].

    Empty bags are zero. The other three results serve training and have no meaning here."""
    found = rows(weight, 0, indices)
    if per_sample_weights is not None:
        found = found * per_sample_weights.unsqueeze(1)
    counted = full(indices.dims, 1, "int64")
    if padding_idx is not None and padding_idx >= 0:
        padding = equal(indices, padding_idx)
        found = where(padding.unsqueeze(1), float("-inf") if mode == 2 else 0, found)
        counted = where(padding, 0, counted)
    bag = (offsets.cast("int64") <= iota(indices.dims[0]).unsqueeze(1)).cast("int64").sum(1) - 1
    bags = [offsets.dims[0] - 1 if include_last_offset else offsets.dims[0]]
    size = scatter(zeros(bags, "int64"), [bag], counted, "sum").cast(weight.dtype).unsqueeze(1)
    dims = [*bags, weight.dims[1]]
    column = axes_for(found.dims)[1]
    base = full(dims, float("-inf"), weight.dtype) if mode == 2 else zeros(dims, weight.dtype)
    out = scatter(base, [bag.unsqueeze(1), column], found, "max" if mode == 2 else "sum")
    if mode == 1:
        out = out / where(size > 0, size, 1)
    return where(size > 0, out, 0) if mode == 2 else out, None, None, None


@aten("one_hot.default")
def one_hot(x, num_classes=-1):
    """Ones written into zeros, so that a class out of range fails the run as it does in PyTorch."""
    if num_classes == -1:
        refuse("one_hot without num_classes has a size that depends on data; pass num_classes")
    dims = [*x.dims, num_classes]
    return scatter(zeros(dims, "int64"), [*axes_for(x.dims), x], full(x.dims, 1, "int64"))


# ---- an index for every element

@aten("gather.default")
def gather_along(x, dim, index, *, sparse_grad=False):
    """out[..., i, ...] = x[..., index[..., i, ...], ...]; negative indices are an error, as in PyTorch."""
    if x.rank == 0:
        return gather_along(x.reshape(1), 0, index.reshape(-1)).reshape(index.dims)
    return gather(x, _along(index, dim), index.dims)


@aten("take_along_dim.default")
def take_along_dim(x, indices, dim=None):
    """gather over broadcast operands; negative indices count from the end, but not into the tensor read as one vector."""
    if dim is None:
        return gather_along(x.reshape(-1), 0, indices.reshape(-1))
    dim = dim % x.rank
    shape = broadcast(*([1 if k == dim else n for k, n in enumerate(t.dims)] for t in (x, indices)))
    whole = [[t.dims[dim] if k == dim else n for k, n in enumerate(shape)] for t in (x, indices)]
    return gather_along(x.expand(whole[0]), dim, wrapped(indices, x.dims[dim]).expand(whole[1]))


@aten("take.default")
def take(x, index):
    """The tensor read as one vector; negative indices count from its end."""
    flat = x.reshape(-1)
    return gather(flat, [wrapped(index, flat.dims[0])], index.dims)


@aten("put.default")
def put(x, index, source, accumulate=False):
    flat = x.reshape(-1)
    place = wrapped(index, flat.dims[0]).reshape(-1)
    return scatter(flat, [place], source.reshape(-1), "sum" if accumulate else "set").reshape(x.dims)


@aten("scatter.src", "scatter.reduce", "scatter.value", "scatter.value_reduce")
def scatter_along(x, dim, index, source, *, reduce=None):
    """source[..., i, ...] set at, or combined with, x[..., index[..., i, ...], ...]."""
    if x.rank == 0:
        if isinstance(source, Tensor):
            source = source.reshape(-1)
        return scatter_along(x.reshape(1), 0, index.reshape(-1), source, reduce=reduce).reshape(())
    if isinstance(source, Tensor):
        source = _cut(source, index.dims)
    else:
        source = full(index.dims, whole(source, x.dtype), x.dtype)
    return scatter(x, _along(index, dim), source, {None: "set", "add": "sum", "multiply": "prod"}[reduce])


@aten("scatter_add.default")
def scatter_add(x, dim, index, source):
    return scatter_along(x, dim, index, source, reduce="add")


@aten("scatter_reduce.two")
def scatter_reduce(x, dim, index, source, reduce, *, include_self=True):
    if x.rank == 0:
        return scatter_reduce(x.reshape(1), 0, index.reshape(-1), source.reshape(-1), reduce,
                              include_self=include_self).reshape(())
    return _combined(x, _along(index, dim), _cut(source, index.dims), reduce, include_self)


def _combined(x: Tensor, places: list, source: Tensor, reduce: str, include_self: bool) -> Tensor:
    """Updates combined place by place; without self, places that are named start from the neutral element."""
    kind = {"sum": "sum", "mean": "sum", "prod": "prod", "amax": "max", "amin": "min"}[reduce]
    base = x if include_self else scatter(x, places, full(source.dims, _neutral(kind, x.dtype), x.dtype))
    out = scatter(base, places, source, kind)
    if reduce != "mean":
        return out
    first = full(x.dims, 1, x.dtype)
    start = first if include_self else scatter(first, places, zeros(source.dims, x.dtype))
    count = scatter(start, places, full(source.dims, 1, x.dtype), "sum")
    return out / count if is_float(x.dtype) else floor_divide(out, count)


def _neutral(kind: str, dtype: str):
    """What changes nothing when it is combined."""
    if kind in ("sum", "prod"):
        return int(kind == "prod")
    if is_float(dtype):
        return float("-inf") if kind == "max" else float("inf")
    if dtype == "bool":
        return kind == "min"
    bits = int(dtype.lstrip("uint")) - (not dtype.startswith("u"))
    return 2 ** bits - 1 if kind == "min" else 0 if dtype.startswith("u") else -2 ** bits


def _along(index: Tensor, dim: int) -> list:
    places = axes_for(index.dims)
    places[dim % index.rank] = index.cast("int64")
    return places


def _cut(x: Tensor, dims) -> Tensor:
    """The leading part of x that an index of these dims covers."""
    for k, n in enumerate(dims):
        x = x if x.dims[k] == n else x.slice(k, 0, n)
    return x


# ---- an index for every slice along a dim

@aten("index_add.default")
def index_add(x, dim, index, source, *, alpha=1):
    return _by_slices(x, dim, index, source if alpha == 1 else source * alpha, "sum")


@aten("index_copy.default")
def index_copy(x, dim, index, source):
    return _by_slices(x, dim, index, source, "set")


@aten("index_fill.int_Scalar", "index_fill.int_Tensor")
def index_fill(x, dim, index, value):
    if x.rank == 0:
        return index_fill(x.reshape(1), 0, index, value).reshape(())
    dim = dim % x.rank
    index = wrapped(index, x.dims[dim]).reshape(-1)
    value = value.cast(x.dtype) if isinstance(value, Tensor) else constant(whole(value, x.dtype), x.dtype)
    dims = [index.dims[0] if k == dim else n for k, n in enumerate(x.dims)]
    return _by_slices(x, dim, index, value.expand(dims), "set")


@aten("index_reduce.default")
def index_reduce(x, dim, index, source, reduce, *, include_self=True):
    if x.rank == 0:
        return index_reduce(x.reshape(1), 0, index, source.reshape(-1), reduce, include_self=include_self).reshape(())
    places = axes_for(source.dims)
    places[dim % x.rank] = trailing(index.cast("int64"), x.rank - 1 - dim % x.rank)
    return _combined(x, places, source, reduce, include_self)


def _by_slices(x: Tensor, dim: int, index: Tensor, source: Tensor, mode: str) -> Tensor:
    if x.rank == 0:
        return _by_slices(x.reshape(1), 0, index, source.reshape(-1), mode).reshape(())
    dim = dim % x.rank
    index = index.cast("int64").reshape(-1)
    source = source.reshape([index.dims[0] if k == dim else n for k, n in enumerate(x.dims)])
    places = axes_for(source.dims)
    places[dim] = trailing(index, x.rank - 1 - dim)
    return scatter(x, places, source, mode)


# ---- several index tensors at once

@aten("index.Tensor", "_unsafe_index.Tensor")
def index(x, indices):
    places, dims = advanced(x, indices)
    return gather(x, places, dims)


@aten("index_put.default", "_unsafe_index_put.default")
def index_put(x, indices, values, accumulate=False):
    """Without accumulate, the last of several updates to one place holds (PyTorch leaves the order open)."""
    mask = indices[0]
    if len(indices) == 1 and mask is not None and mask.dtype == "bool" and values.rank <= x.rank - mask.rank:
        return where(trailing(mask, x.rank - mask.rank), x + values if accumulate else values.expand(x.dims), x)
    places, dims = advanced(x, indices)
    return scatter(x, places, values.expand(dims), "sum" if accumulate else "set")


def advanced(x: Tensor, indices) -> tuple[list, list]:
    """Places and shape of NumPy's advanced indexing; None takes a whole dim.

    A mask stands for the places at which it is true. The index tensors broadcast together and stand where the first
    stood if all are neighbours, else in front.
    """
    indices = [place for i in indices for place in ([i] if i is None or i.dtype not in ("bool", "uint8") else
                                                    true_places(i.cast("bool")))]
    indices = [*indices, *[None] * (x.rank - len(indices))]
    chosen = [k for k, i in enumerate(indices) if i is not None]
    together = broadcast(*(indices[k].dims for k in chosen))
    neighbours = chosen == list(range(chosen[0], chosen[-1] + 1))
    first = chosen[0] if neighbours else 0
    whole = [n for k, n in enumerate(x.dims) if k not in chosen]
    dims = [*whole[:first], *together, *whole[first:]]
    axes = axes_for(dims)
    kept = iter(axes[:first] + axes[first + len(together):])
    places = [next(kept) if i is None else trailing(wrapped(i, n).expand(together), len(whole) - first)
              for i, n in zip(indices, x.dims)]
    return places, dims


# ---- masks

@aten("masked_fill.Scalar", "masked_fill.Tensor")
def masked_fill(x, mask, value):
    value = value.cast(x.dtype) if isinstance(value, Tensor) else whole(value, x.dtype)
    return where(mask, value, x)


@aten("masked_scatter.default")
def masked_scatter(x, mask, source):
    """The k-th true element takes the k-th element of source, all in row-major order."""
    if mask.dtype != "bool":
        refuse(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    dims = broadcast(x.dims, mask.dims)
    x, mask = x.expand(dims), mask.expand(dims)
    number_of = scan("sum", mask.cast("int64").reshape(-1), 0)[0].reshape(dims) - 1
    return where(mask, gather(source.reshape(-1), [where(mask, number_of, 0)], dims), x)


# ---- helpers

def true_places(mask: Tensor) -> list[Tensor]:
    """For each dim of a mask, the index (int64) along it of every true element, in row-major order."""
    flat, places = compact(mask.reshape(-1)), []
    for k, size in enumerate(mask.dims):
        step = d.product(mask.dims[k + 1:])
        place = flat if d.is_static(step) and step == 1 else floor_divide(flat, as_divisor(step, flat))
        places.append(place if k == 0 else remainder(place, as_divisor(size, flat)))
    return places


def as_divisor(size: d.Dim, like: Tensor) -> Tensor:
    """An extent as a divisor; where it is 0 there is nothing to divide."""
    return expand(constant(d.maximum(size, 1), "int64"), like.dims)


def wrapped(index: Tensor, extent: d.Dim) -> Tensor:
    """Indices from -extent to extent-1 counted from the front."""
    index = index.cast("int64")
    return where(index < 0, index + extent, index)


def trailing(x: Tensor, count: int) -> Tensor:
    """x with `count` dims of extent 1 at its end, to broadcast over what follows."""
    return x.reshape(*x.dims, *[1] * count)
