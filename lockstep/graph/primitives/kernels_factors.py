"""Factorisations by elimination and the systems they solve: Cholesky, LU, LDL and triangular systems.

Values are computed in the arrays' own precision, long double included, all matrices of a batch at once. Arrays are
[batch, rows, columns]; pivots count from one, as LAPACK's do.
"""
from __future__ import annotations

import numpy as np

from .kernels import KERNELS, FailedGuard, Kernel, of_columns, of_elements

HEADER = "linalg_factors.hpp"


def _checked(info: np.ndarray, check: bool) -> np.ndarray:
    """The codes of failure; FailedGuard where one is set and the program asks for none."""
    if check and np.any(info):
        raise FailedGuard("a matrix has no such factorisation")
    return info


def of_diagonal(x: np.ndarray) -> np.ndarray:
    """sqrt(x_ii x_jj n): a positive definite matrix errs relative to its diagonal (Higham 2002, theorem 10.5)."""
    diagonal = np.sqrt(np.abs(np.diagonal(np.asarray(x, np.float64), axis1=1, axis2=2)))
    return diagonal[:, :, None] * diagonal[:, None, :] * np.sqrt(x.shape[-1]) * (x != 0)


def cholesky_factor(a, check=False, **sizes):
    """The lower L with L L' = a, from a's lower triangle, column by column (Golub & Van Loan 2013, algorithm 4.2.1).

    info is the order of the first leading minor that is not positive; its pivot is left there, and what follows stays
    as it was.
    """
    factor, info = np.tril(a), np.zeros(len(a), np.int32)
    for j in range(a.shape[-1]):
        left = factor[:, j:, :j] @ factor[:, j, :j, None]
        column = factor[:, j:, j] - left[:, :, 0]
        failed = (info == 0) & ~(column[:, 0] > 0)
        factor[failed, j, j], info = column[failed, 0], np.where(failed, j + 1, info)
        good = (info == 0)[:, None]
        factor[:, j:, j] = np.where(good, column / np.sqrt(np.where(good, column[:, :1], 1)), factor[:, j:, j])
    return factor, _checked(info, check)


def exchange(x, rows, j):
    """Exchanges row j of every matrix with the row that `rows` names for it."""
    each = np.arange(len(x))
    x[each, rows], x[:, j] = x[:, j].copy(), x[each, rows].copy()


def lu_factor(a, check=False, **sizes):
    """L (unit, below the diagonal) and U in one, by partial pivoting with the first maximum (Golub & Van Loan 3.4.1).

    info is the first column whose pivot is zero, counted from one.
    """
    lu, steps = np.array(a), min(a.shape[1:])
    pivots, info = np.zeros((len(a), steps), np.int32), np.zeros(len(a), np.int32)
    for j in range(steps):
        best = j + np.argmax(np.abs(lu[:, j:, j]), axis=1)
        pivots[:, j] = best + 1
        exchange(lu, best, j)
        pivot = lu[:, j, j]
        info = np.where((info == 0) & (pivot == 0), j + 1, info)
        lu[:, j + 1:, j] /= np.where(pivot == 0, 1, pivot)[:, None]
        lu[:, j + 1:, j + 1:] -= lu[:, j + 1:, j, None] * lu[:, j, None, j + 1:]
    return lu, pivots, _checked(info, check)


def pivots_to_permutation(pivots, rows, inverse=False, **sizes):
    """Which row of the matrix each row of the factors is: the exchanges in order, applied to 0, 1, ..., rows - 1; or the
    inverse of that. FailedGuard where a pivot names no row."""
    if np.any((pivots < 1) | (pivots > rows)):
        raise FailedGuard("a pivot names no row")
    order = np.broadcast_to(np.arange(rows), (len(pivots), rows)).copy()
    steps = range(pivots.shape[-1])
    for j in reversed(steps) if inverse else steps:
        exchange(order, pivots[:, j] - 1, j)
    return order


def solve_triangular(t, b, upper=False, unit=False, **sizes):
    """X with T X = B by substitution, row after row (Golub & Van Loan 2013, algorithms 3.1.1 and 3.1.2)."""
    x, n = np.array(b), t.shape[-1]
    for i in range(n - 1, -1, -1) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        row = x[:, i] - (t[:, i, None, known] @ x[:, known])[:, 0]
        x[:, i] = row if unit else row / t[:, i, i, None]
    return x


def solve_linear(a, b, check=False, **sizes):
    """X with A X = B, and info. A zero pivot makes infinities and NaN."""
    lu, pivots, info = lu_factor(a, check)
    order = pivots_to_permutation(pivots, a.shape[-1])
    x = solve_triangular(lu, np.take_along_axis(b, order[:, :, None], axis=1), unit=True)
    return solve_triangular(lu, x, upper=True), info


def log_determinant(a, **sizes):
    """The sign of the determinant (0 for a singular matrix) and the logarithm of its magnitude."""
    lu, pivots, _ = lu_factor(a)
    diagonal = np.diagonal(lu, axis1=1, axis2=2)
    return _turns(pivots, a.dtype) * np.prod(np.sign(diagonal), axis=1), np.sum(np.log(np.abs(diagonal)), axis=1)


def determinant(a, **sizes):
    lu, pivots, _ = lu_factor(a)
    return _turns(pivots, a.dtype) * np.prod(np.diagonal(lu, axis1=1, axis2=2), axis=1)


def _turns(pivots, dtype):
    """The sign of the permutation that the exchanges make."""
    return np.where(np.sum(pivots != np.arange(pivots.shape[1]) + 1, axis=1) % 2, -1, 1).astype(dtype)


# ---- symmetric indefinite: P A P' = L D L' with blocks of one and two (Golub & Van Loan 2013, section 4.4.4)

BUNCH_KAUFMAN = (1 + 17 ** 0.5) / 8


def ldl_factor(a, check=False, **sizes):
    """L and D in one, from a's lower triangle, by Bunch and Kaufman's diagonal pivoting (Higham 2002, algorithm 11.2).

    A negative pivot, twice, marks a block of two. Earlier columns of L keep their order, as LAPACK's do.
    """
    ld, pivots = np.array(a), np.zeros(a.shape[:2], np.int32)
    info = np.array([_ldl(matrix, row) for matrix, row in zip(ld, pivots)], np.int32).reshape(len(a))
    return np.tril(ld), pivots, _checked(info, check)


def _ldl(a, pivots) -> int:
    n, k, info = len(a), 0, 0
    while k < n:
        step, place = _bunch_kaufman(a, k)
        if step == 0:                                              # a column of zeros: D has a zero there
            info, step = info or k + 1, 1
        else:
            _exchange_symmetric(a, k, step, place)
            (_eliminate_one if step == 1 else _eliminate_two)(a, k)
        pivots[k:k + step] = place + 1 if step == 1 else -(place + 1)
        k += step
    return info


def _bunch_kaufman(a, k) -> tuple[int, int]:
    """How many columns the next block takes (0: the column is zero) and which row comes to its last place."""
    own, below = abs(a[k, k]), np.abs(a[k + 1:, k])
    if not max(own, below.max(initial=0)) > 0:
        return 0, k
    if own >= BUNCH_KAUFMAN * below.max(initial=0):
        return 1, k
    row = k + 1 + int(below.argmax())
    beside = max(np.abs(a[row, k:row]).max(), np.abs(a[row + 1:, row]).max(initial=0))
    if own >= BUNCH_KAUFMAN * below.max() * (below.max() / beside):
        return 1, k
    return (1, row) if abs(a[row, row]) >= BUNCH_KAUFMAN * beside else (2, row)


def _exchange_symmetric(a, k, step, place) -> None:
    last = k + step - 1
    if place == last:
        return
    a[[last, place], [last, place]] = a[[place, last], [place, last]]
    below, between = np.s_[place + 1:], np.s_[last + 1:place]
    a[below, last], a[below, place] = a[below, place].copy(), a[below, last].copy()
    a[between, last], a[place, between] = a[place, between].copy(), a[between, last].copy()
    if step == 2:
        a[[last, place], k] = a[[place, last], k]


def _eliminate_one(a, k) -> None:
    column = a[k + 1:, k] / a[k, k]
    a[k + 1:, k + 1:] -= column[:, None] * a[None, k + 1:, k]
    a[k + 1:, k] = column


def _eliminate_two(a, k) -> None:
    """The block's inverse through its largest element, the one off the diagonal: nothing overflows."""
    off = a[k + 1, k]
    first, second = a[k, k] / off, a[k + 1, k + 1] / off
    scale = 1 / (first * second - 1) / off
    columns = np.stack([scale * (second * a[k + 2:, k] - a[k + 2:, k + 1]),
                        scale * (first * a[k + 2:, k + 1] - a[k + 2:, k])], axis=1)
    a[k + 2:, k + 2:] -= columns @ a[k + 2:, k:k + 2].T
    a[k + 2:, k:k + 2] = columns


def ldl_solve(ld, pivots, b, **sizes):
    """X with A X = B from A's factors: down through L and D, then up through L'."""
    x = np.array(b)
    for one, row, answer in zip(ld, pivots, x):
        starts = _blocks(row)
        for k, step in starts:
            _ldl_down(one, abs(row[k + step - 1]) - 1, answer, k, step)
        for k, step in reversed(starts):
            answer[k:k + step] -= one[k + step:, k:k + step].T @ answer[k + step:]
            last, place = k + step - 1, abs(row[k]) - 1
            answer[[last, place]] = answer[[place, last]]
    return x


def _blocks(pivots) -> list[tuple[int, int]]:
    """Where each block starts and how many rows it has."""
    found, k = [], 0
    while k < len(pivots):
        found.append((k, 1 if pivots[k] > 0 else 2))
        k += found[-1][1]
    return found


def _ldl_down(ld, place, x, k, step) -> None:
    last = k + step - 1
    x[[last, place]] = x[[place, last]]
    x[k + step:] -= ld[k + step:, k:k + step] @ x[k:k + step]
    if step == 1:
        x[k] = x[k] / ld[k, k]
        return
    off = ld[k + 1, k]
    first, second, scale = ld[k, k] / off, ld[k + 1, k + 1] / off, x[k:k + 2] / off
    x[k:k + 2] = np.stack([second * scale[0] - scale[1], first * scale[1] - scale[0]]) / (first * second - 1)


def _square(node):
    n = node.inputs[0].dims[-1]
    return n * n


KERNELS.update(
    cholesky_factor=Kernel(cholesky_factor, HEADER, 2.0, of_diagonal),
    lu_factor=Kernel(lu_factor, HEADER, 2.0, of_columns, free={0: of_elements}),
    pivots_to_permutation=Kernel(pivots_to_permutation, HEADER),
    solve_triangular=Kernel(solve_triangular, HEADER, 2.0, (of_elements, of_columns)),
    solve_linear=Kernel(solve_linear, HEADER, 2.0, of_columns, free={0: of_elements}, scratch=_square),
    log_determinant=Kernel(log_determinant, HEADER, 2.0, of_columns, scratch=_square),
    determinant=Kernel(determinant, HEADER, 2.0, of_columns, scratch=_square),
    ldl_factor=Kernel(ldl_factor, "linalg_symmetric.hpp", 2.0, of_columns, free={0: of_elements}),
    ldl_solve=Kernel(ldl_solve, "linalg_symmetric.hpp", 2.0, (of_columns, of_elements, of_columns)))
