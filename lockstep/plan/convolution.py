"""Convolutions by kernels that keep a tile of outputs in registers: channels in the lanes where they lie in blocks
(passes/channels.py), a row's pixels where they lie channels first and each has its own filter, or there are only a few."""
from __future__ import annotations

import re
from math import gcd
from typing import Any

from ..graph import dims as d
from ..graph.build import axes_for
from ..graph.core import Node, Value
from ..graph.dims import Dim
from .borders import padding
from .memory import ITEM
from .nest import Convolve, ConvolutionShape, ImageView, Nest, PackFilters, plain
from .views import lying

DENSE = re.compile(r"nb(x|xy)(u|uv)c,dobc\2->nd\1o")
DEPTHWISE = re.compile(r"nb(x|xy)(u|uv)c,b\2c->nb\1c")
ROWS = re.compile(r"ngcxyuv,gocuv->ngoxy")
MOST_ROWS_CHANNELS, LEAST_WIDTH = 7, 8      # more of them than this fill the lanes better than pixels do
BAND = 28                   # rows of the output that convolve_depthwise_rows computes together
NEAR = 256 << 10            # bytes of output channels that are computed together, for what follows to find them in the cache


def compute(scope: Any, node: Node) -> bool:
    """Appends the steps of a convolution; False where the contraction is none, or its operands do not lie so."""
    equation = node.attrs["equation"]
    if node.types[0].dtype not in ("float32", "float64") or not scope.is_settled(node.inputs[1]):
        return False
    if ROWS.fullmatch(equation):
        source = rows_source(node)
        return _one_filter_a_channel(scope, node, *source) if source else _few_channels(scope, node)
    if DENSE.fullmatch(equation):
        return _in_blocks(scope, node, "convolve")
    return bool(DEPTHWISE.fullmatch(equation)) and _in_blocks(scope, node, "convolve_depthwise")


# ---- channels in blocks

def _in_blocks(scope: Any, node: Node, kernel: str) -> bool:
    """Some blocks of output channels at a time; with a filter a channel one block, which reads its own block alone."""
    (left, right), out = (terms := node.attrs["equation"].split("->"))[0].split(","), terms[1]
    patches, filters = node.inputs
    image = lying(scope, patches, left)
    if image is None:
        return False
    buffer, start, step = image
    extent = dict(zip(left, patches.dims)) | dict(zip(right, filters.dims))
    rows, columns = ("x", "u"), ("y", "v")
    if "y" not in left:                                         # one dimension: a row
        rows, columns = ("none", "none"), ("x", "u")
    vertical, horizontal = _direction(step, extent, *rows), _direction(step, extent, *columns)
    if vertical is None or horizontal is None:
        return False
    target, blocks, size = scope.result(node), out[1], extent[out[-1]]
    (height, taps_y), (width, taps_x) = ([extent.get(c, 1) for c in pair] for pair in (rows, columns))
    alone = kernel == "convolve_depthwise"
    three_by_three = (taps_y, taps_x, *vertical[1:], *horizontal[1:]) == (3, 3, 1, 1, 1, 1)
    in_registers = extent["c"] == size == 16 and step["c"] == 1 and d.is_static(height) and d.is_static(width)
    if scope.names.choices.fast_conv and not alone and three_by_three and in_registers:
        kernel = "convolve_winograd"
    chunk = 1 if alone else extent[blocks] if kernel == "convolve_winograd" else \
        _chunk(extent[blocks], height, width, ITEM[target.dtype] * size)
    channels = chunk * size
    inside, own = (channels, step["b"]) if alone else (extent["b"] * extent["c"], 0)
    shape = ConvolutionShape(inside, channels, height, width, taps_y, taps_x, vertical[1], horizontal[1], vertical[2], horizontal[2])
    strides = dict(zip(out, target.strides))
    image_axis, axis = scope.names.axis(extent["n"]), scope.names.axis(extent[blocks] // chunk)
    x = ImageView(buffer, start + image_axis * step["n"] + axis * own, extent["c"], step["b"], vertical[0], horizontal[0], step["c"])
    y = ImageView(target, image_axis * strides["n"] + axis * chunk * strides[blocks], size, strides[blocks],
                  strides.get(rows[0], 0), strides[columns[0]], 1)
    packed = _packed(scope, node, right, shape, (rows[1], columns[1]), extent[blocks] // chunk, kernel)
    why, scratch = "of each channel" if alone else f"of {inside} channels to {channels} at a time", None
    if kernel == "convolve_winograd":
        why, scratch = f"{why}, by F(2 x 2, 3 x 3)", scope.names.arena(target.dtype, (winograd_rooms(shape)[1],))
    scope.steps.append(Convolve(plain([image_axis, axis]), kernel, shape, x, packed, packed.strides[0] * axis, y, node.origins,
                                f"{taps_y} x {taps_x} convolution {why}", scratch=scratch))
    return True


# ---- channels first

def rows_source(node: Node) -> tuple[Value, tuple[int, ...], tuple] | None:
    """(the image, its padding above and to the left, stride and dilation of rows and of columns) of a convolution with one
    filter a channel, whose kernel reads the image without its border; None where it is none."""
    patches, filters = node.inputs
    if not ROWS.fullmatch(node.attrs["equation"]) or patches.dims[2] != 1 or filters.dims[1] != 1 or patches.dims[1] == 1 \
            or patches.node.op != "reindex" or patches.node.attrs["guard"] or node.types[0].dtype not in ("float32", "float64"):
        return None
    (image,), index, axes = patches.node.inputs, patches.node.attrs["index"], axes_for(patches.dims)
    if image.rank != 4 or index[:2] != tuple(axes[:2]):
        return None
    geometry = tuple(_affine(e, axes[3 + k], axes[5 + k]) for k, e in enumerate(index[2:]))
    if None in geometry:
        return None
    padded = image.node
    if padded.op == "reindex" and padded.attrs["guard"] and padded.attrs["fill"] == 0:
        inside, box = padded.inputs[0], padding(padded)
        if box is not None and inside.dims == tuple(high - low for low, high in box) and box[0][0] == box[1][0] == 0 and \
                padded.attrs["index"] == tuple(axis - low for axis, (low, _) in zip(axes_for(image.dims), box)):
            return inside, (box[2][0], box[3][0]), geometry
    return image, (0, 0), geometry


def _one_filter_a_channel(scope: Any, node: Node, image: Value, border: tuple[int, ...], geometry: tuple) -> bool:
    found = lying(scope, image, "ncxy")
    if found is None or found[2]["y"] != 1:
        return False
    buffer, start, step = found
    target, (n, count, _, height, width) = scope.result(node), node.types[0].dims
    (stride_y, dilation_y), (stride_x, dilation_x) = geometry
    kernel = node.inputs[1].dims[3:]
    chunk = _chunk(count, height, width, ITEM[target.dtype])
    shape = ConvolutionShape(chunk, chunk, height, width, *kernel, stride_y, stride_x, dilation_y, dilation_x)
    axes = [scope.names.axis(n), scope.names.axis(count // chunk)]
    strides = dict(zip("ncoxy", target.strides))
    x = ImageView(buffer, start + axes[0] * step["n"] + axes[1] * chunk * step["c"], chunk, 0, step["x"], 1, step["c"])
    y = ImageView(target, axes[0] * strides["n"] + axes[1] * chunk * strides["c"], chunk, 0, strides["x"], 1, strides["c"])
    rows = (d.minimum(BAND, height) - 1) * stride_y + (kernel[0] - 1) * dilation_y + 2
    part = ((width - 1) * stride_x + (kernel[1] - 1) * dilation_x + stride_x) // stride_x + 31
    scratch = scope.names.arena(target.dtype, (rows * part * stride_x + 16,))
    filters = _in_order(scope, node)
    scope.steps.append(Convolve(plain(axes), "convolve_depthwise_rows", shape, x, filters, axes[1] * chunk * d.product(kernel), y,
                                node.origins, f"{kernel[0]} x {kernel[1]} convolution of each channel, by rows",
                                (*image.dims[2:], *border), scratch))
    return True


def _few_channels(scope: Any, node: Node) -> bool:
    """One group, few output channels, and pixels that lie side by side."""
    patches, filters = node.inputs
    found = lying(scope, patches, "ngcxyuv")
    if found is None or patches.dims[1] != 1 or filters.dims[1] > MOST_ROWS_CHANNELS:
        return False
    buffer, start, step = found
    target, (n, _, count, height, width) = scope.result(node), node.types[0].dims
    extent = dict(zip("ngcxyuv", patches.dims))
    vertical, horizontal = _direction(step, extent, "x", "u"), _direction(step, extent, "y", "v")
    if vertical is None or horizontal is None or horizontal[:2] != (1, 1) or not d.is_static(width) or width < LEAST_WIDTH:
        return False
    shape = ConvolutionShape(extent["c"], count, height, width, extent["u"], extent["v"], vertical[1], 1, vertical[2], horizontal[2])
    axis = scope.names.axis(n)
    strides = dict(zip("ngoxy", target.strides))
    x = ImageView(buffer, start + axis * step["n"], extent["c"], 0, vertical[0], 1, step["c"])
    y = ImageView(target, axis * strides["n"], count, 0, strides["x"], 1, strides["o"])
    scope.steps.append(Convolve(plain([axis]), "convolve_rows", shape, x, _in_order(scope, node), 0, y, node.origins,
                                f"{extent['u']} x {extent['v']} convolution to {count} channels, by rows"))
    return True


def _in_order(scope: Any, node: Node) -> Any:
    """The filters as they come, one after another."""
    filters = node.inputs[1]
    found = lying(scope, filters, "gocuv")
    rows = dict(zip("gocuv", d.strides(filters.dims)))
    extent = dict(zip("gocuv", filters.dims))
    if found is not None and found[1] == 0 and all(found[2][c] == rows[c] for c in rows if extent[c] != 1):
        return found[0]
    return _copied(scope, node)


def _copied(scope: Any, node: Node) -> Any:
    filters = node.inputs[1]
    copy = scope.names.arena(filters.dtype, filters.dims)
    axes = [scope.names.axis(n) for n in filters.dims]
    expression, inlined = scope.lowered(filters, axes)
    scope.steps.append(Nest(plain(axes), copy, sum((a * s for a, s in zip(axes, copy.strides)), 0), expression,
                            origins=node.origins | inlined, why="laid out for the convolution"))
    return copy


def _affine(e: Dim, place: Dim, tap: Dim) -> tuple[int, int] | None:
    """(stride, dilation) where an index is stride * place + dilation * tap."""
    factors = [1 if d.is_static(axis) else d.coefficient_of(e, next(iter(d.atoms(axis)))) if not d.is_static(e) else 0
               for axis in (place, tap)]
    if any(factor is None or not d.is_static(factor) for factor in factors):
        return None
    return tuple(factors) if e == factors[0] * place + factors[1] * tap and min(factors) > 0 else None


def _direction(step: dict[str, Dim], extent: dict[str, Dim], place: str, tap: str) -> tuple[Dim, int, int] | None:
    """(elements from one row or pixel to the next, stride, dilation); None where these are no whole numbers."""
    a, b = step.get(place, 0), step.get(tap, 0)
    if a == 0 or b == 0:
        return (a if b == 0 else b), 1, 1
    (one, p), (other, q) = _content(a), _content(b)
    common = gcd(one, other)
    return (p * common, one // common, other // common) if p == q else None


def _content(value: Dim) -> tuple[int, Dim]:
    """A whole number and what it multiplies: a polynomial without a common factor."""
    if d.is_static(value):
        return value, 1
    common = gcd(*value.terms.values())
    return common, d.Expr({term: factor // common for term, factor in value.terms.items()})


def _chunk(blocks: int, height: Dim, width: Dim, pixel: int) -> int:
    """How many blocks of output channels are computed at a time: two at least, for the tile, as many as stay near, and if
    that can be in such turns that two threads have the same share."""
    parts = [n for n in range(2, blocks + 1) if blocks % n == 0]
    if not (d.is_static(height) and d.is_static(width)):
        return min(parts, default=blocks)
    near = [n for n in parts if n * pixel * height * width <= NEAR and (2 * n <= blocks or blocks < 4)]
    if near:
        return max(near, key=lambda n: (blocks // n % 2 == 0, n))
    return min(parts, key=lambda n: (blocks // n % 2, n), default=blocks)


def winograd_rooms(shape: ConvolutionShape) -> tuple[int, int]:
    """Elements of the transformed filters and of the scratch of convolve_winograd, as its header counts them."""
    tiles = (shape.width + 1) // 2 * ((shape.height + 1) // 2)
    together = min(max(28, min(112, 8192 // (shape.inside + shape.outside) // 14 * 14)), tiles)
    inside, outside = (together * ((channels + 15) // 16 * 16) + 16 for channels in (shape.inside, shape.outside))
    return 16 * ((shape.outside + 63) // 64 * 64) * shape.inside, 16 * (inside + outside)


def _packed(scope: Any, node: Node, letters: str, shape: ConvolutionShape, taps: tuple[str, str], chunks: int, kernel: str) -> Any:
    """The filters in the order in which the kernel reads them: each chunk of output channels by itself."""
    filters = node.inputs[1]
    found = lying(scope, filters, letters)
    if found is None:
        found = (copy := _copied(scope, node)), 0, dict(zip(letters, copy.strides))
    buffer, start, step = found
    alone = kernel == "convolve_depthwise"
    outside = step["c"] or step["b"] if alone else step["o"] or step["d"]
    inside = 0 if alone else step["c"] or step["b"]
    room = winograd_rooms(shape)[0] if kernel == "convolve_winograd" else \
        (shape.outside + 63) // 64 * 64 * (1 if alone else shape.inside) * shape.kernel_height * shape.kernel_width
    target = scope.names.arena(filters.dtype, (chunks, room))
    axis = scope.names.axis(chunks)
    scope.steps.append(PackFilters(plain([axis]), kernel, shape, buffer, start + axis * shape.outside * outside,
                                   (outside, inside, step.get(taps[0], 0), step.get(taps[1], 0)), target, axis * room, node.origins))
    return target
