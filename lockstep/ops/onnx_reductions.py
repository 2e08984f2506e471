"""ONNX reductions over axes, the places of extremes, running sums, and the largest k."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import arg_reduce, scan
from ..graph.functions import absolute, log, sqrt, trunc_divide
from . import onnx
from .aten_order import topk as aten_topk
from .aten_reductions import logsumexp
from .common import Tensor, axes_of, is_float
from .known import number, numbers


def _mean(x, axes, keep):
    if is_float(x.dtype):
        return x.mean(axes, keep)
    return trunc_divide(x.sum(axes, keep), d.product(x.dims[k] for k in axes_of(axes, x.rank)))


REDUCTIONS = {
    "ReduceSum": lambda x, axes, keep: x.sum(axes, keep),
    "ReduceMean": _mean,
    "ReduceProd": lambda x, axes, keep: x.prod(axes, keep),
    "ReduceMax": lambda x, axes, keep: x.max(axes, keep) if x.dtype != "bool" else x.any(axes, keep),
    "ReduceMin": lambda x, axes, keep: x.min(axes, keep) if x.dtype != "bool" else x.all(axes, keep),
    "ReduceL1": lambda x, axes, keep: absolute(x).sum(axes, keep),
    "ReduceL2": lambda x, axes, keep: sqrt((x * x).sum(axes, keep)),
    "ReduceSumSquare": lambda x, axes, keep: (x * x).sum(axes, keep),
    "ReduceLogSum": lambda x, axes, keep: log(x.sum(axes, keep)),
    "ReduceLogSumExp": logsumexp,
}


def _register(name: str, function, as_input: int) -> None:
    """Axes are an attribute at first, an input from version `as_input` on."""
    def by_attribute(x, axes=None, keepdims=1):
        return function(x, axes, bool(keepdims))

    def by_input(x, axes=None, keepdims=1, noop_with_empty_axes=0):
        listed = [] if axes is None else numbers(axes, f"the axes of {name}")
        if not listed and noop_with_empty_axes:
            return function(x.unsqueeze(0), [0], False)       # only what is done to each element is left
        return function(x, listed or None, bool(keepdims))

    onnx(name)(by_attribute)
    onnx(name, since=as_input)(by_input)


for _name, _function in REDUCTIONS.items():
    _register(_name, _function, 13 if _name == "ReduceSum" else 18)


def _place_of(which: str):
    def place(x: Tensor, axis=0, keepdims=1, select_last_index=0):
        """The first index of the extreme, or the last."""
        if not select_last_index:
            return arg_reduce(which, x, axis, bool(keepdims))
        return x.dims[axis] - 1 - arg_reduce(which, x.flip(axis), axis, bool(keepdims))
    return place


for _which in ("max", "min"):
    onnx(f"Arg{_which.capitalize()}")(_place_of(_which))


def _running(monoid: str, neutral: int):
    def running(x, axis, exclusive=0, reverse=0):
        """Running totals; exclusive ones leave their own element out, reverse ones run from the end."""
        axis = number(axis, "the axis of a running sum") % x.rank
        x = x.flip(axis) if reverse else x
        if exclusive:
            shift = [int(k == axis) for k in range(x.rank)]
            x = x.pad(shift, [-s for s in shift], neutral)
        total = scan(monoid, x, axis)[0]
        return total.flip(axis) if reverse else total
    return running


onnx("CumSum")(_running("sum", 0))
onnx("CumProd")(_running("prod", 1))


@onnx("TopK")
def topk_by_attribute(x, k, axis=-1):
    return aten_topk(x, k, axis)


@onnx("TopK", since=10)
def topk(x, k, axis=-1, largest=1, sorted=1):
    """In order even where that is not asked; of equals the first comes first."""
    return aten_topk(x, number(k, "the k of TopK"), axis, bool(largest))
