"""Factorisations by orthogonal matrices and what is made of them: QR, eigenvalues, singular values, pseudo-inverses."""
from __future__ import annotations

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import axes_for, contract, gather, iota
from ..graph.world import HALVES
from . import aten
from .aten_patches import triu
from .common import Tensor, full, refuse
from .linalg import each_matrix, identity, is_vector, together, transposed


# ---- QR by reflections, as LAPACK stores them

@aten("geqrf.default")
def geqrf(x):
    rows, columns = x.dims[-2:]
    return each_matrix("qr_factor", [x], [(x.dtype, (rows, columns)), (x.dtype, (d.minimum(rows, columns),))],
                       x.dims[:-2], rows=rows, columns=columns)


def reflected(qr: Tensor, tau: Tensor, c: Tensor, transpose: bool = False) -> Tensor:
    """Q C or Q' C, with Q the product of the reflections that qr holds below its diagonal."""
    rows, columns = c.dims[-2:]
    return each_matrix("apply_reflections", [qr, tau, c], [(c.dtype, (rows, columns))], c.dims[:-2], rows=rows,
                       width=qr.dims[-1], steps=tau.dims[-1], columns=columns, transpose=transpose)[0]


@aten("linalg_householder_product.default")
def linalg_householder_product(qr, tau):
    return reflected(qr, tau, identity(*qr.dims[-2:], qr))


@aten("ormqr.default")
def ormqr(qr, tau, c, left=True, transpose=False):
    """C Q is (Q' C')'."""
    if left:
        return reflected(qr, tau, c, transpose)
    return transposed(reflected(qr, tau, transposed(c), not transpose))


@aten("linalg_qr.default")
def linalg_qr(x, mode="reduced"):
    """reduced: Q and R with as many columns and rows as x's shorter side; complete: a square Q; r: no Q."""
    qr, tau = geqrf(x)
    rows, columns = x.dims[-2:]
    short = d.minimum(rows, columns)
    if mode == "complete":
        return reflected(qr, tau, identity(rows, rows, x)), triu(qr)
    r = triu(qr.slice(-2, 0, short))
    return (full((0,), 0, x.dtype) if mode == "r" else reflected(qr, tau, identity(rows, short, x))), r


# ---- the symmetric eigenproblem and singular values

@aten("_linalg_eigh.default")
def _linalg_eigh(x, UPLO="L", compute_v=True):
    """Only the triangle that UPLO names is read."""
    n, lower = x.dims[-1], x if UPLO.upper() == "L" else transposed(x)
    if not compute_v:
        values = each_matrix("symmetric_eigenvalues", [lower], [(x.dtype, (n,))], x.dims[:-2], n=n)[0]
        return values, full((0,), 0, x.dtype)
    return each_matrix("symmetric_eigen", [lower], [(x.dtype, (n,)), (x.dtype, (n, n))], x.dims[:-2], n=n)


@aten("linalg_svdvals.default")
def linalg_svdvals(x, *, driver=None):
    rows, columns = x.dims[-2:]
    return each_matrix("singular_values", [x], [(x.dtype, (d.minimum(rows, columns),))], x.dims[:-2],
                       rows=rows, columns=columns)[0]


@aten("_linalg_svd.default")
def _linalg_svd(x, full_matrices=False, compute_uv=True, *, driver=None):
    rows, columns = x.dims[-2:]
    short = d.minimum(rows, columns)
    if not compute_uv:
        nothing = full((0,), 0, x.dtype)
        return nothing, linalg_svdvals(x), nothing
    left, right = (rows, columns) if full_matrices else (short, short)
    return each_matrix("singular_vectors", [x], [(x.dtype, (rows, left)), (x.dtype, (short,)), (x.dtype, (right, columns))],
                       x.dims[:-2], rows=rows, columns=columns, full=full_matrices)


# ---- pseudo-inverses

_EPSILON = {"float32": 2.0 ** -23, "float64": 2.0 ** -52}


def threshold(largest: Tensor, atol: Tensor | None, rtol: Tensor | None, x: Tensor) -> Tensor:
    """max(atol, rtol * the largest singular value); rtol is epsilon times the longer side where neither is given, and
    0 where a positive atol is."""
    if rtol is None:
        rtol = full((), d.maximum(*x.dims[-2:]), x.dtype) * _EPSILON[x.dtype]
        rtol = rtol if atol is None else f.where(atol > 0, 0, rtol)
    relative = rtol.unsqueeze(-1) * largest
    return relative if atol is None else f.maximum(atol.unsqueeze(-1), relative)


@aten("linalg_pinv.atol_rtol_tensor")
def linalg_pinv(x, *, atol=None, rtol=None, hermitian=False):
    """V S+ U', where what is at most the threshold has the inverse 0."""
    if any(n == 0 for n in x.dims[-2:]):
        return full((*x.dims[:-2], x.dims[-1], x.dims[-2]), 0, x.dtype)
    atol, rtol = (t if t is None else t.cast(x.dtype) for t in (atol, rtol))
    if hermitian:
        s, u = _linalg_eigh(x)
        magnitudes, vh = f.absolute(s), transposed(u)
        largest = magnitudes.max(-1, keepdim=True)
    else:
        u, s, vh = _linalg_svd(x)
        magnitudes, largest = s, s.slice(-1, 0, 1)
    inverse = f.where(magnitudes > threshold(largest, atol, rtol, x), f.reciprocal(s), 0)
    return contract("...kn,...mk->...nm", vh, u * inverse.unsqueeze(-2))


# ---- least squares

@aten("linalg_lstsq.default")
def linalg_lstsq(a, b, rcond=None, *, driver=None):
    """X of least length among those with least |A X - B|, by A's singular values: those of at most rcond times the largest
    count as zero, but for gels, which takes A to have full rank. What a driver does not compute is empty.

    PyTorch leaves the residuals empty too where gelsd or gelss find a smaller rank: a shape that depends on data, so the run
    fails there.
    """
    if is_vector(a, b):
        x, residuals, rank, s = linalg_lstsq(a, b.unsqueeze(-1), rcond, driver=driver)
        return x.squeeze(-1), residuals, rank, s
    batch, (a, b) = together(a, b)
    rows, columns = a.dims[-2:]
    u, s, vh = _linalg_svd(a)
    kept = s > s.slice(-1, 0, 1) * (rcond if rcond is not None else _EPSILON[a.dtype] * max(rows, columns))
    inverse = f.reciprocal(s) if driver == "gels" else f.where(kept, f.reciprocal(s), 0)
    x = contract("...kn,...km->...nm", vh, contract("...mk,...mj->...kj", u, b) * inverse.unsqueeze(-1))
    nothing, rank = full((0,), 0, a.dtype), kept.cast("int64").sum(-1)
    residuals = nothing
    if driver not in (None, "gelsy") and rows > columns:
        apart = contract("...mn,...nk->...mk", a, x) - b
        residuals = (apart * apart).sum(-2)
        residuals = residuals if driver == "gels" else where_all(residuals, f.equal(rank, columns))
    return (x, residuals, full((0,), 0, "int64") if driver == "gels" else rank,
            s if driver in ("gelsd", "gelss") else nothing)


def where_all(x: Tensor, holds: Tensor) -> Tensor:
    """x [*batch, n], in a run that fails where `holds` [*batch] does not: there an index leaves its extent."""
    *batch, k = axes_for(x.dims)
    place = iota(x.dims[-1]) + f.where(holds, 0, full((), x.dims[-1], "int64")).unsqueeze(-1)
    return gather(x, [*batch, place], x.dims)


# ---- the exponential

@aten("linalg_matrix_exp.default")
def linalg_matrix_exp(x):
    if x.dtype in HALVES:
        refuse(f"matrix_exp of {x.dtype}: PyTorch's own answers are mostly NaN; cast to float32 before it")
    n = x.dims[-1]
    return each_matrix("matrix_exponential", [x], [(x.dtype, (n, n))], x.dims[:-2], n=n)[0]
