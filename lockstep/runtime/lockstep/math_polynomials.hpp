// Orthogonal polynomials whose degree is data: Chebyshev's four kinds, Hermite's two, Laguerre's and Legendre's.
//
// In the arithmetic of their type and by PyTorch's recurrences, so that they overflow where PyTorch's do. The
// degree is cut to a whole number; a negative one gives zero.
#pragma once

#include "math_basic.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

template <class T>
inline Index degree_of(T n) {
  return std::fabs(n) < T(9e18) ? Index(n) : Index(-1);  // NaN is negative, too
}

// p_n from p_0 = 1, p_1 = first and p_(k+1) = next(k, p_k, p_(k-1)).
template <class T, class Next>
inline T recurrence(Index n, T first, Next next) {
  if (n <= 0) return n < 0 ? T(0) : T(1);
  T before = 1, value = first;
  for (Index k = 1; k < n && value == value; ++k) {
    const T after = next(T(k), value, before);
    before = value;
    value = after;
  }
  return value;
}

// Given are p_1, the values at 1 and, but for its alternating sign, at -1, and the closed form in acos(x)
// that PyTorch takes for higher degrees.
template <class T, class OfAngle>
inline T chebyshev(T x, Index n, T first, T at_one, T at_minus_one, OfAngle of_angle) {
  if (n < 0) return T(0);
  if (x == T(1)) return at_one;
  if (x == T(-1)) return n % 2 == 0 ? at_minus_one : -at_minus_one;
  if (n > 8 && std::fabs(x) < T(1)) return of_angle(std::acos(x));
  const T twice = x + x;
  return recurrence(n, first, [twice](T, T p, T before) { return twice * p - before; });
}
template <class T>
inline T chebyshev_t_scalar(T x, T degree) {
  const T n = T(degree_of(degree));
  return chebyshev(x, degree_of(degree), x, T(1), T(1), [n](T angle) { return std::cos(n * angle); });
}
template <class T>
inline T chebyshev_u_scalar(T x, T degree) {
  const T m = T(degree_of(degree)) + 1;
  return chebyshev(x, degree_of(degree), x + x, m, m,
                   [m](T angle) { return std::sin(m * angle) / std::sin(angle); });
}
template <class T>
inline T chebyshev_v_scalar(T x, T degree) {
  const T m = T(degree_of(degree)) + T(0.5);
  return chebyshev(x, degree_of(degree), x + x - T(1), T(1), m + m,
                   [m](T angle) { return std::cos(m * angle) / std::cos(angle / 2); });
}
template <class T>
inline T chebyshev_w_scalar(T x, T degree) {
  const T m = T(degree_of(degree)) + T(0.5);
  return chebyshev(x, degree_of(degree), x + x + T(1), m + m, T(1),
                   [m](T angle) { return std::sin(m * angle) / std::sin(angle / 2); });
}

// Beyond this degree PyTorch gives NaN.
template <class T>
constexpr Index kLastHermite = sizeof(T) == 4 ? 128 : 512;

template <class T>
inline T hermite_h_scalar(T x, T degree) {
  const Index n = degree_of(degree);
  if (n > kLastHermite<T>) return std::numeric_limits<T>::quiet_NaN();
  return recurrence(n, x + x, [x](T k, T p, T before) { return (x + x) * p - (k + k) * before; });
}
template <class T>
inline T hermite_he_scalar(T x, T degree) {
  const Index n = degree_of(degree);
  if (n > kLastHermite<T>) return std::numeric_limits<T>::quiet_NaN();
  return recurrence(n, x, [x](T k, T p, T before) { return x * p - k * before; });
}
template <class T>
inline T laguerre_l_scalar(T x, T degree) {
  const Index n = degree_of(degree);
  if (n >= 0 && x == T(0)) return T(1);
  return recurrence(n, T(1) - x, [x](T k, T p, T before) {
    return ((k + k + (T(1) - x)) * p - k * before) / (k + T(1));
  });
}
template <class T>
inline T legendre_p_scalar(T x, T degree) {
  const Index n = degree_of(degree);
  if (n >= 0 && std::fabs(x) == T(1)) return n % 2 == 0 ? T(1) : x;
  return recurrence(n, x, [x](T k, T p, T before) {
    return ((k + k + T(1)) * x * p - k * before) / (k + T(1));
  });
}

}  // namespace detail

#define LOCKSTEP_PER_LANE(name)                                                                         \
  template <class T, int N, class = detail::IfFloat<T>>                                                 \
  inline Lanes<T, N> name(Lanes<T, N> x, Lanes<T, N> n) {                                               \
    return detail::per_lane(x, n, [](T value, T degree) { return detail::name##_scalar(value, degree); }); \
  }
LOCKSTEP_PER_LANE(chebyshev_t)
LOCKSTEP_PER_LANE(chebyshev_u)
LOCKSTEP_PER_LANE(chebyshev_v)
LOCKSTEP_PER_LANE(chebyshev_w)
LOCKSTEP_PER_LANE(hermite_h)
LOCKSTEP_PER_LANE(hermite_he)
LOCKSTEP_PER_LANE(laguerre_l)
LOCKSTEP_PER_LANE(legendre_p)
#undef LOCKSTEP_PER_LANE

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
