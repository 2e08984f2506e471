// The symmetric eigenproblem: Householder's tridiagonal form, then implicit QR steps (Golub & Van Loan, "Matrix
// Computations", 4th edition, 2013, algorithms 8.3.1 to 8.3.3).
#pragma once

#include <algorithm>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// A full symmetric matrix becomes its reflections: row k holds v of H_k from column k + 1 on, tau its factors, diagonal
// and beside (n - 1) the tridiagonal matrix. work holds a row.
template <class T>
void tridiagonalise(Index n, T* a, T* diagonal, T* beside, T* tau, T* work) {
  for (Index k = 0; k + 1 < n; ++k) {
    T* const v = a + k * n + k + 1;
    const Index rest = n - k - 1;
    diagonal[k] = a[k * n + k];
    tau[k] = reflection(rest, v);
    beside[k] = v[0];
    v[0] = 1;
    if (tau[k] == 0) continue;
    for (Index i = 0; i < rest; ++i) work[i] = tau[k] * dot(rest, a + (k + 1 + i) * n + k + 1, v);
    subtract_scaled(rest, tau[k] * dot(rest, work, v) / 2, v, work);       // A -= v w' + w v'
    for (Index i = 0; i < rest; ++i) {
      T* const row = a + (k + 1 + i) * n + k + 1;
      subtract_scaled(rest, v[i], work, row);
      subtract_scaled(rest, work[i], v, row);
    }
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1];
}

// Q' = (H_0 H_1 ...)' in place of the reflections that `tridiagonalise` left, from the last to the first.
template <class T>
void accumulate_reflections(Index n, T* a, const T* tau) {
  if (n > 0) a[n * n - 1] = 1;
  for (Index k = n - 2; k >= 0; --k) {
    const T* const v = a + k * n + k + 1;
    for (Index i = k + 1; i < n; ++i) {
      T* const row = a + i * n + k + 1;
      subtract_scaled(n - k - 1, tau[k] * dot(n - k - 1, row, v), v, row);
      a[i * n + k] = 0;
    }
    std::fill(a + k * n, a + (k + 1) * n, T(0));
    a[k * n + k] = 1;
  }
}

// Diagonal entries `first` to `last` of a tridiagonal matrix: one QR step with Wilkinson's shift, chased down.
template <class T>
void qr_step(Index first, Index last, T* diagonal, T* beside, Index n, T* rows) {
  const T half = (diagonal[last - 1] - diagonal[last]) / 2, corner = beside[last - 1];
  const T shift = diagonal[last] - corner / (half + std::copysign(std::hypot(half, corner), half)) * corner;
  T x = diagonal[first] - shift, z = beside[first];
  for (Index k = first; k < last; ++k) {
    const T radius = std::copysign(std::hypot(x, z), x);                    // so that c >= 0
    const T c = radius != 0 ? x / radius : T(1), s = radius != 0 ? -z / radius : T(0);
    if (k > first) beside[k - 1] = radius;
    const T upper = diagonal[k], lower = diagonal[k + 1], off = beside[k];
    const T turn = s * (s * (lower - upper) - 2 * c * off);                 // what moves from one to the other
    diagonal[k] = upper + turn;
    diagonal[k + 1] = lower - turn;
    beside[k] = c * s * (upper - lower) + (c - s) * (c + s) * off;
    if (k + 1 < last) {
      x = beside[k];
      z = -s * beside[k + 1];
      beside[k + 1] *= c;
    }
    if (rows != nullptr) rotate(n, c, s, rows + k * n, rows + (k + 1) * n);
  }
}

// Eigenvalues of a tridiagonal matrix in place of its diagonal; the rows are rotated along (nullptr: none). False where
// it does not converge.
template <class T>
bool diagonalise(Index n, T* diagonal, T* beside, T* rows) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  Index steps = 0;
  for (Index last = n - 1; last > 0;) {
    const auto negligible = [&](Index k) {
      return std::fabs(beside[k]) <= epsilon * (std::fabs(diagonal[k]) + std::fabs(diagonal[k + 1])) + epsilon * epsilon;
    };
    if (negligible(last - 1)) {
      beside[--last] = 0;
      continue;
    }
    Index first = last - 1;
    while (first > 0 && !negligible(first - 1)) --first;
    if (++steps > 30 * n) return false;
    qr_step(first, last, diagonal, beside, n, rows);
  }
  return true;
}

// Eigenvalues in ascending order (selection: n swaps at most), their rows with them.
template <class T>
void sort_ascending(Index n, T* values, T* rows) {
  for (Index i = 0; i < n; ++i) {
    const Index least = std::min_element(values + i, values + n) - values;
    std::swap(values[i], values[least]);
    if (rows != nullptr) swap_rows(n, rows + i * n, rows + least * n);
  }
}

// One matrix, of which the lower triangle is read: eigenvalues, and eigenvectors as rows of `rows` where asked for.
// work holds 3 n numbers.
template <class T>
bool symmetric_eigen(Index n, const T* a, T* values, T* rows, T* work, bool vectors) {
  T* const beside = work;
  T* const tau = work + n;
  for (Index i = 0; i < n; ++i) {
    if (!all_finite(i + 1, a + i * n)) return false;
    for (Index j = 0; j <= i; ++j) rows[i * n + j] = rows[j * n + i] = a[i * n + j];
  }
  const T unit = magnitude(n * n, rows);
  scale(n * n, 1 / unit, rows);
  tridiagonalise(n, rows, values, beside, tau, work + 2 * n);
  if (vectors) accumulate_reflections(n, rows, tau);
  const bool converged = diagonalise(n, values, beside, vectors ? rows : nullptr);
  sort_ascending(n, values, vectors ? rows : nullptr);
  scale(n, unit, values);
  return converged;
}

}  // namespace detail

// Eigenvalues in ascending order and orthonormal eigenvectors as columns, from A's lower triangle. False where a number
// is not finite or the iteration does not converge. scratch: 3 n.
template <class T>
bool symmetric_eigen(const T* a, T* values, T* vectors, T* scratch, Index batch, Index n) {
  bool good = true;
  for (Index b = 0; b < batch; ++b, a += n * n, values += n, vectors += n * n) {
    good &= detail::symmetric_eigen(n, a, values, vectors, scratch, true);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < i; ++j) std::swap(vectors[i * n + j], vectors[j * n + i]);
    }
  }
  return good;
}

// The eigenvalues alone. scratch: (n + 3) n.
template <class T>
bool symmetric_eigenvalues(const T* a, T* values, T* scratch, Index batch, Index n) {
  bool good = true;
  for (Index b = 0; b < batch; ++b, a += n * n, values += n) {
    good &= detail::symmetric_eigen(n, a, values, scratch, scratch + n * n, false);
  }
  return good;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
