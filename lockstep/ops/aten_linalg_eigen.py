"""Eigenvalues and eigenvectors of general real matrices: complex numbers, as pairs of reals."""
from __future__ import annotations

from .common import refuse
from .complex import Complex, aten_complex, is_complex
from .linalg import each_matrix


@aten_complex("linalg_eig.default")
def linalg_eig(x):
    """In the order in which the matrix's Schur form has them; vectors are free in sign (in phase, where complex)."""
    if is_complex(x):
        refuse("eigenvalues of complex matrices are not supported")
    n = x.dims[-1]
    types = [(x.dtype, (n,))] * 2 + [(x.dtype, (n, n))] * 2
    real, imag, vectors_real, vectors_imag = each_matrix("general_eigen", [x], types, x.dims[:-2], n=n)
    return Complex(real, imag), Complex(vectors_real, vectors_imag)


@aten_complex("linalg_eigvals.default", "_linalg_eigvals.default")
def linalg_eigvals(x):
    if is_complex(x):
        refuse("eigenvalues of complex matrices are not supported")
    n = x.dims[-1]
    return Complex(*each_matrix("general_eigenvalues", [x], [(x.dtype, (n,))] * 2, x.dims[:-2], n=n))
