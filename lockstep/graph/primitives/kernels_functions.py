"""Functions of matrices that are no loop nest: the exponential."""
from __future__ import annotations

import numpy as np

from .kernels import KERNELS, Kernel

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


KERNELS.update(matrix_exponential=Kernel(matrix_exponential, "linalg_exponential.hpp", growth=8.0,
                                         scratch=lambda node: 2 * node.inputs[0].dims[-1] * node.inputs[0].dims[-1]))
