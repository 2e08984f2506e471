// The tails of the normal distribution: the scaled complementary error function and the quantile.
#pragma once

#include "math_chebyshev.hpp"
#include "math_special.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// (1 + 2x) e^(x^2) erfc(x) for x >= 0 with t = (x - 3) / (x + 3), the form of M. Shepherd and J. Laframboise,
// "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x", 1981; computed in 45 digits and cut below 1e-16.
constexpr double kScaledErfc[] = {
    1.1775625741965601, 0.0053539045396156764, -0.093775503422842091, 0.054366525557443222,
    -0.018976596707845208, 0.0044534260614627116, -0.00063355317105531469, 1.7661719523171593e-05,
    1.2841532864056671e-05, -2.0072285659059913e-06, -1.8075227904148371e-07, 7.5498283438250929e-08,
    1.885668523838603e-09, -2.6995190497983639e-09, -1.4600791199391051e-11, 1.0361607445969489e-10,
    1.475715976623473e-12, -4.277340064396911e-12, -2.0792249285979901e-13, 1.8134502003176963e-13,
    1.973425574544739e-14, -7.2879437375926734e-15, -1.5169878690228116e-15, 2.3514112258781403e-16,
    1.0006111691821667e-16};

// Left of zero 2 e^(x^2) - erfcx(-x), where what the rounding of x^2 lost joins as a first-order term.
inline double erfcx_scalar(double x) {
  const double a = std::fabs(x);
  const double right = chebyshev_series(kScaledErfc, std::isinf(a) ? 1.0 : (a - 3) / (a + 3)) / (1 + a + a);
  if (!(x < 0)) return right;
  const double square = x * x;
  if (square > 720) return std::numeric_limits<double>::infinity();
  return 2 * std::exp(square) * (1 + std::fma(x, x, -square)) - right;
}

// Quantile of the normal distribution. In the middle by the inverse error function, whose argument is exact
// there. In the tail Newton's method on log p = log(erfcx(y / sqrt 2) / 2) - y^2 / 2, which no p is too small
// for, from the first terms of the asymptotic inverse.
inline double ndtri_scalar(double p) {
  if (!(p > 0 && p < 1)) {
    if (p == 0 || p == 1) return std::copysign(std::numeric_limits<double>::infinity(), p - 0.5);
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (std::fabs(p - 0.5) <= 0.375) return 1.4142135623730951 * erfinv_scalar((p - 0.5) * 2);
  const double target = std::log(p < 0.5 ? p : 1 - p);
  double y = std::sqrt(-2 * target);
  y -= std::log(y * 2.5066282746310002) / y;
  for (int step = 0; step < 5; ++step) {
    const double scaled = erfcx_scalar(y * 0.70710678118654752);
    const double error = (std::log(0.5 * scaled) - target) - 0.5 * y * y;
    y += error * scaled * 1.2533141373155003;  // the derivative is -sqrt(2 / pi) / erfcx(y / sqrt 2)
  }
  return p < 0.5 ? -y : y;
}

}  // namespace detail

template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> erfcx(Lanes<T, N> x) {
  return detail::per_lane(x, [](T value) { return T(detail::erfcx_scalar(double(value))); });
}
template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> ndtri(Lanes<T, N> x) {
  return detail::per_lane(x, [](T value) { return T(detail::ndtri_scalar(double(value))); });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
