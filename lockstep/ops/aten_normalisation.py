"""Normalisations: softmax and its kin, and the norms that take off a mean and divide by a deviation."""
from __future__ import annotations

from ..graph.functions import exp
from . import aten
from .common import floating


@aten("softmax.int", "_softmax.default")
def softmax(x, dim, dtype=None, *_):
    x = x.cast(dtype) if isinstance(dtype, str) else floating(x)
    if x.rank == 0:
        return exp(x - x)
    e = exp(x - x.max(dim, keepdim=True))          # the maximum off first: exp cannot overflow
    return e / e.sum(dim, keepdim=True)
