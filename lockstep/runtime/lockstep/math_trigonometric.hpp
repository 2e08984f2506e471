// Sine, cosine, tangent and their inverses on vector lanes.
#pragma once

#include "math_float64.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// Sine and cosine of x reduced by the nearest multiple of pi/2, and which multiple (modulo 4, in the lowest
// bits).
template <int N>
struct ReducedAngle {
  Doubles<N> sine, cosine;
  Longs<N> quadrant;
};
// The largest magnitude that three parts of pi/2 reduce; beyond, the C library takes over.
constexpr float kLargestReducedAngle = 1.0e6f;

// pi/2 in three parts (Cody and Waite 1980): the first two have 33 bits, so that their products with a
// multiple below 2^20 are exact and so is the first difference; 119 bits in all survive the cancellation
// next to a multiple of pi/2. The Taylor series err by less than 1e-11 up to pi/4.
template <int N>
LOCKSTEP_INLINE ReducedAngle<N> reduce_angle(Doubles<N> x) {
  using V = Doubles<N>;
  const auto shifted = x * V(0.63661977236758134) + V(kRounder);
  const auto n = shifted - V(kRounder);
  const auto near = (x - n * V(1.5707963267341256)) - n * V(6.077100506303966e-11);
  const auto r = near - n * V(2.0222662487959506e-21);
  const auto square = r * r;
  const auto s = horner(square, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6);
  const auto c = horner(square, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -0.5);
  return {r * (V(1.0) + square * s), V(1.0) + square * c, bitcast<std::int64_t>(shifted)};
}
template <int N>
LOCKSTEP_INLINE Lanes<bool, N> is_odd(Longs<N> quadrant) {
  return (quadrant & Longs<N>(1)) != Longs<N>(0);
}
// Bit 1 of the quadrant, moved to where the sign stands.
template <int N>
LOCKSTEP_INLINE Doubles<N> negate_in_quadrants_2_and_3(Doubles<N> x, Longs<N> quadrant) {
  const auto sign = (quadrant & Longs<N>(2)) << Longs<N>(62);
  return bitcast<double>(bitcast<std::int64_t>(x) ^ sign);
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
  const auto angle = detail::reduce_angle(cast<double>(x));
  const auto value = select(detail::is_odd(angle.quadrant), angle.cosine, angle.sine);
  return cast<float>(detail::negate_in_quadrants_2_and_3(value, angle.quadrant));
}
template <int N>
inline Lanes<float, N> cos(Lanes<float, N> x) {
  if (detail::any_beyond_reduction(x)) {
    return detail::each_in_double(x, [](double angle) { return std::cos(angle); });
  }
  const auto angle = detail::reduce_angle(cast<double>(x));
  const auto quadrant = angle.quadrant + Lanes<std::int64_t, N>(1);  // cos x = sin(x + pi/2)
  const auto value = select(detail::is_odd(quadrant), angle.cosine, angle.sine);
  return cast<float>(detail::negate_in_quadrants_2_and_3(value, quadrant));
}
template <int N>
inline Lanes<float, N> tan(Lanes<float, N> x) {
  if (detail::any_beyond_reduction(x)) {
    return detail::each_in_double(x, [](double angle) { return std::tan(angle); });
  }
  const auto angle = detail::reduce_angle(cast<double>(x));
  const auto odd = detail::is_odd(angle.quadrant);
  const auto above = select(odd, -angle.cosine, angle.sine);
  return cast<float>(above / select(odd, angle.sine, angle.cosine));
}

namespace detail {

constexpr double kHalfPi = 1.5707963267948966;
constexpr double kPi = 3.1415926535897931;

// The angle of the point (x, y), NaN for a NaN. Folded into the first octant and, above pi/8, turned by
// -pi/4, so that a polynomial up to tan(pi/8) is enough (relative error 8e-13).
template <int N>
LOCKSTEP_INLINE Doubles<N> atan2_float64(Doubles<N> y, Doubles<N> x) {
  using V = Doubles<N>;
  const auto height = abs(y), width = abs(x);
  const auto steep = height > width;
  auto shorter = select(steep, width, height), longer = select(steep, height, width);
  const auto both_infinite = shorter == infinite_lanes<double, N>();
  shorter = select(both_infinite, V(1.0), shorter);
  longer = select(both_infinite | (longer == V(0.0)), V(1.0), longer);  // 0 / 0 counts as 0 / 1
  const auto turned = (shorter > longer * V(0.41421356237309503)) & (longer < infinite_lanes<double, N>());
  const auto t = select(turned, shorter - longer, shorter) / select(turned, shorter + longer, longer);
  const auto square = t * t;
  const auto series = horner(square, -0.037758814732742514, 0.069822258982807556, -0.08994947937969916,
                             0.11103810240835919, -0.14285413748683137, 0.19999994099203472,
                             -0.33333333294030171);
  auto angle = t + t * (square * series);
  angle = select(turned, angle + V(0.78539816339744828), angle);
  angle = select(steep, V(kHalfPi) - angle, angle);
  angle = copysign(select(signbit(x), V(kPi) - angle, angle), y);
  return select((x != x) | (y != y), nan_lanes<double, N>(), angle);
}

}  // namespace detail

template <int N>
inline Lanes<float, N> atan2(Lanes<float, N> y, Lanes<float, N> x) {
  return cast<float>(detail::atan2_float64(cast<double>(y), cast<double>(x)));
}
template <int N>
inline Lanes<float, N> atan(Lanes<float, N> x) {
  return cast<float>(detail::atan2_float64(cast<double>(x), Lanes<double, N>(1.0)));
}
// asin and acos: the angle of (sqrt(1 - x^2), x) and of (x, sqrt(1 - x^2)); the square root of a negative
// number makes the NaN for |x| > 1.
template <int N>
inline Lanes<float, N> asin(Lanes<float, N> x) {
  const Lanes<double, N> one(1.0), sine = cast<double>(x);
  return cast<float>(detail::atan2_float64(sine, sqrt((one - sine) * (one + sine))));
}
template <int N>
inline Lanes<float, N> acos(Lanes<float, N> x) {
  const Lanes<double, N> one(1.0), cosine = cast<double>(x);
  return cast<float>(detail::atan2_float64(sqrt((one - cosine) * (one + cosine)), cosine));
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
