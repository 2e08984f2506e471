"""Movement: the same elements in another order or shape."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for, broadcast, concat, fixed, iota, reindex, strided
from ..graph.functions import equal, remainder, where
from . import aten
from .common import Tensor, axes_of, promote, refuse, slice_bounds

# ---- other shapes


@aten("view.default", "reshape.default", "_unsafe_view.default", "_reshape_alias.default",
      "view_copy.default")
def reshape(x, shape, *_):
    return x.reshape(shape)


@aten("view_as.default", "reshape_as.default")
def reshape_as(x, other):
    return x.reshape(other.dims)


@aten("flatten.using_ints")
def flatten(x, start_dim=0, end_dim=-1):
    if x.rank == 0:
        return x.reshape(1)
    first, last = start_dim % x.rank, end_dim % x.rank
    return x.reshape(*x.dims[:first], d.product(x.dims[first:last + 1]), *x.dims[last + 1:])


@aten("ravel.default")
def ravel(x):
    return flatten(x)


@aten("unflatten.int")
def unflatten(x, dim, sizes):
    """The dim becomes several; one of them may be -1."""
    dim = dim % x.rank
    known = d.product(n for n in sizes if n != -1)
    sizes = [x.dims[dim] // known if n == -1 else n for n in sizes]
    return x.reshape(*x.dims[:dim], *sizes, *x.dims[dim + 1:])


@aten("squeeze.default", "squeeze_copy.default")
def squeeze(x):
    return x.squeeze()


@aten("squeeze.dim", "squeeze.dims", "squeeze_copy.dim", "squeeze_copy.dims")
def squeeze_dims(x, dims):
    """Dims of other extents than 1 stay; an empty list names none."""
    return x if dims == [] else x.squeeze(dims)


@aten("unsqueeze.default", "unsqueeze_copy.default")
def unsqueeze(x, dim):
    return x.unsqueeze(dim)


@aten("expand.default", "expand_copy.default", "broadcast_to.default")
def expand(x, size, *, implicit=False):
    """-1 keeps a dim as it is."""
    new = len(size) - x.rank
    return x.expand([x.dims[k - new] if n == -1 else n for k, n in enumerate(size)])


@aten("expand_as.default")
def expand_as(x, other):
    return x.expand(other.dims)


@aten("broadcast_tensors.default")
def broadcast_tensors(tensors):
    shape = broadcast(*(x.dims for x in tensors))
    return [x.expand(shape) for x in tensors]


@aten("meshgrid.default", "meshgrid.indexing")
def meshgrid(tensors, *, indexing="ij"):
    """Tensor k varies along dim k; `xy` swaps the first two dims."""
    flat = [x.reshape(-1) for x in tensors]
    shape = [x.dims[0] for x in flat]
    grids = [x.reshape([-1 if j == k else 1 for j in range(len(flat))]).expand(shape)
             for k, x in enumerate(flat)]
    return [g.transpose(0, 1) for g in grids] if indexing == "xy" and len(flat) > 1 else grids


# ---- other orders

@aten("transpose.int", "swapaxes.default", "swapdims.default", "transpose_copy.int")
def transpose(x, a, b):
    return x.transpose(a, b) if x.rank else x


@aten("permute.default", "permute_copy.default")
def permute(x, order):
    return x.permute(order)


@aten("t.default", "numpy_T.default", "t_copy.default")
def reverse_dims(x):
    return x.permute(list(reversed(range(x.rank))))


@aten("mT.default", "mH.default", "adjoint.default", "matrix_H.default")
def matrix_transpose(x):
    return x.transpose(-2, -1) if x.rank else x


@aten("movedim.int", "movedim.intlist", "moveaxis.int", "moveaxis.intlist")
def movedim(x, source, destination):
    """The dims named by `source` go to `destination`; the others keep their order."""
    source = axes_of(source, x.rank, sort=False)
    destination = axes_of(destination, x.rank, sort=False)
    others = iter(k for k in range(x.rank) if k not in source)
    return x.permute([source[destination.index(k)] if k in destination else next(others)
                      for k in range(x.rank)])


@aten("flip.default")
def flip(x, dims):
    return x.flip(dims)


@aten("fliplr.default")
def fliplr(x):
    return x.flip(1)


@aten("flipud.default")
def flipud(x):
    return x.flip(0)


@aten("rot90.default")
def rot90(x, k=1, dims=(0, 1)):
    """k quarter turns from the first of two dims towards the second."""
    a, b = axes_of(dims, x.rank, sort=False)
    return {0: x, 1: x.flip(b).transpose(a, b), 2: x.flip(a, b), 3: x.flip(a).transpose(a, b)}[k % 4]


@aten("roll.default")
def roll(x, shifts, dims=()):
    """Shifted along each dim, the end coming round to the front; without dims, along the flattened tensor."""
    shifts, dims = ([s] if isinstance(s, int) else s for s in (shifts, dims))
    if not dims:
        return roll(x.reshape(-1), shifts, [0]).reshape(x.dims)
    for shift, dim in zip(shifts, dims):
        extent = x.dims[dim] if x.rank else 1
        distance = d.mod(abs(shift), d.maximum(extent, 1))
        first = distance if shift < 0 else extent - distance
        if extent not in (0, 1) and first != 0 and first != extent:
            x = concat([x.slice(dim, first, extent), x.slice(dim, 0, first)], dim)
    return x


# ---- parts

@aten("slice.Tensor", "slice_copy.Tensor")
def slice_(x, dim=0, start=None, end=None, step=1):
    """Positions may be negative or past the end."""
    extent = x.dims[dim]
    first, last = slice_bounds(*(_from_front(position, extent) for position in (start, end)), extent)
    if last == extent and isinstance(start, int) and start < 0 and step == 1:
        return strided(x, dim, first, d.minimum(-start, extent))      # simpler than extent - first
    return x.slice(dim, first, last, step)


def _from_front(position, extent):
    """A position that is an expression and never positive counts from the end."""
    negative = position is not None and not d.is_static(position) and d.not_negative_symbols(-1 - position)
    return position + extent if negative else position


@aten("narrow.default", "narrow_copy.default")
def narrow(x, dim, start, length):
    return strided(x, dim, _place(start, x.dims[dim]), length)


@aten("narrow.Tensor")
def narrow_tensor(x, dim, start, length):
    refuse("narrow with a start that is a tensor is not supported; use index_select or gather")


@aten("select.int", "select_copy.int")
def select(x, dim, index):
    return x.select(dim, _place(index, x.dims[dim]))


def _place(index, extent):
    """An index that may be negative, counted from the front."""
    return index + extent if d.is_static(index) and index < 0 else _from_front(index, extent)


@aten("unbind.int", "unbind_copy.int")
def unbind(x, dim=0):
    return [x.select(dim, k) for k in range(fixed(x.dims[dim], "the extent that unbind takes apart"))]


@aten("split.Tensor", "unsafe_split.Tensor", "split_copy.Tensor")
def split(x, split_size, dim=0):
    """Pieces of one size; the last may be smaller."""
    extent = fixed(x.dims[dim], "the extent that split cuts")
    sizes = [min(split_size, extent - k) for k in range(0, extent, split_size or 1)]
    return split_sizes(x, sizes or [extent], dim)


@aten("split.sizes", "split_with_sizes.default", "unsafe_split_with_sizes.default",
      "split_with_sizes_copy.default")
def split_sizes(x, sizes, dim=0):
    pieces, start = [], 0
    for size in sizes:
        pieces.append(strided(x, dim, start, size))
        start = start + size
    return pieces


@aten("chunk.default", "unsafe_chunk.default")
def chunk(x, chunks, dim=0):
    """At most `chunks` pieces of equal size, the last smaller."""
    extent = fixed(x.dims[dim], "the extent that chunk cuts")
    return split(x, -(-extent // chunks), dim) if extent else split_sizes(x, [0] * chunks, dim)


@aten("tensor_split.sections")
def tensor_split(x, sections, dim=0):
    """Exactly `sections` pieces; the first ones are one longer where the extent does not divide."""
    extent = fixed(x.dims[dim], "the extent that tensor_split cuts")
    return split_sizes(x, [extent // sections + (k < extent % sections) for k in range(sections)], dim)


@aten("tensor_split.indices")
def tensor_split_indices(x, indices, dim=0):
    return [slice_(x, dim, start, end) for start, end in zip([0, *indices], [*indices, None])]


@aten("diagonal.default", "diagonal_copy.default", "linalg_diagonal.default")
def diagonal(x, offset=0, dim1=0, dim2=1):
    """Elements with index2 - index1 = offset, as a new last dim."""
    dim1, dim2 = axes_of([dim1, dim2], x.rank, sort=False)
    down, right = max(-offset, 0), max(offset, 0)
    length = d.maximum(d.minimum(x.dims[dim1] - down, x.dims[dim2] - right), 0)
    dims = [*(n for k, n in enumerate(x.dims) if k not in (dim1, dim2)), length]
    *rest, i = axes_for(dims)
    others = iter(rest)
    return reindex(x, [i + down if k == dim1 else i + right if k == dim2 else next(others)
                       for k in range(x.rank)], dims)


@aten("trace.default")
def trace(x):
    total = diagonal(x)
    return (total if total.dtype.startswith(("float", "bfloat")) else total.cast("int64")).sum()


# ---- several tensors into one

@aten("cat.default", "concat.default", "concatenate.default")
def cat(tensors, dim=0):
    """Dtypes promote; a vector without elements is passed over, as PyTorch has always done."""
    tensors = promote(*tensors)
    return concat([x for x in tensors if x.dims != (0,)] or tensors[:1], dim)


@aten("stack.default")
def stack(tensors, dim=0):
    tensors = promote(*tensors)
    dim = dim % (tensors[0].rank + 1)
    return concat([x.unsqueeze(dim) for x in tensors], dim)


@aten("repeat.default")
def repeat(x, repeats):
    """The whole tensor repeated along each dim; new dims come first."""
    dims = [1] * (len(repeats) - x.rank) + list(x.dims)
    apart = x.reshape([m for n in dims for m in (1, n)])
    apart = apart.expand([m for r, n in zip(repeats, dims) for m in (r, n)])
    return apart.reshape([r * n for r, n in zip(repeats, dims)])


@aten("tile.default")
def tile(x, dims):
    return repeat(x, [1] * (x.rank - len(dims)) + list(dims))


@aten("repeat_interleave.self_int")
def repeat_interleave(x, repeats, dim=None, *, output_size=None):
    """Every element repeated in place."""
    if dim is None or x.rank == 0:
        return repeat_interleave(x.reshape(-1), repeats, 0)
    dim = dim % x.rank
    front, n, back = x.dims[:dim], x.dims[dim], x.dims[dim + 1:]
    return x.unsqueeze(dim + 1).expand(*front, n, repeats, *back).reshape(*front, n * repeats, *back)


# ---- one tensor written into another

@aten("slice_scatter.default")
def slice_scatter(x, source, dim=0, start=None, end=None, step=1):
    """x with the slice start:end:step along dim replaced by source."""
    dim = dim % x.rank
    start, end = slice_bounds(*(_from_front(p, x.dims[dim]) for p in (start, end)), x.dims[dim])
    axes = axes_for(x.dims)
    behind = axes[dim] - start
    place = behind // step
    covered = reindex(source.cast(x.dtype), [*axes[:dim], place, *axes[dim + 1:]], x.dims,
                      [behind, source.dims[dim] - 1 - place])
    k = along(x, dim)
    inside = (k >= start) & (k < end)
    if step != 1:
        inside = inside & equal(remainder(k - start, step), 0)
    return where(inside, covered, x)


@aten("select_scatter.default")
def select_scatter(x, source, dim, index):
    """x with one slice along dim replaced by source."""
    place = _place(index, x.dims[dim])
    return where(equal(along(x, dim), place), source.cast(x.dtype).unsqueeze(dim % x.rank), x)


@aten("diagonal_scatter.default")
def diagonal_scatter(x, source, offset=0, dim1=0, dim2=1):
    """x with one diagonal replaced by source."""
    dim1, dim2 = axes_of([dim1, dim2], x.rank, sort=False)
    axes = axes_for(x.dims)
    place = axes[dim1] - max(-offset, 0)
    others = [a for k, a in enumerate(axes) if k not in (dim1, dim2)]
    covered = reindex(source.cast(x.dtype), [*others, place], x.dims, [place, source.dims[-1] - 1 - place])
    return where(equal(along(x, dim2) - along(x, dim1), offset), covered, x)


def along(x: Tensor, dim: int) -> Tensor:
    """The index along dim, of a shape that broadcasts with x."""
    dim = dim % x.rank
    return iota(x.dims[dim]).reshape(-1, *[1] * (x.rank - dim - 1))
