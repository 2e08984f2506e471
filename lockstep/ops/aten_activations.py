"""Activations: functions of one element each."""
from __future__ import annotations

from ..graph.functions import where
from . import aten


@aten("relu.default")
def relu(x):
    """The larger of x and zero; written as a choice so that NaN and minus zero stay what they are."""
    return where(x < 0, 0, x)


