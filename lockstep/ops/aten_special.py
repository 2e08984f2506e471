"""Special functions: the gamma family, and the tails of the normal distribution."""
from __future__ import annotations

import math

from ..graph import functions as f
from ..graph.world import HALVES
from . import aten
from .aten_mathematics import on_promoted, on_reals
from .common import constant, floating

aten("special_zeta.default", "special_zeta.other_scalar", "special_zeta.self_scalar")(on_promoted(f.zeta))
aten("igamma.default", "special_gammainc.default")(on_promoted(f.igamma))
aten("igammac.default", "special_gammaincc.default")(on_promoted(f.igammac))
aten("special_erfcx.default")(on_reals(f.erfcx))
aten("special_ndtri.default")(on_reals(f.ndtri))


@aten("polygamma.default", "special_polygamma.default")
def polygamma(n, x):
    """The n-th derivative of digamma: (-1)^(n+1) n! zeta(n + 1, x) (Abramowitz and Stegun 6.4.10). Of 16-bit floats
    each factor is rounded, and the logarithm of n! before it."""
    x = floating(x)
    if n == 0:
        return f.digamma(x)
    if n == 1:
        return trigamma(x.cast("float32")).rounded_to(x.dtype) if x.dtype in HALVES else trigamma(x)
    factorial = f.exp(f.lgamma(constant(n + 1, x.dtype)))
    return (factorial if n % 2 else -factorial) * f.zeta(n + 1, x)


def trigamma(x):
    """The asymptotic series up to B_6 after six steps of the recurrence, as PyTorch cuts it (good to 1e-9), and
    reflected left of 1/2 (Abramowitz and Stegun 6.4.6, 6.4.7, 6.4.12)."""
    reflected = x < 0.5
    y = f.where(reflected, 1 - x, x)
    total = sum((1 / ((y + k) * (y + k)) for k in range(1, 6)), 1 / (y * y))
    z = y + 6
    square = 1 / (z * z)
    total = total + (1 + 1 / (2 * z) + square * (1 / 6 - square * (1 / 30 - square * (1 / 42)))) / z
    sine = f.sin(x * math.pi)
    return f.where(reflected, math.pi ** 2 / (sine * sine) - total, total)


@aten("special_log_ndtr.default")
def log_ndtr(x):
    """log of the normal distribution function; in the left tail by erfcx, which does not vanish there."""
    x = floating(x)
    t = x * math.sqrt(0.5)
    tail = f.log(f.erfcx(f.absolute(t)) / 2) - t * t
    return f.where(x < -1, tail, f.log1p(-f.erfc(t) / 2))


@aten("mvlgamma.default", "special_multigammaln.default")
def multigammaln(x, p):
    """Logarithm of the multivariate gamma function of dimension p (DLMF 35.3.4)."""
    x = floating(x)
    return sum((f.lgamma(x - 0.5 * j) for j in range(p)), constant(p * (p - 1) / 4 * math.log(math.pi), x.dtype))
