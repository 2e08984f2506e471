"""Factorisations by elimination, and what they solve: Cholesky, LU, LDL, triangular systems, inverses, determinants."""
from __future__ import annotations

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import axes_for, axes_of, contract, gather, iota
from ..graph.control import require
from . import aten
from .aten_patches import tril, triu
from .common import Tensor, full, refuse
from .linalg import each_matrix, identity, is_vector, together, transposed


# ---- Cholesky: the plain forms fail where a matrix is not positive definite, _ex says so in info

@aten("linalg_cholesky_ex.default")
def linalg_cholesky_ex(x, *, upper=False, check_errors=False):
    """The upper factor is the lower one of the transpose, transposed: either way only its own triangle is read."""
    n, lower = x.dims[-1], transposed(x) if upper else x
    factor, info = each_matrix("cholesky_factor", [lower], [(x.dtype, (n, n)), ("int32", ())], x.dims[:-2],
                               n=n, check=check_errors)
    return transposed(factor) if upper else factor, info


@aten("linalg_cholesky.default")
def linalg_cholesky(x, *, upper=False):
    return linalg_cholesky_ex(x, upper=upper, check_errors=True)[0]


@aten("cholesky.default")
def cholesky(x, upper=False):
    return linalg_cholesky(x, upper=upper)


@aten("cholesky_solve.default")
def cholesky_solve(b, factor, upper=False):
    """L L' X = B, or U' U X = B."""
    factor = transposed(factor) if upper else factor
    return solve_triangular(transposed(factor), solve_triangular(factor, b, upper=False), upper=True)


@aten("cholesky_inverse.default")
def cholesky_inverse(factor, upper=False):
    return cholesky_solve(identity(*factor.dims[-2:], factor), factor, upper)


# ---- triangular systems

def solve_triangular(t: Tensor, b: Tensor, upper: bool, unit: bool = False) -> Tensor:
    """X with T X = B."""
    batch, (t, b) = together(t, b)
    n, columns = b.dims[-2:]
    return each_matrix("solve_triangular", [t, b], [(b.dtype, (n, columns))], batch,
                       n=n, columns=columns, upper=upper, unit=unit)[0]


@aten("linalg_solve_triangular.default")
def linalg_solve_triangular(t, b, *, upper, left=True, unitriangular=False):
    """X T = B is T' X' = B'."""
    if left:
        return solve_triangular(t, b, upper, unitriangular)
    return transposed(solve_triangular(transposed(t), transposed(b), not upper, unitriangular))


@aten("triangular_solve.default")
def triangular_solve(b, t, upper=True, transpose=False, unitriangular=False):
    matrix = transposed(t) if transpose else t
    return solve_triangular(matrix, b, upper != transpose, unitriangular), together(t, b)[1][0]


# ---- LU

@aten("linalg_lu_factor_ex.default")
def linalg_lu_factor_ex(x, *, pivot=True, check_errors=False):
    if not pivot:
        refuse("LU without pivoting is not there on the CPU; leave pivot=True")
    rows, columns = x.dims[-2:]
    return each_matrix("lu_factor", [x], [(x.dtype, (rows, columns)), ("int32", (d.minimum(rows, columns),)),
                                          ("int32", ())], x.dims[:-2], rows=rows, columns=columns, check=check_errors)


@aten("linalg_lu_factor.default")
def linalg_lu_factor(x, *, pivot=True):
    return linalg_lu_factor_ex(x, pivot=pivot, check_errors=True)[:2]


@aten("_lu_with_info.default")
def _lu_with_info(x, pivot=True, check_errors=True):
    return linalg_lu_factor_ex(x, pivot=pivot, check_errors=check_errors)


def permutation(pivots: Tensor, rows, inverse: bool = False) -> Tensor:
    """Which row of the matrix each row of its factors is, or the other way round."""
    count = pivots.dims[-1]
    return each_matrix("pivots_to_permutation", [pivots], [("int64", (rows,))], pivots.dims[:-1],
                       count=count, rows=rows, inverse=inverse)[0]


@aten("lu_unpack.default")
def lu_unpack(lu, pivots, unpack_data=True, unpack_pivots=True):
    rows, columns = lu.dims[-2:]
    nothing, short = full((0,), 0, lu.dtype), d.minimum(rows, columns)
    places = permutation(pivots, rows).unsqueeze(-2) if unpack_pivots else None
    p = nothing if places is None else f.equal(places, iota(rows).unsqueeze(1)).cast(lu.dtype)
    if not unpack_data:
        return p, nothing, nothing
    lower = tril(lu.slice(-1, 0, short), -1) + identity(rows, short, lu)
    return p, lower, triu(lu.slice(-2, 0, short))


@aten("linalg_lu.default")
def linalg_lu(x, *, pivot=True):
    lu, pivots, _ = linalg_lu_factor_ex(x, pivot=pivot)
    return lu_unpack(lu, pivots)


def rows_at(x: Tensor, order: Tensor) -> Tensor:
    """The rows of every matrix in the order that it has for them."""
    *batch, row, column = axes_for(x.dims)
    return gather(x, [*batch, order.unsqueeze(-1), column], x.dims)


@aten("linalg_lu_solve.default")
def linalg_lu_solve(lu, pivots, b, *, left=True, adjoint=False):
    """A = P L U; X A = B is A' X' = B'."""
    if not left:
        return transposed(linalg_lu_solve(lu, pivots, transposed(b), adjoint=not adjoint))
    batch, (lu, b, pivots) = together(lu, b, pivots, ranks=(2, 2, 1))
    order = permutation(pivots, lu.dims[-1], inverse=adjoint)
    if adjoint:
        y = solve_triangular(transposed(lu), b, upper=False)
        return rows_at(solve_triangular(transposed(lu), y, upper=True, unit=True), order)
    return solve_triangular(lu, solve_triangular(lu, rows_at(b, order), upper=False, unit=True), upper=True)


# ---- systems, inverses and determinants: kernels of their own, because the factors alone would be too close to call
# wherever two pivots are alike

def solve(a: Tensor, b: Tensor, left: bool, check: bool) -> tuple[Tensor, Tensor]:
    """X with A X = B (or X A = B) and info; a vector for each matrix stays one."""
    if is_vector(a, b):
        x, info = solve(a, b.unsqueeze(-1), True, check) if left else refuse("left=False takes matrices")
        return x.squeeze(-1), info
    if not left:
        x, info = solve(transposed(a), transposed(b), True, check)
        return transposed(x), info
    own, shape = a, a.dims[:-2]
    batch, (a, b) = together(a, b)
    n, columns = b.dims[-2:]
    x, info = each_matrix("solve_linear", [a, b], [(b.dtype, (n, columns)), ("int32", ())], batch,
                          n=n, columns=columns, check=check)
    return x, info if shape == batch else linalg_lu_factor_ex(own, check_errors=check)[2]


@aten("_linalg_solve_ex.default")
def _linalg_solve_ex(a, b, *, left=True, check_errors=False):
    """Without the factors: whether they are those of A or of A' depends on strides."""
    x, info = solve(a, b, left, check_errors)
    return x, None, None, info


@aten("linalg_solve_ex.default")
def linalg_solve_ex(a, b, *, left=True, check_errors=False):
    return solve(a, b, left, check_errors)


@aten("linalg_solve.default")
def linalg_solve(a, b, *, left=True):
    return solve(a, b, left, check=True)[0]


@aten("linalg_inv_ex.default")
def linalg_inv_ex(x, *, check_errors=False):
    return solve(x, identity(*x.dims[-2:], x), True, check_errors)


@aten("linalg_inv.default", "inverse.default")
def linalg_inv(x):
    return linalg_inv_ex(x, check_errors=True)[0]


@aten("_linalg_check_errors.default")
def check_errors(info, api_name, *, is_matrix):
    """The run fails where a factorisation did."""
    require(f.equal(info, 0).all())
    return ()


@aten("_linalg_det.default")
def _linalg_det(x):
    """Without the factors: whether they are those of A or of A' depends on strides."""
    return each_matrix("determinant", [x], [(x.dtype, ())], x.dims[:-2], n=x.dims[-1])[0], None, None


@aten("_linalg_slogdet.default")
def _linalg_slogdet(x):
    sign, logarithm = each_matrix("log_determinant", [x], [(x.dtype, ()), (x.dtype, ())], x.dims[:-2], n=x.dims[-1])
    return sign, logarithm, None, None


# ---- LDL: of real matrices, hermitian or not

@aten("linalg_ldl_factor_ex.default")
def linalg_ldl_factor_ex(x, *, hermitian=False, check_errors=False):
    n = x.dims[-1]
    return each_matrix("ldl_factor", [x], [(x.dtype, (n, n)), ("int32", (n,)), ("int32", ())], x.dims[:-2],
                       n=n, check=check_errors)


@aten("linalg_ldl_factor.default")
def linalg_ldl_factor(x, *, hermitian=False):
    return linalg_ldl_factor_ex(x, check_errors=True)[:2]


@aten("linalg_ldl_solve.default")
def linalg_ldl_solve(ld, pivots, b, *, hermitian=False):
    batch, (ld, b, pivots) = together(ld, b, pivots, ranks=(2, 2, 1))
    n, columns = b.dims[-2:]
    return each_matrix("ldl_solve", [ld, pivots, b], [(b.dtype, (n, columns))], batch, n=n, columns=columns)[0]


# ---- what PyTorch makes of inverses and solutions

@aten("linalg_matrix_power.default", "matrix_power.default")
def linalg_matrix_power(x, n):
    """Powers by squaring; negative ones of the inverse."""
    if n < 0:
        return linalg_matrix_power(linalg_inv(x), -n)
    if n < 2:
        return x if n else identity(*x.dims[-2:], x)
    half = linalg_matrix_power(x, n // 2)
    square = contract("...ij,...jk->...ik", half, half)
    return contract("...ij,...jk->...ik", square, x) if n % 2 else square


@aten("linalg_tensorinv.default")
def linalg_tensorinv(x, ind=2):
    """The inverse of x as a matrix from its last dims to its first `ind`."""
    return linalg_inv(x.reshape(d.product(x.dims[:ind]), d.product(x.dims[ind:]))).reshape(*x.dims[ind:], *x.dims[:ind])


@aten("linalg_tensorsolve.default")
def linalg_tensorsolve(a, b, dims=None):
    """x with sum over x's dims of a x = b; `dims` of a are moved to its end first."""
    if dims is not None:
        moved = axes_of(dims, a.rank, sort=False)
        a = a.permute(*(k for k in range(a.rank) if k not in moved), *moved)
    size = d.product(b.dims)
    return linalg_solve(a.reshape(size, size), b.reshape(size)).reshape(*a.dims[b.rank:])
