// Matrix products: C = A B for strided matrices, by register-blocked kernels over packed columns of B.
//
// The blocking follows Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): B is packed
// into panels as wide as a tile, A is read in place, and each tile of C stays in registers over the whole depth, so that
// every sum runs in order, whatever the tile. A panel is kTall vectors wide where there are many rows; where there are
// only a few, kFlat: as many sums are then under way at once, and the weights are streamed once.
#pragma once

#include "simd.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// A matrix inside memory: element (i, j) is data[i * row + j * column].
template <class T>
struct Matrix {
  T* data;
  Index row, column;
};

constexpr int kTall = 2, kFlat = 4;  // vectors in a row of a panel

namespace detail {

template <class T>
constexpr int kColumns = sizeof(T) <= 4 || kLanes == 1 ? kLanes : kLanes * 4 / int(sizeof(T));  // one register's
constexpr int kTileRows = kLanes >= 16 ? 8 : 6;  // accumulators, a row of the panel and an element of A fit the registers
constexpr Index kRowsInCache = Index(1) << 18;   // bytes of A that are read again for every panel

// How wide the panel that begins at column j is: the last one has no more vectors than it needs.
template <int Vectors, class T>
LOCKSTEP_INLINE Index panel_width(Index n, Index j) {
  const Index rest = (n - j + kColumns<T> - 1) / kColumns<T>;
  return (rest < Vectors ? rest : Vectors) * kColumns<T>;
}

// The first `count` lanes; a half and a quarter by stores of their size, which a load right after need not wait for.
template <class T, int N>
LOCKSTEP_INLINE void store_edge(T* to, Lanes<T, N> x, int count) {
  if (count == N) {
    x.store(to);
    return;
  }
  if constexpr (N >= 8) {
    if (count == N / 2) return low_half(x).store(to);
    if (count == N / 4) return low_half(low_half(x)).store(to);
  }
  store_first<N>(to, x, count);
}

// Rows x Vectors vectors of C, summed over the depth in order.
template <int Rows, int Vectors, class T>
LOCKSTEP_INLINE void tile(Index k, Matrix<const T> a, const T* panel, Matrix<T> c, Index columns) {
  constexpr int lanes = kColumns<T>;
  using V = Lanes<T, lanes>;
  V sum[Rows][Vectors];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sum[r][v] = V(T(0));
  }
  const T* from = a.data;
  for (Index p = 0; p < k; ++p) {
    V row[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) row[v] = V::load(panel + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const V x(from[r * a.row]);
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sum[r][v] = sum[r][v] + x * row[v];
    }
    from += a.column;
    panel += Vectors * lanes;
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    T* const to = c.data + r * c.row;
    if (c.column == 1) {  // only a panel's last vector may be partly beyond the columns
#pragma GCC unroll 8
      for (int v = 0; v + 1 < Vectors; ++v) sum[r][v].store(to + v * lanes);
      const int last = Vectors - 1, rest = int(columns) - last * lanes;
      store_edge(to + last * lanes, sum[r][last], rest);
    } else {
      T edge[Vectors * lanes];
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sum[r][v].store(edge + v * lanes);
      for (Index x = 0; x < columns; ++x) to[x * c.column] = edge[x];
    }
  }
}

template <int Vectors, class T>
void tiles_below(Index m, Index k, Matrix<const T> a, const T* panel, Matrix<T> c, Index columns) {
  const auto rows_of = [&](auto count) {
    constexpr int rows = decltype(count)::value;
    for (; m >= rows; m -= rows) {
      tile<rows, Vectors>(k, a, panel, c, columns);
      a.data += rows * a.row;
      c.data += rows * c.row;
    }
  };
  if constexpr (Vectors <= kTall) {
    rows_of(std::integral_constant<int, kTileRows>());
    rows_of(std::integral_constant<int, 4>());
  }
  rows_of(std::integral_constant<int, 2>());
  rows_of(std::integral_constant<int, 1>());
}

// The rows that stay in the cache below every panel.
template <int Vectors, class T>
void rows_below(Index m, Index n, Index k, Matrix<const T> a, const T* packed, Matrix<T> c) {
  for (Index j = 0; j < n;) {
    const Index width = panel_width<Vectors, T>(n, j), columns = n - j < width ? n - j : width;
    const Matrix<T> below{c.data + j * c.column, c.row, c.column};
    if (width == kColumns<T>) {
      tiles_below<1>(m, k, a, packed, below, columns);
    } else if (width == 2 * kColumns<T>) {
      tiles_below<2>(m, k, a, packed, below, columns);
    } else if constexpr (Vectors == kFlat) {
      if (width == 3 * kColumns<T>) {
        tiles_below<3>(m, k, a, packed, below, columns);
      } else {
        tiles_below<4>(m, k, a, packed, below, columns);
      }
    }
    j += width;
    packed += width * k;
  }
}

}  // namespace detail

// B's columns in panels, each k rows deep, zero beyond n. The room is at most n rounded up to 64, times k elements.
template <int Vectors, class T>
void pack_columns(Index n, Index k, Matrix<const T> b, T* packed) {
  for (Index j = 0; j < n;) {
    const Index width = detail::panel_width<Vectors, T>(n, j), columns = n - j < width ? n - j : width;
    const T* const from = b.data + j * b.column;
    if (b.column == 1) {
      for (Index p = 0; p < k; ++p) {
        std::memcpy(packed + p * width, from + p * b.row, std::size_t(columns) * sizeof(T));
      }
    } else {  // along the depth: a weight's rows lie so
      for (Index x = 0; x < columns; ++x) {
        for (Index p = 0; p < k; ++p) packed[p * width + x] = from[x * b.column + p * b.row];
      }
    }
    for (Index p = 0; columns < width && p < k; ++p) {
      for (Index x = columns; x < width; ++x) packed[p * width + x] = T(0);
    }
    j += width;
    packed += width * k;
  }
}

// C (m x n) = A (m x k) B (k x n), B as pack_columns<Vectors> laid it out. An empty sum is zero.
template <int Vectors, class T>
void gemm(Index m, Index n, Index k, Matrix<const T> a, const T* packed, Matrix<T> c) {
  const Index in_cache = detail::kRowsInCache / ((k < 1 ? 1 : k) * Index(sizeof(T))) / detail::kTileRows * detail::kTileRows;
  const Index stripe = in_cache < detail::kTileRows ? detail::kTileRows : in_cache;
  for (Index i = 0; i < m; i += stripe) {
    const Matrix<const T> rows{a.data + i * a.row, a.row, a.column};
    detail::rows_below<Vectors>(m - i < stripe ? m - i : stripe, n, k, rows, packed, Matrix<T>{c.data + i * c.row, c.row, c.column});
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
