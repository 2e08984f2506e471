"""Linear algebra of complex matrices by that of real ones twice as large.

Every number a + ib becomes the block [[a, -b], [b, a]], which keeps sums and products. Inverses, solutions,
exponentials and pseudo-inverses are then the embedded ones; every singular value, and every eigenvalue of a
Hermitian matrix, comes twice.
"""
from __future__ import annotations

from ..graph.build import Tensor, concat, constant
from ..graph.functions import floor_divide, where
from . import aten_linalg_factors as factors
from . import aten_linalg_orthogonal as orthogonal
from .aten_patches import tril, triu
from .common import full
from .complex import Complex, aten_complex, parts
from .linalg import identity, is_vector, transposed


def stacked(a: Tensor, b: Tensor, dim: int) -> Tensor:
    return concat([a.unsqueeze(dim), b.unsqueeze(dim)], dim)


def embedded(x: Complex) -> Tensor:
    """[..., 2 rows, 2 columns]"""
    rows, columns = x.dims[-2:]
    left, right = stacked(x.real, x.imag, x.rank - 1), stacked(-x.imag, x.real, x.rank - 1)
    return stacked(left, right, x.rank + 1).reshape(*x.dims[:-2], 2 * rows, 2 * columns)


def rows_of_parts(x: Complex) -> Tensor:
    """[..., 2 rows, columns]: what an embedded matrix is multiplied with."""
    return stacked(x.real, x.imag, x.rank - 1).reshape(*x.dims[:-2], 2 * x.dims[-2], x.dims[-1])


def from_rows(x: Tensor) -> Complex:
    """The inverse of `rows_of_parts`."""
    pairs = x.reshape(*x.dims[:-2], x.dims[-2] // 2, 2, x.dims[-1])
    return Complex(pairs.select(-2, 0), pairs.select(-2, 1))


def every_second(x: Tensor) -> Tensor:
    return x.slice(-1, 0, x.dims[-1], 2)


def from_embedded(x: Tensor) -> Complex:
    return from_rows(every_second(x))


turned = parts(transposed)


def adjoint(x: Complex) -> Complex:
    return turned(x).conj()


# ---- systems

def solve(a: Complex, b: Complex, left: bool, check: bool) -> tuple[Complex, Tensor]:
    """The solution, and the first pivot that is zero, counted from 1 (0: none is)."""
    if is_vector(a.real, b.real):
        x, info = solve(a, parts(lambda part: part.unsqueeze(-1))(b), True, check)
        return parts(lambda part: part.squeeze(-1))(x), info
    if not left:
        x, info = solve(turned(a), turned(b), True, check)
        return turned(x), info
    x, info = factors.solve(embedded(a), rows_of_parts(b), True, check)
    return from_rows(x), floor_divide(info + 1, 2)


@aten_complex("_linalg_solve_ex.default")
def _linalg_solve_ex(a, b, *, left=True, check_errors=False):
    x, info = solve(a, b, left, check_errors)
    return x, None, None, info


@aten_complex("linalg_solve_ex.default")
def linalg_solve_ex(a, b, *, left=True, check_errors=False):
    return solve(a, b, left, check_errors)


@aten_complex("linalg_solve.default")
def linalg_solve(a, b, *, left=True):
    return solve(a, b, left, True)[0]


@aten_complex("linalg_inv_ex.default")
def linalg_inv_ex(x, *, check_errors=False):
    one = identity(*x.dims[-2:], x.real)
    return solve(x, Complex(one, full(one.dims, 0, one.dtype)), True, check_errors)


@aten_complex("linalg_inv.default", "inverse.default")
def linalg_inv(x):
    return linalg_inv_ex(x, check_errors=True)[0]


@aten_complex("linalg_solve_triangular.default")
def linalg_solve_triangular(t, b, *, upper, left=True, unitriangular=False):
    """One triangle alone is read, of a unit one without its diagonal."""
    keep = triu if upper else tril
    read = parts(lambda part: keep(part, (1 if upper else -1) if unitriangular else 0))(t)
    if unitriangular:
        read = Complex(read.real + identity(*read.dims[-2:], read.real), read.imag)
    return solve(read, b, left, False)[0]


@aten_complex("triangular_solve.default")
def triangular_solve(b, t, upper=True, transpose=False, unitriangular=False):
    x = linalg_solve_triangular(turned(t), b, upper=not upper, unitriangular=unitriangular) if transpose else \
        linalg_solve_triangular(t, b, upper=upper, unitriangular=unitriangular)
    return x, t


@aten_complex("cholesky_solve.default")
def cholesky_solve(b, factor, upper=False):
    """L L* X = B, or U* U X = B."""
    lower = adjoint(factor) if upper else factor
    return linalg_solve_triangular(adjoint(lower), linalg_solve_triangular(lower, b, upper=False), upper=True)


@aten_complex("cholesky_inverse.default")
def cholesky_inverse(factor, upper=False):
    one = identity(*factor.dims[-2:], factor.real)
    return cholesky_solve(Complex(one, full(one.dims, 0, one.dtype)), factor, upper)


# ---- functions and values

@aten_complex("linalg_matrix_exp.default")
def linalg_matrix_exp(x):
    return from_embedded(orthogonal.linalg_matrix_exp(embedded(x)))


@aten_complex("linalg_svdvals.default")
def linalg_svdvals(x, *, driver=None):
    return every_second(orthogonal.linalg_svdvals(embedded(x)))


@aten_complex("_linalg_svd.default")
def _linalg_svd(x, full_matrices=False, compute_uv=True, *, driver=None):
    """Without the vectors."""
    nothing = None if compute_uv else none_of(x)
    return nothing, linalg_svdvals(x), nothing


def none_of(x: Complex) -> Complex:
    empty = full((0,), 0, x.real.dtype)
    return Complex(empty, empty)


def completed(x: Complex, lower: bool) -> Complex:
    """The matrix of which one triangle is given; what the diagonal has of imaginary parts is not read."""
    x = x if lower else adjoint(x)
    below, real = parts(lambda part: tril(part, -1))(x), tril(x.real)
    return Complex(real + transposed(below.real), below.imag - transposed(below.imag))


@aten_complex("_linalg_eigh.default")
def _linalg_eigh(x, UPLO="L", compute_v=True):
    """Without the vectors."""
    values = orthogonal._linalg_eigh(embedded(completed(x, UPLO.upper() == "L")), "L", False)[0]
    return every_second(values), None if compute_v else none_of(x)


@aten_complex("linalg_pinv.atol_rtol_tensor")
def linalg_pinv(x, *, atol=None, rtol=None, hermitian=False):
    """By default what is below epsilon times the larger extent counts as zero: the extent before embedding."""
    dtype, rows = x.real.dtype, max(x.dims[-2:])
    if rtol is None:
        default = constant(orthogonal._EPSILON[dtype] * rows, dtype)
        rtol = default if atol is None else where(atol.cast(dtype) > 0, 0, default)
    read = completed(x, lower=True) if hermitian else x
    return from_embedded(orthogonal.linalg_pinv(embedded(read), atol=atol, rtol=rtol, hermitian=hermitian))
