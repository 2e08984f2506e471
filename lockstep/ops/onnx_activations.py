"""ONNX activations: functions of one element each."""
from __future__ import annotations

from ..graph.functions import absolute, maximum, minimum, sigmoid, where
from . import onnx
from . import aten_activations as aten


for _name, _function in {"Relu": aten.relu, "LeakyRelu": lambda x, alpha=0.01: aten.leaky_relu(x, alpha),
                         "Elu": lambda x, alpha=1.0: aten.elu(x, alpha),
                         "Celu": lambda x, alpha=1.0: aten.celu(x, alpha), "Gelu": aten.gelu,
                         "HardSwish": aten.hardswish, "Mish": aten.mish, "Softplus": aten.softplus,
                         "ThresholdedRelu": lambda x, alpha=1.0: aten.threshold(x, alpha, 0)}.items():
    onnx(_name)(_function)


@onnx("Selu")
def selu(x, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875):
    return aten.elu(x, alpha, gamma)


@onnx("PRelu")
def prelu(x, slope):
    """The slope broadcasts to x, aligned at the last dim."""
    return aten.prelu(x, slope.reshape([1] * (x.rank - slope.rank) + list(slope.dims)))


@onnx("HardSigmoid")
def hard_sigmoid(x, alpha=0.2, beta=0.5):
    return maximum(minimum(x * alpha + beta, 1), 0)


@onnx("Softsign")
def softsign(x):
    return x / (1 + absolute(x))


@onnx("Shrink")
def shrink(x, bias=0.0, lambd=0.5):
    return where(x < -lambd, x + bias, where(x > lambd, x - bias, 0 * x))


@onnx("Swish")
def swish(x, alpha=1.0):
    return x * sigmoid(x if alpha == 1 else x * alpha)
