// QR by Householder's reflections (Golub & Van Loan, "Matrix Computations", 2013, algorithm 5.2.1), as LAPACK stores it.
#pragma once

#include <algorithm>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// (I - tau v v') X for `count` rows of X, with v[0] = 1 and the rest `stride` apart. sums holds a row.
template <class T>
void reflect(Index count, Index columns, T tau, const T* v, Index stride, T* x, Index row, T* sums) {
  if (tau == 0) return;
  std::copy(x, x + columns, sums);
  for (Index i = 1; i < count; ++i) subtract_scaled(columns, -v[i * stride], x + i * row, sums);
  scale(columns, tau, sums);
  subtract_scaled(columns, T(1), sums, x);
  for (Index i = 1; i < count; ++i) subtract_scaled(columns, v[i * stride], sums, x + i * row);
}

}  // namespace detail

// R on and above the diagonal, the reflections below it, and their tau. scratch holds a row.
template <class T>
bool qr_factor(const T* a, T* qr, T* tau, T* scratch, Index batch, Index rows, Index columns) {
  std::copy(a, a + batch * rows * columns, qr);
  const Index steps = std::min(rows, columns);
  for (Index b = 0; b < batch; ++b, qr += rows * columns, tau += steps) {
    for (Index j = 0; j < steps; ++j) {
      T* const corner = qr + j * columns + j;
      tau[j] = detail::reflection(rows - j, corner, columns);
      detail::reflect(rows - j, columns - j - 1, tau[j], corner, columns, corner + 1, columns, scratch);
    }
  }
  return true;
}

// Q C or Q' C for Q = H_1 H_2 ... H_steps, from the reflections below the diagonal of `qr` [rows, width]; C is
// [rows, columns]. Each H is its own transpose, so only the order differs. scratch holds a row of C.
template <class T>
bool apply_reflections(const T* qr, const T* tau, const T* c, T* result, T* scratch, Index batch, Index rows, Index width,
                       Index steps, Index columns, bool transpose) {
  std::copy(c, c + batch * rows * columns, result);
  for (Index b = 0; b < batch; ++b, qr += rows * width, tau += steps, result += rows * columns) {
    for (Index step = 0; step < steps; ++step) {
      const Index j = transpose ? step : steps - 1 - step;
      detail::reflect(rows - j, columns, tau[j], qr + j * width + j, width, result + j * columns, columns, scratch);
    }
  }
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
