// Vector exponentials and logarithms in float64, accurate to 1e-9 or better: what float32 functions round
// from.
//
// Not for float64 functions, which need every bit and call the C library.
#pragma once

#include "math_basic.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

template <int N>
using Doubles = Lanes<double, N>;
template <int N>
using Longs = Lanes<std::int64_t, N>;

constexpr double kLn2 = 0.6931471805599453;
constexpr double kLog2E = 1.4426950408889634;
// Adding and subtracting 1.5 * 2^52 rounds to an integer, which meanwhile stands in the lowest bits of the
// sum.
constexpr double kRounder = 6755399441055744.0;

// 1 / x to 2^-44 where x and its reciprocal are float32: a quotient of float32 and one step of Newton's method
// take a third of the time of a division. 0 where x lies above float32.
template <int N>
LOCKSTEP_INLINE Doubles<N> reciprocal_float64(Doubles<N> x) {
  const auto near = cast<double>(Lanes<float, N>(1.0f) / cast<float>(x));
  return near + near * (Doubles<N>(1.0) - x * near);
}

// x = exponent * ln2 + rest, |rest| <= ln2 / 2; `scale` is 2^exponent. Requires |x| <= 700 or NaN.
template <int N>
struct ReducedExponential {
  Doubles<N> rest, scale;
};
template <int N>
LOCKSTEP_INLINE ReducedExponential<N> reduce_exponential(Doubles<N> x) {
  // ln2 in two parts; the first has 40 bits, so that its product with the exponent is exact.
  const auto shifted = x * Doubles<N>(kLog2E) + Doubles<N>(kRounder);
  const auto exponent = shifted - Doubles<N>(kRounder);
  const auto rest =
      (x - exponent * Doubles<N>(0.69314718055920821)) - exponent * Doubles<N>(7.3710025651677989e-13);
  const auto scale = (bitcast<std::int64_t>(shifted) + Longs<N>(1023)) << Longs<N>(52);
  return {rest, bitcast<double>(scale)};
}
// e^r - 1 for |r| <= ln2 / 2, fitted to 2.4e-10 of itself.
template <int N>
LOCKSTEP_INLINE Doubles<N> expm1_series(Doubles<N> r) {
  const auto tail = horner(r, 0.00019845879958084694, 0.0013940654599386235, 0.008333389428770769,
                           0.0416663605917636, 0.1666666636999171, 0.500000004423323);
  return r + r * r * tail;
}
template <int N>
LOCKSTEP_INLINE Doubles<N> clamp_exponent(Doubles<N> x) {
  const Doubles<N> limit(700.0);  // float32 has long overflowed or vanished; NaN stays
  return smaller_or_second(limit, larger_or_second(-limit, x));
}
template <int N>
LOCKSTEP_INLINE Doubles<N> exp_float64(Doubles<N> x) {
  const auto reduced = reduce_exponential(clamp_exponent(x));
  return reduced.scale + reduced.scale * expm1_series(reduced.rest);
}
template <int N>
LOCKSTEP_INLINE Doubles<N> expm1_float64(Doubles<N> x) {
  const auto reduced = reduce_exponential(clamp_exponent(x));
  return (reduced.scale - Doubles<N>(1.0)) + reduced.scale * expm1_series(reduced.rest);
}

// Logarithm of a positive normal number: x = 2^e * m, sqrt(1/2) <= m < sqrt(2), log m = 2 atanh((m - 1) / (m
// + 1)), fitted to 5e-12.
template <int N>
LOCKSTEP_INLINE Doubles<N> log_of_normal(Doubles<N> x) {
  const Longs<N> sqrt_half(0x3fe6a09e00000000), exponent_mask(std::int64_t(0xfff0000000000000u));
  const auto bits = bitcast<std::int64_t>(x);
  const auto exponent_bits = (bits - sqrt_half) & exponent_mask;
  const auto m = bitcast<double>(bits - exponent_bits);
  // The exponent as float64 without an integer conversion, which AVX2 lacks: its bits under those of 2^52.
  using Unsigned = Lanes<std::uint64_t, N>;
  const auto biased = bitcast<std::uint64_t>(exponent_bits + Longs<N>(0x4000000000000000)) >> Unsigned(52);
  const auto exponent =
      bitcast<double>(biased | Unsigned(0x4330000000000000)) - Doubles<N>(4503599627370496.0 + 1024.0);
  const Doubles<N> one(1.0);
  const auto s = (m - one) * reciprocal_float64(m + one);
  const auto square = s * s;
  const auto series =
      horner(square, 0.11791382607252401, 0.14268639070417988, 0.20000167818003664, 0.3333333282182737);
  return exponent * Doubles<N>(kLn2) + (s + s) * (one + square * series);
}
// `regular` where x is positive and finite; elsewhere -inf for zero, NaN below, +inf and NaN for themselves.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> log_unless_special(Lanes<T, N> x, Lanes<T, N> regular) {
  const Lanes<T, N> zero(0), infinity = infinite_lanes<T, N>();
  const auto positive = if_less(x, infinity, regular, x);
  const auto other = if_equal(x, zero, -infinity, nan_lanes<T, N>());
  return if_less(zero, x, positive, other);
}
template <int N>
LOCKSTEP_INLINE Doubles<N> log_float64(Doubles<N> x) {
  return log_unless_special(x, log_of_normal(x));
}
// log(1 + x), also relative to a tiny x: what the rounding of 1 + x lost comes back as a first-order term.
// -1 gives -inf, below -1 NaN, +inf gives +inf.
template <int N>
LOCKSTEP_INLINE Doubles<N> log1p_float64(Doubles<N> x) {
  const Doubles<N> zero(0.0), one(1.0), half(0.5);
  const auto sum = one + x;
  const auto lost = x - (sum - one);  // to be divided by the sum; but where it counts, that is almost 1
  const auto regular = log_of_normal(sum) + if_less(abs(x), half, lost, zero);
  return if_equal(x, zero, x, log_unless_special(sum, regular));
}

}  // namespace detail
}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
