// Conversions between types of lanes, and questions about masks.
#pragma once

#include "half.hpp"
#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// A vector as wide as two registers, converted to elements of half the width, and back. GCC converts such a
// vector in two instructions, but each half of it, given apart, in four.
template <class To, class From, int... J>
LOCKSTEP_INLINE Lanes<To, 2 * sizeof...(J)> halve_width(From low, From high, std::integer_sequence<int, J...>) {
  constexpr int half = sizeof...(J);
  const auto both = __builtin_shufflevector(low, high, J..., (half + J)...);
  using V = Vector<To, 2 * half>;
  return Lanes<To, 2 * half>(__builtin_convertvector(both, V));
}
template <class To, class From, int... J>
LOCKSTEP_INLINE Lanes<To, 2 * sizeof...(J)> double_width(From x, std::integer_sequence<int, J...>) {
  constexpr int half = sizeof...(J);
  using Wide = Vector<To, 2 * half>;
  using Half = Vector<To, half>;
  const Wide both = __builtin_convertvector(x, Wide);
  return {Lanes<To, half>((Half)__builtin_shufflevector(both, both, J...)),
          Lanes<To, half>((Half)__builtin_shufflevector(both, both, (half + J)...))};
}

// An integer of the same sign and of so many bytes.
template <class T, int Bytes>
using Resized = std::conditional_t<std::is_signed_v<T>, typename SignedOf<Bytes>::Type,
                                   std::make_unsigned_t<typename SignedOf<Bytes>::Type>>;

// Element by element conversion of numbers that are known to fit. In steps from width to width, where GCC would
// convert one lane after another.
template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> convert(Lanes<From, N> x) {
  constexpr auto half = std::make_integer_sequence<int, N / 2>();
  constexpr int from = sizeof(From), to = sizeof(To);
  if constexpr (std::is_integral_v<From> && from <= 2 && (to > 2 * from || std::is_floating_point_v<To>)) {
    return convert<To>(convert<Resized<From, 2 * from>>(x));
  } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To> && from > 2 * to) {
    return convert<To>(convert<Resized<From, from / 2>>(x));
  } else if constexpr (kSplit<From, N> && sizeof(To) == 4) {
    return halve_width<To>(x.low.v, x.high.v, half);
  } else if constexpr (kSplit<To, N> && sizeof(From) == 4) {
    return double_width<To>(x.v, half);
  } else if constexpr (kSplit<To, N> || kSplit<From, N>) {
    return join(convert<To>(low_half(x)), convert<To>(high_half(x)));
  } else {
    using V = Vector<To, N>;
    return Lanes<To, N>(__builtin_convertvector(x.v, V));
  }
}

// Towards zero; NaN and what does not fit give the lowest integer, as x86's cvtt instructions do. The
// operand is replaced first, because an out-of-range conversion is undefined and a compiler may fold it to
// anything.
template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> truncate_to_integer(Lanes<From, N> x) {
  static_assert(std::is_signed_v<To>);
  constexpr From above = -From(std::numeric_limits<To>::lowest());
  // Below the lowest integer, doubles down to lowest - 1 (exclusive) still truncate to it.
  constexpr bool has_fraction = std::numeric_limits<From>::digits > std::numeric_limits<To>::digits;
  const auto not_below = has_fraction ? x > Lanes<From, N>(-above - 1) : x >= Lanes<From, N>(-above);
  const auto fits = not_below & (x < above);
  const auto truncated = convert<To>(select(fits, x, Lanes<From, N>(0)));
  return select(fits, truncated, Lanes<To, N>(std::numeric_limits<To>::lowest()));
}

template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> float_to_integer(Lanes<From, N> x) {
  constexpr bool wide = sizeof(To) == 4 || (sizeof(To) == 1 && sizeof(From) == 8);
  if constexpr (std::is_signed_v<To> && sizeof(To) >= 4) {
    return truncate_to_integer<To>(x);
  } else if constexpr (sizeof(To) == 8) {  // uint64: the upper half of the range lies above int64
    const Lanes<From, N> middle(From(9223372036854775808.0));
    const auto upper = x >= middle;
    const auto near = truncate_to_integer<std::int64_t>(select(upper, x - middle, x));
    const Lanes<std::int64_t, N> top_bit(std::numeric_limits<std::int64_t>::lowest());
    return convert<To>(select(upper, near ^ top_bit, near));
  } else if constexpr (std::is_unsigned_v<To> && wide) {  // through int64, as PyTorch's c10::convert
    return convert<To>(truncate_to_integer<std::int64_t>(x));
  } else {  // the low bits of an int32, as the compiled static_cast
    return convert<To>(truncate_to_integer<std::int32_t>(x));
  }
}

}  // namespace detail

// PyTorch's `Tensor.to(dtype)` on the CPU: floats truncate, integers wrap, anything but zero is true (NaN
// too).
template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> cast(Lanes<From, N> x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (std::is_same_v<To, bool>) {
    return x != Lanes<From, N>(0);
  } else if constexpr (std::is_same_v<From, bool>) {
    return detail::convert<To>(Lanes<std::int32_t, N>(x.v & 1));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if constexpr (kSplit<To, N> || kSplit<From, N>) {
      return join(cast<To>(low_half(x)), cast<To>(high_half(x)));
    } else {
      return detail::float_to_integer<To>(x);
    }
  } else {
    return detail::convert<To>(x);
  }
}

// The same bits read as another type of the same width.
template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> bitcast(Lanes<From, N> x) {
  static_assert(sizeof(To) == sizeof(From) && !std::is_same_v<To, bool> && !std::is_same_v<From, bool>);
  if constexpr (kSplit<To, N>) {
    return {bitcast<To>(x.low), bitcast<To>(x.high)};
  } else {
    return Lanes<To, N>((detail::Vector<To, N>)x.v);
  }
}

template <int N>
LOCKSTEP_INLINE bool any(Lanes<bool, N> mask) {
  if constexpr (N == 1) {
    return mask.v[0] != 0;
  } else if constexpr (N == 2) {
    return (mask.v[0] | mask.v[1]) != 0;
  } else if constexpr (N == 4) {
    const auto pairs = (detail::Vector<std::int64_t, 2>)mask.v;
    return (pairs[0] | pairs[1]) != 0;
  } else if constexpr (N == 16) {
    using Bytes = detail::Vector<std::int8_t, N>;
    const auto pairs = (detail::Vector<std::int64_t, 2>)__builtin_convertvector(mask.v, Bytes);
    return (pairs[0] | pairs[1]) != 0;
  } else {
    return any(low_half(mask) | high_half(mask));
  }
}
template <int N>
LOCKSTEP_INLINE bool all(Lanes<bool, N> mask) {
  return !any(!mask);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
