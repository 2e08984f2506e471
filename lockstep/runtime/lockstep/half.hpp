// float16 and bfloat16 in memory, and their way into registers, where each is a float: loads widen, stores round.
//
// No _Float16 (clang 14 has none on x86) and no intrinsics: the conversions are integer arithmetic on vector lanes,
// exact upwards, to nearest with ties to even downwards, for every target alike.
#pragma once

#include "lanes.hpp"

namespace lockstep {

// IEEE binary16: 5 bits of exponent, 10 of fraction.
struct half {
  std::uint16_t bits;
};
// The upper half of a float32.
struct bfloat16 {
  std::uint16_t bits;
};

inline namespace LOCKSTEP_TARGET {

template <class T>
constexpr bool kIsHalf = std::is_same_v<T, half> || std::is_same_v<T, bfloat16>;

// What an element of T is in registers.
template <class T>
using Register = std::conditional_t<kIsHalf<T>, float, T>;

namespace detail {

template <int N>
using Words = Vector<std::uint32_t, N>;
template <int N>
using Shorts = Vector<std::uint16_t, N>;

template <int N>
LOCKSTEP_INLINE Vector<float, N> widen(Words<N> bits, half) {
  using V = Vector<float, N>;
  using Signed = Vector<std::int32_t, N>;
  const Words<N> magnitude = bits & 0x7fffu;
  const Words<N> rebiased = (magnitude << 13) + (112u << 23);                       // from bias 15 to bias 127
  const V fraction = __builtin_convertvector((Signed)magnitude, V) * 0x1p-24f;      // a denormal is a count of 2^-24
  const Words<N> finite = (magnitude < 0x400u) ? (Words<N>)fraction : rebiased;
  const Words<N> any = (magnitude >= 0x7c00u) ? (magnitude << 13) | 0x7f800000u : finite;
  return (V)(any | (bits & 0x8000u) << 16);
}
template <int N>
LOCKSTEP_INLINE Vector<float, N> widen(Words<N> bits, bfloat16) {
  return (Vector<float, N>)(bits << 16);
}

template <int N>
LOCKSTEP_INLINE Words<N> narrow(Vector<float, N> x, half) {
  const Words<N> bits = (Words<N>)x, magnitude = bits & 0x7fffffffu;
  // Half a unit of what is cut off, one less where the last bit that stays is 0: ties go to even.
  const Words<N> rounded = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  // Added to 0.5, whose last bit counts 2^-24, the addition rounds what becomes denormal.
  const Words<N> denormal = (Words<N>)((Vector<float, N>)magnitude + 0.5f) - 0x3f000000u;
  Words<N> result = (magnitude < 0x38800000u) ? denormal : rounded;                 // below 2^-14
  result = (magnitude >= 0x477ff000u) ? Words<N>{} + 0x7c00u : result;              // 65520: the tie above 65504
  result = (magnitude > 0x7f800000u) ? Words<N>{} + 0x7e00u : result;
  return result | (bits >> 16 & 0x8000u);
}
template <int N>
LOCKSTEP_INLINE Words<N> narrow(Vector<float, N> x, bfloat16) {
  const Words<N> bits = (Words<N>)x;
  const Words<N> rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  return ((bits & 0x7fffffffu) > 0x7f800000u) ? Words<N>{} + 0x7fc0u : rounded;
}

}  // namespace detail

// N elements that lie together, as they are in registers; and back.
template <int N, class T>
LOCKSTEP_INLINE Lanes<Register<T>, N> load_lanes(const T* p) {
  if constexpr (kIsHalf<T>) {
    detail::Shorts<N> shorts;
    std::memcpy(&shorts, p, sizeof shorts);
    return Lanes<float, N>(detail::widen<N>(__builtin_convertvector(shorts, detail::Words<N>), T()));
  } else {
    return Lanes<T, N>::load(p);
  }
}
template <int N, class T>
LOCKSTEP_INLINE void store_lanes(T* p, Lanes<Register<T>, N> x) {
  if constexpr (kIsHalf<T>) {
    const detail::Shorts<N> shorts = __builtin_convertvector(detail::narrow<N>(x.v, T()), detail::Shorts<N>);
    std::memcpy(p, &shorts, sizeof shorts);
  } else {
    x.store(p);
  }
}

// One element as it is in registers; and back.
template <class T>
LOCKSTEP_INLINE Register<T> widened(T element) {
  if constexpr (kIsHalf<T>) {
    return load_lanes<1>(&element)[0];
  } else {
    return element;
  }
}
template <class T>
LOCKSTEP_INLINE T narrowed(Register<T> x) {
  if constexpr (kIsHalf<T>) {
    T element;
    store_lanes<1>(&element, Lanes<float, 1>(x));
    return element;
  } else {
    return x;
  }
}

// Every lane rounded to the nearest number that T holds: what PyTorch does after each operation on such tensors.
template <class T, int N>
LOCKSTEP_INLINE Lanes<float, N> round_to(Lanes<float, N> x) {
  static_assert(kIsHalf<T>);
  return Lanes<float, N>(detail::widen<N>(detail::narrow<N>(x.v, T()), T()));
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
