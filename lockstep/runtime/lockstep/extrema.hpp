// The larger and the smaller of two numbers, and limits, where NaN stays.
#pragma once

#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// The instruction of a kind (max or min) for vectors of so many floats, where the machine has it.
#if defined(__AVX512F__) && defined(__clang__)
#define LOCKSTEP_EXTREMUM_16(kind) \
  if constexpr (std::is_same_v<V, Lanes<float, 16>>) return V(__builtin_ia32_##kind##ps512(a.v, b.v, kAsSet));
#elif defined(__AVX512F__)
#define LOCKSTEP_EXTREMUM_16(kind)                     \
  if constexpr (std::is_same_v<V, Lanes<float, 16>>) { \
    return V(__builtin_ia32_##kind##ps512_mask(a.v, b.v, b.v, kEveryLane, kAsSet)); \
  }
#else
#define LOCKSTEP_EXTREMUM_16(kind)
#endif
#ifdef __AVX__
#define LOCKSTEP_EXTREMUM_8(kind) \
  if constexpr (std::is_same_v<V, Lanes<float, 8>>) return V(__builtin_ia32_##kind##ps256(a.v, b.v));
#else
#define LOCKSTEP_EXTREMUM_8(kind)
#endif
#ifdef __SSE2__
#define LOCKSTEP_EXTREMUM_4(kind) \
  if constexpr (std::is_same_v<V, Lanes<float, 4>>) return V(__builtin_ia32_##kind##ps(a.v, b.v));
#else
#define LOCKSTEP_EXTREMUM_4(kind)
#endif
[[maybe_unused]] constexpr short kEveryLane = -1;
[[maybe_unused]] constexpr int kAsSet = 4;  // rounding: as the machine is set to

// One machine instruction where a machine has it: the second operand if either is NaN or both are equal. GCC makes it a
// comparison and a choice where vector extensions spell it, and takes half a second to see through nine of them in a row.
#define LOCKSTEP_EXTREMUM(name, kind, of_truths, otherwise)                  \
  template <class T, int N>                                                  \
  LOCKSTEP_INLINE Lanes<T, N> name(Lanes<T, N> a, Lanes<T, N> b) {           \
    using V [[maybe_unused]] = Lanes<T, N>;                                  \
    LOCKSTEP_EXTREMUM_16(kind)                                               \
    LOCKSTEP_EXTREMUM_8(kind)                                                \
    LOCKSTEP_EXTREMUM_4(kind)                                                \
    if constexpr (std::is_same_v<T, bool>) {                                 \
      return of_truths;                                                      \
    } else {                                                                 \
      return otherwise;                                                      \
    }                                                                        \
  }
LOCKSTEP_EXTREMUM(larger_or_second, max, a | b, if_less(b, a, a, b))
LOCKSTEP_EXTREMUM(smaller_or_second, min, a & b, if_less(a, b, a, b))
#undef LOCKSTEP_EXTREMUM
#undef LOCKSTEP_EXTREMUM_16
#undef LOCKSTEP_EXTREMUM_8
#undef LOCKSTEP_EXTREMUM_4

// `result`, or NaN where x is NaN. A constant, not x itself: GCC would merge this selection with the one that
// made the result, and lose the instruction above.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> unless_nan(Lanes<T, N> x, Lanes<T, N> result) {
  if constexpr (std::is_floating_point_v<T>) {
    return if_equal(x, x, result, Lanes<T, N>(std::numeric_limits<T>::quiet_NaN()));
  } else {
    return result;
  }
}

// The larger and the smaller of a limit, which is a number, and x; NaN stays, and x where both are equal.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> at_least(T lowest, Lanes<T, N> x) {
  return larger_or_second(Lanes<T, N>(lowest), x);
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> at_most(T highest, Lanes<T, N> x) {
  return smaller_or_second(Lanes<T, N>(highest), x);
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> between(T lowest, T highest, Lanes<T, N> x) {
  return at_most(highest, at_least(lowest, x));
}

}  // namespace detail

// The larger and the smaller number; NaN if either is NaN, the second of two equal zeros, as torch.maximum.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> maximum(Lanes<T, N> a, Lanes<T, N> b) {
  return detail::unless_nan(a, detail::larger_or_second(a, b));
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> minimum(Lanes<T, N> a, Lanes<T, N> b) {
  return detail::unless_nan(a, detail::smaller_or_second(a, b));
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
