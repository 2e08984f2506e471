"""Orthogonal polynomials of a degree that is data: Chebyshev's, Hermite's, Laguerre's and Legendre's.

A shifted one is the plain one at 2x - 1, for x from 0 to 1.
"""
from __future__ import annotations

from ..graph.build import apply
from . import aten
from .common import Tensor, constant, promote


def _operands(x, n) -> list:
    """Argument and degree in their common dtype, at least float32; numbers as that dtype's constants."""
    both = promote(x, n, floating=True)
    dtype = next(v.dtype for v in both if isinstance(v, Tensor))
    return [v if isinstance(v, Tensor) else constant(v, dtype) for v in both]


def _plain(name: str):
    return lambda x, n: apply(name, *_operands(x, n))


def _shifted(name: str):
    def polynomial(x, n):
        x, n = _operands(x, n)
        return apply(name, x + x - 1, n)
    return polynomial


for _scalar, _name in {"chebyshev_t": "chebyshev_polynomial_t", "chebyshev_u": "chebyshev_polynomial_u",
                       "chebyshev_v": "chebyshev_polynomial_v", "chebyshev_w": "chebyshev_polynomial_w",
                       "hermite_h": "hermite_polynomial_h", "hermite_he": "hermite_polynomial_he",
                       "laguerre_l": "laguerre_polynomial_l", "legendre_p": "legendre_polynomial_p"}.items():
    _overloads = ("default", "x_scalar", "n_scalar")
    aten(*(f"special_{_name}.{overload}" for overload in _overloads))(_plain(_scalar))
    if _scalar.startswith("chebyshev"):
        aten(*(f"special_shifted_{_name}.{overload}" for overload in _overloads))(_shifted(_scalar))
