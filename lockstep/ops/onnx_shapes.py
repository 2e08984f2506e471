"""ONNX shapes as data, and tensors made from shapes. Extents stay expressions: a dynamic size survives."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import concat, iota
from ..graph.functions import equal, where
from . import onnx
from .aten_factories import arange_between
from .common import constant, zeros
from .known import number, numbers


@onnx("Shape")
def shape(x, start=0, end=None):
    dims = x.dims[start:end]
    return concat([constant(n, "int64").reshape(1) for n in dims], 0) if dims else zeros([0], "int64")


@onnx("Size")
def size(x):
    return constant(d.product(x.dims), "int64")


@onnx("ConstantOfShape")
def constant_of_shape(dims, value=None):
    """One element repeated; a float32 zero unless said."""
    dims = numbers(dims, "the shape of ConstantOfShape")
    return zeros(dims, "float32") if value is None else value.reshape(()).expand(dims)


@onnx("Range")
def range_(start, limit, delta, stash_type="float32"):
    """start, start + delta, ... before limit; how many must be known."""
    first, last, step = (number(v, "a bound of Range") for v in (start, limit, delta))
    return arange_between(first, last, step, dtype=start.dtype)


@onnx("EyeLike")
def eye_like(x, dtype=None, k=0):
    rows, columns = x.dims
    return equal(iota(rows).unsqueeze(1) + k, iota(columns)).cast(dtype or x.dtype)


@onnx("OneHot")
def one_hot(indices, depth, values, axis=-1):
    """values[1] where the index is, values[0] elsewhere; negative ones count from the end, others hit nothing."""
    depth = number(depth, "the depth of OneHot")
    depth = int(depth) if isinstance(depth, float) else depth
    axis = axis % (indices.rank + 1)
    place = indices.cast("int64").unsqueeze(axis)
    classes = iota(depth).reshape([-1 if k == axis else 1 for k in range(indices.rank + 1)])
    hot = equal(place, classes) | equal(place + depth, classes)
    return where(hot, values.select(0, 1), values.select(0, 0))
