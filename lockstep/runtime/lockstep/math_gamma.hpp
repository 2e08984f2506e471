// Functions of the gamma family: Hurwitz's zeta function and the regularised incomplete gamma functions.
#pragma once

#include "math_special.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// sum of (q + k)^-s for s > 1, q > 0: ten terms or as many as reach 10, the rest by Euler and Maclaurin's
// formula (Abramowitz and Stegun 23.2.9 for q = 1).
inline double zeta_of_positive(double s, double q) {
  // (2j)! / B_2j for j = 1, 2, ...
  constexpr double divisors[] = {12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1307674368000.0 / 691,
                                 74724249600.0, -10670622842880000.0 / 3617, 5109094217170944000.0 / 43867,
                                 -802857662698291200000.0 / 174611};
  double sum = 0, at = q;
  for (int k = 0; k < 10 || at < 10; ++k, at += 1) {
    const double term = std::pow(at, -s);
    sum += term;
    if (term < 1e-17 * sum) return sum;
  }
  const double last = std::pow(at, -s);
  double rest = last * at / (s - 1) + 0.5 * last;
  double factor = s, power = last / at;
  for (int j = 0; j < 10; ++j) {
    const double term = factor * power / divisors[j];
    rest += term;
    if (std::fabs(term) < 1e-17 * std::fabs(rest)) break;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2);
    power /= at * at;
  }
  return sum + rest;
}

// Left of zero the terms at negative places are those of two other sums, taken with the sign of (-1)^s. As
// PyTorch: infinite at s = 1 and at the poles, NaN below s = 1 and where a power of a negative number is not
// real.
inline double zeta_scalar(double s, double q) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (s == 1) return infinity;
  if (s < 1) return std::numeric_limits<double>::quiet_NaN();
  if (q <= 0 && q == std::floor(q)) return infinity;
  if (s != s || q != q) return s + q;
  if (q > 0) return zeta_of_positive(s, q);
  if (s != std::floor(s)) return std::numeric_limits<double>::quiet_NaN();
  if (s > 1e15) return infinity;  // of a place nearer than one
  const double beyond = -q - std::floor(-q);  // how far the last place left of zero is from it: exact
  const double left = zeta_of_positive(s, beyond) - zeta_of_positive(s, 1 - q);
  return zeta_of_positive(s, 1 - beyond) + (std::fmod(s, 2) == 0 ? left : -left);
}

// m - log(1 + m) without cancellation: log(1 + m) = 2 atanh r with r = m / (2 + m).
inline double minus_log1p(double m) {
  if (std::fabs(m) > 0.4) return m - std::log1p(m);
  const double r = m / (2 + m), square = r * r;
  double sum = 0;
  for (int k = 23; k > 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * square * (1 / (1 - r) - r * sum);
}

// x^a e^-x / gamma(a + 1); from a = 20 on by Stirling's series (Abramowitz and Stegun 6.1.41), whose parts
// would overflow apart.
inline double gamma_density(double a, double x) {
  if (a < 20) {
    if (x > 5000) return 0;
    const double half = std::exp(-0.5 * x);  // e^-x alone vanishes before the product does
    return std::pow(x, a) * half / std::tgamma(a + 1) * half;
  }
  const double r = 1 / (a * a);
  const double series =
      horner(Lanes<double, 1>(r), 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12)[0];
  return std::exp(-a * minus_log1p((x - a) / a) - series / a) / std::sqrt(6.2831853071795865 * a);
}

// P(a, x) by its power series (DLMF 8.11.4).
inline double lower_gamma_series(double a, double x) {
  double term = 1, sum = 1;
  for (double k = a + 1; term > 1e-17 * sum; k += 1) {
    term *= x / k;
    sum += term;
  }
  return gamma_density(a, x) * sum;
}
// Q(a, x) by the power series of 1 - P less its first term (DLMF 8.7.3), for x below about 1.
inline double upper_gamma_series(double a, double x) {
  double factor = 1, sum = 0;
  for (int n = 1; n < 100; ++n) {
    factor *= -x / n;
    const double term = factor / (a + n);
    sum += term;
    if (std::fabs(term) <= 1e-17 * std::fabs(sum)) break;
  }
  const double first = a * std::log(x) - lgamma_scalar(1 + a);
  return -std::expm1(first) - a * std::exp(first) * sum;
}
// Q(a, x) by Legendre's continued fraction (DLMF 8.9.2), by W. J. Lentz's method of 1976.
inline double upper_gamma_fraction(double a, double x) {
  const double density = gamma_density(a, x) * a;
  if (density == 0) return 0;
  double b = x + 1 - a, c = std::numeric_limits<double>::infinity(), d = 1 / b, value = d;
  for (int k = 1; k < 2000; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    value *= d * c;
    if (std::fabs(d * c - 1) < 2e-16) break;
  }
  return density * value;
}

// Coefficients of eta^n in c_k(eta) of N. M. Temme's uniform expansion, "The asymptotic expansion of the
// incomplete gamma functions", 1979, from the recursion DLMF 8.12.11 in rational numbers.
constexpr double kUniform[7][17] = {
    {-0.33333333333333331, 0.083333333333333329, -0.014814814814814815, 0.0011574074074074073,
     0.00035273368606701942, -0.0001787551440329218, 3.9192631785224377e-05, -2.185448510679992e-06,
     -1.85406221071516e-06, 8.2967113409530865e-07, -1.7665952736826078e-07, 6.7078535434014984e-09,
     1.0261809784240309e-08, -4.3820360184533529e-09, 9.1476995822367902e-10, -2.5514193994946248e-11,
     -5.8307721325504256e-11},
    {-0.0018518518518518519, -0.003472222222222222, 0.0026455026455026454, -0.00099022633744855963,
     0.00020576131687242798, -4.018775720164609e-07, -1.8098550334489977e-05, 7.6491609160811098e-06,
     -1.6120900894563446e-06, 4.647127802807434e-09, 1.3786334469157209e-07, -5.7525456035177047e-08,
     1.1951628599778148e-08, -1.7543241719747647e-11, -1.0091543710600413e-09},
    {0.0041335978835978834, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06,
     -0.0001073665322636516, 5.2923448829120125e-05, -1.2760635188618728e-05, 3.4235787340961378e-08,
     1.3721957309062934e-06, -6.2989921383800548e-07, 1.4280614206064242e-07},
    {0.00064943415637860077, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885,
     -7.5618016718839766e-05, -2.3965051138672968e-07, 1.1082654115347302e-05, -5.6749528269915965e-06,
     1.4230900732435883e-06},
    {-0.00086188829091671173, 0.00078403922172006662, -0.00029907248030319018, -1.4638452578843418e-06,
     6.6414982154651219e-05, -3.9683650471794347e-05, 1.1375726970678419e-05},
    {-0.00033679855336635813, -6.9728137583658571e-05, 0.00027727532449593918, -0.00019932570516188847,
     6.797780477937208e-05},
    {0.00053130793646399225, -0.00059216643735369393}};

struct IncompleteGamma {
  double lower, upper;
};

// eta with eta^2 / 2 = m - log(1 + m), of the sign of m = (x - a) / a; and erfc(eta sqrt(a / 2)) / 2.
inline double temme_eta(double m) { return std::copysign(std::sqrt(2 * minus_log1p(m)), m); }

// P and Q for a > 200 near x = a (DLMF 8.12.3 and 8.12.4).
inline IncompleteGamma uniform_expansion(double a, double x) {
  const double eta = temme_eta((x - a) / a), z = eta * std::sqrt(0.5 * a);
  double sum = 0;
  for (int k = 6; k >= 0; --k) {
    double c = 0;
    for (int n = 16; n >= 0; --n) c = c * eta + kUniform[k][n];
    sum = sum / a + c;
  }
  const double rest = std::exp(-z * z) / std::sqrt(6.2831853071795865 * a) * sum;
  return {0.5 * std::erfc(-z) - rest, 0.5 * std::erfc(z) + rest};
}

inline IncompleteGamma incomplete_gamma(double a, double x) {
  const double distance = std::fabs(x - a) / a;
  if (a > 200 && distance < 0.3) return uniform_expansion(a, x);
  if (x > 1.1 && x >= a) {
    const double upper = upper_gamma_fraction(a, x);
    return {1 - upper, upper};
  }
  const double lower = lower_gamma_series(a, x);
  const bool small = x <= 1.1 && a <= (x <= 0.5 ? -0.4 / std::log(x) : 1.1 * x);
  return {lower, small ? upper_gamma_series(a, x) : 1 - lower};
}

// As PyTorch: NaN for negative arguments; limits where one argument is zero or infinite, even if the other is
// NaN. Near x = a PyTorch takes pi in float32 in what its expansion adds to erfc(eta sqrt(a / 2)) / 2: a part
// in 7e7 less.
inline IncompleteGamma igamma_scalar(double a, double x) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (a < 0 || x < 0) return {nan, nan};
  if (a == 0) return x > 0 ? IncompleteGamma{1, 0} : IncompleteGamma{nan, nan};
  if (x == 0) return {0, 1};
  if (std::isinf(a)) return std::isinf(x) ? IncompleteGamma{nan, nan} : IncompleteGamma{0, 1};
  if (std::isinf(x)) return {1, 0};
  if (a != a || x != x) return {nan, nan};
  IncompleteGamma result = incomplete_gamma(a, x);
  const double distance = std::fabs(x - a) / a;
  if ((a > 20 && a < 200 && distance < 0.3) || (a > 200 && distance < 4.5 / std::sqrt(a))) {
    const double z = temme_eta((x - a) / a) * std::sqrt(0.5 * a);
    const double less = 1.3913767249462694e-08 * (0.5 * std::erfc(z) - result.upper);
    result.lower -= less;
    result.upper += less;
  }
  return result;
}

}  // namespace detail

#define LOCKSTEP_PER_LANE(name, expression)                                                      \
  template <class T, int N, class = detail::IfFloat<T>>                                          \
  inline Lanes<T, N> name(Lanes<T, N> first, Lanes<T, N> second) {                               \
    return detail::per_lane(first, second, [](double a, double b) { return T(expression); });    \
  }
LOCKSTEP_PER_LANE(zeta, detail::zeta_scalar(a, b))
LOCKSTEP_PER_LANE(igamma, detail::igamma_scalar(a, b).lower)
LOCKSTEP_PER_LANE(igammac, detail::igamma_scalar(a, b).upper)
#undef LOCKSTEP_PER_LANE

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
