// Factorisations by elimination and the systems they solve: Cholesky, LU, and triangular systems.
//
// Matrices are row-major, `batch` of them one after another. A kernel returns false where the program asks for an answer
// that the data does not have. Algorithms as in Golub & Van Loan, "Matrix Computations" (4th edition, 2013).
#pragma once

#include <algorithm>
#include <cstdint>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// The lower L with L L' = A from A's lower triangle, row by row (algorithm 4.2.1's sums in another order). info is the
// order of the first leading minor that is not positive; its pivot is left there, and what follows stays as it was.
template <class T>
bool cholesky_factor(const T* a, T* factor, std::int32_t* info, Index batch, Index n, bool check) {
  bool good = true;
  for (Index b = 0; b < batch; ++b, a += n * n, factor += n * n) {
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) factor[i * n + j] = j <= i ? a[i * n + j] : T(0);
    }
    Index done = 0;
    for (; done < n; ++done) {
      T* const pivot = factor + done * n;
      pivot[done] -= detail::dot(done, pivot, pivot);
      if (!(pivot[done] > 0)) break;
      pivot[done] = std::sqrt(pivot[done]);
      for (Index i = done + 1; i < n; ++i) {
        T* const row = factor + i * n;
        row[done] = (row[done] - detail::dot(done, row, pivot)) / pivot[done];
      }
    }
    info[b] = done < n ? std::int32_t(done + 1) : 0;
    good &= done == n;
  }
  return good || !check;
}

namespace detail {

// One matrix in place, by partial pivoting with the first maximum (algorithm 3.4.1); note(j, row) is told which row
// changes places with row j. The result is the first column whose pivot is zero, counted from one, or 0.
template <class T, class Note>
std::int32_t eliminate(T* lu, Index rows, Index columns, Note note) {
  std::int32_t info = 0;
  for (Index j = 0; j < rows && j < columns; ++j) {
    Index best = j;
    for (Index i = j + 1; i < rows; ++i) {
      if (std::fabs(lu[i * columns + j]) > std::fabs(lu[best * columns + j])) best = i;
    }
    note(j, best);
    T* const pivot = lu + j * columns;
    swap_rows(columns, pivot, lu + best * columns);
    if (pivot[j] == 0) {
      if (info == 0) info = std::int32_t(j + 1);
      continue;
    }
    for (Index i = j + 1; i < rows; ++i) {
      T* const row = lu + i * columns;
      row[j] /= pivot[j];
      subtract_scaled(columns - j - 1, row[j], pivot + j + 1, row + j + 1);
    }
  }
  return info;
}

// T X = B in place by substitution (algorithms 3.1.1 and 3.1.2); a single right-hand side takes dot products.
template <class T>
void substitute(const T* t, T* x, Index n, Index columns, bool upper, bool unit) {
  for (Index step = 0; step < n; ++step) {
    const Index i = upper ? n - 1 - step : step, first = upper ? i + 1 : 0, last = upper ? n : i;
    const T* const row = t + i * n;
    T* const answer = x + i * columns;
    if (columns == 1) {
      answer[0] -= dot(last - first, row + first, x + first);
    } else {
      for (Index j = first; j < last; ++j) subtract_scaled(columns, row[j], x + j * columns, answer);
    }
    if (!unit) {
      for (Index k = 0; k < columns; ++k) answer[k] /= row[i];
    }
  }
}

}  // namespace detail

// L (unit, below the diagonal) and U in one. info is the first column whose pivot is zero, counted from one.
template <class T>
bool lu_factor(const T* a, T* lu, std::int32_t* pivots, std::int32_t* info, Index batch, Index rows, Index columns,
               bool check) {
  bool good = true;
  std::copy(a, a + batch * rows * columns, lu);
  for (Index b = 0; b < batch; ++b, lu += rows * columns, pivots += std::min(rows, columns)) {
    info[b] = detail::eliminate(lu, rows, columns, [&](Index j, Index row) { pivots[j] = std::int32_t(row + 1); });
    good &= info[b] == 0;
  }
  return good || !check;
}

// Which row of the matrix each row of the factors is: `count` exchanges in order, applied to 0, 1, ..., rows - 1; or the
// inverse of that. False where a pivot names no row.
inline bool pivots_to_permutation(const std::int32_t* pivots, std::int64_t* order, Index batch, Index count, Index rows,
                                  bool inverse) {
  bool good = true;
  for (Index b = 0; b < batch; ++b, pivots += count, order += rows) {
    for (Index i = 0; i < rows; ++i) order[i] = i;
    for (Index step = 0; step < count; ++step) {
      const Index j = inverse ? count - 1 - step : step;
      const bool inside = pivots[j] >= 1 && pivots[j] <= rows;
      good &= inside;
      if (inside) std::swap(order[j], order[pivots[j] - 1]);
    }
  }
  return good;
}

// X with T X = B for a triangular T; the other triangle, and the diagonal of a unit T, are not read.
template <class T>
bool solve_triangular(const T* t, const T* b, T* x, Index batch, Index n, Index columns, bool upper, bool unit) {
  std::copy(b, b + batch * n * columns, x);
  for (Index k = 0; k < batch; ++k) detail::substitute(t + k * n * n, x + k * n * columns, n, columns, upper, unit);
  return true;
}

// X with A X = B, and info; a zero pivot makes infinities and NaN. scratch: n n.
template <class T>
bool solve_linear(const T* a, const T* b, T* x, std::int32_t* info, T* scratch, Index batch, Index n, Index columns,
                  bool check) {
  bool good = true;
  std::copy(b, b + batch * n * columns, x);
  for (Index k = 0; k < batch; ++k, a += n * n, x += n * columns) {
    std::copy(a, a + n * n, scratch);
    info[k] = detail::eliminate(scratch, n, n, [&](Index j, Index row) {
      detail::swap_rows(columns, x + j * columns, x + row * columns);
    });
    good &= info[k] == 0;
    detail::substitute(scratch, x, n, columns, false, true);
    detail::substitute(scratch, x, n, columns, true, false);
  }
  return good || !check;
}

// The sign of the determinant (0 for a singular matrix) and the logarithm of its magnitude. scratch: n n.
template <class T>
bool log_determinant(const T* a, T* sign, T* logarithm, T* scratch, Index batch, Index n) {
  for (Index k = 0; k < batch; ++k, a += n * n) {
    std::copy(a, a + n * n, scratch);
    T turned = 1, sum = 0;
    detail::eliminate(scratch, n, n, [&](Index j, Index row) { turned = row == j ? turned : -turned; });
    for (Index j = 0; j < n; ++j) {
      const T pivot = scratch[j * n + j];
      turned *= pivot > 0 ? T(1) : pivot < 0 ? T(-1) : pivot;
      sum += std::log(std::fabs(pivot));
    }
    sign[k] = turned;
    logarithm[k] = sum;
  }
  return true;
}

// The determinant. scratch: n n.
template <class T>
bool determinant(const T* a, T* result, T* scratch, Index batch, Index n) {
  for (Index k = 0; k < batch; ++k, a += n * n) {
    std::copy(a, a + n * n, scratch);
    T product = 1;
    detail::eliminate(scratch, n, n, [&](Index j, Index row) { product = row == j ? product : -product; });
    for (Index j = 0; j < n; ++j) product *= scratch[j * n + j];
    result[k] = product;
  }
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
