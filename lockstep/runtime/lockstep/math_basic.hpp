// Functions on vector lanes that are exact or round once: signs, rounding, extrema, roots, division rules.
#pragma once

#include <cmath>

#include "simd.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

template <class T, int N, class F>
inline Lanes<T, N> per_lane(Lanes<T, N> x, F f) {
  T lanes[N];
  x.store(lanes);
  for (int j = 0; j < N; ++j) lanes[j] = f(lanes[j]);
  return Lanes<T, N>::load(lanes);
}
template <class T, int N, class F>
inline Lanes<T, N> per_lane(Lanes<T, N> x, Lanes<T, N> y, F f) {
  T first[N], second[N];
  x.store(first);
  y.store(second);
  for (int j = 0; j < N; ++j) first[j] = f(first[j], second[j]);
  return Lanes<T, N>::load(first);
}

// Polynomial by Horner's rule, coefficients from the highest power down; the first may itself be a vector.
template <class V, class First, class... Coefficients>
LOCKSTEP_INLINE V horner(V x, First highest, Coefficients... rest) {
  V sum(highest);
  ((sum = sum * x + V(rest)), ...);
  return sum;
}

template <class T>
constexpr Bits<T> kSignBit = std::numeric_limits<Bits<T>>::lowest();

template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> nan_lanes() {
  return Lanes<T, N>(std::numeric_limits<T>::quiet_NaN());
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> infinite_lanes() {
  return Lanes<T, N>(std::numeric_limits<T>::infinity());
}

template <class T>
using IfFloat = std::enable_if_t<std::is_floating_point_v<T>>;
template <class T>
using IfInteger = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>;

}  // namespace detail

// ---- signs and classes ----

template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> abs(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    using Bits = detail::Bits<T>;
    return bitcast<T>(bitcast<Bits>(x) & Lanes<Bits, N>(~detail::kSignBit<T>));
  } else if constexpr (std::is_signed_v<T>) {
    return select(x < Lanes<T, N>(0), -x, x);
  } else {
    return x;
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> neg(Lanes<T, N> x) {
  return -x;
}
// -1, 0 or 1; 0 for NaN, as torch.sign.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> sign(Lanes<T, N> x) {
  const Lanes<T, N> zero(0), one(1);
  if constexpr (std::is_signed_v<T>) {
    return select(x > zero, one, select(x < zero, -one, zero));
  } else {
    return select(x > zero, one, zero);
  }
}
template <class T, int N, class = detail::IfFloat<T>>
LOCKSTEP_INLINE Lanes<T, N> copysign(Lanes<T, N> magnitude, Lanes<T, N> sign) {
  using Bits = detail::Bits<T>;
  const Lanes<Bits, N> sign_bit(detail::kSignBit<T>);
  return bitcast<T>((bitcast<Bits>(magnitude) & ~sign_bit) | (bitcast<Bits>(sign) & sign_bit));
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<bool, N> signbit(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    return bitcast<detail::Bits<T>>(x) < Lanes<detail::Bits<T>, N>(0);
  } else {
    return x < Lanes<T, N>(0);
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<bool, N> isnan(Lanes<T, N> x) {
  return x != x;
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<bool, N> isinf(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    return abs(x) == detail::infinite_lanes<T, N>();
  } else {
    return Lanes<bool, N>(false);
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<bool, N> isfinite(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    return abs(x) < detail::infinite_lanes<T, N>();
  } else {
    return Lanes<bool, N>(true);
  }
}

// ---- rounding to integers ----

namespace detail {

// |x| rounded to the nearest integer, half to even: adding 2^23 (2^52) leaves no bit for a fraction. Larger
// numbers, infinities and NaN have no fraction and stay.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> round_magnitude(Lanes<T, N> magnitude) {
  const Lanes<T, N> no_fraction(std::is_same_v<T, float> ? T(8388608.0) : T(4503599627370496.0));
  const auto rounded = (magnitude + no_fraction) - no_fraction;
  return if_less(magnitude, no_fraction, rounded, magnitude);
}

}  // namespace detail

// Half to even, as torch.round. The sign is copied, because -0.3 rounds to -0.0.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> round(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    return copysign(detail::round_magnitude(abs(x)), x);
  } else {
    return x;
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> trunc(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    const auto magnitude = abs(x);
    const auto nearest = detail::round_magnitude(magnitude);
    return copysign(if_less(magnitude, nearest, nearest - Lanes<T, N>(1), nearest), x);
  } else {
    return x;
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> floor(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    const auto nearest = round(x);
    return copysign(if_less(x, nearest, nearest - Lanes<T, N>(1), nearest), x);
  } else {
    return x;
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> ceil(Lanes<T, N> x) {
  if constexpr (std::is_floating_point_v<T>) {
    const auto nearest = round(x);
    return copysign(if_less(nearest, x, nearest + Lanes<T, N>(1), nearest), x);
  } else {
    return x;
  }
}

// ---- extrema that ignore NaN ----

template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> fmax(Lanes<T, N> a, Lanes<T, N> b) {
  return if_equal(a, a, detail::larger_or_second(b, a), b);
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> fmin(Lanes<T, N> a, Lanes<T, N> b) {
  return if_equal(a, a, detail::smaller_or_second(b, a), b);
}

// ---- square roots ----

namespace detail {

// Vector extensions have no square root, and a loop of std::sqrt becomes one instruction only with
// -fno-math-errno: hence the compilers' own names of the instructions, the only ones in these headers.
#if defined(__clang__) && defined(__has_builtin)
#if __has_builtin(__builtin_elementwise_sqrt)
#define LOCKSTEP_ELEMENTWISE_SQRT
#endif
#endif
template <class T, class V>
LOCKSTEP_INLINE bool sqrt_in_register(V& v) {
#ifdef LOCKSTEP_ELEMENTWISE_SQRT
  return v = __builtin_elementwise_sqrt(v), true;
#endif
#ifdef __AVX512F__
#ifdef __clang__
  if constexpr (sizeof v == 64 && sizeof(T) == 4) return v = (V)__builtin_ia32_sqrtps512(v, 4), true;
  if constexpr (sizeof v == 64 && sizeof(T) == 8) return v = (V)__builtin_ia32_sqrtpd512(v, 4), true;
#else
  constexpr int all = -1, rounding = 4;  // every lane; as the machine is set to round
  if constexpr (sizeof v == 64 && sizeof(T) == 4) {
    return v = (V)__builtin_ia32_sqrtps512_mask(v, v, all, rounding), true;
  }
  if constexpr (sizeof v == 64 && sizeof(T) == 8) {
    return v = (V)__builtin_ia32_sqrtpd512_mask(v, v, all, rounding), true;
  }
#endif
#endif
#ifdef __AVX__
  if constexpr (sizeof v == 32 && sizeof(T) == 4) return v = (V)__builtin_ia32_sqrtps256(v), true;
  if constexpr (sizeof v == 32 && sizeof(T) == 8) return v = (V)__builtin_ia32_sqrtpd256(v), true;
#endif
#ifdef __SSE2__
  if constexpr (sizeof v == 16 && sizeof(T) == 4) return v = (V)__builtin_ia32_sqrtps(v), true;
  if constexpr (sizeof v == 16 && sizeof(T) == 8) return v = (V)__builtin_ia32_sqrtpd(v), true;
#endif
  return false;
}

}  // namespace detail

template <class T, int N, class = detail::IfFloat<T>>
LOCKSTEP_INLINE Lanes<T, N> sqrt(Lanes<T, N> x) {
  if constexpr (kSplit<T, N>) {
    return join(sqrt(low_half(x)), sqrt(high_half(x)));
  } else {
    if (detail::sqrt_in_register<T>(x.v)) return x;
    return detail::per_lane(x, [](T value) { return std::sqrt(value); });
  }
}
template <class T, int N, class = detail::IfFloat<T>>
LOCKSTEP_INLINE Lanes<T, N> rsqrt(Lanes<T, N> x) {
  return Lanes<T, N>(1) / sqrt(x);
}
template <class T, int N, class = detail::IfFloat<T>>
LOCKSTEP_INLINE Lanes<T, N> reciprocal(Lanes<T, N> x) {
  return Lanes<T, N>(1) / x;
}

// In float64 the squares of float32 numbers neither overflow nor vanish.
template <int N>
LOCKSTEP_INLINE Lanes<float, N> hypot(Lanes<float, N> a, Lanes<float, N> b) {
  const auto x = cast<double>(a), y = cast<double>(b);
  const auto length = cast<float>(sqrt(x * x + y * y));
  return select(isinf(a) | isinf(b), detail::infinite_lanes<float, N>(), length);
}
template <int N>
inline Lanes<double, N> hypot(Lanes<double, N> a, Lanes<double, N> b) {
  return detail::per_lane(a, b, [](double x, double y) { return std::hypot(x, y); });
}

// ---- fused and scaled ----

namespace detail {

// a * b + c rounded once, without a fused instruction (Boldo and Melquiond, "Emulation of a FMA and
// correctly rounded sums: proved algorithms using rounding to odd", 2008). The product of two float32 is
// exact in float64; the sum is rounded to odd, which makes the second rounding, to float32, harmless.
template <int N>
inline Lanes<float, N> fma_by_rounding_to_odd(Lanes<float, N> a, Lanes<float, N> b, Lanes<float, N> c) {
  const auto product = cast<double>(a) * cast<double>(b), addend = cast<double>(c);
  const auto sum = product + addend;
  const auto part = sum - product;  // Knuth's TwoSum: sum + error == product + addend exactly
  const auto error = (product - (sum - part)) + (addend - part);
  const auto bits = bitcast<std::int64_t>(sum);
  const Lanes<std::int64_t, N> one(1), zero(0);
  const Lanes<double, N> exact(0.0);
  const auto inexact = (error < exact) | (error > exact);
  const auto even = (bits & one) == zero;
  const auto away = (error > exact) == (sum > exact);  // the exact sum has the larger magnitude
  const auto odd = select(away, bits + one, bits - one);
  return cast<float>(bitcast<double>(select(inexact & even & isfinite(sum), odd, bits)));
}

}  // namespace detail

// a * b + c with a single rounding on every machine.
template <int N>
inline Lanes<float, N> fma(Lanes<float, N> a, Lanes<float, N> b, Lanes<float, N> c) {
#ifdef __FMA__
  float x[N], y[N], z[N];
  a.store(x), b.store(y), c.store(z);
  for (int j = 0; j < N; ++j) z[j] = std::fma(x[j], y[j], z[j]);
  return Lanes<float, N>::load(z);
#else
  return detail::fma_by_rounding_to_odd(a, b, c);
#endif
}
template <int N>
inline Lanes<double, N> fma(Lanes<double, N> a, Lanes<double, N> b, Lanes<double, N> c) {
  double x[N], y[N], z[N];
  a.store(x), b.store(y), c.store(z);
  for (int j = 0; j < N; ++j) z[j] = std::fma(x[j], y[j], z[j]);
  return Lanes<double, N>::load(z);
}
// x * 2^exponent rounded once (C's ldexp). torch.ldexp is x * pow(2, exponent), which overflows earlier.
template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> ldexp(Lanes<T, N> x, Lanes<std::int32_t, N> exponent) {
  T lanes[N];
  x.store(lanes);
  for (int j = 0; j < N; ++j) lanes[j] = std::ldexp(lanes[j], exponent[j]);
  return Lanes<T, N>::load(lanes);
}
template <class T, int N, class = detail::IfFloat<T>>
inline Lanes<T, N> nextafter(Lanes<T, N> x, Lanes<T, N> towards) {
  return detail::per_lane(x, towards, [](T from, T to) { return std::nextafter(from, to); });
}

// ---- division rules ----

// Integers: towards zero; by zero gives 0 (PyTorch raises an error there, so no answer is promised).
template <class T, int N, class = detail::IfInteger<T>>
LOCKSTEP_INLINE Lanes<T, N> trunc_divide(Lanes<T, N> a, Lanes<T, N> b) {
  return a / b;
}

// What truncating division leaves, with the sign of the dividend. Integers: 0 for a divisor of 0.
//
// float32: while the quotient q stays below 2^28, q * b is exact in float64, and so is a - q * b; rounding a
// / b cannot carry it to the next integer, from which it is at least 2^-24 away. Other lanes take the C
// library's way.
template <class T, int N>
inline Lanes<T, N> fmod(Lanes<T, N> a, Lanes<T, N> b) {
  if constexpr (std::is_integral_v<T>) {
    return select(b == Lanes<T, N>(0), Lanes<T, N>(0), a - (a / b) * b);
  } else {
    if constexpr (std::is_same_v<T, float>) {
      const auto dividend = cast<double>(a), divisor = cast<double>(b);
      const auto quotient = trunc(dividend / divisor);
      if (all((abs(cast<float>(quotient)) < Lanes<float, N>(268435456.0f)) & isfinite(b))) {
        return copysign(cast<float>(dividend - quotient * divisor), a);
      }
    }
    return detail::per_lane(a, b, [](T x, T y) { return std::fmod(x, y); });
  }
}
// What flooring division leaves, with the sign of the divisor (Python's %).
template <class T, int N>
inline Lanes<T, N> remainder(Lanes<T, N> a, Lanes<T, N> b) {
  const auto rest = fmod(a, b);
  if constexpr (std::is_signed_v<T>) {
    const Lanes<T, N> zero(0);
    return select((rest != zero) & ((b < zero) != (rest < zero)), rest + b, rest);
  } else {
    return rest;
  }
}
// Python's //. The steps for floats are c10::div_floor_floating's, whose result differs from floor(a / b)
// where the quotient rounds up to an integer. Integers: 0 for a divisor of 0.
template <class T, int N>
inline Lanes<T, N> floor_divide(Lanes<T, N> a, Lanes<T, N> b) {
  const Lanes<T, N> zero(0), one(1);
  if constexpr (std::is_integral_v<T>) {
    const auto quotient = a / b;
    if constexpr (std::is_signed_v<T>) {
      const auto rest = a - quotient * b;
      return select((b != zero) & (rest != zero) & ((b < zero) != (rest < zero)), quotient - one, quotient);
    } else {
      return quotient;
    }
  } else {
    const auto rest = fmod(a, b);
    auto quotient = (a - rest) / b;
    quotient = select((rest != zero) & ((b < zero) != (rest < zero)), quotient - one, quotient);
    auto floored = floor(quotient);
    floored = select(quotient - floored > Lanes<T, N>(T(0.5)), floored + one, floored);
    const auto ratio = a / b;
    return select(b == zero, ratio, select(quotient != zero, floored, copysign(zero, ratio)));
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
