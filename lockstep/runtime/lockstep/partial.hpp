// The first few lanes of a vector, from memory and to it: no byte beyond the last element is touched.
#pragma once

#include "half.hpp"
#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// GCC makes one masked move of a loop that asks for every lane whether it is wanted, if told that what it stores
// is not what it loads.
#if LOCKSTEP_LANES == 16 && !defined(__clang__)
#define LOCKSTEP_MASKED _Pragma("GCC ivdep")
constexpr bool kMaskedMoves = true;
#else
#define LOCKSTEP_MASKED
constexpr bool kMaskedMoves = false;
#endif

// In pieces of N / 2, N / 4, ... elements put together in registers, because a full load waits for the smaller stores
// of what it reads.
template <int N, class T>
LOCKSTEP_INLINE Lanes<Register<T>, N> load_pieces(const T* p, int count) {
  const Lanes<Register<T>, N> none(Register<T>(0));
  if constexpr (N == 1) {
    return count > 0 ? load_lanes<1>(p) : none;
  } else if (count >= N) {
    return load_lanes<N>(p);
  } else {
    constexpr int half = N / 2;
    const auto wanted = count > half;
    const auto rest = load_pieces<half>(wanted ? p + half : p, wanted ? count - half : count);
    return wanted ? join(load_lanes<half>(p), rest) : join(rest, low_half(none));
  }
}
template <int N, class T>
LOCKSTEP_INLINE void store_pieces(T* p, Lanes<Register<T>, N> x, int count) {
  if constexpr (N > 1) {
    constexpr int half = N / 2;
    if (count & half) {
      store_lanes<half>(p, low_half(x));
      store_pieces<half>(p + half, high_half(x), count);
    } else {
      store_pieces<half>(p, low_half(x), count);
    }
  }
}

}  // namespace detail

// `count` < N elements; the other lanes are zero. A count that the compiler knows needs no mask, and what small
// pieces stored, small pieces load without waiting.
template <int N, class T>
LOCKSTEP_INLINE Lanes<Register<T>, N> load_first(const T* p, int count) {
  if (!detail::kMaskedMoves || __builtin_constant_p(count)) return detail::load_pieces<N>(p, count);
  T lanes[N];
  LOCKSTEP_MASKED
  for (int j = 0; j < N; ++j) lanes[j] = j < count ? p[j] : T();
  return load_lanes<N>(lanes);
}
template <int N, class T>
LOCKSTEP_INLINE void store_first(T* p, Lanes<Register<T>, N> x, int count) {
  if (!detail::kMaskedMoves || __builtin_constant_p(count)) return detail::store_pieces<N>(p, x, count);
  T lanes[N];
  store_lanes<N>(lanes, x);
  LOCKSTEP_MASKED
  for (int j = 0; j < N; ++j) {
    if (j < count) p[j] = lanes[j];
  }
}

#undef LOCKSTEP_MASKED

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
