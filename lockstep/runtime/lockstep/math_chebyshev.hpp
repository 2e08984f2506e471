// Sums of Chebyshev polynomials of the first kind, for functions that are fitted by them.
#pragma once

#include "math_float64.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// sum of c[k] T_k(t) for |t| <= 1 (C. W. Clenshaw, "A note on the summation of Chebyshev series", 1955);
// V is double or lanes of it.
template <class V, int M>
inline V chebyshev_series(const double (&c)[M], V t) {
  const V twice = t + t;
  V sum(0.0), before(0.0);
  for (int k = M - 1; k > 0; --k) {
    const V next = twice * sum - before + V(c[k]);
    before = sum;
    sum = next;
  }
  return t * sum - before + V(c[0]);
}

}  // namespace detail
}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
