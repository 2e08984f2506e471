// Exponentials, logarithms, powers and what is built from them: hyperbolic functions, sigmoid, logaddexp.
#pragma once

#include "math_powers.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// ---- float32 ----

// Where no lane's result comes near the ends of float32, one power of two scales it. Elsewhere the argument
// is cut where the result has long been 0 or infinite. At -176 the first factor is 0: exp(-inf), of which masks
// are made, must not become a product that vanishes, for which some machines take a hundred cycles.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp(Lanes<float, N> x) {
#ifdef __AVX512F__
  if constexpr (N == 16) {
    const auto inside = detail::reduce_by_ln2(detail::between(-160.0f, 160.0f, x));
    return detail::scaled(Lanes<float, N>(1.0f) + detail::exp_of_reduced(inside), inside.n);
  }
#endif
  if (__builtin_expect(detail::all_within(87.0f, x), true)) {
    const auto near = detail::reduce_by_ln2(x);
    const auto power = detail::power_of_two(near.shifted);
    return power + detail::exp_of_reduced(near) * power;
  }
  const auto far = detail::reduce_by_ln2(detail::between(-176.0f, 90.0f, x));
  const auto [first, second] = detail::factors_of_power(far.shifted);
  return (first + detail::exp_of_reduced(far) * first) * second;
}

namespace detail {

// scale (2^r - 1) / r for |r| <= 1/2, fitted for a relative error of 2^r of 3e-9.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp2_series(Lanes<float, N> r, float scale = 1.0f) {
  return horner(r, 0.000153264627f * scale, 0.00133908063f * scale, 0.00961850584f * scale, 0.0555035993f * scale,
                0.240226477f * scale, 0.693147182f * scale);
}
// 2^(n + k + r), where scale is 2^k, shifted is n + k + kFloatRounder, and n + k is from -126 to 127. The power of two is
// ready before the series is, and leaves one fused operation after it.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp2_of_parts([[maybe_unused]] Lanes<float, N> n, Lanes<float, N> r,
                                              [[maybe_unused]] Lanes<float, N> shifted,
                                              [[maybe_unused]] float scale = 1.0f) {
#ifdef __AVX512F__
  if constexpr (N == 16) return scaled(Lanes<float, N>(scale) + r * exp2_series(r, scale), n);
#endif
  const auto power = power_of_two(shifted);
  return power + r * power * exp2_series(r);
}

}  // namespace detail

template <int N>
LOCKSTEP_INLINE Lanes<float, N> exp2(Lanes<float, N> x) {
  const Lanes<float, N> rounder(detail::kFloatRounder);
  const auto inside = detail::between(-254.0f, 130.0f, x);
  const auto shifted = inside + rounder;
  const auto r = inside - (shifted - rounder);
  const auto [first, second] = detail::factors_of_power(shifted);
  return (first + r * first * detail::exp2_series(r)) * second;
}

// e^x - 1 = 2 (t v + (t - 1/2)) with t = 2^(n-1) and v = e^r - 1. For n = 1 the two terms would cancel, and
// v + 1/2 is formed instead, exactly; for n = 0 the result is v, at full relative accuracy.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> expm1(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const auto reduced = detail::reduce_by_ln2(x);
  const auto r = reduced.high - reduced.low;
  const auto q = detail::horner(r, 0.000199110538f, 0.00139342016f, 0.00833327975f, 0.0416664742f,
                                0.166666672f, 0.5f);
  const auto is_one = reduced.n == V(1.0f);
  const auto v = select(is_one, r + V(0.5f), r) + r * r * q;
  const auto t = detail::power_of_two(reduced.shifted - V(1.0f));
  const auto half = select(is_one, v, v * t + (t - V(0.5f)));
  const auto inside = select(x == V(0.0f), x, select(reduced.n == V(0.0f), v, half + half));
  return if_less(V(89.0f), x, detail::infinite_lanes<float, N>(), if_less(x, V(-30.0f), V(-1.0f), inside));
}

namespace detail {

// log(1 + m) = m - m^2 / 2 + m^3 p(m) for m in [-1/3, 1/3], p fitted for least relative error of the whole,
// 4e-9.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> log1p_cubic(Lanes<float, N> m) {
  return horner(m, -0.129509345f, 0.140067965f, -0.12166737f, 0.140007794f, -0.166823342f, 0.200107694f,
                -0.249997169f, 0.333332092f);
}
template <int N>
LOCKSTEP_INLINE Lanes<float, N> log1p_series(Lanes<float, N> m) {
  return m + m * m * (log1p_cubic(m) * m - Lanes<float, N>(0.5f));
}
// exponent * ln2 + x, with ln2 in two parts as above.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> add_exponent(Lanes<float, N> x, Lanes<float, N> exponent) {
  return exponent * Lanes<float, N>(0.693359375f) + (exponent * Lanes<float, N>(-0.00021219444f) + x);
}
// The bits that take a number into [2/3, 4/3): its exponent, still in place.
template <int N>
LOCKSTEP_INLINE Lanes<std::int32_t, N> exponent_bits(Lanes<float, N> x) {
  const Lanes<std::int32_t, N> two_thirds(0x3f2aaaab), mask(std::int32_t(0xff800000u));
  return (bitcast<std::int32_t>(x) - two_thirds) & mask;
}
// x = (1 + m) * 2^exponent with m in [-1/3, 1/3], for positive finite x.
template <int N>
struct Decomposed {
  Lanes<float, N> m, exponent;
};
template <int N>
LOCKSTEP_INLINE Decomposed<N> decompose(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const auto subnormal = x < V(1.17549435e-38f);
  const auto normal = select(subnormal, x * V(8388608.0f), x);
  const auto bits = exponent_bits(normal);
  const auto scaled_by = select(subnormal, V(23.0f), V(0.0f));
  return {bitcast<float>(bitcast<std::int32_t>(normal) - bits) - V(1.0f),
          convert<float>(bits) * V(1.0f / 8388608.0f) - scaled_by};
}
}  // namespace detail

template <int N>
LOCKSTEP_INLINE Lanes<float, N> log(Lanes<float, N> x) {
  const auto parts = detail::decompose(x);
  return detail::log_unless_special(x, detail::add_exponent(detail::log1p_series(parts.m), parts.exponent));
}
// The largest terms of the series get factors that make exact products: 3/2 m (m has at most 23 bits) and
// -1/2 m^2. What the sum of the exponent and 3/2 m loses joins the small terms (Dekker's FastTwoSum: the exponent is
// larger, or zero), so that the whole is rounded once at its own size.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> log2(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const auto [m, exponent] = detail::decompose(x);
  const auto square = m * m;
  const auto cubic = square * m * detail::log1p_cubic(m) * V(1.44269504f);
  const auto small = (cubic - m * (m * V(0.22134752f) + V(0.0573049591f))) - square * V(0.5f);
  const auto leading = m * V(1.5f), high = exponent + leading;
  return detail::log_unless_special(x, high + ((leading - (high - exponent)) + small));
}
// In float64, because the roundings of float32 add up to more than one ULP where x is 4/3.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> log10(Lanes<float, N> x) {
  const auto natural = detail::log_of_normal(cast<double>(x));
  return detail::log_unless_special(x, cast<float>(natural * Lanes<double, N>(0.43429448190325182)));
}

// m = x 2^-e + (2^-e - 1) instead of (1 + x) 2^-e - 1 keeps what 1 + x would round away. 2^-e is a quarter
// of 4 * 2^-e, which is never subnormal; and where e is not 0, x is normal, so that its exponent can be
// lowered in place.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> log1p(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const V one(1.0f), four(4.0f);
  const auto sum = one + x;
  const auto bits = detail::exponent_bits(sum);
  const auto lowered = bitcast<float>(bitcast<std::int32_t>(x) - bits);
  const auto m = lowered + (V(0.25f) * bitcast<float>(bitcast<std::int32_t>(four) - bits) - one);
  const auto exponent = detail::convert<float>(bits) * V(1.0f / 8388608.0f);
  const auto regular = detail::add_exponent(detail::log1p_series(m), exponent);
  return select(x == V(0.0f), x, detail::log_unless_special(sum, regular));
}

// 1 / (1 + e^-x), from t = e^-|x| so that nothing overflows: 1 / (1 + t), or t / (1 + t) left of zero, which
// is subnormal where 1 / (1 + e^-x) would already be 0.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> sigmoid(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  // 2^24 t and 2^24 in the place of t and 1: no t is subnormal then, and where it vanishes it is 0 exactly.
  const V unit(16777216.0f);
  const auto inside = detail::at_least(-104.5f, -abs(x));
  const auto reduced = detail::reduce_by_ln2(inside, detail::kFloatRounder + 24.0f);
  const auto power = detail::power_of_two(reduced.shifted);
  const auto t = power + detail::quick_exp_of_reduced(reduced) * power;
  return detail::if_negative(x, t, unit) / (unit + t);
}

// Near zero a polynomial (relative error 2e-9), so that the relative accuracy stays; beyond, 1 - 2t / (1 + t)
// with t = e^-2|x|: the subtrahend is about 1/2 or less, so its errors weigh half. t = 2^n (a - b) / (a + b),
// where b / a is tanh(r) for the reduced r, to 6e-10: one division in all. ln2 in one part is enough, its float
// being good to 2e-9 and t small where n is large.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> tanh(Lanes<float, N> x) {
  using V = Lanes<float, N>;
  const auto magnitude = detail::at_most(20.0f, abs(x));  // where the result has long been 1
  const auto square = magnitude * magnitude;
  const auto p = detail::horner(square, 0.00190577039f, -0.00789736118f, 0.0215783268f, -0.0539226457f, 0.133330002f,
                                -0.333333254f);
  const auto near = magnitude + magnitude * square * p;
  const V rounder(detail::kFloatRounder);
  const auto shifted = magnitude * V(-2.88539008f) + rounder;
  const auto r = magnitude + (shifted - rounder) * V(0.346573591f), r_square = r * r;
  const auto a = V(1.0f) + r_square * V(0.399921805f), b = r + r * r_square * V(0.0665886924f);
  const auto t = (a - b) * detail::power_of_two(shifted);
  const auto far = V(1.0f) - V(2.0f) * (t / ((a + b) + t));
  return copysign(if_less(magnitude, V(0.7f), near, far), x);
}

// From m = e^|x| - 1: sinh |x| = (m + m / (m + 1)) / 2, free of cancellation.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> sinh(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto m = detail::expm1_float64(cast<double>(abs(x)));
  return copysign(cast<float>(V(0.5) * (m + m * detail::reciprocal_float64(m + V(1.0)))), x);
}
template <int N>
LOCKSTEP_INLINE Lanes<float, N> cosh(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto e = detail::exp_float64(cast<double>(abs(x)));
  return cast<float>(V(0.5) * (e + detail::reciprocal_float64(e)));
}
// asinh |x| = log1p(|x| + x^2 / (1 + sqrt(1 + x^2))); the square of a float32 does not overflow in float64.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> asinh(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto a = cast<double>(abs(x));
  const auto square = a * a;
  const auto reciprocal = detail::reciprocal_float64(V(1.0) + sqrt(V(1.0) + square));
  const auto result = cast<float>(detail::log1p_float64(a + square * reciprocal));
  return select(isfinite(x), copysign(result, x), x);
}
template <int N>
LOCKSTEP_INLINE Lanes<float, N> acosh(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const auto t = cast<double>(x) - V(1.0);
  const auto result = cast<float>(detail::log1p_float64(t + sqrt(t * (t + V(2.0)))));
  return select(x < Lanes<float, N>(1.0f), detail::nan_lanes<float, N>(), result);
}
template <int N>
LOCKSTEP_INLINE Lanes<float, N> atanh(Lanes<float, N> x) {
  using V = Lanes<double, N>;
  const Lanes<float, N> one(1.0f);
  const auto a = cast<double>(abs(x));
  const auto ratio = (a + a) * detail::reciprocal_float64(V(1.0) - a);
  const auto inside = cast<float>(V(0.5) * detail::log1p_float64(ratio));
  const auto pole = if_equal(abs(x), one, detail::infinite_lanes<float, N>(), detail::nan_lanes<float, N>());
  return copysign(if_less(abs(x), one, inside, pole), x);
}

// ---- two arguments ----

namespace detail {

// exp(y log |x|), the sign and the exceptions of C99 Annex F.9.4.4 put on afterwards.
template <int N>
inline Lanes<float, N> pow_float32(Lanes<float, N> x, Lanes<float, N> y) {
  using V = Lanes<float, N>;
  const V zero(0.0f), one(1.0f), half(0.5f);
  const auto power = cast<float>(exp_float64(cast<double>(y) * log_float64(cast<double>(abs(x)))));
  const auto integer = trunc(y) == y;
  const auto odd = integer & (trunc(y * half) != y * half);
  auto result = select(odd & signbit(x), -power, power);
  result = select((x < zero) & isfinite(x) & !integer, nan_lanes<float, N>(), result);
  return select((y == zero) | (x == one) | ((x == -one) & isinf(y)), one, result);
}
// By squaring, modulo 2^bits. Negative exponents as PyTorch's powi: 1 and -1 have reciprocals, the rest is
// 0.
template <class T, int N>
inline Lanes<T, N> pow_integer(Lanes<T, N> base, Lanes<T, N> exponent) {
  using V = Lanes<T, N>;
  const V zero(0), one(1);
  V result = one, square = base, left = exponent;
  if constexpr (std::is_signed_v<T>) left = select(exponent < zero, zero, exponent);
  while (any(left != zero)) {
    result = select((left & one) != zero, result * square, result);
    square = square * square;
    left = left >> one;
  }
  if constexpr (std::is_signed_v<T>) {
    const auto sign = select((exponent & one) != zero, -one, one);
    const auto reciprocal = select(base == one, one, select(base == -one, sign, zero));
    result = select(exponent < zero, reciprocal, result);
  }
  return result;
}

}  // namespace detail

template <class T, int N>
inline Lanes<T, N> pow(Lanes<T, N> x, Lanes<T, N> y) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::pow_float32(x, y);
  } else if constexpr (std::is_same_v<T, double>) {
    return detail::per_lane(x, y, [](double a, double b) { return std::pow(a, b); });
  } else {
    return detail::pow_integer(x, y);
  }
}

// max + log1p(e^-|a - b|); equal arguments apart, because inf - inf is NaN.
template <int N>
inline Lanes<float, N> logaddexp(Lanes<float, N> a, Lanes<float, N> b) {
  using V = Lanes<double, N>;
  const auto x = cast<double>(a), y = cast<double>(b);
  const auto sum = maximum(x, y) + detail::log1p_float64(detail::exp_float64(-abs(x - y)));
  return cast<float>(if_equal(x, y, x + V(detail::kLn2), sum));
}
template <int N>
inline Lanes<float, N> logaddexp2(Lanes<float, N> a, Lanes<float, N> b) {
  using V = Lanes<double, N>;
  const auto x = cast<double>(a), y = cast<double>(b);
  const auto tail = detail::log1p_float64(detail::exp_float64(-abs(x - y) * V(detail::kLn2)));
  return cast<float>(if_equal(x, y, x + V(1.0), maximum(x, y) + tail * V(detail::kLog2E)));
}
// x log y, and 0 where x is 0 unless y is NaN.
template <int N>
inline Lanes<float, N> xlogy(Lanes<float, N> x, Lanes<float, N> y) {
  using V = Lanes<float, N>;
  const auto product = cast<float>(cast<double>(x) * detail::log_float64(cast<double>(y)));
  return select((x == V(0.0f)) & (y == y), V(0.0f), product);
}

// ---- float64: the C library, lane by lane ----

#define LOCKSTEP_PER_LANE(name, expression)                                        \
  template <int N>                                                                 \
  inline Lanes<double, N> name(Lanes<double, N> x) {                               \
    return detail::per_lane(x, [](double value) { return expression; });           \
  }
LOCKSTEP_PER_LANE(exp, std::exp(value))
LOCKSTEP_PER_LANE(exp2, std::exp2(value))
LOCKSTEP_PER_LANE(expm1, std::expm1(value))
LOCKSTEP_PER_LANE(log, std::log(value))
LOCKSTEP_PER_LANE(log2, std::log2(value))
LOCKSTEP_PER_LANE(log10, std::log10(value))
LOCKSTEP_PER_LANE(log1p, std::log1p(value))
LOCKSTEP_PER_LANE(sinh, std::sinh(value))
LOCKSTEP_PER_LANE(cosh, std::cosh(value))
LOCKSTEP_PER_LANE(tanh, std::tanh(value))
LOCKSTEP_PER_LANE(asinh, std::asinh(value))
LOCKSTEP_PER_LANE(acosh, std::acosh(value))
LOCKSTEP_PER_LANE(atanh, std::atanh(value))
#undef LOCKSTEP_PER_LANE

template <int N>
inline Lanes<double, N> sigmoid(Lanes<double, N> x) {
  return detail::per_lane(x, [](double value) {
    const double t = std::exp(-std::fabs(value));
    return (value < 0 ? t : 1.0) / (1.0 + t);
  });
}
template <int N>
inline Lanes<double, N> logaddexp(Lanes<double, N> a, Lanes<double, N> b) {
  return detail::per_lane(a, b, [](double x, double y) {
    if (x == y) return x + detail::kLn2;
    return (x > y ? x : y) + std::log1p(std::exp(-std::fabs(x - y)));
  });
}
template <int N>
inline Lanes<double, N> logaddexp2(Lanes<double, N> a, Lanes<double, N> b) {
  return detail::per_lane(a, b, [](double x, double y) {
    if (x == y) return x + 1.0;
    return (x > y ? x : y) + std::log1p(std::exp2(-std::fabs(x - y))) * detail::kLog2E;
  });
}
template <int N>
inline Lanes<double, N> xlogy(Lanes<double, N> x, Lanes<double, N> y) {
  return detail::per_lane(x, y, [](double a, double b) { return a == 0 && b == b ? 0.0 : a * std::log(b); });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
