"""Rounding to whole numbers or decimals, steps, and the replacement of what is no number."""
from __future__ import annotations

import numpy as np

from ..graph import functions as f
from . import aten
from .common import is_float, promote


def _of_reals_alone(function):
    """Whole numbers are whole already."""
    def apply(x):
        return function(x) if is_float(x.dtype) else x
    return apply


for _names, _function in {("floor",): f.floor, ("ceil",): f.ceil, ("trunc", "fix"): f.trunc,
                          ("round",): f.round_even}.items():
    aten(*(f"{name}.default" for name in _names))(_of_reals_alone(_function))


@aten("round.decimals")
def round_decimals(x, *, decimals):
    """Scaled, rounded to the nearest whole number (ties to even), scaled back: 2.675 may go either way."""
    if decimals == 0 or not is_float(x.dtype):
        return _of_reals_alone(f.round_even)(x)
    scale = 10.0 ** abs(decimals)
    return f.round_even(x * scale) / scale if decimals > 0 else f.round_even(x / scale) * scale


@aten("frac.default")
def frac(x):
    return x - f.trunc(x)


@aten("heaviside.default")
def heaviside(x, values):
    """0 below zero (and of NaN), 1 above, `values` at zero."""
    x, values = promote(x, values)
    return f.where(f.equal(x, 0), values, (x > 0).cast(x.dtype))


_LARGEST = {"bfloat16": (2 - 2.0 ** -7) * 2.0 ** 127}


@aten("nan_to_num.default")
def nan_to_num(x, nan=None, posinf=None, neginf=None):
    if not is_float(x.dtype):
        return x
    largest = _LARGEST.get(x.dtype) or float(np.finfo(x.dtype).max)
    for unwanted, new in ((f.isnan(x), 0 if nan is None else nan),
                          (f.equal(x, float("inf")), largest if posinf is None else posinf),
                          (f.equal(x, float("-inf")), -largest if neginf is None else neginf)):
        x = f.where(unwanted, new, x)
    return x
