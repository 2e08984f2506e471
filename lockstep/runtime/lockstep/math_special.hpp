// Special functions on vector lanes: the error function and its inverse, log gamma and its derivative.
#pragma once

#include "math_exponential.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// Near zero an odd polynomial; beyond, 1 - 2^(t p(t) - 2t) with t = |x|; from 4 on it is 1. Fitted for least
// relative error of the whole, 3e-9 (two branches of this shape: Norbert Juffa's erff). With 2t apart, p is small
// where its roundings count.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> erf(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const V rounder(detail::kFloatRounder);
  const auto t = abs(x), twice = t + t, square = t * t;
  const auto p = detail::horner(t, 0.000312002609f, -0.00466498081f, 0.0331079923f, -0.15199104f, -0.917050302f,
                                0.371869624f);
  const auto exponent = p * t - twice;
  const auto shifted = exponent + rounder, n = shifted - rounder;
  // What the sum of the exponent rounds away joins its fraction (Dekker's FastTwoSum; with fused products even
  // more exactly).
  const auto fraction = (exponent - n) + ((-twice - exponent) + p * t);
  const auto rest = detail::exp2_of_parts(n, fraction, shifted);
  const auto far = if_less(V(4.0f), t, V(1.0f), V(1.0f) - rest);
  const auto q = detail::horner(square, -0.000654224947f, 0.00508686574f, -0.0268222429f, 0.112831622f,
                                -0.376126081f, 0.128379166f);
  const auto near = t * q + t;
  return copysign(if_less(V(0.8f), t, far, near), x);
}

// The distribution function of a normal variable, (1 + erf(x / sqrt 2)) / 2, to the accuracy of that sum: for t = |x| it
// is 2^(t p(t)) / 2 on the left, fitted up to 4 sqrt 2 for an absolute error of 3e-9 and, up to 4.25, a relative one of
// 5e-5, and what that lacks of 1 on the right. One branch of erf is enough, and its left tail does not cancel.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> normal_cdf(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const V rounder(detail::kFloatRounder - 1.0f);  // for a half of the power
  const auto t = abs(x);
  const auto small = detail::horner_by_pairs(t, t * t, V(4.080026e-07f), -8.176037e-06f, 6.7635156e-05f, -0.00026415766f,
                                             -1.6074056e-05f, 0.0069579356f, -0.052447073f);
  const auto p = detail::horner(t, small, -0.45921883f, -1.1511045f);
  const auto exponent = p * t;
  const auto shifted = exponent + rounder, n = shifted - rounder;
  const auto inside = detail::exp2_of_parts(n, exponent - n, shifted, 0.5f);
  const auto left = if_less(V(5.6568542f), t, V(0.0f), inside);
  return detail::if_negative(x, left, V(1.0f) - left);
}

// e^-a^2 t p(t) with t = 1 / (a + 3), a = |x|: fitted up to a = 11 with a relative error of 3e-9.
template <int N>
inline Lanes<float, N> erfc(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const Lanes<float, N> vanishing(11.0f);  // erfc(11) < 1e-53
  const auto a = cast<double>(detail::smaller_or_second(vanishing, abs(x)));
  const auto t = detail::reciprocal_float64(a + V(3.0));
  const auto p = detail::horner(t, 3230.003883031103, -5641.185440557807, 3428.8286888721377,
                                -926.2799059671348, 283.35149846627826, 1.4929543729927546, 15.334143429998255,
                                4.645176438908444, 1.6974914578235996, 0.5641192575713342);
  const auto reduced = detail::reduce_exponential(-(a * a));
  const auto right = (reduced.scale + reduced.scale * detail::expm1_series(reduced.rest)) * (p * t);
  return cast<float>(if_less(cast<double>(x), V(0.0), V(2.0) - right, right));
}

namespace detail {

// Inverse error function to a relative 1e-9, the form of Mike Giles, "Approximating the erfinv function",
// 2011: x times a polynomial in w = -log(1 - x^2), from 6.25 on a polynomial in sqrt(w) times sqrt(w).
// Requires |x| < 1.
template <int N>
LOCKSTEP_INLINE Doubles<N> erfinv_float64(Doubles<N> x) {
  using V = Doubles<N>;
  const auto w = -log1p_float64(-(x * x));
  const auto p = horner(w, 1.1447214788269146e-12, -5.8995016207006558e-11, 1.3094733405632192e-09,
                        -1.5946124781132642e-08, 1.0871197560452052e-07, -3.2670001457656678e-07,
                        -3.4612649559113999e-07, 9.6620657663024533e-07, 4.773279930602358e-05,
                        -0.00012881141194506779, -0.0023347884358344189, 0.011549275878962763,
                        0.23201367198966341, 0.88622692537899128);
  const auto s = sqrt(-log_of_normal((V(1.0) - abs(x)) * (V(1.0) + abs(x))));
  const auto q = horner(s, -5.8286450607713869e-09, 3.1503137769330944e-07, -7.7474939151066719e-06,
                        0.00011453231069816455, -0.0011320595347120903, 0.0078662007755170796,
                        -0.039281714301294603, 0.14136377395015626, -0.36102943001726107,
                        0.63032943085581639, -0.70441755989543353,
                        0.47364222519739646, 0.74705507063563092);
  return if_less(w, V(6.25), x * p, copysign(s * q, x));
}

inline double erfinv_scalar(double x) {
  if (!(std::fabs(x) < 1.0)) {
    if (std::fabs(x) == 1.0) return std::copysign(std::numeric_limits<double>::infinity(), x);
    return std::numeric_limits<double>::quiet_NaN();
  }
  const double a = std::fabs(x);
  double y = std::fabs(erfinv_float64(Lanes<double, 1>(x))[0]);
  // One step of Halley's method triples the digits; near 1 on the complement, whose relative error is small.
  const double error = a < 0.5 ? std::erf(y) - a : (1.0 - a) - std::erfc(y);
  const double step = error / (1.1283791670955126 * std::exp(-y * y));
  y -= step / (1.0 + y * step);
  return std::copysign(y, x);
}

// Derivative of log gamma: recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.3.18);
// reflection (6.3.7) left of zero, with the argument of the tangent reduced first, because pi * x loses the
// fraction of x.
inline double digamma_scalar(double x) {
  if (x == 0) return std::copysign(std::numeric_limits<double>::infinity(), -x);
  double result = 0;
  if (x < 0) {
    if (x == std::trunc(x)) return std::numeric_limits<double>::quiet_NaN();
    double whole;
    result = -3.1415926535897931 / std::tan(3.1415926535897931 * std::modf(x, &whole));
    x = 1 - x;
  }
  while (x < 10) {
    result -= 1 / x;
    x += 1;
  }
  if (x == 10) return result + 2.25175258906672110764;
  double series = 0;
  if (x < 1.0e17) {
    series = 1 / (x * x);
    series *= horner(Lanes<double, 1>(series), 1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252,
                     -1.0 / 120, 1.0 / 12)[0];
  }
  return result + std::log(x) - 0.5 / x - series;
}

inline double lgamma_scalar(double x) {
#ifdef __GLIBC__
  int sign;  // lgamma would write the sign to a global variable
  return ::lgamma_r(x, &sign);
#else
  return std::lgamma(x);
#endif
}

}  // namespace detail

template <int N>
inline Lanes<float, N> erfinv(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const auto inside = abs(x) < V(1.0f);
  const auto result = cast<float>(detail::erfinv_float64(cast<double>(select(inside, x, V(0.0f)))));
  const auto infinity = copysign(detail::infinite_lanes<float, N>(), x);
  return select(inside, result, select(abs(x) == V(1.0f), infinity, detail::nan_lanes<float, N>()));
}
template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> lgamma(Lanes<T, N> x) {
  return detail::per_lane(x, [](T value) { return T(detail::lgamma_scalar(double(value))); });
}
template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> digamma(Lanes<T, N> x) {
  return detail::per_lane(x, [](T value) { return T(detail::digamma_scalar(double(value))); });
}
template <int N>
inline Lanes<double, N> erf(Lanes<double, N> x) {
  return detail::per_lane(x, [](double value) { return std::erf(value); });
}
template <int N>
inline Lanes<double, N> erfc(Lanes<double, N> x) {
  return detail::per_lane(x, [](double value) { return std::erfc(value); });
}
template <int N>
inline Lanes<double, N> erfinv(Lanes<double, N> x) {
  return detail::per_lane(x, [](double value) { return detail::erfinv_scalar(value); });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
