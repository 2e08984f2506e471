"""ONNX losses over classes (dim 1)."""
from __future__ import annotations

from . import onnx
from .aten_losses import nll_loss
from .aten_normalisation import log_softmax

_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


@onnx("NegativeLogLikelihoodLoss")
def negative_log_likelihood(x, target, weight=None, ignore_index=-100, reduction="mean"):
    return nll_loss(x, target, weight, _REDUCTIONS[reduction], ignore_index)


@onnx("SoftmaxCrossEntropyLoss")
def softmax_cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """The loss, and the logarithms of the classes' probabilities."""
    likelihood = log_softmax(x, 1)
    return negative_log_likelihood(likelihood, target, weight, ignore_index, reduction), likelihood
