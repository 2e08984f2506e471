// Vector exponentials and logarithms in float64, accurate to about 1e-12: what float32 functions round from.
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
// (e^r - 1) by its Taylor series, to 7e-12 of e^r for |r| <= ln2 / 2, and to 7e-12 of itself.
template <int N>
LOCKSTEP_INLINE Doubles<N> expm1_series(Doubles<N> r) {
  const auto tail = horner(r, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                           1.0 / 24, 1.0 / 6, 1.0 / 2);
  return r + r * r * tail;
}
template <int N>
LOCKSTEP_INLINE Doubles<N> clamp_exponent(Doubles<N> x) {
  const Doubles<N> limit(700.0);  // float32 has long overflowed or vanished; NaN stays
  return select(x > limit, limit, select(x < -limit, -limit, x));
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
// + 1)).
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
  const auto s = (m - one) / (m + one);
  const auto square = s * s;
  const auto series = horner(square, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3);
  return exponent * Doubles<N>(kLn2) + (s + s) * (one + square * series);
}
// Logarithm of zero (-inf), negative numbers (NaN), infinity and NaN too.
template <int N>
LOCKSTEP_INLINE Doubles<N> log_float64(Doubles<N> x) {
  const Doubles<N> zero(0.0), infinity = infinite_lanes<double, N>();
  const auto special = select(x < zero, nan_lanes<double, N>(), select(x == zero, -infinity, x));
  return select((x > zero) & (x < infinity), log_of_normal(x), special);
}
// log(1 + x), also relative to a tiny x: what the rounding of 1 + x lost comes back as a first-order term.
// -1 gives -inf, below -1 NaN, +inf gives +inf.
template <int N>
LOCKSTEP_INLINE Doubles<N> log1p_float64(Doubles<N> x) {
  const Doubles<N> zero(0.0), one(1.0), infinity = infinite_lanes<double, N>();
  const auto sum = one + x;
  const auto lost = x - (sum - one);
  const auto regular = log_of_normal(sum) + select(abs(x) < one, lost / sum, zero);
  const auto special = select(sum < zero, nan_lanes<double, N>(), select(sum == zero, -infinity, sum));
  return select(x == zero, x, select((sum > zero) & (sum < infinity), regular, special));
}

}  // namespace detail
}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
