// Every float32 function of the runtime beside a reference, and its largest error in ULP over many arguments.
//
// The reference is the C library in float64, or in long double where the runtime itself calls the float64 one. A NaN,
// an infinity or a zero's sign that differs counts as an infinite error. Functions of two arguments are sampled: 2^28
// pairs divided by the stride, half of them random bit patterns and half of them of moderate size.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "lockstep/math.hpp"
#include "lockstep/math_bessel.hpp"
#include "lockstep/math_normal.hpp"
#include "lockstep/simd.hpp"

namespace functions {

using lockstep::Index;
using lockstep::Lanes;

// Derivative of log gamma in long double, as in the runtime but with the recurrence carried to 30.
inline long double digamma_reference(long double x) {
  const long double pi = 3.14159265358979323846264338327950288L;
  if (x == 0) return std::copysign(HUGE_VALL, -x);
  long double result = 0;
  if (x < 0) {
    if (x == std::trunc(x)) return NAN;
    long double whole;
    result = -pi / std::tan(pi * std::modf(x, &whole));
    x = 1 - x;
  }
  for (; x < 30; x += 1) result -= 1 / x;
  const long double z = 1 / (x * x);
  long double series = 0;
  for (long double c : {-691.0L / 32760, 1.0L / 132, -1.0L / 240, 1.0L / 252, -1.0L / 120, 1.0L / 12}) {
    series = series * z + c;
  }
  return result + std::log(x) - 0.5L / x - series * z;
}

// Newton's method on erf, on the side where it is well conditioned.
inline long double erfinv_reference(long double x) {
  const long double a = std::fabs(x);
  if (!(a < 1)) return a == 1 ? std::copysign(HUGE_VALL, x) : (long double)NAN;
  if (a < 1e-10L) return x * 0.886226925452758013649083741670572591L;
  const long double w = -std::log((1 - a) * (1 + a));
  long double y = w < 5 ? a * 0.9L : std::sqrt(w) - 0.3L;
  for (int i = 0; i < 60; ++i) {
    const long double error = a < 0.5L ? std::erf(y) - a : (1 - a) - std::erfc(y);
    const long double step = error / (1.12837916709551257389615890312154517L * std::exp(-y * y));
    y -= step / (1 + y * step);
    if (std::fabs(step) < 1e-15L * y) break;
  }
  return std::copysign(y, x);
}

inline long double sigmoid_reference(long double x) {
  const double t = std::exp(-std::fabs(double(x)));
  return (x < 0 ? t : 1.0) / (1.0 + t);
}

// e^-x I(x) sqrt(x) or e^x K(x) sqrt(x) for large x: Hankel's series (Abramowitz and Stegun 9.7.1, 9.7.2).
inline long double hankel(int order, long double x, int sign, long double limit) {
  long double term = limit, sum = limit;
  for (int k = 1; k < 12; ++k) {
    term *= sign * (4.0L * order * order - (2 * k - 1) * (2 * k - 1)) / (8 * k * x);
    sum += term;
  }
  return sum / std::sqrt(x);
}
inline long double scaled_i(int order, long double x) {
  const long double a = std::fabs(x);
  if (std::isnan(x)) return x;
  const long double value = a < 100 ? std::cyl_bessel_i((long double)order, a) * std::exp(-a)
                                    : hankel(order, a, -1, 0.398942280401432677939946059934L);
  return order == 1 ? std::copysign(value, x) : value;
}
inline long double scaled_k(int order, long double x) {
  if (!(x > 0)) return x == 0 ? HUGE_VALL : NAN;
  return x < 100 ? std::cyl_bessel_k((long double)order, x) * std::exp(x)
                 : hankel(order, x, 1, 1.25331413731550025120788264240552L);
}
inline long double erfcx_reference(long double x) {
  const long double z = 1 / (x * x), root = 0.564189583547756286948079451561L;
  return x < 100 ? std::exp(x * x) * std::erfc(x) : (1 - z / 2 + 0.75L * z * z) / x * root;
}

// The distance between neighbouring float32 around a number; around what overflows, that below 2^128.
inline double spacing(double x) {
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  std::int64_t exponent = std::int64_t(bits >> 52 & 0x7ff) - 1023;
  exponent = exponent < -126 ? -126 : exponent > 127 ? 127 : exponent;
  bits = std::uint64_t(exponent - 23 + 1023) << 52;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline double error_in_ulp(float actual, double expected) {
  const bool actual_nan = actual != actual, expected_nan = expected != expected;
  if (actual_nan || expected_nan) return actual_nan == expected_nan ? 0 : HUGE_VAL;
  if (std::isinf(expected)) return actual == expected ? 0 : HUGE_VAL;
  if (expected == 0) return actual == 0 && std::signbit(actual) == std::signbit(expected) ? 0 : HUGE_VAL;
  if (std::isinf(actual)) {
    if (std::isinf(float(expected)) && float(expected) == actual) return 0;
    return std::fabs(expected - std::copysign(0x1p128, double(actual))) / spacing(expected);
  }
  return std::fabs(expected - actual) / spacing(expected);
}

struct Unary {
  const char* name;
  void (*run)(float* y, const float* x, Index n);
  double (*reference)(float);
};
struct Binary {
  const char* name;
  void (*run)(float* z, const float* x, const float* y, Index n);
  double (*reference)(float, float);
};

#define UNARY(name, expression)                                                                    \
  Unary {                                                                                          \
    #name,                                                                                         \
        [](float* y, const float* x, Index n) {                                                    \
          lockstep::each(n, [&](auto at) { at.store(y, name(at.load(x))); });                      \
        },                                                                                         \
        [](float argument) -> double { const double x = argument; return double(expression); }        \
  }
#define BINARY(name, expression)                                                                   \
  Binary {                                                                                         \
    #name,                                                                                         \
        [](float* z, const float* x, const float* y, Index n) {                                    \
          lockstep::each(n, [&](auto at) { at.store(z, name(at.load(x), at.load(y))); });          \
        },                                                                                         \
        [](float first, float second) -> double {                                                  \
          const long double x = first, y = second;                                                 \
          return double(expression);                                                               \
        }                                                                                          \
  }

const Unary kUnary[] = {
    UNARY(exp, std::exp(x)),
    UNARY(exp2, std::exp2(x)),
    UNARY(expm1, std::expm1(x)),
    UNARY(log, std::log(x)),
    UNARY(log2, std::log2(x)),
    UNARY(log10, std::log10(x)),
    UNARY(log1p, std::log1p(x)),
    UNARY(sqrt, std::sqrt(x)),
    UNARY(rsqrt, 1 / std::sqrt(x)),
    UNARY(reciprocal, 1 / x),
    UNARY(sin, std::sin(x)),
    UNARY(cos, std::cos(x)),
    UNARY(tan, std::tan(x)),
    UNARY(asin, std::asin(x)),
    UNARY(acos, std::acos(x)),
    UNARY(atan, std::atan(x)),
    UNARY(sinh, std::sinh(x)),
    UNARY(cosh, std::cosh(x)),
    UNARY(tanh, std::tanh(x)),
    UNARY(asinh, std::asinh(x)),
    UNARY(acosh, std::acosh(x)),
    UNARY(atanh, std::atanh(x)),
    UNARY(erf, std::erf(x)),
    UNARY(erfc, std::erfc(x)),
    UNARY(erfinv, erfinv_reference(x)),
    UNARY(sigmoid, sigmoid_reference(x)),
    UNARY(lgamma, std::lgamma((long double)x)),
    UNARY(digamma, digamma_reference(x)),
    UNARY(i0e, scaled_i(0, x)),
    UNARY(i1e, scaled_i(1, x)),
    UNARY(k0e, scaled_k(0, x)),
    UNARY(k1e, scaled_k(1, x)),
    UNARY(erfcx, erfcx_reference(x)),
    UNARY(abs, std::fabs(x)),
    UNARY(neg, -x),
    UNARY(sign, x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0),
    UNARY(floor, std::floor(x)),
    UNARY(ceil, std::ceil(x)),
    UNARY(trunc, std::trunc(x)),
    UNARY(round, std::nearbyint(x)),
};

inline long double logaddexp_reference(long double x, long double y) {
  if (x == y) return x + 0.693147180559945309417232121458176568L;
  return (std::isnan(x) || x > y ? x : y) + std::log1p(std::exp(-std::fabs(x - y)));
}
inline long double logaddexp2_reference(long double x, long double y) {
  if (x == y) return x + 1;
  const long double tail = std::log1p(std::exp2(-std::fabs(x - y)));
  return (std::isnan(x) || x > y ? x : y) + tail * 1.44269504088896340735992468100189214L;
}
inline float remainder_reference(float x, float y) {
  const float rest = std::fmod(x, y);
  return rest != 0 && (y < 0) != (rest < 0) ? rest + y : rest;
}
// c10::div_floor_floating of PyTorch.
inline float floor_divide_reference(float a, float b) {
  if (b == 0) return a / b;
  const float rest = std::fmod(a, b);
  float quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0f, a / b);
  const float floored = std::floor(quotient);
  return quotient - floored > 0.5f ? floored + 1 : floored;
}

const Binary kBinary[] = {
    BINARY(pow, std::pow(x, y)),
    BINARY(atan2, std::atan2(x, y)),
    BINARY(hypot, std::hypot(x, y)),
    BINARY(logaddexp, logaddexp_reference(x, y)),
    BINARY(logaddexp2, logaddexp2_reference(x, y)),
    BINARY(xlogy, x == 0 && y == y ? 0 : x * std::log(y)),
    BINARY(fmod, std::fmod(float(x), float(y))),
    BINARY(remainder, remainder_reference(float(x), float(y))),
    BINARY(floor_divide, floor_divide_reference(float(x), float(y))),
    BINARY(copysign, std::copysign(x, y)),
    BINARY(nextafter, std::nextafter(float(x), float(y))),
    BINARY(maximum, x != x ? x : y != y ? y : x < y ? y : x),
    BINARY(minimum, x != x ? x : y != y ? y : y < x ? y : x),
    BINARY(fmax, x != x ? y : y != y ? x : x < y ? y : x),
    BINARY(fmin, x != x ? y : y != y ? x : y < x ? y : x),
};

constexpr int kBlock = 4093;  // not a multiple of the lanes, so that the tail is measured too

inline float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The largest error and where it is; y is unused by functions of one argument.
struct Worst {
  double error = -1, reference = 0;
  float x = 0, y = 0, value = 0;
};

inline Worst measure(const Unary& function, std::uint64_t stride) {
  static float x[kBlock], y[kBlock];
  Worst worst;
  const auto compare = [&](int n) {
    function.run(y, x, n);
    for (int i = 0; i < n; ++i) {
      const double expected = function.reference(x[i]), error = error_in_ulp(y[i], expected);
      if (error > worst.error) worst = {error, expected, x[i], 0, y[i]};
    }
  };
  // Whatever the stride: zeros, the smallest and largest numbers, infinities, NaN, one and its neighbours.
  const std::uint32_t special[] = {0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3f7fffff,
                                   0x3f800000, 0x3f800001, 0x7f7fffff, 0x7f800000, 0x7fc00000};
  int n = 0;
  for (const std::uint32_t bits : special) x[n++] = float_of(bits), x[n++] = float_of(bits | 0x80000000u);
  compare(n);
  constexpr std::uint64_t all = std::uint64_t(1) << 32;
  for (std::uint64_t bits = 0; bits < all;) {
    for (n = 0; n < kBlock && bits < all; bits += stride) x[n++] = float_of(std::uint32_t(bits));
    compare(n);
  }
  return worst;
}

inline Worst measure(const Binary& function, std::uint64_t stride) {
  static float x[kBlock], y[kBlock], z[kBlock];
  Worst worst;
  std::uint64_t state = 0x9e3779b97f4a7c15;
  const auto random = [&state] {  // the upper half of a linear congruential generator (Knuth)
    state = state * 6364136223846793005u + 1442695040888963407u;
    return std::uint32_t(state >> 32);
  };
  const float special[] = {0.0f, -0.0f, 1.0f,        -1.0f,     2.0f,      -3.0f,
                           0.5f, NAN,   float_of(1), HUGE_VALF, -HUGE_VALF};
  constexpr std::uint32_t specials = sizeof special / sizeof *special;
  for (std::uint64_t done = 0; done < (std::uint64_t(1) << 28) / stride; done += kBlock) {
    for (int i = 0; i < kBlock; ++i) {
      const std::uint32_t a = random(), b = random(), kind = random() >> 24;
      const bool moderate = kind & 1;
      x[i] = moderate ? float(std::int32_t(a)) * 0x1p-27f : float_of(a);
      y[i] = moderate ? float(std::int32_t(b)) * 0x1p-26f : float_of(b);
      if ((kind & 14) == 2) x[i] = special[a % specials];
      if ((kind & 112) == 16) y[i] = special[b % specials];
      if ((kind & 112) == 32) y[i] = float(std::int32_t(b) >> 27);
    }
    function.run(z, x, y, kBlock);
    for (int i = 0; i < kBlock; ++i) {
      const double expected = function.reference(x[i], y[i]);
      // The sign of a zero among equal zeros is not specified for extrema.
      const double error = z[i] == 0 && expected == 0 && x[i] == y[i] ? 0 : error_in_ulp(z[i], expected);
      if (error > worst.error) worst = {error, expected, x[i], y[i], z[i]};
    }
  }
  return worst;
}

}  // namespace functions
