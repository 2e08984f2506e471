"""Fourier transforms along the middle dim of [outer, n, inner], real and imaginary parts apart, unscaled.

The rounding of a fast transform of length n is, in the root mean square over a row, about u sqrt(log2 n) of the row's
length (Schatzman, SIAM Journal on Scientific Computing 17, 1996; Higham 2002, section 24.1). It spreads evenly over the
results except where one of them holds most of the row: that one, and those that a stage pairs it with, are off by a
fraction of u of its size. Deviations of the inputs reach each result as the root of the sum of their squares.
"""
from __future__ import annotations

import math

import numpy as np

from .. import dims as d
from ..world import as_complex, spacing
from .kernels import KERNELS, Kernel

HEADER = "fft.hpp"
RADICES = (2, 3, 5, 7, 11, 13)        # as in fft.hpp, like the numbers of rows and elements
MOST_ROWS, ROW_ELEMENTS = 16, 65536
STAGES, CHIRP = 0.8, 1.3              # measured: u sqrt(log2 n) of stages is .5 to .75, of a chirp 0.9 to 1.2


def fft(real, imag, outer, n, inner, inverse):
    x = as_complex(np.stack([real, imag], -1))
    y = np.fft.ifft(x, axis=1, norm="forward") if inverse else np.fft.fft(x, axis=1)
    return y.real, y.imag


def fft_of_real(x, outer, n, inner):
    y = np.fft.rfft(x, axis=1)
    return y.real, y.imag


def fft_to_real(real, imag, outer, n, inner):
    return np.fft.irfft(as_complex(np.stack([real, imag], -1)), n, axis=1, norm="forward")


def has_stages(n: int) -> bool:
    for radix in RADICES:
        while n % radix == 0:
            n //= radix
    return n == 1


def scratch(node) -> d.Dim:
    """What the Transform of fft.hpp takes; for a length that varies, more than it can take."""
    n = node.attrs["n"]
    if not d.is_static(n):
        return 34 * n + 4 * ROW_ELEMENTS
    length = n if has_stages(n) else 1 << (2 * n - 2).bit_length()
    rows = max(1, min(MOST_ROWS, ROW_ELEMENTS // length))
    return length * (2 + 4 * rows) + (0 if length == n else 2 * n + 2 * length)


def deviation(node, inputs, sigmas, outputs, world):
    """The same for every result of a row, as the head of this file says."""
    n = int(d.evaluate(node.attrs["n"], world.symbols))
    dtype = node.types[0].dtype
    unit = (CHIRP if not has_stages(n) else STAGES) * math.sqrt(math.log2(max(n, 2))) / 2        # u is half an ULP
    with np.errstate(all="ignore"):
        squares = sum(np.square(np.asarray(out, np.float64)) for out in outputs)
        sizes = np.sqrt(squares)
        typical = np.sqrt(np.mean(squares, axis=1, keepdims=True))
        largest = np.max(sizes, axis=1, keepdims=True, initial=0.0)
        own = np.hypot(unit * spacing(typical, dtype), spacing(largest, dtype) / 4)
        count = 2 if node.attrs["name"] == "fft_to_real" else 1             # all but one or two stand for their mirror, too
        spread = np.sqrt(np.sum(np.square(np.maximum.reduce(list(sigmas))), axis=1, keepdims=True)) * count
        total = np.hypot(np.fmax(own, np.finfo(np.float64).smallest_subnormal), spread)       # a zero may have either sign
    return tuple(np.broadcast_to(total, np.shape(out)) for out in outputs)


def of_typical(x: np.ndarray) -> np.ndarray:
    """The root mean square of a row."""
    return np.sqrt(np.mean(np.square(np.asarray(x, np.float64)), axis=1, keepdims=True))


KERNELS.update({function.__name__: Kernel(function, HEADER, growth=1.0, scale=of_typical, error=deviation, scratch=scratch)
                for function in (fft, fft_of_real, fft_to_real)})
