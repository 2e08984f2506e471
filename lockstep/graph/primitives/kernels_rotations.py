"""Eigenvalues of symmetric matrices and singular values: LAPACK's vectors, made exact by Jacobi's rotations.

LAPACK alone would be off by several ULP of float64, which is more than a truth may be. Its vectors are a start from
which rotations in long double need two or three sweeps. Arrays are [batch, rows, columns].
"""
from __future__ import annotations

from typing import Iterator

import numpy as np

from .. import dims as d
from .kernels import KERNELS, FailedGuard, Kernel, of_basis
from .kernels_reflections import apply_reflections, qr_factor

SWEEPS = 40
EPSILON = np.finfo(np.longdouble).eps


def rounds(n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every pair of n columns once, in rounds of disjoint pairs: a tournament (Golub & Van Loan 2013, section 8.5.6)."""
    circle = list(range(n + n % 2))
    for _ in range(len(circle) - 1):
        pairs = [(p, q) for p, q in zip(circle[:len(circle) // 2], reversed(circle)) if max(p, q) < n]
        yield np.array([min(pair) for pair in pairs], int), np.array([max(pair) for pair in pairs], int)
        circle = [circle[0], circle[-1], *circle[1:-1]]


def rotation(own, other, product, active):
    """(c, s) that make [[own, product], [product, other]] diagonal (algorithm 8.5.1); (1, 0) where not active."""
    cotangent = (other - own) / np.where(active, 2 * product, 1)
    tangent = np.where(active, np.copysign(1, cotangent) / (np.abs(cotangent) + np.hypot(1, cotangent)), 0)
    cosine = 1 / np.sqrt(1 + np.square(tangent))
    return cosine, cosine * tangent


def rotate(x, p, q, cosine, sine):
    """Columns p and q of every matrix, turned, in place."""
    a, b, c, s = x[:, :, p], x[:, :, q], cosine[:, None, :], sine[:, None, :]
    x[:, :, p], x[:, :, q] = c * a - s * b, s * a + c * b


def orthonormal(v):
    """Nearly orthonormal columns in long double, made orthonormal to its precision by Newton's iteration."""
    v = v.astype(np.longdouble)
    for _ in range(2):
        v = v + v @ (np.eye(v.shape[-1]) - np.swapaxes(v, 1, 2) @ v) / 2
    return v


def finite(a):
    """The matrices in long double; FailedGuard where a number is not finite."""
    if not np.isfinite(a).all():
        raise FailedGuard("a matrix with NaN or infinities has no eigenvalues and no singular values")
    return a.astype(np.longdouble)


def symmetric_eigen(a, **sizes):
    """Eigenvalues in ascending order and orthonormal eigenvectors as columns, from a's lower triangle."""
    lower = finite(np.tril(a))
    whole = lower + np.swapaxes(np.tril(lower, -1), 1, 2)
    v = orthonormal(np.linalg.eigh(whole.astype(np.float64))[1])
    t = np.swapaxes(v, 1, 2) @ whole @ v
    size = np.sqrt(np.sum(np.square(whole), axis=(1, 2)))[:, None]
    for _ in range(SWEEPS):
        turned = False
        for p, q in rounds(t.shape[-1]):
            active = np.abs(t[:, p, q]) > EPSILON * size
            turned |= active.any()
            turn = rotation(t[:, p, p], t[:, q, q], t[:, p, q], active)
            rotate(t, p, q, *turn)
            rotate(np.swapaxes(t, 1, 2), p, q, *turn)
            rotate(v, p, q, *turn)
        if not turned:
            break
    values = np.diagonal(t, axis1=1, axis2=2)
    order = np.argsort(values, axis=1)
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(v, order[:, None, :], axis=2)


def symmetric_eigenvalues(a, **sizes):
    return symmetric_eigen(a)[0]


def singular_vectors(a, full=False, **sizes):
    """U, the singular values in descending order, and V'; where `full`, U and V' are square.

    Reflections of the rotated columns give U: orthonormal whatever the rank, and the rest of a basis.
    """
    if a.shape[1] < a.shape[2]:
        v, s, uh = singular_vectors(np.swapaxes(a, 1, 2), full)
        return np.swapaxes(uh, 1, 2), s, np.swapaxes(v, 1, 2)
    exact = finite(a)
    v = orthonormal(np.swapaxes(np.linalg.svd(a.astype(np.float64), full_matrices=False)[2], 1, 2))
    w = orthogonal_columns(exact @ v, v)
    s = np.sqrt(np.sum(np.square(w), axis=1))
    order = np.argsort(-s, axis=1, kind="stable")
    s = np.take_along_axis(s, order, axis=1)
    v, w = (np.take_along_axis(x, order[:, None, :], axis=2) for x in (v, w))
    qr, taus = qr_factor(w)
    rows, columns = a.shape[1:]
    identity = np.eye(rows, rows if full else columns, dtype=np.longdouble)
    u = apply_reflections(qr, taus, np.broadcast_to(identity, (len(a), *identity.shape)))
    u[:, :, :columns] *= np.where(np.signbit(np.diagonal(qr, axis1=1, axis2=2)), -1, 1)[:, None, :]
    return u, s, np.swapaxes(v, 1, 2)


def orthogonal_columns(w, v):
    """The columns of W, rotated until every two are orthogonal (section 8.6.3), and V turned along, in place."""
    least = np.square(EPSILON * np.sqrt(np.sum(np.square(w), axis=(1, 2))))[:, None]
    for _ in range(SWEEPS):
        turned = False
        for p, q in rounds(w.shape[-1]):
            x, y = w[:, :, p], w[:, :, q]
            own, other, product = (np.sum(pair, axis=1) for pair in (x * x, y * y, x * y))
            active = np.abs(product) > EPSILON * np.sqrt(w.shape[1]) * np.sqrt(own) * np.sqrt(other) + least
            turned |= active.any()
            turn = rotation(own, other, product, active)
            rotate(w, p, q, *turn)
            rotate(v, p, q, *turn)
        if not turned:
            break
    return w


def singular_values(a, **sizes):
    return singular_vectors(a)[1]


def _rotations(node):
    """The rotated rows, the turns, tau and a row: (short + 1) (short + long)."""
    rows, columns = node.inputs[0].dims[-2:]
    return (d.minimum(rows, columns) + 1) * (rows + columns)


def _vectors(node):
    return 3 * node.inputs[0].dims[-1]


# growth 8: LAPACK's reductions to bidiagonal and tridiagonal form come first, and add to what the rotations are off
KERNELS.update(
    symmetric_eigen=Kernel(symmetric_eigen, "linalg_eigen.hpp", 8.0, free={1: of_basis}, scratch=_vectors),
    symmetric_eigenvalues=Kernel(symmetric_eigenvalues, "linalg_eigen.hpp", 8.0,
                                 scratch=lambda node: _vectors(node) + node.inputs[0].dims[-1] * node.inputs[0].dims[-1]),
    singular_vectors=Kernel(singular_vectors, "linalg_svd.hpp", 8.0, free={0: of_basis, 2: of_basis}, scratch=_rotations),
    singular_values=Kernel(singular_values, "linalg_svd.hpp", 8.0,
                           scratch=lambda node: node.inputs[0].dims[-1] * node.inputs[0].dims[-2]))
