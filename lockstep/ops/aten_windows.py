"""Window functions: weights that fall off towards both ends of a signal.

A periodic window of n elements is a symmetric one of n + 1 without its last element; one of a single element is 1.
"""
from __future__ import annotations

import math
from typing import Callable

from ..graph import functions as f
from ..graph.build import fixed, full, iota
from . import aten
from .aten_bessel import modified_i0
from .common import Tensor, constant, refuse


def window(*names: str) -> Callable:
    """Registers a window given as a function of places 0 .. 1 along it and of its own parameters."""
    def register(shape: Callable) -> Callable:
        @aten(*names)
        def _(window_length, periodic=True, *parameters, dtype=None, **layout) -> Tensor:
            length, dtype = fixed(window_length, "the length of a window"), dtype or "float32"
            if dtype in ("float16", "bfloat16"):
                refuse(f"a window in {dtype}: make it in float32 and convert it with .to()")
            if length < 2:
                return full((length,), 1, dtype)
            return shape(iota(length).cast(dtype) / (length if periodic else length - 1), *parameters)
        return shape
    return register


@window("bartlett_window.default", "bartlett_window.periodic")
def bartlett(place):
    return 1 - f.absolute(place * 2 - 1)


@window("hann_window.default", "hann_window.periodic")
def hann(place):
    return hamming(place, 0.5, 0.5)


@window("hamming_window.default", "hamming_window.periodic", "hamming_window.periodic_alpha",
        "hamming_window.periodic_alpha_beta")
def hamming(place, alpha=0.54, beta=0.46):
    return alpha - f.cos(place * (2 * math.pi)) * beta


@window("blackman_window.default", "blackman_window.periodic")
def blackman(place):
    return hamming(place, 0.42, 0.5) + f.cos(place * (4 * math.pi)) * 0.08


@window("kaiser_window.default", "kaiser_window.periodic", "kaiser_window.beta")
def kaiser(place, beta=12.0):
    """I0(beta sqrt(1 - t^2)) / I0(beta), t from -1 to 1."""
    t = place * 2 - 1
    width = f.sqrt(f.maximum(1 - t * t, 0))
    return modified_i0(width * beta) / modified_i0(constant(beta, place.dtype))
