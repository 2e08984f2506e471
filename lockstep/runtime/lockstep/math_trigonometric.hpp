// Sine, cosine, tangent and their inverses on vector lanes.
#pragma once

#include "math_float64.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

constexpr double kHalfPi = 1.5707963267948966;
constexpr double kPi = 3.1415926535897931;
constexpr double kReciprocalPi = 0.31830988618379067;

// The largest magnitude that three parts of pi reduce; beyond, the C library takes over.
constexpr float kLargestReducedAngle = 1.0e6f;

// x - multiple * pi, with pi in three parts (Cody and Waite 1980): the first two have 33 bits, so that their
// products with a multiple of 1/2 below 2^19 are exact and so is the first difference; 119 bits in all survive the
// cancellation next to such a multiple.
template <int N>
LOCKSTEP_INLINE Doubles<N> subtract_pi(Doubles<N> x, Doubles<N> multiple) {
  using V = Doubles<N>;
  const auto near = (x - multiple * V(3.1415926534682512)) - multiple * V(1.2154201012607932e-10);
  return near - multiple * V(4.0445324975919012e-21);
}
// (-1)^k sin(r) for |r| <= pi/2, fitted to 2e-11; k stands in the lowest bits of `shifted`.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> sine_of_reduced(Doubles<N> r, Doubles<N> shifted) {
  const auto square = r * r;
  const auto series = horner(square, -2.388875905876788e-08, 2.752537607917359e-06, -0.0001984086805099258,
                             0.008333331107417704, -0.16666666626122292);
  const auto sign = bitcast<std::int64_t>(shifted) << Longs<N>(63);
  const auto value = r * (Doubles<N>(1.0) + square * series);
  return cast<float>(bitcast<double>(bitcast<std::int64_t>(value) ^ sign));
}
template <int N, class F>
inline Lanes<float, N> each_in_double(Lanes<float, N> x, F f) {
  return per_lane(x, [f](float value) { return float(f(double(value))); });
}
template <int N>
LOCKSTEP_INLINE bool any_beyond_reduction(Lanes<float, N> x) {
  return any(!(abs(x) <= Lanes<float, N>(kLargestReducedAngle)));
}

}  // namespace detail

template <int N>
inline Lanes<float, N> sin(Lanes<float, N> x) {
  if (detail::any_beyond_reduction(x)) {
    return detail::each_in_double(x, [](double angle) { return std::sin(angle); });
  }
  const auto angle = cast<double>(x);
  const Lanes<double, N> rounder(detail::kRounder);
  const auto shifted = angle * Lanes<double, N>(detail::kReciprocalPi) + rounder;
  return detail::sine_of_reduced(detail::subtract_pi(angle, shifted - rounder), shifted);
}
// cos x = sin(x + pi/2): reduced by the nearest odd multiple of pi/2.
template <int N>
inline Lanes<float, N> cos(Lanes<float, N> x) {
  if (detail::any_beyond_reduction(x)) {
    return detail::each_in_double(x, [](double angle) { return std::cos(angle); });
  }
  const auto angle = cast<double>(x);
  const Lanes<double, N> rounder(detail::kRounder), half(0.5);
  const auto shifted = (angle * Lanes<double, N>(detail::kReciprocalPi) + half) + rounder;
  return detail::sine_of_reduced(detail::subtract_pi(angle, (shifted - rounder) - half), shifted);
}
// Reduced by the nearest multiple of pi/2; in odd quadrants the tangent is -cos r / sin r.
template <int N>
inline Lanes<float, N> tan(Lanes<float, N> x) {
  if (detail::any_beyond_reduction(x)) {
    return detail::each_in_double(x, [](double angle) { return std::tan(angle); });
  }
  using V = Lanes<double, N>;
  const V rounder(detail::kRounder), half(0.5), one(1.0);
  const auto angle = cast<double>(x);
  const auto shifted = angle * V(2 * detail::kReciprocalPi) + rounder;
  const auto r = detail::subtract_pi(angle, (shifted - rounder) * half);
  const auto square = r * r;
  const auto s = detail::horner(square, 2.7181120594659796e-06, -0.0001983931127038149, 0.008333329301751546,
                                -0.1666666664077052);
  const auto c = detail::horner(square, 2.438345952858024e-05, -0.0013886680503465822, 0.04166662032092478,
                                -0.4999999969415547);
  const auto sine = r * (one + square * s), cosine = one + square * c;
  // Divided where the quadrant is even, inverted and negated where it is odd.
  const auto odd = bitcast<double>(bitcast<std::int64_t>(shifted) & Lanes<std::int64_t, N>(1));
  const V zero(0.0);
  const auto above = if_equal(odd, zero, sine, -cosine), below = if_equal(odd, zero, cosine, sine);
  return cast<float>(above * detail::reciprocal_float64(below));
}

namespace detail {

// Arc tangent for 0 <= t <= 1, fitted to 4e-10.
template <int N>
LOCKSTEP_INLINE Doubles<N> atan_series(Doubles<N> t) {
  const auto square = t * t;
  const auto series = horner(square, 0.0011137871367237861, -0.00731794830446466, 0.022539849212412404,
                             -0.0446899202056191, 0.06741595555673198, -0.08811090649299144,
                             0.11058223479415964, -0.14279833019317711, 0.1999967112033734, -0.3333332689947607);
  return t + t * (square * series);
}
// Arc sine for 0 <= root <= 1/2 of the square `square`, fitted to 3e-10.
template <int N>
LOCKSTEP_INLINE Doubles<N> asin_series(Doubles<N> root, Doubles<N> square) {
  const auto series = horner(square, 0.037516477523831096, 0.014438586372516141, 0.031807722865648425,
                             0.04451695473681391, 0.07500504186006156, 0.16666659991281757);
  return root + root * (square * series);
}

// The angle of the point (x, y), NaN for a NaN.
template <int N>
LOCKSTEP_INLINE Doubles<N> atan2_float64(Doubles<N> y, Doubles<N> x) {
  using V = Doubles<N>;
  const V zero(0.0), one(1.0), infinity = infinite_lanes<double, N>();
  const auto height = abs(y), width = abs(x);
  auto shorter = if_less(width, height, width, height), longer = if_less(width, height, height, width);
  longer = if_equal(shorter, infinity, one, if_equal(longer, zero, one, longer));  // 0 / 0 counts as 0 / 1
  shorter = if_equal(shorter, infinity, one, shorter);  // and two infinities as 1 / 1
  auto angle = atan_series(shorter / longer);
  angle = if_less(width, height, V(kHalfPi) - angle, angle);
  const auto turned = bitcast<std::int64_t>(x) < Lanes<std::int64_t, N>(0);
  angle = copysign(select(turned, V(kPi) - angle, angle), y);
  return unless_nan(x, unless_nan(y, angle));
}

}  // namespace detail

template <int N>
inline Lanes<float, N> atan2(Lanes<float, N> y, Lanes<float, N> x) {
  return cast<float>(detail::atan2_float64(cast<double>(y), cast<double>(x)));
}
// Beyond 1, pi/2 less the arc tangent of the reciprocal.
template <int N>
inline Lanes<float, N> atan(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const Lanes<float, N> one(1.0f), large(1e30f);  // whose arc tangent is pi/2
  const auto magnitude = detail::smaller_or_second(large, abs(x));
  const auto steep = magnitude > one;
  const auto above = select(steep, one, magnitude), below = select(steep, magnitude, one);
  // The quotient in float32, and what it left divided by the same: one step of Newton's method.
  const auto quotient = cast<double>(above / below);
  const auto width = cast<double>(below);
  const auto t = quotient + quotient * (cast<double>(above) - quotient * width);
  const auto angle = detail::atan_series(t);
  return copysign(cast<float>(if_less(V(1.0), width, V(detail::kHalfPi) - angle, angle)), x);
}

namespace detail {

// Where |x| > 1/2, asin |x| = pi/2 - 2 asin(root) with root^2 = (1 - |x|) / 2; elsewhere the root is |x|. This is
// the arc sine of the root. The square root of a negative number makes the NaN for |x| > 1.
template <int N>
LOCKSTEP_INLINE Doubles<N> asin_of_root(Doubles<N> magnitude) {
  const Doubles<N> half(0.5);
  const auto square = if_less(half, magnitude, half - half * magnitude, magnitude * magnitude);
  return asin_series(if_less(half, magnitude, sqrt(square), magnitude), square);
}

}  // namespace detail

template <int N>
inline Lanes<float, N> asin(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto magnitude = cast<double>(abs(x));
  const auto part = detail::asin_of_root(magnitude);
  return copysign(cast<float>(if_less(V(0.5), magnitude, V(detail::kHalfPi) - (part + part), part)), x);
}
template <int N>
inline Lanes<float, N> acos(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto cosine = cast<double>(x);
  const auto magnitude = abs(cosine);
  const auto part = copysign(detail::asin_of_root(magnitude), cosine);
  const auto outer = if_less(cosine, V(0.0), V(detail::kPi), V(0.0)) + (part + part);
  return cast<float>(if_less(V(0.5), magnitude, outer, V(detail::kHalfPi) - part));
}

// ---- float64: the C library, lane by lane ----

#define LOCKSTEP_PER_LANE(name, expression)                                        \
  template <int N>                                                                 \
  inline Lanes<double, N> name(Lanes<double, N> x) {                               \
    return detail::per_lane(x, [](double value) { return expression; });           \
  }
LOCKSTEP_PER_LANE(sin, std::sin(value))
LOCKSTEP_PER_LANE(cos, std::cos(value))
LOCKSTEP_PER_LANE(tan, std::tan(value))
LOCKSTEP_PER_LANE(asin, std::asin(value))
LOCKSTEP_PER_LANE(acos, std::acos(value))
LOCKSTEP_PER_LANE(atan, std::atan(value))
#undef LOCKSTEP_PER_LANE

template <int N>
inline Lanes<double, N> atan2(Lanes<double, N> y, Lanes<double, N> x) {
  return detail::per_lane(y, x, [](double a, double b) { return std::atan2(a, b); });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
