"""Activations: functions of one element each."""
from __future__ import annotations

import math

from ..graph.functions import absolute, exp, expm1, log1p, maximum, minimum, sigmoid, sqrt, tanh, erf, where
from . import aten
from .aten_comparison import clamp
from .aten_random import uniform
from .common import constant, full, whole


@aten("relu.default")
def relu(x):
    """The larger of x and zero; written as a choice so that NaN and minus zero stay what they are."""
    return where(x < 0, 0, x)


@aten("hardtanh.default")
def hardtanh(x, min_val=-1, max_val=1):
    return clamp(x, whole(min_val, x.dtype), whole(max_val, x.dtype))


@aten("relu6.default")
def relu6(x):
    return clamp(x, 0, 6)


@aten("leaky_relu.default")
def leaky_relu(x, negative_slope=0.01):
    return where(x > 0, x, x * negative_slope)


@aten("rrelu.default")
def rrelu(x, lower=1 / 8, upper=1 / 3, training=False, generator=None):
    """A random slope for each negative element; in evaluation the middle of the range."""
    return where(x < 0, x * uniform(x, lower, upper), x) if training else leaky_relu(x, (lower + upper) / 2)


@aten("prelu.default", "_prelu_kernel.default")
def prelu(x, weight):
    """One slope for all, or one for each channel (dim 1); weight may also have x's rank already."""
    if weight.rank == 1 and x.rank > 1:
        weight = weight.reshape(-1, *[1] * (x.rank - 2))
    return where(x > 0, x, x * (weight.reshape(()) if x.rank == 0 else weight))


@aten("threshold.default")
def threshold(x, threshold, value):
    return where(x <= whole(threshold, x.dtype), whole(value, x.dtype), x)


@aten("elu.default")
def elu(x, alpha=1, scale=1, input_scale=1):
    """expm1, not exp less one: for small x nothing cancels."""
    negative = expm1(x if input_scale == 1 else x * input_scale)
    below = negative if alpha * scale == 1 else negative * (alpha * scale)
    return where(x <= 0, below, x if scale == 1 else x * scale)


@aten("celu.default")
def celu(x, alpha=1.0):
    return elu(x, alpha, 1, 1 / alpha)


@aten("selu.default")
def selu(x):
    """Klambauer et al. 2017: the fixed point of zero mean and unit variance."""
    return elu(x, 1.6732632423543772848170429916717, 1.0507009873554804934193349852946)


@aten("gelu.default")
def gelu(x, *, approximate="none"):
    """x times the normal distribution function of x, by erf or by Hendrycks and Gimpel's tanh."""
    if approximate == "none":
        return x * 0.5 * (1 + erf(x * sqrt(constant(0.5, x.dtype))))
    inner = sqrt(constant(2 / math.pi, x.dtype)) * (x + 0.044715 * (x * x * x))
    return x * 0.5 * (1 + tanh(inner))


@aten("silu.default")
def silu(x):
    return x / (1 + exp(-x))


@aten("mish.default")
def mish(x):
    """x tanh(log(1 + exp(x))), the logarithm written so that exp cannot overflow."""
    return x * tanh(maximum(x, 0) + log1p(exp(-absolute(x))))


@aten("hardsigmoid.default")
def hardsigmoid(x):
    return clamp(x + 3, 0, 6) / 6


@aten("hardswish.default")
def hardswish(x):
    return x * clamp(x + 3, 0, 6) / 6


@aten("softplus.default")
def softplus(x, beta=1, threshold=20):
    """log(1 + exp(beta x)) / beta; beyond the threshold x itself, before exp overflows."""
    scaled = x if beta == 1 else x * beta
    curve = log1p(exp(scaled))
    return where(scaled > threshold, x, curve if beta == 1 else curve / beta)


@aten("log_sigmoid.default")
def log_sigmoid(x):
    """exp of a number that is never positive cannot overflow."""
    return minimum(x, 0) - log1p(exp(-absolute(x)))


@aten("log_sigmoid_forward.default")
def log_sigmoid_forward(x):
    """The second result, a buffer for the backward pass, is empty."""
    return log_sigmoid(x), full((0,), 0, x.dtype)


@aten("softshrink.default")
def softshrink(x, lambd=0.5):
    """NaN stays NaN in the middle; of which sign the zero is there, PyTorch's own vectors and scalars do not agree."""
    return where(x > lambd, x - lambd, where(x < -lambd, x + lambd, maximum(x * 0, 0)))


@aten("hardshrink.default")
def hardshrink(x, lambd=0.5):
    return where((x >= -lambd) & (x <= lambd), 0, x)


@aten("glu.default")
def glu(x, dim=-1):
    """The first half of dim, gated by the sigmoid of the second."""
    half = x.dims[dim] // 2
    return x.slice(dim, 0, half) * sigmoid(x.slice(dim, half, x.dims[dim]))
