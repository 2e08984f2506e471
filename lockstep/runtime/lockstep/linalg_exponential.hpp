// The exponential of a matrix: scaled by a power of two, summed by Taylor's series, squared as often (Golub & Van Loan,
// "Matrix Computations", 4th edition, 2013, section 9.3.1).
#pragma once

#include <algorithm>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// C = factor A B
template <class T>
void multiply(Index n, T factor, const T* a, const T* b, T* c) {
  for (Index i = 0; i < n; ++i) {
    T* const row = c + i * n;
    std::fill(row, row + n, T(0));
    for (Index k = 0; k < n; ++k) subtract_scaled(n, -factor * a[i * n + k], b + k * n, row);
  }
}

// The largest sum of magnitudes of a column.
template <class T>
T column_norm(Index n, const T* a) {
  T norm = 0;
  for (Index j = 0; j < n; ++j) {
    T sum = 0;
    for (Index i = 0; i < n; ++i) sum += std::fabs(a[i * n + j]);
    if (!(sum <= norm)) norm = sum;
  }
  return norm;
}

}  // namespace detail

// scratch: 2 n n.
template <class T>
bool matrix_exponential(const T* a, T* result, T* scratch, Index batch, Index n) {
  constexpr int terms = sizeof(T) == 4 ? 11 : 19;            // of a matrix whose norm is below one: half an ULP and less
  T* const scaled = scratch;
  T* const product = scratch + n * n;
  for (Index b = 0; b < batch; ++b, a += n * n, result += n * n) {
    const T norm = detail::column_norm(n, a);
    int halvings = 0;
    if (std::isfinite(norm)) std::frexp(norm, &halvings);
    halvings = std::max(halvings, 0);
    for (Index i = 0; i < n * n; ++i) scaled[i] = std::ldexp(a[i], -halvings), result[i] = 0;
    for (Index i = 0; i < n; ++i) result[i * n + i] = 1;
    for (int k = terms; k > 0; --k) {
      detail::multiply(n, T(1) / T(k), scaled, result, product);
      for (Index i = 0; i < n; ++i) product[i * n + i] += 1;
      std::copy(product, product + n * n, result);
    }
    for (int step = 0; step < halvings; ++step) {
      detail::multiply(n, T(1), result, result, product);
      std::copy(product, product + n * n, result);
    }
  }
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
