// Powers of two in float32: arguments taken apart into a whole power and a rest, and the power put back.
#pragma once

#include "math_float64.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// Adding it rounds to an integer n; the exponent field of 2^n, n + 127, then stands in the lowest bits of the
// sum.
constexpr float kFloatRounder = 12582912.0f + 127.0f;  // 1.5 * 2^23 + 127

// 2^n from n + kFloatRounder, for n from -126 to 127; 0 for n = -127. The shift drops the rounder's own bits.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> power_of_two(Lanes<float, N> shifted) {
  return bitcast<float>(bitcast<std::int32_t>(shifted) << Lanes<std::int32_t, N>(23));
}
// 2^n in two factors from n + kFloatRounder, for n from -253 to 254; a factor of 0 for n = -254. The product
// of a number near 1 with the first is exact, so a subnormal result is rounded once, and neither factor
// overflows before the product does.
template <int N>
struct Factors {
  Lanes<float, N> first, second;
};
template <int N>
LOCKSTEP_INLINE Factors<N> factors_of_power(Lanes<float, N> shifted) {
  using I = Lanes<std::int32_t, N>;
  const auto fields = bitcast<std::int32_t>(shifted) + I(127);  // the sum of both exponent fields
  const auto first = (fields << I(22)) & I(std::int32_t(0xff800000u));
  return {bitcast<float>(first), bitcast<float>((fields << I(23)) - first)};
}

// Polynomial by the first step of Estrin's scheme: pairs of coefficients are summed side by side and joined
// by Horner's rule in x^2, a chain of half the length. Coefficients from the highest power down, an odd number.
template <class V, class... Rest>
LOCKSTEP_INLINE V horner_by_pairs(V x, V square, V sum, float odd, float even, Rest... rest) {
  const V joined = sum * square + (x * V(odd) + V(even));
  if constexpr (sizeof...(rest) == 0) {
    return joined;
  } else {
    return horner_by_pairs(x, square, joined, rest...);
  }
}

// x = n ln2 + (high - low), |high - low| <= ln2 / 2. The first part of ln2, 355/512 (Cody and Waite 1980),
// is short enough for its product with n to be exact; `high` is exact as well, and `low` is the small
// correction.
template <int N>
struct ReducedFloat {
  Lanes<float, N> n, high, low;
  Lanes<float, N> shifted;  // n + the rounder
};
template <int N>
LOCKSTEP_INLINE ReducedFloat<N> reduce_by_ln2(Lanes<float, N> x, float rounder = kFloatRounder) {
  using V = Lanes<float, N>;
  const auto shifted = x * V(1.44269504f) + V(rounder);
  const auto n = shifted - V(rounder);
  // With the zero `low` is a fused sum of its own, where there are such. A bare product would be fused into
  // each of its uses, and the product with the series, which comes last, into none.
  return {n, x - n * V(0.693359375f), n * V(-0.00021219444f) + V(0.0f), shifted};
}
// (e^r - 1 - r) / r^2, fitted for least relative error of e^r, 3e-9 on |r| <= ln2 / 2.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp_series(Lanes<float, N> r, Lanes<float, N> square) {
  const Lanes<float, N> highest(0.00139517174f);
  return horner_by_pairs(r, square, highest, 0.00836959854f, 0.0416661873f, 0.166665122f, 0.5f);
}
// e^(high - low) - 1 = high + (r^2 q(r) - low): the sum with 1 that follows rounds at the size of 1.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp_of_reduced(ReducedFloat<N> x) {
  const auto r = x.high - x.low, square = r * r;
  return x.high + (square * exp_series(r, square) - x.low);
}
// A quarter of a ULP of 1 worse, for functions in which the exponential is only a part.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> quick_exp_of_reduced(ReducedFloat<N> x) {
  const auto r = x.high - x.low, square = r * r;
  return square * exp_series(r, square) + r;
}

#ifdef __AVX512F__
// m * 2^n in one instruction, for n from far below the least exponent to far above the greatest.
LOCKSTEP_INLINE Lanes<float, 16> scaled(Lanes<float, 16> m, Lanes<float, 16> n) {
  return Lanes<float, 16>(__builtin_ia32_scalefps512_mask(m.v, n.v, m.v, kEveryLane, kAsSet));
}
#endif
// Whether |x| <= bound in every lane.
template <int N>
LOCKSTEP_INLINE bool all_within(float bound, Lanes<float, N> x) {
  const auto within = abs(x) <= Lanes<float, N>(bound);
  [[maybe_unused]] const auto signs = (Vector<float, N>)within.v;
#ifdef __AVX__
  if constexpr (N == 8) return __builtin_ia32_movmskps256(signs) == 0xff;
#endif
#ifdef __SSE2__
  if constexpr (N == 4) return __builtin_ia32_movmskps(signs) == 0xf;
#endif
  return all(within);
}

// Minus zero counts as negative: a choice by the sign bit needs no comparison.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> if_negative(Lanes<float, N> x, Lanes<float, N> yes, Lanes<float, N> no) {
  using I = Lanes<std::int32_t, N>;
  const auto bits = bitcast<std::int32_t>(x);
  return bitcast<float>(if_less(bits, I(0), bitcast<std::int32_t>(yes), bitcast<std::int32_t>(no)));
}

}  // namespace detail

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
