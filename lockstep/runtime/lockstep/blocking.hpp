// How kernels cut their work so that what they read lies in near memory.
#pragma once

#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// Parts of n of nearly the same size, at most `most` and one step: whole steps, unless one part is all.
LOCKSTEP_INLINE Index even_part(Index n, Index most, Index step) {
  if (n <= most) return n < 1 ? 1 : n;
  const Index parts = most < step ? n : (n + most - 1) / most;
  return ((n + parts - 1) / parts + step - 1) / step * step;
}

// Memory that is read later, fetched some bytes at a time into the second cache while something else is computed: what
// is fetched only when it is needed keeps the first to read it waiting. Nothing is read: the memory may end before what
// is fetched does.
struct Ahead {
  const char* from;
  Index step;  // bytes

  // `bytes` from there on, in so many times.
  static Ahead evenly(const void* from, Index bytes, Index times) {
    return {static_cast<const char*>(from), (bytes + times - 1) / times};
  }
  LOCKSTEP_INLINE void fetch() {  // of steps of at most a line
    __builtin_prefetch(from, 0, 2);
    from += step;
  }
  LOCKSTEP_INLINE void fetch_lines() {
    for (Index n = 0; n < step; n += 64) __builtin_prefetch(from + n, 0, 2);
    from += step;
  }
};

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
