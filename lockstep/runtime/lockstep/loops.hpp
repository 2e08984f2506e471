// Loops that emitted code is made of besides `each` and `reduce`: loops cut where a guard changes, the place of an
// extremum, rows put in order, and integer division that rounds down.
#pragma once

#include "math.hpp"
#include "simd.hpp"
#include "transpose.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// Rounded down, for a positive divisor: index expressions under a guard may be negative.
// (b of 0 is the extent of an empty tensor, none of whose elements asks.)
LOCKSTEP_INLINE constexpr Index floor_quotient(Index a, Index b) { return b == 0 ? 0 : a >= 0 ? a / b : -((b - 1 - a) / b); }
LOCKSTEP_INLINE constexpr Index floor_rest(Index a, Index b) { return b == 0 ? 0 : a - floor_quotient(a, b) * b; }
LOCKSTEP_INLINE constexpr Index smaller(Index a, Index b) { return a < b ? a : b; }
LOCKSTEP_INLINE constexpr Index larger(Index a, Index b) { return a > b ? a : b; }

// The lanes of vectors that are to have `most`: so many, or as many as the machine has.
constexpr int lanes_of_most(int most) { return most < kLanes ? most : kLanes; }

// The vector at i of [0, n), n at least N. The last one begins earlier instead of being shorter: some elements are computed
// twice, which nothing notices that only reads elsewhere.
template <int N>
LOCKSTEP_INLINE Chunk<N> whole_at(Index i, Index n) {
  return Chunk<N>(smaller(i, n % N == 0 ? n : n - N));
}

// body(at) over [0, n) in such vectors of at most Most lanes.
template <int Most, class Body>
LOCKSTEP_INLINE void each_whole(Index n, Body body) {
  constexpr int N = lanes_of_most(Most);
  for (Index i = 0; i < n; i += N) body(whole_at<N>(i, n));
}
// The same for a row of many vectors: two a turn, of which one is under way while the other waits.
template <int Most, class Body>
LOCKSTEP_INLINE void each_of_many(Index n, Body body) {
  constexpr int N = lanes_of_most(Most);
#pragma GCC unroll 2
  for (Index i = 0; i < n; i += N) body(whole_at<N>(i, n));
}
// The same for rows of so few vectors that they are written out: what lies on the stack may then stay in registers.
template <int Most, class Body>
LOCKSTEP_INLINE void each_of_few(Index n, Body body) {
  constexpr int N = lanes_of_most(Most);
#pragma GCC unroll 8
  for (Index i = 0; i < n; i += N) body(whole_at<N>(i, n));
}

// One value for a whole row: a border, most often. A function of its own, as programs with many borders compile in less.
template <class T>
__attribute__((noinline)) void fill(T* to, Index n, T value) {
  each(n, [=](auto at) { at.store(to, at.splat(value)); });
}

// What lanes begin with that are folded later.
template <class Monoid, class T, int Most>
LOCKSTEP_INLINE auto lanes_to_fold() {
  return Lanes<T, lanes_of_most(Most)>(Monoid::template identity<T>());
}

// Folds body(at) over [0, n), n at least Most, in vectors as `each_whole` has them, to one vector; what the last one has
// again is left out.
// As in `reduce`, four running values hide the latency of one combination, every block of the row starts them anew, and
// which index goes where depends on n alone.
template <class Monoid, class T, int Most, class Body>
LOCKSTEP_INLINE auto fold_to_lanes(Index n, Body body) {
  const auto identity = lanes_to_fold<Monoid, T, Most>();
  using Vector = std::decay_t<decltype(identity)>;
  constexpr int N = lanes_of_most(Most);
  constexpr Index step = 4 * N, block = 64 * step;
  Vector total = identity;
  Index i = 0;
  while (i + step <= n) {
    const Index end = smaller(i + block, n);
    Vector a[4] = {identity, identity, identity, identity};
    for (; i + step <= end; i += step) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) a[k] = Monoid::combine(a[k], body(Chunk<N>(i + k * N)));
    }
    total = Monoid::combine(total, Monoid::combine(Monoid::combine(a[0], a[1]), Monoid::combine(a[2], a[3])));
  }
#pragma GCC unroll 3
  for (; i + N <= n; i += N) total = Monoid::combine(total, body(Chunk<N>(i)));
  if (i < n) {
    const Index first = n - N;
    const auto fresh = Lanes<std::int32_t, N>::counting() >= Lanes<std::int32_t, N>(int(i - first));
    total = Monoid::combine(total, select(fresh, body(Chunk<N>(first)), identity));
  }
  return total;
}
template <class Monoid, class T, int Most, class Body>
LOCKSTEP_INLINE T fold_row(Index n, Body body) {
  return Monoid::fold(fold_to_lanes<Monoid, T, Most>(n, body));
}

// K vectors side by side, whose running values stay in registers while rows of memory pass by.
template <class T, int N, int K>
struct Columns {
  Lanes<T, N> of[K];
};
template <int N, int K>
struct Group {
  Index first;

  template <class T>
  LOCKSTEP_INLINE Columns<T, N, K> splat(T value) const {
    Columns<T, N, K> all;
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) all.of[k] = Lanes<T, N>(value);
    return all;
  }
  template <class Monoid, class T, class Body>
  LOCKSTEP_INLINE void fold(Columns<T, N, K>& running, Body body) const {
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) running.of[k] = Monoid::combine(running.of[k], body(Chunk<N>(first + k * N)));
  }
  template <class Monoid, class T>
  LOCKSTEP_INLINE void join(Columns<T, N, K>& running, const Columns<T, N, K>& more) const {
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) running.of[k] = Monoid::combine(running.of[k], more.of[k]);
  }
  // body(at, value) for each vector.
  template <class T, class Body>
  LOCKSTEP_INLINE void each(const Columns<T, N, K>& values, Body body) const {
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) body(Chunk<N>(first + k * N), values.of[k]);
  }
};

// body(group) over [0, n), n at least K * 16. The last group begins earlier, as the last vector of `each_whole`.
template <int K, class Body>
LOCKSTEP_INLINE void each_group(Index n, Body body) {
  constexpr Index width = K * kLanes;
  const Index last = n % width == 0 ? n : n - width;
  for (Index i = 0; i < n; i += width) body(Group<kLanes, K>{smaller(i, last)});
}

// What a body gives for one element.
template <class Body>
LOCKSTEP_INLINE auto single(Body body) {
  return body(Chunk<1>(0))[0];
}

namespace detail {

template <class V, int... J>
LOCKSTEP_INLINE V every_second(V low, V high, std::integer_sequence<int, J...>) {
  constexpr int count = int(sizeof...(J));
  return __builtin_shufflevector(low, high, (2 * J < count ? 2 * J : 2 * J + 1)...);
}

}  // namespace detail

// p[2 * i] for every lane. Two loads overlap by one element, so that none lies beyond the last.
template <int N, class T>
LOCKSTEP_INLINE Lanes<Register<T>, N> every_second(Chunk<N> at, const T* p) {
  if constexpr (N == 1 || kSplit<Register<T>, N>) {
    return at.load(p, 2);
  } else {
    const auto low = load_lanes<N>(p + 2 * at.i), high = load_lanes<N>(p + 2 * at.i + N - 1);
    return Lanes<Register<T>, N>(detail::every_second(low.v, high.v, std::make_integer_sequence<int, N>()));
  }
}
template <int N, class T>
LOCKSTEP_INLINE Lanes<Register<T>, N> every_second(Tail<N> at, const T* p) {
  return at.load(p, 2);
}

namespace detail {

template <class T, int N, int... J>
LOCKSTEP_INLINE Lanes<T, N> gathered(const T* p, const Index (&from)[N], std::integer_sequence<int, J...>) {
  return Lanes<T, N>(Vector<T, N>{p[from[J]]...});
}

}  // namespace detail

// Elements at places that are within bounds; zero, and nothing read, where they are not.
template <class At, class T, int N>
LOCKSTEP_INLINE Lanes<Register<T>, N> gather_within(At at, Lanes<bool, N> within, const T* p, Lanes<Index, N> offsets) {
  if (!all(within)) return at.gather_if(within, p, offsets, Register<T>(0));
  if constexpr (std::is_same_v<At, Chunk<N>> && std::is_arithmetic_v<T> && sizeof(T) == 4) {
    Index from[N];  // into a register one by one: a load of what many small stores wrote would wait for all of them
    offsets.store(from);
    return detail::gathered<T>(p, from, std::make_integer_sequence<int, N>());
  } else {
    return at.gather(p, offsets);
  }
}

// The part [low, high) of a loop over [0, n) in which every guard holds.
struct Cut {
  Index n, low = 0, high;
  LOCKSTEP_INLINE explicit Cut(Index extent) : n(extent), high(extent) {}
  // Keeps the i with factor * i + rest >= 0.
  LOCKSTEP_INLINE void require(Index factor, Index rest) {
    if (factor > 0) {
      low = larger(low, floor_quotient(factor - 1 - rest, factor));
    } else if (factor < 0) {
      high = smaller(high, floor_quotient(rest, -factor) + 1);
    } else if (rest < 0) {
      high = low;
    }
  }
};

namespace detail {

template <class Inside, class Body>
LOCKSTEP_INLINE void each_between(Index from, Index to, Body& body) {
  if (to - from >= kLanes) {
    for (Index i = from; i < to; i += kLanes) body(Chunk<kLanes>(smaller(i, to - kLanes)), Inside());
  } else if (from < to) {
    if constexpr (kLanes > 1) body(Tail<kLanes>(from, int(to - from)), Inside());
  }
}

}  // namespace detail

// body(at, inside) with inside a std::true_type where the cut's guards hold and a std::false_type elsewhere. As in
// `each_whole`, some elements may be computed twice.
template <class Body>
LOCKSTEP_INLINE void each_cut(const Cut& cut, Body body) {
  const Index low = smaller(larger(cut.low, 0), cut.n);
  const Index high = larger(smaller(cut.high, cut.n), low);
  detail::each_between<std::false_type>(0, low, body);
  detail::each_between<std::true_type>(low, high, body);
  detail::each_between<std::false_type>(high, cut.n, body);
}

// value() where the guard holds, else the fill; value is not computed where it does not hold.
template <class V, class Value>
LOCKSTEP_INLINE V guarded(std::true_type, Value value, V) {
  return value();
}
template <class V, class Value>
LOCKSTEP_INLINE V guarded(std::false_type, Value, V fill) {
  return fill;
}
template <class V, class Value>
LOCKSTEP_INLINE V guarded(bool holds, Value value, V fill) {
  return holds ? value() : fill;
}

// The first index in [0, n) at which value(i) is largest (Max) or smallest (Min); a NaN wins.
template <class Monoid, class Value>
LOCKSTEP_INLINE Index arg_reduce(Index n, Value value) {
  if (n <= 0) return 0;
  auto best = value(0);
  Index place = 0;
  for (Index i = 1; i < n; ++i) {
    const auto x = value(i);
    const auto combined = Monoid::combine(best, x);
    if (any(best == best) && !any(combined == best)) best = x, place = i;
  }
  return place;
}

// The same for a body over lanes and n at least Most: the extremum first, then where it is.
template <class Monoid, class T, int Most, class Body>
LOCKSTEP_INLINE Index arg_reduce_row(Index n, Body body) {
  constexpr int N = lanes_of_most(Most);
  const Lanes<T, N> wanted(fold_row<Monoid, T, Most>(n, body));
  for (Index i = 0; i < n; i += N) {
    const Index first = smaller(i, n - N);
    const Lanes<T, N> x = body(Chunk<N>(first));
    const auto found = (x == wanted) | (x != x);  // any NaN makes the extremum NaN, which equals nothing
    if (!any(found)) continue;
    for (int j = 0; j < N; ++j) {
      if (found[j]) return first + j;
    }
  }
  return 0;
}

namespace detail {

// NaN counts as the largest, so that every row has one order.
template <class T>
LOCKSTEP_INLINE bool comes_before(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return (b != b && a == a) || a < b;
  } else {
    return a < b;
  }
}

}  // namespace detail

// Whether one element comes before another; equals never do, so that they keep their order.
template <class T>
LOCKSTEP_INLINE bool comes_first(T a, T b, bool descending) {
  return descending ? detail::comes_before(b, a) : detail::comes_before(a, b);
}

// A row of n elements in stable order, with the index each came from. scratch holds 2 n indices. Merge sort from the
// bottom up: no recursion, no allocation, n log n comparisons.
template <class T>
void sort_row(const T* row, Index row_stride, Index n, bool descending, T* values, std::int64_t* indices, Index stride,
              std::int64_t* scratch) {
  std::int64_t* from = scratch;
  std::int64_t* to = scratch + n;
  for (Index i = 0; i < n; ++i) from[i] = i;
  const auto before = [&](std::int64_t a, std::int64_t b) {
    return comes_first(widened(row[a * row_stride]), widened(row[b * row_stride]), descending);
  };
  for (Index width = 1; width < n; width *= 2) {
    for (Index start = 0; start < n; start += 2 * width) {
      const Index middle = smaller(start + width, n), end = smaller(start + 2 * width, n);
      Index left = start, right = middle;
      for (Index k = start; k < end; ++k) {
        const bool take_right = left >= middle || (right < end && before(from[right], from[left]));
        to[k] = from[take_right ? right++ : left++];
      }
    }
    std::int64_t* const done = from;
    from = to;
    to = done;
  }
  for (Index i = 0; i < n; ++i) {
    values[i * stride] = row[from[i] * row_stride];
    indices[i * stride] = from[i];
  }
}

// The first elements of that order alone: each element of the row goes to its place among those found so far, if it has one.
template <class T>
void sort_first(const T* row, Index row_stride, Index n, bool descending, T* values, std::int64_t* indices, Index stride,
                Index first) {
  Index found = 0;
  for (Index i = 0; i < n; ++i) {
    const T element = row[i * row_stride];
    const auto before = [&](Index place) { return comes_first(widened(element), widened(values[place * stride]), descending); };
    if (found == first && !before(found - 1)) continue;
    Index place = found < first ? found++ : found - 1;
    for (; place > 0 && before(place - 1); --place) {
      values[place * stride] = values[(place - 1) * stride];
      indices[place * stride] = indices[(place - 1) * stride];
    }
    values[place * stride] = element;
    indices[place * stride] = i;
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
