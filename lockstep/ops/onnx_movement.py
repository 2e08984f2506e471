"""ONNX movement: the same elements in another order or shape, in parts, joined or padded."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for, broadcast, concat, fixed, gather, iota, reindex, strided
from ..graph.functions import where
from . import onnx
from .aten_movement import repeat, split_sizes
from .aten_padding import circular_pad, reflection_pad, replication_pad
from .aten_patches import tril, triu
from .common import Dim, Tensor, axes_of, refuse
from .known import number, numbers


@onnx("Transpose")
def transpose(x, perm=None):
    return x.permute(perm or list(reversed(range(x.rank)))) if x.rank else x


@onnx("Concat")
def concat_(*tensors, axis=1):
    return concat(tensors, axis)


# ---- other shapes

@onnx("Reshape")
def reshape(x, shape, allowzero=0):
    """0 keeps a dim as it is (unless allowzero), -1 is what is left."""
    shape = numbers(shape, "the shape of Reshape")
    kept = [d.is_static(n) and n == 0 and not allowzero for n in shape]
    return x.reshape([x.dims[k] if kept[k] else n for k, n in enumerate(shape)])


@onnx("Flatten")
def flatten(x, axis=1):
    axis = axis + x.rank if axis < 0 else axis
    return x.reshape(d.product(x.dims[:axis]), d.product(x.dims[axis:]))


@onnx("Squeeze")
def squeeze_by_attribute(x, axes=None):
    """Without axes, every dim that is known to be 1."""
    gone = [k for k, n in enumerate(x.dims) if n == 1] if axes is None else axes_of(axes, x.rank)
    return x.reshape([n for k, n in enumerate(x.dims) if k not in gone])


@onnx("Squeeze", since=13)
def squeeze(x, axes=None):
    return squeeze_by_attribute(x, None if axes is None else numbers(axes, "the axes of Squeeze"))


@onnx("Unsqueeze")
def unsqueeze_by_attribute(x, axes):
    rank = x.rank + len(axes)
    new, kept = {k % rank for k in axes}, iter(x.dims)
    return x.reshape([1 if k in new else next(kept) for k in range(rank)])


@onnx("Unsqueeze", since=13)
def unsqueeze(x, axes):
    return unsqueeze_by_attribute(x, numbers(axes, "the axes of Unsqueeze"))


@onnx("Expand")
def expand(x, shape):
    """Broadcast both ways: a 1 in the shape keeps the dim as it is."""
    return x.expand(broadcast(x.dims, numbers(shape, "the shape of Expand")))


@onnx("Tile")
def tile(x, repeats):
    return repeat(x, numbers(repeats, "the repeats of Tile"))


@onnx("DepthToSpace")
def depth_to_space(x, blocksize, mode="DCR"):
    """Channels to blocks of pixels; DCR has the block before the channels, CRD behind them."""
    n, c, h, w = x.dims
    b, rest = blocksize, c // (blocksize * blocksize)
    apart = x.reshape(n, b, b, rest, h, w) if mode == "DCR" else x.reshape(n, rest, b, b, h, w)
    ordered = apart.permute((0, 3, 4, 1, 5, 2) if mode == "DCR" else (0, 1, 4, 2, 5, 3))
    return ordered.reshape(n, rest, h * b, w * b)


@onnx("SpaceToDepth")
def space_to_depth(x, blocksize, mode="DCR"):
    """Blocks of pixels to channels, the reverse of DepthToSpace."""
    n, c, h, w = x.dims
    apart = x.reshape(n, c, h // blocksize, blocksize, w // blocksize, blocksize)
    ordered = apart.permute((0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4))
    return ordered.reshape(n, c * blocksize * blocksize, h // blocksize, w // blocksize)


# ---- parts

@onnx("Slice")
def slice_by_attributes(x, starts, ends, axes=None):
    return sliced(x, starts, ends, range(len(starts)) if axes is None else axes, [1] * len(starts))


@onnx("Slice", since=10)
def slice_(x, starts, ends, axes=None, steps=None):
    starts, ends = numbers(starts, "the start of Slice"), numbers(ends, "the end of Slice")
    axes = range(len(starts)) if axes is None else numbers(axes, "the axes of Slice")
    steps = [1] * len(starts) if steps is None else numbers(steps, "the step of Slice")
    return sliced(x, starts, ends, axes, steps)


def sliced(x: Tensor, starts, ends, axes, steps) -> Tensor:
    for start, end, axis, step in zip(starts, ends, axes_of(axes, x.rank, sort=False), steps):
        n, step = x.dims[axis], fixed(step, "the step of Slice")
        if step > 0:
            first, last = clamped(start, n, 0, n), clamped(end, n, 0, n)
            last = last if d.not_negative_symbols(last - first) else d.maximum(last, first)
            count = (last - first + step - 1) // step
        else:
            first, last = clamped(start, n, 0, n - 1), clamped(end, n, -1, n - 1)
            count = d.maximum((first - last - step - 1) // -step, 0)
        x = strided(x, axis, first, count, step)
    return x


def clamped(position: Dim, n: Dim, low: Dim, high: Dim) -> Dim:
    """A position that may count from the end, brought between low and high."""
    if d.is_static(position) and abs(position) >= 2 ** 31 - 1:                 # far beyond either end
        return high if position > 0 else low
    negative = position < 0 if d.is_static(position) else d.not_negative_symbols(-1 - position)
    return d.minimum(d.maximum(position + n, low), high) if negative else d.minimum(position, high)


@onnx("Split")
def split_by_attribute(x, split=None, axis=0, num_outputs=1):
    return split_sizes(x, split, axis) if split else split_evenly(x, axis, num_outputs)


@onnx("Split", since=13)
def split(x, sizes=None, axis=0, num_outputs=1):
    if sizes is None:
        return split_evenly(x, axis, num_outputs)
    return split_sizes(x, numbers(sizes, "the sizes of Split"), axis)


def split_evenly(x: Tensor, axis: int, count: int) -> list[Tensor]:
    """The last piece is smaller where the extent does not divide."""
    size = (x.dims[axis] + count - 1) // count
    return split_sizes(x, [size] * (count - 1) + [x.dims[axis] - size * (count - 1)], axis)


@onnx("Trilu")
def trilu(x, k=None, upper=1):
    return (triu if upper else tril)(x, 0 if k is None else number(k, "the diagonal of Trilu"))


@onnx("ReverseSequence")
def reverse_sequence(x, lengths, batch_axis=1, time_axis=0):
    """The first lengths[b] elements of each row b in reverse, the others as they are."""
    time = iota(x.dims[time_axis]).reshape([-1 if k == time_axis else 1 for k in range(x.rank)])
    length = lengths.cast("int64").reshape([-1 if k == batch_axis else 1 for k in range(x.rank)])
    places: list = axes_for(x.dims)
    places[time_axis] = where(time < length, length - 1 - time, time)
    return gather(x, places, x.dims)


# ---- padding

@onnx("Pad")
def pad_by_attributes(x, pads, mode="constant", value=0.0):
    return padded(x, pads, range(x.rank), mode, value)


@onnx("Pad", since=11)
def pad(x, pads, value=None, axes=None, mode="constant"):
    axes = range(x.rank) if axes is None else axes_of(numbers(axes, "the axes of Pad"), x.rank, sort=False)
    return padded(x, numbers(pads, "the widths of Pad"), axes, mode, 0 if value is None else value)


_AROUND = {"reflect": reflection_pad, "edge": replication_pad, "wrap": circular_pad}


def padded(x: Tensor, pads, axes, mode: str, value) -> Tensor:
    """pads: before each of the axes, then after each; negative widths cut off."""
    before, after = [0] * x.rank, [0] * x.rank
    for k, axis in enumerate(axes):
        before[axis], after[axis] = pads[k], pads[len(axes) + k]
    if mode != "constant":
        backwards = [width for axis in reversed(range(x.rank)) for width in (before[axis], after[axis])]
        if mode not in _AROUND:
            refuse(f"Pad in the mode '{mode}' is not supported")
        return _AROUND[mode](x, backwards)
    return x.pad(before, after, number(value, "the value of Pad") if isinstance(value, Tensor) else value)


@onnx("CenterCropPad")
def center_crop_pad(x, shape, axes=None):
    """Each dim cut or padded with zeros to its new extent, about the middle."""
    axes = range(x.rank) if axes is None else axes_of(axes, x.rank, sort=False)
    for axis, size in zip(axes, numbers(shape, "the shape of CenterCropPad")):
        n = x.dims[axis]
        first = (n - size) // 2 if d.is_static(n - size) and n >= size else -((size - n) // 2)
        dims = [size if k == axis else m for k, m in enumerate(x.dims)]
        index = axes_for(dims)
        index[axis] = index[axis] + first
        x = reindex(x, index, dims, [index[axis], n - 1 - index[axis]])
    return x
