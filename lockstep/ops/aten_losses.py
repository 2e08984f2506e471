"""Losses: how far predictions are from targets. `reduction` is 0 for none, 1 for the mean, 2 for the sum."""
from __future__ import annotations

from ..graph import functions as f
from ..graph.build import axes_for, gather, iota, scan
from ..graph.dims import product
from ..graph.world import HALVES
from . import aten
from .aten_activations import log_sigmoid
from .aten_mathematics import xlogy
from .common import Tensor, constant, is_float, promote, refuse


def reduced(loss, reduction):
    return (lambda: loss, loss.mean, loss.sum)[reduction]()


@aten("mse_loss.default")
def mse_loss(x, target, reduction=1):
    x, target = promote(x, target)
    gap = x - target
    return reduced(gap * gap, reduction)


@aten("l1_loss.default")
def l1_loss(x, target, reduction=1):
    x, target = promote(x, target)
    return reduced(f.absolute(x - target), reduction)


@aten("smooth_l1_loss.default")
def smooth_l1_loss(x, target, reduction=1, beta=1.0):
    if beta == 0:
        return l1_loss(x, target, reduction)
    x, target = promote(x, target)
    gap = f.absolute(x - target)
    return reduced(f.where(gap < beta, 0.5 * gap * gap / beta, gap - 0.5 * beta), reduction)


@aten("huber_loss.default")
def huber_loss(x, target, reduction=1, delta=1.0):
    if x.dtype != target.dtype:
        refuse("huber_loss of two dtypes: eager PyTorch and torch.export disagree; convert the target")
    gap = f.absolute(x - target)
    return reduced(f.where(gap <= delta, 0.5 * gap * gap, delta * (gap - 0.5 * delta)), reduction)


@aten("binary_cross_entropy.default")
def binary_cross_entropy(x, target, weight=None, reduction=1):
    """Each logarithm is bounded below by -100, so that a certain mistake costs much, not infinitely much."""
    loss = (target - 1) * f.maximum(f.log1p(-x), -100) - target * f.maximum(f.log(x), -100)
    return reduced(loss if weight is None else loss * weight, reduction)


@aten("binary_cross_entropy_with_logits.default")
def binary_cross_entropy_with_logits(x, target, weight=None, pos_weight=None, reduction=1):
    hit = log_sigmoid(x) if pos_weight is None else log_sigmoid(x) * ((pos_weight - 1) * target + 1)
    loss = (1 - target) * x - hit
    return reduced(loss if weight is None else loss * weight, reduction)


@aten("kl_div.default")
def kl_div(x, target, reduction=1, *, log_target=False):
    """A target of zero adds nothing, although its logarithm is infinite."""
    loss = f.exp(target) * (target - x) if log_target else xlogy(target, target) - target * x
    return reduced(loss, reduction)


@aten("soft_margin_loss.default")
def soft_margin_loss(x, target, reduction=1):
    return reduced(f.log1p(f.exp(-target * x)), reduction)


# ---- classes

def _picked(x, target, dim):
    """x at the target's class along dim, for every position of the target."""
    axes = axes_for(target.dims)
    return gather(x, [*axes[:dim], target, *axes[dim:]], target.dims)


def _class_weights(x, target, weight, ignore_index):
    """(where a target counts, the target with class 0 where it does not, the weight of each: 0 where not)."""
    used = f.not_equal(target, ignore_index)
    target = f.where(used, target, 0)
    chosen = constant(1, x.dtype) if weight is None else gather(weight, [target], target.dims)
    return used, target, f.where(used, chosen, 0)


@aten("nll_loss_forward.default", "nll_loss2d_forward.default")
def nll_loss_forward(x, target, weight, reduction, ignore_index):
    """Minus x at the target's class, weighted; the mean is divided by the weights' sum, the second result."""
    used, target, chosen = _class_weights(x, target, weight, ignore_index)
    picked = -_picked(x, target, min(x.rank - 1, 1))
    loss = f.where(used, picked if weight is None else picked * chosen, 0)
    if reduction == 0:
        return loss, constant(0, x.dtype)
    total, divisor = added_up(loss), added_up(chosen)
    return (total / divisor if reduction == 1 else total), divisor


def added_up(x: Tensor) -> Tensor:
    """The sum; 16-bit floats are rounded after each addition, as PyTorch's loop over samples keeps them."""
    count = product(x.dims)
    if x.dtype not in HALVES or count == 0:
        return x.sum()
    return scan("sum", x.reshape(-1), 0)[0].select(0, count - 1)


@aten("nll_loss.default", "nll_loss_nd.default", "nll_loss2d.default")
def nll_loss(x, target, weight=None, reduction=1, ignore_index=-100):
    return nll_loss_forward(x, target, weight, reduction, ignore_index)[0]


@aten("cross_entropy_loss.default")
def cross_entropy_loss(x, target, weight=None, reduction=1, ignore_index=-100, label_smoothing=0.0):
    """The negative log likelihood of softmax(x); smoothing moves some of the target to all classes alike."""
    dim = min(x.rank - 1, 1)
    shifted = x - x.max(dim, keepdim=True)               # the maximum off first: exp cannot overflow
    likelihood = shifted - f.log(f.exp(shifted).sum(dim, keepdim=True))
    weighted = likelihood if weight is None else likelihood * weight.reshape(-1, *[1] * (x.rank - 1 - dim))
    if is_float(target.dtype):
        target = target * (1 - label_smoothing) + label_smoothing / x.dims[dim] if label_smoothing else target
        loss = -(weighted * target).sum(dim)
        return reduced(loss, reduction)
    if not label_smoothing:
        return nll_loss(likelihood, target, weight, reduction, ignore_index)
    used, _, chosen = _class_weights(x, target, weight, ignore_index)
    smooth = f.where(used, -weighted.sum(dim), 0)
    smooth = smooth.sum() / chosen.sum() if reduction == 1 else reduced(smooth, reduction)
    hard = nll_loss(likelihood, target, weight, reduction, ignore_index)
    return hard * (1 - label_smoothing) + smooth * (label_smoothing / x.dims[dim])


@aten("multilabel_margin_loss_forward.default")
def multilabel_margin_loss_forward(x, target, reduction):
    """Every listed class should exceed every other by one. A row's list of classes ends at its first -1.

    PyTorch's own decomposition counts what follows the -1 as well; eager does not, nor does this.
    """
    if x.rank == 0 or target.rank == 0:
        loss, chosen = multilabel_margin_loss_forward(x.reshape(1), target.reshape(1), reduction)
        return loss.reshape(()), chosen.reshape(target.dims)
    classes = iota(x.dims[-1])
    listed = classes < f.where(target < 0, classes, x.dims[-1]).min(-1, keepdim=True)
    label = f.where(listed, target, 0)
    chosen = f.equal(f.where(listed, target, -1).unsqueeze(-1), classes).any(-2)
    score = gather(x, [*axes_for(x.dims)[:-1], label], x.dims)
    short = 1 - score.unsqueeze(-1) + x.unsqueeze(-2)
    counted = listed.unsqueeze(-1) & ~chosen.unsqueeze(-2) & (short > 0)              # NaN is not counted
    loss = f.where(counted, short, 0).sum((-1, -2)) / x.dims[-1]
    return reduced(loss, reduction), chosen.cast(x.dtype)


@aten("multilabel_margin_loss.default")
def multilabel_margin_loss(x, target, reduction=1):
    return multilabel_margin_loss_forward(x, target, reduction)[0]
