// Rows of matrices: what the factorisations are made of. Matrices are row-major, so that a row is contiguous.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

template <class T>
T dot(Index n, const T* x, const T* y) {
  return reduce<Sum, T>(n, [&](auto at) { return at.load(x) * at.load(y); });
}

// y -= factor * x
template <class T>
void subtract_scaled(Index n, T factor, const T* x, T* y) {
  each(n, [&](auto at) { at.store(y, at.load(y) - at.template splat<T>(factor) * at.load(x)); });
}

// x *= factor
template <class T>
void scale(Index n, T factor, T* x) {
  each(n, [&](auto at) { at.store(x, at.template splat<T>(factor) * at.load(x)); });
}

// (x, y) becomes (c x - s y, s x + c y), a rotation of two rows, as a correction of each: rounding (c, s) does not change
// lengths then (Rutishauser, Numerische Mathematik 9, 1966), which many rotations would add up.
template <class T>
void rotate(Index n, T c, T s, T* x, T* y) {
  const T half = s / (1 + c);                             // the tangent of half the angle; c > -1
  each(n, [&](auto at) {
    const auto a = at.load(x), b = at.load(y), sine = at.template splat<T>(s), turn = at.template splat<T>(half);
    at.store(x, a - sine * (b + turn * a));
    at.store(y, b + sine * (a - turn * b));
  });
}

template <class T>
void swap_rows(Index n, T* x, T* y) {
  if (x != y) std::swap_ranges(x, x + n, y);
}

template <class T>
bool all_finite(Index n, const T* x) {
  bool finite = true;
  for (Index i = 0; i < n; ++i) finite &= std::isfinite(x[i]);
  return finite;
}

// A power of two near the largest magnitude, so that squares of x / scale neither overflow nor vanish; 1 for zeros.
template <class T>
T magnitude(Index n, const T* x, Index stride = 1) {
  T largest = 0;
  for (Index i = 0; i < n; ++i) largest = std::fmax(largest, std::fabs(x[i * stride]));
  if (!(largest > 0) || !std::isfinite(largest)) return T(1);
  int exponent;
  std::frexp(largest, &exponent);
  const int most = std::numeric_limits<T>::max_exponent - 1;      // so that 1 / scale is a number too
  return std::ldexp(T(1), exponent < -most + 2 ? -most + 2 : exponent > most ? most : exponent);
}

// The Euclidean length of n numbers, `stride` apart.
template <class T>
T length(Index n, const T* x, Index stride = 1) {
  const T unit = magnitude(n, x, stride), inverse = 1 / unit;
  T sum = 0;
  for (Index i = 0; i < n; ++i) {
    const T part = x[i * stride] * inverse;
    sum += part * part;
  }
  return unit * std::sqrt(sum);
}

// The reflection I - tau v v' that takes x to beta e1, with v[0] = 1 (Golub & Van Loan 2013, algorithm 5.1.1). x
// becomes beta, v[1], v[2], ...; the result is tau. beta's sign is the one that x[0] has not, as in LAPACK, and what is
// zero below its head stays as it is (tau = 0).
template <class T>
T reflection(Index n, T* x, Index stride = 1) {
  bool still = true;
  for (Index i = 1; i < n; ++i) still &= x[i * stride] == 0;
  if (n == 0 || still) return T(0);
  const T unit = magnitude(n, x, stride), inverse = 1 / unit;      // denormals have no digits to spare
  for (Index i = 0; i < n; ++i) x[i * stride] *= inverse;
  const T head = x[0], beta = -std::copysign(length(n, x, stride), head), divisor = head - beta;
  for (Index i = 1; i < n; ++i) x[i * stride] /= divisor;
  x[0] = beta * unit;
  return -divisor / beta;
}

}  // namespace detail
}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
