"""The primitives: for each, its value (NumPy) and its error (standard deviations), side by side.

value(node, inputs, world) -> arrays: what the primitive computes.
error(node, inputs, sigmas, outputs, world) -> arrays: the standard deviation of each output element, from those of the
inputs and from the operation's own rounding; NaN marks an element that is too close to call.
"""
from __future__ import annotations

from typing import Callable

VALUE: dict[str, Callable] = {}
ERROR: dict[str, Callable] = {}
REACH = 8.0        # standard deviations within which a comparison counts as too close to call


def value(op: str) -> Callable:
    def register(function: Callable) -> Callable:
        VALUE[op] = function
        return function
    return register


def error(op: str) -> Callable:
    def register(function: Callable) -> Callable:
        ERROR[op] = function
        return function
    return register


from . import (control, indexed, kernels, kernels_factors, kernels_fft, kernels_functions,  # noqa: E402,F401
               kernels_rotations, movement, order, pointwise, products, random, reductions, sources)
