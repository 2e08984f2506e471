"""Normalisations: softmax and its kin, and the norms that take off a mean and divide by a deviation."""
from __future__ import annotations

from typing import Sequence

from ..graph.functions import exp, log, rsqrt
from ..graph.world import HALVES
from . import aten
from .aten_reductions import variance_and_mean
from .common import Tensor, floating, refuse, zeros

_EPSILON = {"float16": 2.0 ** -10, "bfloat16": 2.0 ** -7, "float32": 2.0 ** -23, "float64": 2.0 ** -52}


# ---- softmax: `dtype` is None, the dtype to compute in, or (half_to_float) False

def less_maximum(x: Tensor, dim: int, dtype) -> Tensor:
    """The maximum along dim off first: exp cannot overflow."""
    x = x.cast(dtype) if isinstance(dtype, str) else floating(x)
    return x - x.max(dim, keepdim=True)


def shares(e: Tensor, total: Tensor) -> Tensor:
    """e / total for a total of 1 at least: by one division a row, except in 16 bits, where that would round twice."""
    return e / total if e.dtype in HALVES else e * (1 / total)


@aten("softmax.int", "_softmax.default")
def softmax(x, dim, dtype=None):
    e = exp(less_maximum(x, dim, dtype))
    return shares(e, e.sum(dim, keepdim=True))


@aten("log_softmax.int", "_log_softmax.default")
def log_softmax(x, dim, dtype=None):
    x = less_maximum(x, dim, dtype)
    return x - log(exp(x).sum(dim, keepdim=True))


@aten("_softmax_backward_data.default")
def softmax_backward(gradient, y, dim, dtype):
    """What softmax passes on of the gradient of its result y."""
    return ((gradient - (gradient * y).sum(dim, keepdim=True)) * y).cast(dtype)


# ---- norms over dims of each sample

def statistics(x: Tensor, dims: Sequence[int], eps: float) -> tuple[Tensor, Tensor]:
    """The mean over dims and 1 / sqrt(variance + eps), dims kept."""
    mean = x.mean(dims, keepdim=True)
    centred = x - mean              # the variance in two passes: mean of squares less square of mean cancels
    return mean, rsqrt((centred * centred).mean(dims, keepdim=True) + eps)


def affine(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def per_channel(x: Tensor, *vectors: Tensor | None) -> list[Tensor | None]:
    """Vectors with one number a channel, shaped to meet dim 1 of x."""
    return [v if v is None else v.reshape(-1, *[1] * (x.rank - 2)) for v in vectors]


def channelwise(x: Tensor, mean: Tensor, scale: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """(x - mean) * scale * weight + bias as PyTorch computes it: x times a factor plus a shift.

    That loses digits where the mean exceeds the deviation by far, and a bound must grant it to be fair.
    """
    factor = affine(scale, weight, None)
    return x * factor + affine(-mean * factor, None, bias)


@aten("layer_norm.default")
def layer_norm(x, shape, weight=None, bias=None, eps=1e-5, cudnn_enable=True):
    return native_layer_norm(x, shape, weight, bias, eps)[0]


@aten("native_layer_norm.default")
def native_layer_norm(x, shape, weight, bias, eps):
    if x.dtype in HALVES:
        return layer_norm_of_halves(x, shape, weight, bias, eps)
    mean, scale = statistics(x, range(-len(shape), 0), eps)
    y = affine((x - mean) * scale, weight, bias)
    return (y if weight is None or bias is not None else y + 0.0), mean, scale     # no bias is a bias of 0: -0 + 0 is 0


def layer_norm_of_halves(x: Tensor, shape, weight, bias, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """In float32, rounded once. Here PyTorch scales before it takes the mean off: a row of equals is not quite 0."""
    kept = x.dtype if weight is None else weight.dtype
    x, weight, bias, dtype = *(v if v is None else v.cast("float32") for v in (x, weight, bias)), x.dtype
    mean, scale = statistics(x, range(-len(shape), 0), eps)
    y = affine(x * scale + -mean * scale, weight, bias) + 0.0
    return y.rounded_to(dtype), *(v if kept == "float32" else v.rounded_to(kept) for v in (mean, scale))


@aten("group_norm.default")
def group_norm(x, groups, weight=None, bias=None, eps=1e-5, cudnn_enabled=True):
    return native_group_norm(x, weight, bias, *x.dims[:2], None, groups, eps)[0]


@aten("native_group_norm.default")
def native_group_norm(x, weight, bias, batch, channels, pixels, groups, eps):
    grouped = x.reshape(batch, groups, channels // groups, *x.dims[2:])
    mean, scale = statistics(grouped, range(2, grouped.rank), eps)
    weight, bias = (v if v is None else v.reshape(*grouped.dims[1:3], *[1] * (x.rank - 2))
                    for v in (weight, bias))
    y = channelwise(grouped, mean, scale, weight, bias)
    return y.reshape(x.dims), mean.reshape(batch, groups), scale.reshape(batch, groups)


@aten("instance_norm.default")
def instance_norm(x, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled):
    if not use_input_stats:
        return by_known_statistics(x, weight, bias, running_mean, running_var, eps)
    if running_mean is not None:
        refuse("instance_norm in training updates its running statistics; call .eval() first")
    return channelwise(x, *statistics(x, range(2, x.rank), eps), *per_channel(x, weight, bias))


@aten("_fused_rms_norm.default")
def fused_rms_norm(x, shape, weight, eps):
    """x / sqrt(mean of squares + eps) over the last dims, and 1 / root; eps None is the machine epsilon."""
    eps = _EPSILON[x.dtype] if eps is None else eps
    scale = rsqrt((x * x).mean(range(-len(shape), 0), keepdim=True) + eps)
    return affine(x * scale, weight, None), scale


@aten("rms_norm.default")
def rms_norm(x, shape, weight=None, eps=None):
    return fused_rms_norm(x, shape, weight, eps)[0]


# ---- batch normalisation: channels are dim 1

def by_known_statistics(x: Tensor, weight, bias, mean: Tensor, variance: Tensor, eps: float) -> Tensor:
    weight, bias, mean, variance = per_channel(x, weight, bias, mean, variance)
    return channelwise(x, mean, rsqrt(variance + eps), weight, bias)


def by_batch(x: Tensor, weight, bias, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Normalised by the batch's statistics; the mean and 1 / sqrt(variance + eps), one number a channel."""
    mean, scale = statistics(x, [k for k in range(x.rank) if k != 1], eps)
    return (channelwise(x, mean, scale, *per_channel(x, weight, bias)), mean.reshape(x.dims[1]),
            scale.reshape(x.dims[1]))


@aten("batch_norm.default")
def batch_norm(x, weight, bias, mean, variance, training, momentum, eps, cudnn_enabled):
    return native_batch_norm(x, weight, bias, mean, variance, training, momentum, eps)[0]


@aten("native_batch_norm.default")
def native_batch_norm(x, weight, bias, mean, variance, training, momentum, eps):
    """Outside training the second and third result are empty."""
    if not training:
        return no_training(x, weight, bias, mean, variance, momentum, eps)
    if mean is not None:
        refuse("batch_norm in training updates its running statistics; call .eval() first")
    return by_batch(x, weight, bias, eps)


@aten("_native_batch_norm_legit_no_training.default")
def no_training(x, weight, bias, mean, variance, momentum, eps):
    return by_known_statistics(x, weight, bias, mean, variance, eps), zeros([0], x.dtype), zeros([0], x.dtype)


@aten("_batch_norm_no_update.default")
def no_update(x, weight, bias, mean, variance, momentum, eps):
    """The fourth result is what cuDNN would reserve: nothing."""
    return *no_training(x, weight, bias, mean, variance, momentum, eps), zeros([0], "uint8")


@aten("_native_batch_norm_legit_functional.default")
def functional(x, weight, bias, mean, variance, training, momentum, eps):
    """The last two results are what becomes of the running statistics."""
    if not training:
        return *no_training(x, weight, bias, mean, variance, momentum, eps), mean, variance
    return *by_batch(x, weight, bias, eps), *moved(x, mean, variance, momentum)


@aten("_batch_norm_with_update_functional.default")
def with_update(x, weight, bias, mean, variance, momentum, eps):
    """The fourth result is what cuDNN would reserve: nothing."""
    return *by_batch(x, weight, bias, eps), zeros([0], "uint8"), *moved(x, mean, variance, momentum)


def moved(x: Tensor, mean: Tensor, variance: Tensor, momentum: float) -> tuple[Tensor, Tensor]:
    """Running statistics, each moved by `momentum` towards the batch's; that variance is divided by the count less
    one. In float32 where they are 16-bit floats: what keeps them rounds."""
    x, mean, variance = (v.cast("float32") if v.dtype in HALVES else v for v in (x, mean, variance))
    batch = variance_and_mean(x, [k for k in range(x.rank) if k != 1], 1, False)
    return tuple(new.cast(old.dtype) * momentum + old * (1 - momentum) for new, old in zip(batch[::-1], (mean, variance)))


@aten("_native_batch_norm_legit.no_stats")
def no_statistics(x, weight, bias, training, momentum, eps):
    return by_batch(x, weight, bias, eps)
