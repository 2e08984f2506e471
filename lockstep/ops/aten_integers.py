"""Number theory and the parts of a float: greatest common divisors, mantissas and exponents."""
from __future__ import annotations

import numpy as np

from ..graph import functions as f
from ..graph.build import broadcast, weight
from ..graph.control import loop, while_loop
from . import aten
from .common import constant, full, promote

# powers of two that bring any positive number of a dtype between one and two, denormal ones too
_POWERS = {"float32": (64, 64, 32, 16, 8, 4, 2, 1), "float64": (512, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1)}


@aten("gcd.default")
def gcd(a, b):
    """Euclid's algorithm until every remainder is zero; the divisor of zeros is zero."""
    a, b = (x if x.dtype.startswith("u") else f.absolute(x) for x in promote(a, b))
    shape = broadcast(a.dims, b.dims)

    def divide(_, carried):
        divisor, number = carried
        done = f.equal(divisor, 0)
        rest = f.where(done, 0, f.fmod(number, divisor))
        return f.not_equal(rest, 0).any(), [rest, f.where(done, number, divisor)], []
    return while_loop(constant(True, "bool"), [a.expand(shape), b.expand(shape)], divide)[1]


@aten("lcm.default")
def lcm(a, b):
    """|a / gcd * b|, which wraps around where the dtype cannot hold it."""
    a, b = promote(a, b)
    multiple = f.trunc_divide(a, gcd(a, b)) * b                        # divided by zero it is zero
    return multiple if a.dtype.startswith("u") else f.absolute(multiple)


@aten("frexp.Tensor")
def frexp(x):
    """mantissa * 2^exponent with the mantissa between 1/2 and 1; zero, infinities and NaN are their own mantissa.

    The exponent is found by halving and doubling, which is exact."""
    powers = np.array(_POWERS.get(x.dtype, _POWERS["float32"]))
    wide = x.dtype if x.dtype == "float64" else "float32"

    def scaled(carried, bounds, sign):
        """By a power of two a turn: down where the number is at least the bound, or (sign -1) up where it is below."""
        name = f"frexp_{'down' if sign > 0 else 'up'}_{wide}"
        rows = weight(name, np.stack([bounds, 2.0 ** (-sign * powers), sign * powers], 1).astype(wide))

        def turn(_, carried, slices):
            size, exponent = carried
            bound, factor, power = (slices[0].select(0, k) for k in range(3))
            moves = size >= bound.cast(x.dtype) if sign > 0 else size < bound.cast(x.dtype)
            return [f.where(moves, size * factor.cast(x.dtype), size),
                    f.where(moves, exponent + power.cast("int32"), exponent)], []
        return loop(len(powers), carried, [rows], turn)
    carried = scaled([f.absolute(x), full(x.dims, 0, "int32")], 2.0 ** powers, 1)
    size, exponent = scaled(carried, 2.0 ** (1 - powers), -1)
    ordinary = f.isfinite(x) & f.not_equal(x, 0)
    return f.where(ordinary, f.copysign(size / 2, x), x), f.where(ordinary, exponent + 1, 0)
