"""The exponential of a matrix, and the eigenvalues of general ones. Arrays are [batch, rows, columns]."""
from __future__ import annotations

import numpy as np

from .kernels import KERNELS, FailedGuard, Kernel, of_basis, of_elements

TERMS = 26        # of the Taylor series of a matrix whose norm is below one: enough for long double


def matrix_exponential(a, **sizes):
    """Scaled by a power of two, summed by Taylor's series, squared as often (Golub & Van Loan 2013, section 9.3.1)."""
    norm = np.max(np.sum(np.abs(a), axis=1, initial=0), axis=-1, initial=0)
    halvings = np.where(np.isfinite(norm), np.maximum(np.frexp(norm)[1], 0), 0)
    scaled = np.ldexp(a, -halvings[:, None, None])
    one = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    result = one
    for k in range(TERMS, 0, -1):
        result = one + scaled @ result / a.dtype.type(k)
    for step in range(int(halvings.max(initial=0))):
        result = np.where((step < halvings)[:, None, None], result @ result, result)
    return result


def general_eigen(a, **sizes):
    """Eigenvalues and eigenvectors of length one, as real and imaginary parts, by LAPACK in float64 at most: what it is off
    is part of the bound."""
    if not np.isfinite(a).all():
        raise FailedGuard("a matrix with NaN or infinities has no eigenvalues")
    values, vectors = np.linalg.eig(a.astype(np.float64))
    return values.real, values.imag, vectors.real, vectors.imag


def general_eigenvalues(a, **sizes):
    return general_eigen(a)[:2]


def _squares(count, rows):
    """count n n + rows n elements."""
    return lambda node: (count * node.inputs[0].dims[-1] + rows) * node.inputs[0].dims[-1]


KERNELS.update(
    matrix_exponential=Kernel(matrix_exponential, "linalg_exponential.hpp", 8.0, scratch=_squares(2, 0)),
    general_eigen=Kernel(general_eigen, "linalg_general_eigen.hpp", 8.0, scratch=_squares(2, 4),
                         free={0: of_elements, 1: of_elements, 2: of_basis, 3: of_basis}),
    general_eigenvalues=Kernel(general_eigenvalues, "linalg_general_eigen.hpp", 8.0, scratch=_squares(1, 1),
                               free={0: of_elements, 1: of_elements}))
