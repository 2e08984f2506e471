// Loops over vector lanes: one body runs on full vectors, on the rest of a row, and on single elements.
//
// A body is a generic lambda over a place in the loop: `Chunk` (all lanes active) or `Tail` (the first few).
//   each(n, [&](auto at) { at.store(y, exp(at.load(x)) * at.template splat<float>(2.0f)); });
#pragma once

#include "cast.hpp"
#include "extrema.hpp"
#include "partial.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// What both places in a loop can do without regard to which lanes are active. Elements of 16-bit floats are floats in
// registers: loads widen them, stores round them.
template <int N>
struct Place {
  static constexpr int kWidth = N;
  Index i;  // the loop index of lane 0

  // Asks for the lanes' cache line before it is needed.
  template <class T>
  LOCKSTEP_INLINE void fetch(const T* p) const {
    __builtin_prefetch(p + i);
  }

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
    return load_first<N>(p + i, active_lanes);
  }
  template <class T>
  LOCKSTEP_INLINE void store(T* p, Lanes<Register<T>, N> x) const {
    store_first<N>(p + i, x, active_lanes);
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

// Folds body(at) over [0, n). Four accumulators hide the latency of the combination; every block of the row starts
// them anew, so that the rounding of a long sum grows with the block and the number of blocks, not with the row.
// Which index goes to which, and the order in which they meet, depend on n alone.
template <class Monoid, class T, class Body>
LOCKSTEP_INLINE T reduce(Index n, Body body) {
  using Vector = Lanes<T, kLanes>;
  constexpr Index step = 4 * kLanes, block = 64 * step;
  const Vector identity(Monoid::template identity<T>());
  Vector total = identity;
  Index i = 0;
  for (Index left = n; left >= kLanes; left = n - i) {
    const Index end = i + (left < block ? left : block);
    Vector a = identity, b = identity, c = identity, d = identity;
    for (; i + step <= end; i += step) {
      a = Monoid::combine(a, body(Chunk<kLanes>(i)));
      b = Monoid::combine(b, body(Chunk<kLanes>(i + kLanes)));
      c = Monoid::combine(c, body(Chunk<kLanes>(i + 2 * kLanes)));
      d = Monoid::combine(d, body(Chunk<kLanes>(i + 3 * kLanes)));
    }
    for (; i + kLanes <= end; i += kLanes) a = Monoid::combine(a, body(Chunk<kLanes>(i)));
    total = Monoid::combine(total, Monoid::combine(Monoid::combine(a, b), Monoid::combine(c, d)));
  }
  if constexpr (kLanes > 1) {
    if (i < n) {
      const Tail<kLanes> rest(i, int(n - i));
      total = Monoid::combine(total, rest.keep(body(rest), Monoid::template identity<T>()));
    }
  }
  return Monoid::fold(total);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
