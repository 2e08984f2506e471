"""Convolutions whose channels lie in blocks (passes/channels.py): kernels that keep a tile of outputs in registers."""
from __future__ import annotations

import re
from math import gcd
from typing import Any

from ..graph import dims as d
from ..graph.core import Node, Value
from ..graph.dims import Dim
from .memory import ITEM
from .nest import Convolve, ConvolutionShape, ImageView, Load, Nest, PackFilters, plain

DENSE = re.compile(r"nb(x|xy)(u|uv)c,dobc\2->nd\1o")
DEPTHWISE = re.compile(r"nb(x|xy)(u|uv)c,b\2c->nb\1c")
NEAR = 256 << 10            # bytes of output channels that are computed together, for what follows to find them in the cache


def compute(scope: Any, node: Node) -> bool:
    """Appends the steps of a convolution; False where the contraction is none, or its operands do not lie so."""
    equation = node.attrs["equation"]
    dense, depthwise = DENSE.fullmatch(equation), DEPTHWISE.fullmatch(equation)
    patches, filters = node.inputs
    if not (dense or depthwise) or not scope.is_settled(filters):
        return False
    terms, out = equation.split("->")
    left, right = terms.split(",")
    image = _lying(scope, patches, left)
    if image is None:
        return False
    buffer, start, step = image
    extent = dict(zip(left, patches.dims)) | dict(zip(right, filters.dims))
    vertical, horizontal = _direction(step, extent, "x", "u"), _direction(step, extent, "y", "v")
    if len((dense or depthwise)[1]) == 1:                       # one dimension: a row
        vertical, horizontal = (0, 1, 1), vertical
    if vertical is None or horizontal is None:
        return False
    kind = "convolve" if dense else "convolve_depthwise"
    target = scope.result(node)
    strides = dict(zip(out, target.strides))
    blocks, size = out[1], out[-1]
    along = "xy" if "y" in left else " x"
    height, width = (extent.get(c, 1) for c in along)
    chunk = _chunk(extent[blocks], height, width, ITEM[target.dtype] * extent[size]) if dense else extent[blocks]
    chunks = extent[blocks] // chunk
    axes = [scope.names.axis(extent["n"]), scope.names.axis(chunks)]
    taps = ("uv" if "v" in left else " u")
    kernel = tuple(extent.get(c, 1) for c in taps)
    channels = chunk * extent[size]
    inside = extent["b"] * extent["c"] if dense else channels
    shape = ConvolutionShape(inside, channels, height, width, *kernel, vertical[1], horizontal[1], vertical[2], horizontal[2])
    x = ImageView(buffer, start + axes[0] * step["n"], extent["c"], step["b"], vertical[0], horizontal[0], step["c"])
    y = ImageView(target, axes[0] * strides["n"] + axes[1] * chunk * strides[blocks], extent[size], strides[blocks],
                  strides[along[0]] if along[0] in strides else 0, strides[along[1]], 1)
    packed = _packed(scope, node, filters, right, shape, taps, chunks, kind)
    scope.steps.append(Convolve(plain(axes), kind, shape, x, packed, packed.strides[0] * axes[1], y,
                                node.origins, f"{kernel[0]} x {kernel[1]} convolution of {inside} channels to "
                                f"{channels} at a time" if dense else f"{kernel[0]} x {kernel[1]} convolution of each channel"))
    return True


def _lying(scope: Any, value: Value, letters: str) -> tuple[Any, Dim, dict[str, Dim]] | None:
    """(buffer, offset of its start, stride of each letter) of a value that lies in memory; None where it does not."""
    probe = {c: scope.names.axis(n) for c, n in zip(letters, value.dims)}
    scope.inlined = set()
    load = scope.lower(value, tuple(probe[c] for c in letters), {})
    if not isinstance(load, Load) or d.opaque_atoms(load.offset):
        return None
    strides, rest = {}, load.offset
    for c, axis in probe.items():
        strides[c] = 0 if d.is_static(axis) else d.coefficient_of(load.offset, next(iter(d.atoms(axis))))
        if strides[c] is None:
            return None
        rest = rest - strides[c] * axis
    return load.buffer, rest, strides


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
    """How many blocks of output channels are computed at a time: two at least, for the tile, and as many as stay near."""
    parts = [n for n in range(2, blocks + 1) if blocks % n == 0]
    if not (d.is_static(height) and d.is_static(width)):
        return min(parts, default=blocks)
    return max((n for n in parts if n * pixel * height * width <= NEAR), default=min(parts, default=blocks))


def _packed(scope: Any, node: Node, filters: Value, letters: str, shape: ConvolutionShape, taps: str, chunks: int,
            kind: str) -> Any:
    """The filters in the order in which the kernel reads them: each chunk of output channels by itself."""
    lying = _lying(scope, filters, letters)
    if lying is None:
        copy = scope.names.arena(filters.dtype, filters.dims)
        axes = [scope.names.axis(n) for n in filters.dims]
        expression, inlined = scope.lowered(filters, axes)
        scope.steps.append(Nest(plain(axes), copy, sum((a * s for a, s in zip(axes, copy.strides)), 0), expression,
                                origins=node.origins | inlined, why="laid out for the convolution"))
        lying = copy, 0, dict(zip(letters, copy.strides))
    buffer, start, step = lying
    extent = dict(zip(letters, filters.dims))
    outside = step["o"] or step["d"] if kind == "convolve" else step["c"] or step["b"]
    inside = (step["c"] or step["b"]) if kind == "convolve" else 0
    room = (shape.outside + 63) // 64 * 64 * (shape.inside if kind == "convolve" else 1) * shape.kernel_height * shape.kernel_width
    target = scope.names.arena(filters.dtype, (chunks, room))
    axis = scope.names.axis(chunks)
    scope.steps.append(PackFilters(plain([axis]), kind, shape, buffer, start + axis * shape.outside * outside,
                                   (outside, inside, step.get(taps[0], 0), step.get(taps[1], 0)), target, axis * room, node.origins))
    return target
