"""Connectionist temporal classification: how likely a sequence of labels is, over every way to spread it in time.

By the forward variables of Graves et al. (ICML 2006): the labels with blanks around each are states; a path stays
in its state, goes on to the next, or steps over a blank between two different labels.
"""
from __future__ import annotations

import numpy as np

from ..graph.build import apply, axes_for, expand, fixed, full, gather, iota, scan, weight
from ..graph.control import loop, require
from ..graph.functions import equal, exp, floor_divide, log, maximum, not_equal, where
from . import aten
from .aten_losses import reduced
from .common import Tensor, refuse, zeros


@aten("ctc_loss.IntList", "ctc_loss.Tensor")
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction=1, zero_infinity=False):
    """log_probs [time, batch, classes] or [time, classes]; targets [batch, labels], or all samples' in one row."""
    batched = log_probs.rank == 3
    if not batched:
        log_probs, targets = log_probs.unsqueeze(1), targets.unsqueeze(0)
    longest = max(target_lengths, default=0) if isinstance(target_lengths, list) else targets.dims[-1]
    times = lengths_of(input_lengths, log_probs.dims[0], "input_lengths")
    counts = lengths_of(target_lengths, targets.dims[-1], "target_lengths")
    loss = -log_likelihood(log_probs, labels_of(targets, counts, longest, blank), times, counts)
    if zero_infinity:
        loss = where(equal(loss, float("inf")), 0, loss)
    if reduction == 1:
        loss = loss / maximum(counts, 1).cast(loss.dtype)
    return reduced(loss if batched or reduction else loss.squeeze(0), reduction)


def lengths_of(lengths: list | Tensor, most, name: str) -> Tensor:
    """One length a sample (int64), none longer than there is room for."""
    if isinstance(lengths, Tensor):
        lengths = lengths.cast("int64").reshape(-1)
        require((apply("less_equal", lengths, most) & (lengths >= 0)).all())
        return lengths
    if any(n < 0 or n > fixed(most, name) for n in lengths):
        refuse(f"Expected {name} to have value at most {most}, but got value {max(lengths)}")
    return weight("_".join(map(str, ["lengths", *lengths])), np.array(lengths, np.int64))


def labels_of(targets: Tensor, counts: Tensor, longest, blank: int) -> Tensor:
    """[batch, 2 * longest + 1]: the labels with a blank before, between and after them; blanks behind the last."""
    places = iota(2 * longest + 1)
    number = expand(floor_divide(places, 2), (counts.dims[0], *places.dims))
    there = (number < counts.unsqueeze(1)) & equal(places - floor_divide(places, 2) * 2, 1)
    if targets.rank == 1:
        before = scan("sum", counts, 0)[0] - counts
        index = [where(there, number + before.unsqueeze(1), 0)]
    else:
        index = [axes_for(number.dims)[0], where(there, number, 0)]
    if targets.dims[-1] == 0:
        return full(number.dims, blank, "int64")
    return where(there, gather(targets.cast("int64"), index, number.dims), blank)


def log_likelihood(log_probs: Tensor, labels: Tensor, times: Tensor, counts: Tensor) -> Tensor:
    """[batch]. Before the first moment a path is before its first state, which is as likely as can be."""
    dims, states = labels.dims, labels.dims[1]
    apart = not_equal(labels, before(labels, 2, -1)) & (iota(states) >= 2)
    start = where(equal(iota(states), 0), zeros((), log_probs.dtype), float("-inf"))

    def turn(step, carried, slices):
        (paths,), (now,) = carried, slices
        stepped, skipped = (before(paths, steps, float("-inf")) for steps in (1, 2))
        ways = log_sum_exp(paths, stepped, where(apart, skipped, float("-inf")))
        likely = gather(now, [axes_for(dims)[0], labels], dims)
        return [where(step < times.unsqueeze(1), ways + likely, paths)], []
    paths, = loop(log_probs.dims[0], [expand(start, dims)], [log_probs], turn)
    last = gather(paths, [axes_for(counts.dims)[0], 2 * counts], counts.dims)
    earlier = gather(paths, [axes_for(counts.dims)[0], maximum(2 * counts - 1, 0)], counts.dims)
    return log_sum_exp(last, where(equal(counts, 0), float("-inf"), earlier))


def before(x: Tensor, steps: int, fill) -> Tensor:
    """What is `steps` states earlier."""
    return x.pad([0, steps], [0, -steps], fill)


def log_sum_exp(*terms: Tensor) -> Tensor:
    """The maximum off first: exp cannot overflow; not where every term is zero's logarithm."""
    largest = terms[0]
    for term in terms[1:]:
        largest = maximum(largest, term)
    largest = where(equal(largest, float("-inf")), 0, largest)
    total = exp(terms[0] - largest)
    for term in terms[1:]:
        total = total + exp(term - largest)
    return log(total) + largest
