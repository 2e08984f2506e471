// Loops that read along one axis and write along another: square tiles whose rows are loaded as they lie in memory and
// turned in registers, so that both sides walk whole cache lines.
//
//   each_square<float>(rows, columns, [&](auto square) LOCKSTEP_BODY {
//     const auto turned = square.load(x, stride);        // element (row, column) lies at x[row + column * stride]
//     square.each_row([&](Index row, auto at) LOCKSTEP_BODY { at.store(y + row * columns, exp(turned.row(row))); });
//   });
#pragma once

#include "simd.hpp"

// After a lambda's parameters: part of the loop around it. Tiles given to a function wait for one another in memory.
#define LOCKSTEP_BODY __attribute__((always_inline))

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

namespace detail {

// Elements are moved as unsigned integers of their size: every bit arrives, NaNs' too.
template <class T>
using Storage = std::make_unsigned_t<Bits<T>>;

// The low (Half 0) or high (Half 1) halves of each Piece lanes of a and b, lane by lane in turn.
template <int Half, int Piece, class V, int... J>
LOCKSTEP_INLINE V zip(V a, V b, std::integer_sequence<int, J...>) {
  constexpr int count = int(sizeof...(J));
  return __builtin_shufflevector(a, b, (J / Piece * Piece + Half * Piece / 2 + J % Piece / 2 + J % 2 * count)...);
}

// Lanes in blocks of Block: First, First + Step, ... of the blocks of a, then the same of b.
template <int First, int Step, int Block, class V, int... J>
LOCKSTEP_INLINE V blocks(V a, V b, std::integer_sequence<int, J...>) {
  constexpr int count = int(sizeof...(J)), half = count / 2;
  return __builtin_shufflevector(
      a, b, (J / half * count + (First + J % half / Block * Step) * Block + J % Block)...);
}

// Transposes N rows of N lanes. First pieces of 16 bytes, which machines interleave in one instruction: after log2
// steps over rows half a piece apart, each piece holds a column. Then the pieces, which stay whole.
template <int N, class V>
LOCKSTEP_INLINE void turn(V (&rows)[N]) {
  constexpr int bytes = int(sizeof(V)) / N;
  constexpr int piece = N * bytes < 16 ? N : 16 / bytes, pieces = N / piece;
  constexpr auto lanes = std::make_integer_sequence<int, N>();
  if constexpr (N > 1) {
    V next[N];
#pragma GCC unroll 4
    for (int step = 1; step < piece; step *= 2) {
#pragma GCC unroll 16
      for (int k = 0; k < N / 2; ++k) {
        const int group = k / (piece / 2) * piece, i = k % (piece / 2);
        next[group + 2 * i] = zip<0, piece>(rows[group + i], rows[group + i + piece / 2], lanes);
        next[group + 2 * i + 1] = zip<1, piece>(rows[group + i], rows[group + i + piece / 2], lanes);
      }
#pragma GCC unroll 16
      for (int k = 0; k < N; ++k) rows[k] = next[k];
    }
  }
  if constexpr (pieces == 2) {
#pragma GCC unroll 16
    for (int c = 0; c < piece; ++c) {
      const V a = rows[c], b = rows[piece + c];
      rows[c] = blocks<0, 1, piece>(a, b, lanes);
      rows[piece + c] = blocks<1, 1, piece>(a, b, lanes);
    }
  } else if constexpr (pieces == 4) {
#pragma GCC unroll 16
    for (int c = 0; c < piece; ++c) {
      const V a = rows[c], b = rows[piece + c], p = rows[2 * piece + c], q = rows[3 * piece + c];
      const V low = blocks<0, 1, piece>(a, b, lanes), high = blocks<2, 1, piece>(a, b, lanes);
      const V low_after = blocks<0, 1, piece>(p, q, lanes), high_after = blocks<2, 1, piece>(p, q, lanes);
      rows[c] = blocks<0, 2, piece>(low, low_after, lanes);
      rows[piece + c] = blocks<1, 2, piece>(low, low_after, lanes);
      rows[2 * piece + c] = blocks<0, 2, piece>(high, high_after, lanes);
      rows[3 * piece + c] = blocks<1, 2, piece>(high, high_after, lanes);
    }
  } else {
    static_assert(pieces == 1);
  }
}

// Visits [0, rows) x [0, columns) in squares of N, within blocks of about a cache line each way: between powers of two,
// lines of more rows would drive each other out. The last square of a row or column begins earlier instead of being
// shorter, so a few elements are visited twice; an extent below N is visited once, by a square of which it is a part.
template <int N, int Block, class Body>
LOCKSTEP_INLINE void squares(Index rows, Index columns, Body body) {
  const Index last_row = rows > N ? rows - N : 0, last_column = columns > N ? columns - N : 0;
  for (Index top = 0; top < rows; top += Block) {
    for (Index left = 0; left < columns; left += Block) {
      for (Index row = top; row < top + Block && row < rows; row += N) {
        for (Index column = left; column < left + Block && column < columns; column += N)
          body(row < last_row ? row : last_row, column < last_column ? column : last_column);
      }
    }
  }
}

// The lanes of a and b in turn, 2 N elements.
template <int N, class T, class L>
LOCKSTEP_INLINE void store_pairs(T* p, L a, L b) {
  if constexpr (N == 1) {
    store_lanes<1>(p, a), store_lanes<1>(p + 1, b);
  } else if constexpr (kSplit<Register<T>, N>) {
    store_pairs<N / 2>(p, low_half(a), low_half(b)), store_pairs<N / 2>(p + N, high_half(a), high_half(b));
  } else {
    constexpr auto lanes = std::make_integer_sequence<int, N>();
    store_lanes<N>(p, L(zip<0, N>(a.v, b.v, lanes))), store_lanes<N>(p + N, L(zip<1, N>(a.v, b.v, lanes)));
  }
}

template <class V, class T>
LOCKSTEP_INLINE V loaded(const T* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

constexpr int lanes_of(int bytes, int most) {
  const int fitting = kLanes * 4 / bytes;
  return kLanes == 1 || fitting < 1 ? 1 : fitting < most ? fitting : most;
}

template <int Bytes>
constexpr int kBlock = Bytes == 8 ? 8 : 16;

// A transposed tile to[row * to_stride + column] = from[row + column * from_stride].
template <int N, class T>
LOCKSTEP_INLINE void turn_tile(const T* from, Index from_stride, T* to, Index to_stride) {
  using V = Vector<Storage<T>, N>;
  V tile[N];
#pragma GCC unroll 16
  for (int k = 0; k < N; ++k) tile[k] = loaded<V>(from + k * from_stride);
  turn<N>(tile);
#pragma GCC unroll 16
  for (int k = 0; k < N; ++k) std::memcpy(to + k * to_stride, &tile[k], sizeof tile[k]);
}

// Transposes by way of a block elsewhere, so that every cache line of either side is read or written once, as a
// whole.
template <int N, class T>
__attribute__((noinline)) void transpose_staged(Index rows, Index columns, const T* from, Index from_stride,
                                                T* to, Index to_stride) {
  constexpr Index side = sizeof(T) == 8 ? 32 : 64;
  alignas(64) T staged[side * side];
  const auto first = [](Index i, Index extent) { return i + N <= extent ? i : extent - N; };
  const auto part = [](Index i, Index extent) { return i + side <= extent ? side : extent - i; };
  for (Index left = 0; left < columns; left += side) {
    const Index column = first(left, columns), width = part(column, columns);
    for (Index top = 0; top < rows; top += side) {
      const Index row = first(top, rows), height = part(row, rows);
      for (Index j = 0; j < width; j += N) {
        const T* const line = from + row + (column + first(j, width)) * from_stride;
        for (Index i = 0; i < height; i += N) {
          const Index down = first(i, height);
          turn_tile<N>(line + down, from_stride, staged + down * side + first(j, width), side);
        }
      }
      for (Index i = 0; i < height; ++i) {
        std::memcpy(to + (row + i) * to_stride + column, staged + i * side, std::size_t(width) * sizeof(T));
      }
    }
  }
}

}  // namespace detail

// N x N elements, turned: row(i) is the vector of what lies i after the first of each row in memory.
template <class T, int N>
struct Turned {
  using V = detail::Vector<detail::Storage<T>, N>;
  V rows[N];
  Index first;

  LOCKSTEP_INLINE Lanes<Register<T>, N> row(Index i) const {
    return load_lanes<N>(reinterpret_cast<const T*>(&rows[i - first]));
  }
};

// A tile of a loop over rows and columns; `at` is the place in the columns. Partial: `height` of N rows are there.
template <class At, bool Partial>
struct Square {
  static constexpr int N = At::kWidth;
  Index first;
  int height;
  At at;

  // The elements p[row + column * stride].
  template <class T>
  LOCKSTEP_INLINE Turned<T, N> load(const T* p, Index stride) const {
    Turned<T, N> turned;
    turned.first = first;
    const T* const corner = p + first + at.i * stride;
    if constexpr (Partial) {
      for (int k = 0; k < N; ++k) {
        T row[N] = {};
        for (int j = 0; j < height && k < at.count(); ++j) row[j] = corner[k * stride + j];
        turned.rows[k] = detail::loaded<typename Turned<T, N>::V>(row);
      }
    } else {
#pragma GCC unroll 16
      for (int k = 0; k < N; ++k) turned.rows[k] = detail::loaded<typename Turned<T, N>::V>(corner + k * stride);
    }
    detail::turn<N>(turned.rows);
    return turned;
  }

  // body(row, at) for every row. Where the body is short, all of it at once: the turned rows then stay in registers.
  template <class Body>
  LOCKSTEP_INLINE void each_row(Body body) const {
    for (Index row = first; row < first + height; ++row) body(row, at);
  }
  template <class Body>
  LOCKSTEP_INLINE void each_row_at_once(Body body) const {
    if constexpr (Partial) {
      each_row(body);
    } else {
#pragma GCC unroll 16
      for (int k = 0; k < N; ++k) body(first + k, at);
    }
  }
};

// body(square) for tiles of [0, rows) x [0, columns). Widest: the widest element that the body turns or stores.
template <class Widest, class Body>
LOCKSTEP_INLINE void each_square(Index rows, Index columns, Body body) {
  constexpr int N = detail::lanes_of(int(sizeof(Widest)), kLanes);
  detail::squares<N, detail::kBlock<sizeof(Widest)>>(rows, columns, [&](Index row, Index column) LOCKSTEP_BODY {
    if (columns < N) {
      if constexpr (N > 1) body(Square<Tail<N>, true>{row, int(rows < N ? rows : N), Tail<N>(column, int(columns))});
    } else if (rows < N) {
      body(Square<Chunk<N>, true>{row, int(rows), Chunk<N>(column)});
    } else {
      body(Square<Chunk<N>, false>{row, N, Chunk<N>(column)});
    }
  });
}

// p[2 * i] = a, p[2 * i + 1] = b for every lane.
template <int N, class T, class L>
LOCKSTEP_INLINE void interleave(Chunk<N> at, T* p, L a, L b) {
  detail::store_pairs<N>(p + 2 * at.i, a, b);
}
template <int N, class T, class L>
LOCKSTEP_INLINE void interleave(Chunk<N> at, T* p, L a, L b, L c, L e) {
  T odd[2 * N], even[2 * N];
  detail::store_pairs<N>(even, a, c), detail::store_pairs<N>(odd, b, e);
  for (int half = 0; half < 2; ++half)
    detail::store_pairs<N>(p + 4 * at.i + 2 * half * N, load_lanes<N>(even + half * N), load_lanes<N>(odd + half * N));
}
template <int N, class T, class... L>
LOCKSTEP_INLINE void interleave(Tail<N> at, T* p, L... x) {
  Index k = 0;
  (at.store(p + k++, Index(sizeof...(L)), x), ...);
}

// to[row * to_stride + column] = from[row + column * from_stride].
template <class T>
void transpose(Index rows, Index columns, const T* from, Index from_stride, T* to, Index to_stride) {
  constexpr int N = detail::lanes_of(int(sizeof(T)), 16);
  constexpr Index line = 64, apart = 2048;  // bytes; lines so far apart share few sets of the first cache
  if (rows < N || columns < N) {
    for (Index row = 0; row < rows; ++row) {
      for (Index column = 0; column < columns; ++column)
        to[row * to_stride + column] = from[row + column * from_stride];
    }
    return;
  }
  if constexpr (N * sizeof(T) < line) {  // a tile has parts of lines, which leave the cache before other parts
    const auto collide = [](Index stride) { return stride * Index(sizeof(T)) % apart == 0; };
    if (collide(from_stride) || collide(to_stride)) {
      return detail::transpose_staged<N>(rows, columns, from, from_stride, to, to_stride);
    }
  }
  detail::squares<N, detail::kBlock<sizeof(T)>>(rows, columns, [&](Index row, Index column) LOCKSTEP_BODY {
    const T* const corner = from + row + column * from_stride;
    detail::turn_tile<N>(corner, from_stride, to + row * to_stride + column, to_stride);
  });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
