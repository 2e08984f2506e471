"""ONNX normalisations: softmax and its kin, and the norms that take off a mean and divide by a deviation."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import arg_reduce, iota, windows
from ..graph.functions import absolute, equal, power, sqrt, where
from . import onnx
from . import aten_normalisation as aten
from .common import refuse


def _coerced(function):
    """Before version 13 the dims from axis on are one: [outer, inner], axis 1 unless said."""
    def apply(x, axis=1):
        axis = axis % x.rank
        flat = x.reshape(d.product(x.dims[:axis]), d.product(x.dims[axis:]))
        return function(flat, 1).reshape(x.dims)
    return apply


def hardmax(x, axis):
    """One at the first maximum, zero elsewhere."""
    place = arg_reduce("max", x, axis, keepdim=True)
    along = iota(x.dims[axis]).reshape([-1 if k == axis % x.rank else 1 for k in range(x.rank)])
    return equal(place, along).cast(x.dtype)


def _last(function):
    return lambda x, axis=-1: function(x, axis)


for _name, _function in {"Softmax": aten.softmax, "LogSoftmax": aten.log_softmax, "Hardmax": hardmax}.items():
    onnx(_name)(_coerced(_function))
    onnx(_name, since=13)(_last(_function))


@onnx("BatchNormalization")
def batch_normalisation(x, scale, bias, mean, variance, epsilon=1e-5, momentum=0.9, training_mode=0,
                        spatial=1):
    if not spatial:
        refuse("BatchNormalization with one statistic for each element (spatial=0) is not supported")
    if not training_mode:
        return aten.by_known_statistics(x, scale, bias, mean, variance, epsilon)
    y, *_ = aten.by_batch(x, scale, bias, epsilon)
    axes = [k for k in range(x.rank) if k != 1]
    middle = x.mean(axes)
    spread = x - middle.reshape(-1, *[1] * (x.rank - 2))
    return (y, mean * momentum + middle * (1 - momentum),
            variance * momentum + (spread * spread).mean(axes) * (1 - momentum))


@onnx("LayerNormalization")
def layer_normalisation(x, scale=None, bias=None, axis=-1, epsilon=1e-5, stash_type="float32"):
    y, mean, inverse = aten.native_layer_norm(_stashed(x, stash_type), x.dims[axis:], None, None, epsilon)
    return aten.affine(y.cast(x.dtype), scale, bias), mean, inverse


@onnx("RMSNormalization")
def rms_normalisation(x, scale, axis=-1, epsilon=1e-5, stash_type="float32"):
    y, _ = aten.fused_rms_norm(_stashed(x, stash_type), x.dims[axis:], None, epsilon)
    return y.cast(x.dtype) * scale


def _stashed(x, dtype):
    """Half-precision inputs are normalised in the stash type; wider ones in their own."""
    return x.cast(dtype) if x.dtype in ("float16", "bfloat16") else x


@onnx("InstanceNormalization")
def instance_normalisation(x, scale, bias, epsilon=1e-5):
    return aten.instance_norm(x, scale, bias, None, None, True, 0, epsilon, False)


@onnx("GroupNormalization", since=18)
def group_normalisation_by_group(x, scale, bias, num_groups, epsilon=1e-5):
    """Versions 18 to 20 scale each group by one number."""
    each = x.dims[1] // num_groups
    scale, bias = (v.unsqueeze(1).expand(num_groups, each).reshape(x.dims[1]) for v in (scale, bias))
    return aten.group_norm(x, num_groups, scale, bias, epsilon)


@onnx("GroupNormalization", since=21)
def group_normalisation(x, scale, bias, num_groups, epsilon=1e-5, stash_type="float32"):
    return aten.group_norm(x, num_groups, scale, bias, epsilon)


@onnx("MeanVarianceNormalization")
def mean_variance_normalisation(x, axes=(0, 2, 3)):
    mean = x.mean(list(axes), keepdim=True)
    centred = x - mean
    return centred / (sqrt((centred * centred).mean(list(axes), keepdim=True)) + 1e-9)


@onnx("LpNormalization")
def lp_normalisation(x, axis=-1, p=2):
    """Zeros stay zeros."""
    norm = absolute(x).sum(axis, keepdim=True) if p == 1 else sqrt((x * x).sum(axis, keepdim=True))
    return where(equal(norm, 0), 0, x / norm)


@onnx("LRN")
def local_response_normalisation(x, size, alpha=0.0001, beta=0.75, bias=1.0):
    """Divided by a power of the sum of squares over neighbouring channels (Krizhevsky et al. 2012)."""
    lead = [0, (size - 1) // 2, *[0] * (x.rank - 2)]
    behind = [0, size // 2, *[0] * (x.rank - 2)]
    order = [0, *range(2, x.rank), 1]
    squares = (x * x).pad(lead, behind).permute(order)
    total = windows(squares, x.rank - 1, [size], [1], [1], [x.dims[1]]).sum(-1)
    back = [0, x.rank - 1, *range(1, x.rank - 1)]
    return x / power(total.permute(back) * (alpha / size) + bias, beta)
