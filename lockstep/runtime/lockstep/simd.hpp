// Loops over vector lanes: one body runs on full vectors, on the rest of a row, and on single elements.
//
// A body is a generic lambda over a place in the loop: `Chunk` (all lanes active) or `Tail` (the first few).
//   each(n, [&](auto at) { at.store(y, exp(at.load(x)) * at.template splat<float>(2.0f)); });
#pragma once

#include "half.hpp"
#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// Element by element conversion of numbers that are known to fit.
template <class To, class From, int N>
LOCKSTEP_INLINE Lanes<To, N> convert(Lanes<From, N> x) {
  if constexpr (kSplit<To, N> || kSplit<From, N>) {
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
  } else if constexpr (kSplit<To, N> || kSplit<From, N>) {
    return join(cast<To>(low_half(x)), cast<To>(high_half(x)));
  } else if constexpr (std::is_same_v<From, bool>) {
    return detail::convert<To>(Lanes<std::int32_t, N>(x.v & 1));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return detail::float_to_integer<To>(x);
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
  } else {
    return any(low_half(mask) | high_half(mask));
  }
}
template <int N>
LOCKSTEP_INLINE bool all(Lanes<bool, N> mask) {
  return !any(!mask);
}

// The larger and the smaller number; NaN if either is NaN, the second of two equal zeros, as torch.maximum.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> maximum(Lanes<T, N> a, Lanes<T, N> b) {
  if constexpr (std::is_floating_point_v<T>) {
    return select((a > b) | (a != a), a, b);
  } else {
    return select(a > b, a, b);
  }
}
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> minimum(Lanes<T, N> a, Lanes<T, N> b) {
  if constexpr (std::is_floating_point_v<T>) {
    return select((a < b) | (a != a), a, b);
  } else {
    return select(a < b, a, b);
  }
}

// What both places in a loop can do without regard to which lanes are active. Elements of 16-bit floats are floats in
// registers: loads widen them, stores round them.
template <int N>
struct Place {
  static constexpr int kWidth = N;
  Index i;  // the loop index of lane 0

  template <class T>
  LOCKSTEP_INLINE Lanes<Register<T>, N> splat(T value) const {
    return Lanes<Register<T>, N>(widened(value));
  }
  // Lane j holds T(i + j).
  template <class T>
  LOCKSTEP_INLINE Lanes<T, N> index() const {
    return cast<T>(Lanes<Index, N>::counting() + Lanes<Index, N>(i));
  }
};

// A place in a loop where all N lanes are active.
template <int N>
struct Chunk : Place<N> {
  LOCKSTEP_INLINE explicit Chunk(Index first) : Place<N>{first} {}
  using Place<N>::i;

  LOCKSTEP_INLINE int count() const { return N; }
  LOCKSTEP_INLINE Lanes<bool, N> active() const { return Lanes<bool, N>(true); }

  template <class T>
  LOCKSTEP_INLINE Lanes<Register<T>, N> load(const T* p) const {
    return load_lanes<N>(p + i);
  }
  template <class T>
  LOCKSTEP_INLINE void store(T* p, Lanes<Register<T>, N> x) const {
    store_lanes<N>(p + i, x);
  }
  template <class T>
  LOCKSTEP_INLINE Lanes<T, N> keep(Lanes<T, N> x, T) const {
    return x;
  }

  template <class T>
  Lanes<Register<T>, N> load(const T* p, Index stride) const {
    T lanes[N];
    for (int j = 0; j < N; ++j) lanes[j] = p[(i + j) * stride];
    return load_lanes<N>(lanes);
  }
  template <class T>
  void store(T* p, Index stride, Lanes<Register<T>, N> x) const {
    T lanes[N];
    store_lanes<N>(lanes, x);
    for (int j = 0; j < N; ++j) p[(i + j) * stride] = lanes[j];
  }
  template <class T>
  Lanes<Register<T>, N> gather(const T* p, Lanes<Index, N> offsets) const {
    Index from[N];
    offsets.store(from);
    T lanes[N];
    for (int j = 0; j < N; ++j) lanes[j] = p[from[j]];
    return load_lanes<N>(lanes);
  }
  template <class T>
  Lanes<Register<T>, N> gather_if(Lanes<bool, N> mask, const T* p, Lanes<Index, N> offsets, Register<T> fill) const {
    Index from[N];
    offsets.store(from);
    bool wanted[N];
    mask.store(wanted);
    Register<T> lanes[N];
    for (int j = 0; j < N; ++j) lanes[j] = wanted[j] ? widened(p[from[j]]) : fill;
    return load_lanes<N>(lanes);
  }
};

namespace detail {

// Copies `count` < 2 * Step elements by halving steps of constant size: no call, no byte beyond the last
// element.
template <int Step, class T>
LOCKSTEP_INLINE void copy_first(T* to, const T* from, int count) {
  if constexpr (Step > 0) {
    if (count & Step) {
      std::memcpy(to, from, Step * sizeof(T));
      to += Step;
      from += Step;
    }
    copy_first<Step / 2>(to, from, count);
  }
}

}  // namespace detail

// The place after the last full chunk: only the first `count()` lanes, fewer than N, are active. Inactive
// lanes are loaded as zero and never stored.
template <int N>
struct Tail : Place<N> {
  LOCKSTEP_INLINE Tail(Index first, int count) : Place<N>{first}, active_lanes(count) {}
  using Place<N>::i;
  int active_lanes;

  LOCKSTEP_INLINE int count() const { return active_lanes; }
  LOCKSTEP_INLINE Lanes<bool, N> active() const {
    return Lanes<std::int32_t, N>::counting() < Lanes<std::int32_t, N>(active_lanes);
  }

  template <class T>
  LOCKSTEP_INLINE Lanes<Register<T>, N> load(const T* p) const {
    T lanes[N] = {};
    detail::copy_first<N / 2>(lanes, p + i, active_lanes);
    return load_lanes<N>(lanes);
  }
  template <class T>
  LOCKSTEP_INLINE void store(T* p, Lanes<Register<T>, N> x) const {
    T lanes[N];
    store_lanes<N>(lanes, x);
    detail::copy_first<N / 2>(p + i, lanes, active_lanes);
  }
  template <class T>
  LOCKSTEP_INLINE Lanes<T, N> keep(Lanes<T, N> x, T identity) const {
    return select(active(), x, Lanes<T, N>(identity));
  }

  template <class T>
  Lanes<Register<T>, N> load(const T* p, Index stride) const {
    T lanes[N] = {};
    for (int j = 0; j < active_lanes; ++j) lanes[j] = p[(i + j) * stride];
    return load_lanes<N>(lanes);
  }
  template <class T>
  void store(T* p, Index stride, Lanes<Register<T>, N> x) const {
    T lanes[N];
    store_lanes<N>(lanes, x);
    for (int j = 0; j < active_lanes; ++j) p[(i + j) * stride] = lanes[j];
  }
  template <class T>
  Lanes<Register<T>, N> gather(const T* p, Lanes<Index, N> offsets) const {
    Index from[N];
    offsets.store(from);
    T lanes[N] = {};
    for (int j = 0; j < active_lanes; ++j) lanes[j] = p[from[j]];
    return load_lanes<N>(lanes);
  }
  template <class T>
  Lanes<Register<T>, N> gather_if(Lanes<bool, N> mask, const T* p, Lanes<Index, N> offsets, Register<T> fill) const {
    return Chunk<N>(i).gather_if(mask & active(), p, offsets, fill);
  }
};

// Runs the body on full vectors and once on the rest, if there is one.
template <class Body>
LOCKSTEP_INLINE void each(Index n, Body body) {
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes) body(Chunk<kLanes>(i));
  if constexpr (kLanes > 1) {
    if (i < n) body(Tail<kLanes>(i, int(n - i)));
  }
}

// Runs the body on one element at a time.
template <class Body>
LOCKSTEP_INLINE void each_scalar(Index n, Body body) {
  for (Index i = 0; i < n; ++i) body(Chunk<1>(i));
}

namespace detail {

template <class Monoid, class T, int N>
LOCKSTEP_INLINE T fold(Lanes<T, N> x) {
  if constexpr (N == 1) {
    return x[0];
  } else {
    return fold<Monoid>(Monoid::combine(low_half(x), high_half(x)));
  }
}

// What every monoid has besides its identity and its combination of vectors.
template <class Monoid>
struct Folding {
  template <class T, int N>
  static LOCKSTEP_INLINE T fold(Lanes<T, N> x) {
    return detail::fold<Monoid>(x);
  }
  // Two scalars, by the same arithmetic as the vectors.
  template <class T>
  static LOCKSTEP_INLINE T combine_scalars(T a, T b) {
    return Monoid::combine(Lanes<T, 1>(a), Lanes<T, 1>(b))[0];
  }
};

template <class T>
constexpr T lowest() {
  if constexpr (std::is_floating_point_v<T>) {
    return -std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::lowest();
  }
}
template <class T>
constexpr T highest() {
  if constexpr (std::is_floating_point_v<T>) {
    return std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::max();
  }
}

}  // namespace detail

// A monoid: an associative combination with an identity, what `reduce` folds a row with.
#define LOCKSTEP_MONOID(Name, identity_of_t, combination)                     \
  struct Name : detail::Folding<Name> {                                       \
    template <class T>                                                        \
    static constexpr T identity() {                                           \
      return identity_of_t;                                                   \
    }                                                                         \
    template <class T, int N>                                                 \
    static LOCKSTEP_INLINE Lanes<T, N> combine(Lanes<T, N> a, Lanes<T, N> b) { \
      return combination;                                                     \
    }                                                                         \
    template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>     \
    static LOCKSTEP_INLINE T combine(T a, T b) {                              \
      return Name::combine_scalars(a, b);                                     \
    }                                                                         \
  };
LOCKSTEP_MONOID(Sum, T(0), a + b)
LOCKSTEP_MONOID(Prod, T(1), a * b)
LOCKSTEP_MONOID(Max, detail::lowest<T>(), maximum(a, b))
LOCKSTEP_MONOID(Min, detail::highest<T>(), minimum(a, b))
LOCKSTEP_MONOID(Any, T(0), a | b)
LOCKSTEP_MONOID(All, T(1), a & b)
#undef LOCKSTEP_MONOID

// Folds body(at) over [0, n). Four accumulators hide the latency of the combination; which index goes to
// which, and the order in which they meet at the end, depend on n alone.
template <class Monoid, class T, class Body>
LOCKSTEP_INLINE T reduce(Index n, Body body) {
  using Vector = Lanes<T, kLanes>;
  const Vector identity(Monoid::template identity<T>());
  Vector a = identity, b = identity, c = identity, d = identity;
  Index i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    a = Monoid::combine(a, body(Chunk<kLanes>(i)));
    b = Monoid::combine(b, body(Chunk<kLanes>(i + kLanes)));
    c = Monoid::combine(c, body(Chunk<kLanes>(i + 2 * kLanes)));
    d = Monoid::combine(d, body(Chunk<kLanes>(i + 3 * kLanes)));
  }
  for (; i + kLanes <= n; i += kLanes) a = Monoid::combine(a, body(Chunk<kLanes>(i)));
  if constexpr (kLanes > 1) {
    if (i < n) {
      const Tail<kLanes> rest(i, int(n - i));
      b = Monoid::combine(b, rest.keep(body(rest), Monoid::template identity<T>()));
    }
  }
  return Monoid::fold(Monoid::combine(Monoid::combine(a, b), Monoid::combine(c, d)));
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
