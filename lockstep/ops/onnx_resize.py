"""ONNX resizing: an image sampled at another size, axis by axis, from nearest, linear or cubic neighbours.

What PyTorch also does is done by its definitions. The rest needs fixed sizes: places and weights are tables.
"""
from __future__ import annotations

import math
import re

import numpy as np

from ..graph import dims as d
from ..graph.build import fixed, weight
from . import onnx
from . import aten_resize as aten
from .aten_indexing import rows, trailing
from .aten_patches import col2im as aten_col2im
from .common import Dim, Tensor, refuse
from .known import numbers



def _nearest(x: Tensor, axis: int, size: Dim, scale: float | None) -> Tensor:
    sizes = [size if k == axis else n for k, n in enumerate(x.dims)][2:]
    small = len(sizes) == 2 and all(map(d.is_static, sizes)) and sum(sizes) <= 128     # PyTorch's threshold
    return aten.nearest(x, axis, size, scale, False, small)


# (mode, where an output lies, rounding) -> PyTorch's definition for one axis, and what else it takes
_SHARED = {("nearest", "asymmetric", "floor"): (_nearest,)} | {
    (mode, place, ""): (function, place == "align_corners")
    for place in ("half_pixel", "pytorch_half_pixel", "align_corners")
    for mode, function in (("linear", aten.linear), ("cubic", aten.cubic))}


@onnx("Upsample")
@onnx("Resize", since=10)
def resize_by_scales(x, scales, mode="nearest"):
    """Before version 11: places by asymmetric scaling, rounded down."""
    return resize(x, None, scales, mode=mode, coordinate_transformation_mode="asymmetric", nearest_mode="floor")


@onnx("Upsample", since=7)
def upsample(x, scales=None, mode="nearest"):
    """Scales are an attribute before version 9."""
    if isinstance(scales, Tensor):
        return resize_by_scales(x, scales, mode)
    return resized(x, range(x.rank), scales, None, _Rule(mode, "asymmetric", "floor", -0.75, False))


@onnx("Resize", since=11)
def resize(x, roi=None, scales=None, sizes=None, antialias=0, axes=None,
           coordinate_transformation_mode="half_pixel", cubic_coeff_a=-0.75, exclude_outside=0,
           extrapolation_value=0.0, keep_aspect_ratio_policy="stretch", mode="nearest", nearest_mode="round_prefer_floor"):
    if coordinate_transformation_mode == "tf_crop_and_resize":
        refuse("Resize with tf_crop_and_resize is not supported")
    axes = range(x.rank) if axes is None else [k % x.rank for k in axes]
    scales = None if scales is None or scales.dims == (0,) else numbers(scales, "the scales of Resize")
    sizes = None if sizes is None or sizes.dims == (0,) else numbers(sizes, "the sizes of Resize")
    if sizes is not None and keep_aspect_ratio_policy != "stretch":
        choose = min if keep_aspect_ratio_policy == "not_larger" else max
        scale = choose(size / fixed(x.dims[k], "a resized extent") for k, size in zip(axes, sizes))
        sizes = [math.floor(scale * x.dims[k] + 0.5) for k in axes]
    rule = _Rule(mode, coordinate_transformation_mode, nearest_mode, cubic_coeff_a,
                 bool(exclude_outside) and mode != "nearest", antialias)
    return resized(x, axes, scales, sizes, rule)


def resized(x: Tensor, axes, scales, sizes, rule: "_Rule") -> Tensor:
    """From the last axis to the first."""
    for k, axis in reversed(list(enumerate(axes))):
        n = x.dims[axis]
        scale = None if scales is None else scales[k]
        size = sizes[k] if scale is None else sized(n, scale)
        if not (scale == 1 or scale is None and size == n):
            x = rule.along(x, axis, size, scale)
    return x


def sized(n: Dim, scale: float) -> Dim:
    size = d.scaled(n, scale)
    return size if size is not None else refuse(
        f"resizing free sizes by {scale} rounds differently from size to size; give the size instead")


class _Rule:
    """How one axis is sampled: the node's attributes."""

    def __init__(self, mode: str, place: str, rounding: str, a: float, exclude_outside: bool, antialias: int = 0):
        self.mode, self.place, self.a, self.exclude = mode, place, a, exclude_outside
        self.rounding, self.antialias = (rounding, 0) if mode == "nearest" else ("", antialias)
        usual = not self.antialias and not self.exclude and (mode != "cubic" or a == -0.75)
        self.shared = _SHARED.get((mode, place, self.rounding)) if usual else None

    def along(self, x: Tensor, axis: int, size, scale: float | None) -> Tensor:
        single = d.is_static(size) and size == 1 and self.place == "pytorch_half_pixel"    # the first element
        if self.shared is not None and not single:
            function, *options = self.shared
            return function(x, axis, size, scale, *options)
        n, size = fixed(x.dims[axis], "an extent resized this way"), fixed(size, "a size of Resize")
        places, weights = self.table(n, size, scale)
        rule = [v for k, v in vars(self).items() if k != "shared"]
        name = re.sub(r"\W", "_", "_".join(map(str, ("resize", n, size, scale, *rule))))
        return weighted(x, axis, weight(f"{name}_places", places), None if self.mode == "nearest" else
                        weight(f"{name}_weights", weights.astype(np.float64)).cast(x.dtype))

    def table(self, n: int, size: int, scale: float | None) -> tuple[np.ndarray, np.ndarray]:
        """The places read for each output and their weights, [size, taps]."""
        source = positions(self.place, n, size, size / n if scale is None else scale)
        if self.mode == "nearest":
            rounded = {"floor": np.floor, "ceil": np.ceil, "round_prefer_floor": lambda v: np.ceil(v - 0.5),
                       "round_prefer_ceil": lambda v: np.floor(v + 0.5)}[self.rounding](source)
            return np.clip(rounded, 0, n - 1).astype(np.int64)[:, None], np.ones((size, 1))
        stretch = min(size / n if scale is None else scale, 1.0) if self.antialias else 1.0
        reach = math.ceil((1 if self.mode == "linear" else 2) / stretch)
        places = np.floor(source)[:, None] + np.arange(1 - reach, reach + 1)
        distance = np.abs(places - source[:, None]) * stretch
        weights = np.maximum(1 - distance, 0) if self.mode == "linear" else keys(distance, self.a)
        if self.antialias:
            weights = weights / weights.sum(1, keepdims=True)
        if self.exclude:
            weights = np.where((places < 0) | (places >= n), 0, weights)
            weights = weights / weights.sum(1, keepdims=True)
        return np.clip(places, 0, n - 1).astype(np.int64), weights


def keys(s: np.ndarray, a: float) -> np.ndarray:
    """Keys' cubic kernel at distance s (IEEE Transactions ASSP 29, 1981)."""
    inner, outer = ((a + 2) * s - (a + 3)) * s * s + 1, ((a * s - 5 * a) * s + 8 * a) * s - 4 * a
    return np.where(s < 1, inner, np.where(s < 2, outer, 0))


def positions(place: str, n: int, size: int, scale: float) -> np.ndarray:
    """Where the outputs lie on the source axis (the specification's coordinate_transformation_mode)."""
    o = np.arange(size, dtype=np.float64)
    half = (o + 0.5) / scale - 0.5
    if place == "align_corners":
        return o * (n - 1) / max(size - 1, 1)
    if place == "half_pixel_symmetric":
        return n / 2 * (1 - size / (scale * n)) + half
    if place == "pytorch_half_pixel":
        return half if size > 1 else o
    return {"half_pixel": half, "asymmetric": o / scale}[place]


def weighted(x: Tensor, axis: int, places: Tensor, weights: Tensor | None) -> Tensor:
    """The taps of each output along an axis, times their weights, summed; without weights there is one tap."""
    behind = x.rank - 1 - axis
    found = rows(x, axis, places)
    return (found if weights is None else found * trailing(weights, behind)).sum(axis + 1)


@onnx("Col2Im")
def col2im(x, image_shape, block_shape, dilations=None, pads=None, strides=None):
    image, block = (numbers(v, "the shapes of Col2Im") for v in (image_shape, block_shape))
    pads = pads or [0] * 2 * len(block)
    if len(block) != 2 or pads[:2] != pads[2:]:
        refuse("Col2Im is supported for two dims padded alike at both ends")
    return aten_col2im(x, image, block, dilations or [1, 1], pads[:2], strides or [1, 1])
