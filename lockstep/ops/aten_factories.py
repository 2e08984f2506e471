"""Factories: tensors that come from no tensor's elements, such as zeros, ranges and identity matrices."""
from __future__ import annotations

import math

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import iota
from ..graph.world import HALVES
from . import aten
from .common import Tensor, category, constant, expand, full, is_float, whole


def _dtype_of(*numbers) -> str:
    """The dtype that PyTorch gives a tensor made of Python numbers."""
    return ("bool", "int64", "float32")[max(map(category, numbers))]


@aten("full.default")
def filled(size, value, *, dtype=None, **_):
    return full(size, value, dtype or _dtype_of(value))


@aten("full_like.default")
def full_like(x, value, *, dtype=None, **_):
    return full(x.dims, value, dtype or x.dtype)


@aten("new_full.default")
def new_full(x, size, value, *, dtype=None, **_):
    return full(size, value, dtype or x.dtype)


@aten("scalar_tensor.default")
def scalar_tensor(value, *, dtype=None, **_):
    return constant(value, dtype or "float32")


def _constant_factories(prefix: str, value) -> None:
    """zeros(size), zeros_like(x), new_zeros(x, size): one value, three ways to say the shape."""
    overload = "memory_format" if prefix == "empty" else "default"

    @aten(f"{prefix}.{overload}")
    def of_size(size, *, dtype=None, **_):
        return full(size, value, dtype or "float32")

    @aten(f"{prefix}_like.default")
    def like(x, *, dtype=None, **_):
        return full(x.dims, value, dtype or x.dtype)

    @aten(f"new_{prefix}.default")
    def new(x, size, *, dtype=None, **_):
        return full(size, value, dtype or x.dtype)


_constant_factories("zeros", 0)
_constant_factories("ones", 1)
# What PyTorch leaves unset is zero here. Programs that compute write every element before they read it.
_constant_factories("empty", 0)


@aten("empty_strided.default", "empty_permuted.default")
def empty_strided(size, stride, *, dtype=None, **_):
    """Zeros: what PyTorch leaves unset is written before it is read."""
    return full(size, 0, dtype or "float32")


@aten("new_empty_strided.default")
def new_empty_strided(x, size, stride, *, dtype=None, **_):
    return full(size, 0, dtype or x.dtype)


@aten("fill.Scalar", "fill.Tensor")
def fill(x, value):
    return expand(value.cast(x.dtype), x.dims) if isinstance(value, Tensor) else full(x.dims, value, x.dtype)


@aten("arange.default")
def arange(end, *, dtype=None, **_):
    return arange_between(0, end, dtype=dtype)


@aten("arange.start", "arange.start_step")
def arange_between(start, end, step=1, *, dtype=None, **_):
    """start, start + step, ... before end; a real range is computed in float64, as PyTorch computes it."""
    dtype = dtype or _dtype_of(start, end, step, 0)
    if dtype == "int64":
        start, end, step = (whole(number, dtype) for number in (start, end, step))
    if any(isinstance(number, float) for number in (start, end, step)):
        count = max(math.ceil((end - start) / step), 0)
    else:
        distance, stride = (end - start, step) if step > 0 else (start - end, -step)
        count = d.maximum((distance + stride - 1) // stride, 0)
    if not is_float(dtype):
        start, step = whole(start, dtype), whole(step, dtype)
    numbers = iota(count, "float64" if is_float(dtype) else "int64")
    numbers = numbers if step == 1 else numbers * step
    from_zero = d.is_static(start) and d.is_static(step) and start == 0 and step > 0      # 0 * -1.0 is -0.0
    numbers = numbers if from_zero else numbers + start
    # PyTorch's vectors round their start too, so that a number depends on their length
    return numbers.rounded_to(dtype) if dtype in HALVES else numbers.cast(dtype)


@aten("linspace.default", "linspace.Tensor_Tensor", "linspace.Tensor_Scalar", "linspace.Scalar_Tensor")
def linspace(start, end, steps, *, dtype=None, **_):
    """Counted from the start in the first half, back from the end in the second: both ends are exact."""
    dtype = dtype or "float32"
    real = dtype if is_float(dtype) else "float64"
    start, end = (x.cast(real) if isinstance(x, Tensor) else constant(x, real) for x in (start, end))
    if steps == 1:
        return start.reshape(1).cast(dtype)
    position = iota(steps, real)
    step = (end - start) / (steps - 1)
    first, second = start + step * position, end - step * (steps - 1 - position)
    return f.where(position < steps // 2, first, second).cast(dtype)


@aten("logspace.default", "logspace.Tensor_Tensor", "logspace.Tensor_Scalar", "logspace.Scalar_Tensor")
def logspace(start, end, steps, base=10.0, *, dtype=None, **_):
    dtype = dtype or "float32"
    exponents = linspace(start, end, steps, dtype=dtype if is_float(dtype) else "float64")
    return f.power(base, exponents).cast(dtype)


@aten("eye.default", "eye.m")
def eye(n, m=None, *, dtype=None, **_):
    return f.equal(iota(n).unsqueeze(1), iota(n if m is None else m)).cast(dtype or "float32")
