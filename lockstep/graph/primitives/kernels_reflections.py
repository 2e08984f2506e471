"""QR by Householder's reflections, in the arrays' own precision, long double included. Arrays are [batch, rows, columns]."""
from __future__ import annotations

import numpy as np

from .kernels import KERNELS, Kernel, of_columns, of_elements

HEADER = "linalg_qr.hpp"


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


KERNELS.update(
    qr_factor=Kernel(qr_factor, HEADER, scale=of_columns, free={0: of_elements, 1: of_elements},
                     scratch=lambda node: node.inputs[0].dims[-1]),
    apply_reflections=Kernel(apply_reflections, HEADER, scale=(of_elements, of_elements, of_columns),
                             scratch=lambda node: node.inputs[2].dims[-1]))
