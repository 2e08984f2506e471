// What a convolution does with its sums while they are in registers.
#pragma once

#include "extrema.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// What becomes of a sum before it is stored: times the channel's scale, plus its shift, at least `least` and at most
// `most`. NaN stays NaN; a zero becomes positive before it meets the limits, unless zeros keep their signs. Scale and
// shift may be missing; else they have a number for every channel that y has room for.
template <class T>
struct Finish {
  const T* scale = nullptr;
  const T* shift = nullptr;
  T least = -std::numeric_limits<T>::infinity(), most = std::numeric_limits<T>::infinity();
  bool signed_zeros = false;

  bool limits() const { return least > Finish().least || most < Finish().most; }
};

namespace detail {

// Sums of a register of channels, the first of them `channel`, times their scale, plus their shift.
template <class T, class V, int Count>
LOCKSTEP_INLINE void scale_and_shift(const Finish<T>& finish, Index channel, V (&sums)[Count]) {
  V scale = T(1) - V{}, shift = -T(0) - V{};  // these change nothing, not even the sign of a zero
  if (finish.scale != nullptr) std::memcpy(&scale, finish.scale + channel, sizeof(V));
  if (finish.shift != nullptr) std::memcpy(&shift, finish.shift + channel, sizeof(V));
#pragma GCC unroll 14
  for (int k = 0; k < Count; ++k) sums[k] = sums[k] * scale + shift;
}
template <class T, class V, int Count>
LOCKSTEP_INLINE void limit(const Finish<T>& finish, V (&sums)[Count]) {
  if (!finish.limits()) return;
  const T zero = finish.signed_zeros ? -T(0) : T(0);  // what is added to it keeps its sign, or makes it positive
#pragma GCC unroll 14
  for (int k = 0; k < Count; ++k) {
    sums[k] = between(finish.least, finish.most, Lanes<T, int(sizeof(V) / sizeof(T))>(sums[k] + zero)).v;
  }
}

}  // namespace detail

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
