"""Factorisations by orthogonal matrices: QR by Householder's reflections, the symmetric eigenproblem, singular values.

Reflections are computed in the arrays' own precision, long double included. Eigenvalues and singular values come from
NumPy in float64 at most: where the case itself is in float64, their truth is as exact as float64's backward error, which
the bound is made of.
"""
from __future__ import annotations

import numpy as np

from .. import dims as d
from .kernels import KERNELS, FailedGuard, Kernel, of_columns, of_elements


def reflection(x):
    """(beta, tau, v) with (I - tau v v') x = beta e1 and v[0] = 1 (Golub & Van Loan 2013, algorithm 5.1.1).

    beta has the sign that x[0] has not, as in LAPACK; a vector that is zero below its head is left alone (tau = 0).
    x is [batch, n] with n > 0.
    """
    head, length = x[:, 0], np.sqrt(np.sum(np.square(x), axis=1))
    still = np.all(x[:, 1:] == 0, axis=1)
    beta = np.where(still, head, -np.copysign(length, head))
    divisor = np.where(still, 1, head - beta)
    v = x / divisor[:, None]
    v[:, 0] = 1
    return beta, np.where(still, 0, -divisor / np.where(still, 1, beta)), v


def reflect(x, tau, v):
    """(I - tau v v') X for every matrix of the batch, in place."""
    x -= (tau[:, None] * v)[:, :, None] * (v[:, None, :] @ x)


def qr_factor(a, **sizes):
    """R on and above the diagonal, the reflections below it, and their tau (Golub & Van Loan 2013, algorithm 5.2.1)."""
    qr, taus = np.array(a), np.zeros((len(a), min(a.shape[1:])), a.dtype)
    for j in range(taus.shape[1]):
        beta, taus[:, j], v = reflection(qr[:, j:, j])
        reflect(qr[:, j:, j + 1:], taus[:, j], v)
        qr[:, j, j], qr[:, j + 1:, j] = beta, v[:, 1:]
    return qr, taus


def reflection_of(qr, j):
    """Vector j of the reflections as a factorisation stores them, from its one on."""
    v = np.array(qr[:, j:, j])
    v[:, 0] = 1
    return v


def apply_reflections(qr, taus, c, transpose=False, **sizes):
    """Q C or Q' C for Q = H_1 H_2 ... H_k; each H is its own transpose, so only the order differs."""
    result, steps = np.array(c), taus.shape[1]
    for j in range(steps) if transpose else reversed(range(steps)):
        reflect(result[:, j:], taus[:, j], reflection_of(qr, j))
    return result


def symmetric_eigen(a, **sizes):
    """Eigenvalues in ascending order and orthonormal eigenvectors as columns, from a's lower triangle."""
    return tuple(np.linalg.eigh(_finite(np.tril(a))))


def symmetric_eigenvalues(a, **sizes):
    return np.linalg.eigvalsh(_finite(np.tril(a)))


def singular_vectors(a, full=False, **sizes):
    """U, the singular values in descending order, and V'; where `full`, U and V' are square."""
    return tuple(np.linalg.svd(_finite(a), full_matrices=full))


def singular_values(a, **sizes):
    return np.linalg.svd(_finite(a), compute_uv=False)


def _finite(a):
    """The matrices in float64 at most; FailedGuard where a number is not finite."""
    if not np.isfinite(a).all():
        raise FailedGuard("a matrix with NaN or infinities has no eigenvalues and no singular values")
    return a.astype(np.float64) if a.dtype == np.longdouble else a


def _shorter_and_longer(node):
    rows, columns = node.inputs[0].dims[-2:]
    return d.minimum(rows, columns), d.maximum(rows, columns)


def _rotations(node):
    """The rotated rows, the turns, tau and a row."""
    short, long = _shorter_and_longer(node)
    return (short + 1) * (short + long)


KERNELS.update(
    qr_factor=Kernel(qr_factor, "linalg_qr.hpp", scale=of_columns, free=(0, 1), scratch=lambda node: node.inputs[0].dims[-1]),
    apply_reflections=Kernel(apply_reflections, "linalg_qr.hpp", scale=(of_elements, of_elements, of_columns),
                             scratch=lambda node: node.inputs[2].dims[-1]),
    symmetric_eigen=Kernel(symmetric_eigen, "linalg_eigen.hpp", free=(1,), rounding=of_columns,
                           scratch=lambda node: 3 * node.inputs[0].dims[-1]),
    symmetric_eigenvalues=Kernel(symmetric_eigenvalues, "linalg_eigen.hpp",
                                 scratch=lambda node: (node.inputs[0].dims[-1] + 3) * node.inputs[0].dims[-1]),
    singular_vectors=Kernel(singular_vectors, "linalg_svd.hpp", free=(0, 2), rounding=of_columns, scratch=_rotations),
    singular_values=Kernel(singular_values, "linalg_svd.hpp",
                           scratch=lambda node: node.inputs[0].dims[-1] * node.inputs[0].dims[-2]))
