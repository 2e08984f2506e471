// A vector of N numbers with arithmetic, comparisons and selection, for any width of machine register.
//
// Built on the vector extensions that GCC and Clang share, without intrinsics. Conversions, loads by place
// in a loop and the loops themselves are in simd.hpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define LOCKSTEP_TARGET v64
#define LOCKSTEP_LANES 16
#elif defined(__AVX2__)
#define LOCKSTEP_TARGET v32
#define LOCKSTEP_LANES 8
#elif defined(__SSE2__) || defined(__ARM_NEON)
#define LOCKSTEP_TARGET v16
#define LOCKSTEP_LANES 4
#else
#define LOCKSTEP_TARGET v4
#define LOCKSTEP_LANES 1
#endif

// Small enough that a call would cost more than the work.
#define LOCKSTEP_INLINE inline __attribute__((always_inline))

namespace lockstep {
// The namespace carries the vector width, so that objects compiled for different targets can be linked
// together.
inline namespace LOCKSTEP_TARGET {

using Index = std::int64_t;

// Lanes of a full vector register, counted in elements of four bytes.
constexpr int kLanes = LOCKSTEP_LANES;

// Two registers hold N elements of eight bytes. Splitting by hand, not by the compiler, because GCC falls
// back to one lane at a time for comparisons and selections on vectors wider than the machine's.
template <class T, int N>
constexpr bool kSplit = N > 1 && N * sizeof(T) > 4 * kLanes;

template <class T, int N, bool Split = kSplit<T, N>>
struct Lanes;

namespace detail {

template <class T, int N>
struct VectorOf {
  typedef T Type __attribute__((vector_size(sizeof(T) * N)));
};
template <class T, int N>
using Vector = typename VectorOf<T, N>::Type;

// Integers are added and multiplied as unsigned numbers: overflow wraps, as PyTorch's does, and is not
// undefined.
template <class T, bool = std::is_integral_v<T>>
struct WrappingOf {
  using Type = T;
};
template <class T>
struct WrappingOf<T, true> {
  using Type = std::make_unsigned_t<T>;
};
template <class T>
using Wrapping = typename WrappingOf<T>::Type;

template <int Bytes>
struct SignedOf;
template <>
struct SignedOf<1> { using Type = std::int8_t; };
template <>
struct SignedOf<2> { using Type = std::int16_t; };
template <>
struct SignedOf<4> { using Type = std::int32_t; };
template <>
struct SignedOf<8> { using Type = std::int64_t; };
// The signed integer as wide as T: its bits, and what a comparison of vectors of T yields.
template <class T>
using Bits = typename SignedOf<sizeof(T)>::Type;

// A mask of N lanes from a comparison of any element width.
template <int N, class Comparison>
LOCKSTEP_INLINE Lanes<bool, N> mask_of(Comparison compared);

// A mask of N lanes as the comparison result that selects between vectors of T.
template <class T, int N>
LOCKSTEP_INLINE Vector<Bits<T>, N> mask_for(Lanes<bool, N> mask);

// The same from and to comparisons that fill two registers. GCC converts a vector of both in few instructions;
// it must not be handed to a function, where its width would be part of the ABI.
template <class Comparison, int... J>
LOCKSTEP_INLINE Lanes<bool, 2 * sizeof...(J)> mask_of_both(Comparison low, Comparison high,
                                                           std::integer_sequence<int, J...>);
template <class T, int N, int... J>
LOCKSTEP_INLINE Lanes<T, N> select_both(Lanes<bool, N> mask, Lanes<T, N> a, Lanes<T, N> b,
                                        std::integer_sequence<int, J...>);

// Keeps a vector that is used several times in its register: GCC else reads it from memory again for each use.
template <class V>
LOCKSTEP_INLINE void keep_in_register([[maybe_unused]] V& v) {
#if defined(__SSE2__)
  __asm__("" : "+v"(v));
#elif defined(__aarch64__)
  __asm__("" : "+w"(v));
#endif
}

template <class T, int N, int... J>
LOCKSTEP_INLINE Vector<T, N> counting(std::integer_sequence<int, J...>) {
  return Vector<T, N>{T(J)...};
}

}  // namespace detail

// N numbers in one register.
template <class T, int N>
struct Lanes<T, N, false> {
  using V = detail::Vector<T, N>;
  using U = detail::Vector<detail::Wrapping<T>, N>;
  using Mask = Lanes<bool, N>;
  V v;

  Lanes() = default;
  LOCKSTEP_INLINE explicit Lanes(V vector) : v(vector) {}
  // Every lane the same; implicit, so that formulas read `x * 2.0f`.
  LOCKSTEP_INLINE Lanes(T value) : v(value - V{}) {}

  static LOCKSTEP_INLINE Lanes load(const T* p) {
    Lanes result;
    std::memcpy(&result.v, p, sizeof result.v);
    return result;
  }
  LOCKSTEP_INLINE void store(T* p) const { std::memcpy(p, &v, sizeof v); }
  static LOCKSTEP_INLINE Lanes counting() {
    return Lanes(detail::counting<T, N>(std::make_integer_sequence<int, N>()));
  }
  LOCKSTEP_INLINE T operator[](int lane) const { return v[lane]; }

  friend LOCKSTEP_INLINE Lanes operator+(Lanes a, Lanes b) { return Lanes((V)((U)a.v + (U)b.v)); }
  friend LOCKSTEP_INLINE Lanes operator-(Lanes a, Lanes b) { return Lanes((V)((U)a.v - (U)b.v)); }
  friend LOCKSTEP_INLINE Lanes operator*(Lanes a, Lanes b) { return Lanes((V)((U)a.v * (U)b.v)); }
  friend LOCKSTEP_INLINE Lanes operator-(Lanes a) { return Lanes((V)(-(U)a.v)); }
  // Integers: towards zero; by zero gives 0 and lowest / -1 wraps, where the machine's instruction would
  // trap.
  friend LOCKSTEP_INLINE Lanes operator/(Lanes a, Lanes b) {
    if constexpr (std::is_integral_v<T>) {
      V divisor = b.v;
      divisor = (b.v == V{}) ? V{} + T(1) : divisor;
      if constexpr (std::is_signed_v<T>) {
        const V minus_one = V{} - T(1);
        divisor = (b.v == minus_one) ? V{} + T(1) : divisor;
        V quotient = a.v / divisor;
        quotient = (b.v == minus_one) ? (V)(U{} - (U)a.v) : quotient;
        return Lanes((b.v == V{}) ? V{} : quotient);
      } else {
        return Lanes((b.v == V{}) ? V{} : a.v / divisor);
      }
    } else {
      return Lanes(a.v / b.v);
    }
  }

  friend LOCKSTEP_INLINE Mask operator==(Lanes a, Lanes b) { return detail::mask_of<N>(a.v == b.v); }
  friend LOCKSTEP_INLINE Mask operator!=(Lanes a, Lanes b) { return detail::mask_of<N>(a.v != b.v); }
  friend LOCKSTEP_INLINE Mask operator<(Lanes a, Lanes b) { return detail::mask_of<N>(a.v < b.v); }
  friend LOCKSTEP_INLINE Mask operator<=(Lanes a, Lanes b) { return detail::mask_of<N>(a.v <= b.v); }
  friend LOCKSTEP_INLINE Mask operator>(Lanes a, Lanes b) { return detail::mask_of<N>(a.v > b.v); }
  friend LOCKSTEP_INLINE Mask operator>=(Lanes a, Lanes b) { return detail::mask_of<N>(a.v >= b.v); }

  friend LOCKSTEP_INLINE Lanes operator&(Lanes a, Lanes b) { return Lanes(a.v & b.v); }
  friend LOCKSTEP_INLINE Lanes operator|(Lanes a, Lanes b) { return Lanes(a.v | b.v); }
  friend LOCKSTEP_INLINE Lanes operator^(Lanes a, Lanes b) { return Lanes(a.v ^ b.v); }
  friend LOCKSTEP_INLINE Lanes operator~(Lanes a) { return Lanes(~a.v); }
  // A count outside [0, bits) shifts every bit out, as in PyTorch, where C++ leaves it undefined.
  friend LOCKSTEP_INLINE Lanes operator<<(Lanes a, Lanes count) {
    constexpr detail::Wrapping<T> bits = 8 * sizeof(T);
    const auto inside = (U)count.v < (U{} + bits);
    const V safe = inside ? count.v : V{};
    return Lanes(inside ? (V)((U)a.v << (U)safe) : V{});
  }
  friend LOCKSTEP_INLINE Lanes operator>>(Lanes a, Lanes count) {
    constexpr T last = 8 * sizeof(T) - 1;
    const auto inside = (U)count.v <= (U{} + detail::Wrapping<T>(last));
    if constexpr (std::is_signed_v<T>) {
      return Lanes(a.v >> (inside ? count.v : V{} + last));
    } else {
      return Lanes(inside ? a.v >> (inside ? count.v : V{}) : V{});
    }
  }
  friend LOCKSTEP_INLINE Lanes select(Mask mask, Lanes a, Lanes b) {
    return Lanes(detail::mask_for<T>(mask) ? a.v : b.v);
  }
  // A selection by one comparison of numbers as wide: elements of eight bytes need no mask of another width.
  friend LOCKSTEP_INLINE Lanes if_less(Lanes a, Lanes b, Lanes yes, Lanes no) {
    return Lanes(a.v < b.v ? yes.v : no.v);
  }
  friend LOCKSTEP_INLINE Lanes if_equal(Lanes a, Lanes b, Lanes yes, Lanes no) {
    return Lanes(a.v == b.v ? yes.v : no.v);
  }
};

// N numbers in two registers.
template <class T, int N>
struct Lanes<T, N, true> {
  static_assert(N <= kLanes, "at most kLanes lanes");
  using Half = Lanes<T, N / 2>;
  using HalfLanes = std::make_integer_sequence<int, N / 2>;
  using Mask = Lanes<bool, N>;
  Half low, high;

  Lanes() = default;
  LOCKSTEP_INLINE Lanes(Half low_half, Half high_half) : low(low_half), high(high_half) {}
  LOCKSTEP_INLINE Lanes(T value) : low(value), high(value) {}

  static LOCKSTEP_INLINE Lanes load(const T* p) { return {Half::load(p), Half::load(p + N / 2)}; }
  LOCKSTEP_INLINE void store(T* p) const { low.store(p), high.store(p + N / 2); }
  static LOCKSTEP_INLINE Lanes counting() { return {Half::counting(), Half::counting() + Half(T(N / 2))}; }
  LOCKSTEP_INLINE T operator[](int lane) const { return lane < N / 2 ? low[lane] : high[lane - N / 2]; }

  friend LOCKSTEP_INLINE Lanes operator+(Lanes a, Lanes b) { return {a.low + b.low, a.high + b.high}; }
  friend LOCKSTEP_INLINE Lanes operator-(Lanes a, Lanes b) { return {a.low - b.low, a.high - b.high}; }
  friend LOCKSTEP_INLINE Lanes operator*(Lanes a, Lanes b) { return {a.low * b.low, a.high * b.high}; }
  friend LOCKSTEP_INLINE Lanes operator/(Lanes a, Lanes b) { return {a.low / b.low, a.high / b.high}; }
  friend LOCKSTEP_INLINE Lanes operator-(Lanes a) { return {-a.low, -a.high}; }

  friend LOCKSTEP_INLINE Mask operator==(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v == b.low.v, a.high.v == b.high.v, HalfLanes());
  }
  friend LOCKSTEP_INLINE Mask operator!=(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v != b.low.v, a.high.v != b.high.v, HalfLanes());
  }
  friend LOCKSTEP_INLINE Mask operator<(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v < b.low.v, a.high.v < b.high.v, HalfLanes());
  }
  friend LOCKSTEP_INLINE Mask operator<=(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v <= b.low.v, a.high.v <= b.high.v, HalfLanes());
  }
  friend LOCKSTEP_INLINE Mask operator>(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v > b.low.v, a.high.v > b.high.v, HalfLanes());
  }
  friend LOCKSTEP_INLINE Mask operator>=(Lanes a, Lanes b) {
    return detail::mask_of_both(a.low.v >= b.low.v, a.high.v >= b.high.v, HalfLanes());
  }

  friend LOCKSTEP_INLINE Lanes operator&(Lanes a, Lanes b) { return {a.low & b.low, a.high & b.high}; }
  friend LOCKSTEP_INLINE Lanes operator|(Lanes a, Lanes b) { return {a.low | b.low, a.high | b.high}; }
  friend LOCKSTEP_INLINE Lanes operator^(Lanes a, Lanes b) { return {a.low ^ b.low, a.high ^ b.high}; }
  friend LOCKSTEP_INLINE Lanes operator~(Lanes a) { return {~a.low, ~a.high}; }
  friend LOCKSTEP_INLINE Lanes operator<<(Lanes a, Lanes b) { return {a.low << b.low, a.high << b.high}; }
  friend LOCKSTEP_INLINE Lanes operator>>(Lanes a, Lanes b) { return {a.low >> b.low, a.high >> b.high}; }
  friend LOCKSTEP_INLINE Lanes select(Mask mask, Lanes a, Lanes b) {
    return detail::select_both(mask, a, b, HalfLanes());
  }
  friend LOCKSTEP_INLINE Lanes if_less(Lanes a, Lanes b, Lanes yes, Lanes no) {
    return {if_less(a.low, b.low, yes.low, no.low), if_less(a.high, b.high, yes.high, no.high)};
  }
  friend LOCKSTEP_INLINE Lanes if_equal(Lanes a, Lanes b, Lanes yes, Lanes no) {
    return {if_equal(a.low, b.low, yes.low, no.low), if_equal(a.high, b.high, yes.high, no.high)};
  }
};

// N truth values, each an int32 of 0 or -1: what comparing floats yields.
template <int N>
struct Lanes<bool, N, false> {
  using V = detail::Vector<std::int32_t, N>;
  using Bytes = detail::Vector<std::uint8_t, N>;
  using Shorts = detail::Vector<std::uint16_t, N>;  // on the way: GCC takes a conversion to four times the width apart
  V v;

  Lanes() = default;
  LOCKSTEP_INLINE explicit Lanes(V vector) : v(vector) {}
  LOCKSTEP_INLINE Lanes(bool value) : v(V{} - std::int32_t(value)) {}

  static LOCKSTEP_INLINE Lanes load(const bool* p) {
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return Lanes(__builtin_convertvector(__builtin_convertvector(bytes, Shorts), V) != V{});
  }
  LOCKSTEP_INLINE void store(bool* p) const {
    const Bytes bytes = __builtin_convertvector(__builtin_convertvector(v & 1, Shorts), Bytes);
    std::memcpy(p, &bytes, sizeof bytes);
  }
  LOCKSTEP_INLINE bool operator[](int lane) const { return v[lane] != 0; }

  friend LOCKSTEP_INLINE Lanes operator&(Lanes a, Lanes b) { return Lanes(a.v & b.v); }
  friend LOCKSTEP_INLINE Lanes operator|(Lanes a, Lanes b) { return Lanes(a.v | b.v); }
  friend LOCKSTEP_INLINE Lanes operator^(Lanes a, Lanes b) { return Lanes(a.v ^ b.v); }
  friend LOCKSTEP_INLINE Lanes operator~(Lanes a) { return Lanes(~a.v); }
  friend LOCKSTEP_INLINE Lanes operator!(Lanes a) { return Lanes(~a.v); }
  friend LOCKSTEP_INLINE Lanes operator==(Lanes a, Lanes b) { return Lanes(~(a.v ^ b.v)); }
  friend LOCKSTEP_INLINE Lanes operator!=(Lanes a, Lanes b) { return Lanes(a.v ^ b.v); }
  // False sorts before true, as 0 before 1.
  friend LOCKSTEP_INLINE Lanes operator<(Lanes a, Lanes b) { return Lanes(~a.v & b.v); }
  friend LOCKSTEP_INLINE Lanes operator<=(Lanes a, Lanes b) { return Lanes(~a.v | b.v); }
  friend LOCKSTEP_INLINE Lanes operator>(Lanes a, Lanes b) { return Lanes(a.v & ~b.v); }
  friend LOCKSTEP_INLINE Lanes operator>=(Lanes a, Lanes b) { return Lanes(a.v | ~b.v); }
  friend LOCKSTEP_INLINE Lanes select(Lanes mask, Lanes a, Lanes b) {
    return Lanes((mask.v & a.v) | (~mask.v & b.v));
  }
};

namespace detail {

template <int N, class Comparison>
LOCKSTEP_INLINE Lanes<bool, N> mask_of(Comparison compared) {
  using V = Vector<std::int32_t, N>;
  if constexpr (sizeof compared == sizeof(V)) {
    return Lanes<bool, N>((V)compared);
  } else {
    return Lanes<bool, N>(__builtin_convertvector(compared, V));
  }
}

template <class T, int N>
LOCKSTEP_INLINE Vector<Bits<T>, N> mask_for(Lanes<bool, N> mask) {
  if constexpr (sizeof(T) == sizeof(std::int32_t)) {
    return mask.v;
  } else {
    using V = Vector<Bits<T>, N>;
    return __builtin_convertvector(mask.v, V);
  }
}

template <class Comparison, int... J>
LOCKSTEP_INLINE Lanes<bool, 2 * sizeof...(J)> mask_of_both(Comparison low, Comparison high,
                                                           std::integer_sequence<int, J...>) {
  constexpr int half = sizeof...(J);
  const auto both = __builtin_shufflevector(low, high, J..., (half + J)...);
  using V = Vector<std::int32_t, 2 * half>;
  return Lanes<bool, 2 * half>(__builtin_convertvector(both, V));
}
template <class T, int N, int... J>
LOCKSTEP_INLINE Lanes<T, N> select_both(Lanes<bool, N> mask, Lanes<T, N> a, Lanes<T, N> b,
                                        std::integer_sequence<int, J...>) {
  using Half = Lanes<T, N / 2>;
  using Wide = Vector<Bits<T>, N>;
  const Wide both = __builtin_convertvector(mask.v, Wide);
  const auto low = __builtin_shufflevector(both, both, J...);
  const auto high = __builtin_shufflevector(both, both, (N / 2 + J)...);
  return {Half(low ? a.low.v : b.low.v), Half(high ? a.high.v : b.high.v)};
}

template <class V, class Half, int... J>
LOCKSTEP_INLINE V joined(Half low, Half high, std::integer_sequence<int, J...>) {
  return (V)__builtin_shufflevector(low, high, J...);
}
template <class Half, class V, int First, int... J>
LOCKSTEP_INLINE Half half_of(V v, std::integer_sequence<int, J...>) {
  return (Half)__builtin_shufflevector(v, v, (First + J)...);
}

}  // namespace detail

// The lower and the upper half of the lanes, and a vector from two halves.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N / 2> low_half(Lanes<T, N> x) {
  if constexpr (kSplit<T, N>) {
    return x.low;
  } else {
    using Half = Lanes<T, N / 2>;
    constexpr auto lanes = std::make_integer_sequence<int, N / 2>();
    return Half(detail::half_of<typename Half::V, decltype(x.v), 0>(x.v, lanes));
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N / 2> high_half(Lanes<T, N> x) {
  if constexpr (kSplit<T, N>) {
    return x.high;
  } else {
    using Half = Lanes<T, N / 2>;
    constexpr auto lanes = std::make_integer_sequence<int, N / 2>();
    return Half(detail::half_of<typename Half::V, decltype(x.v), N / 2>(x.v, lanes));
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, 2 * N> join(Lanes<T, N> low, Lanes<T, N> high) {
  if constexpr (kSplit<T, 2 * N>) {
    return {low, high};
  } else {
    using Whole = Lanes<T, 2 * N>;
    constexpr auto lanes = std::make_integer_sequence<int, 2 * N>();
    return Whole(detail::joined<typename Whole::V>(low.v, high.v, lanes));
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
