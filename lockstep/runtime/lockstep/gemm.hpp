// Matrix products: C = A B for strided matrices, by a register-blocked kernel over packed columns of B.
//
// The blocking follows Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), without the
// outer levels: B is packed once into panels of as many columns as two vectors hold, A is read in place, and each tile
// of C stays in registers over the whole depth.
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

namespace detail {

constexpr int kTileVectors = 2;                                  // columns of a tile, in vectors
constexpr int kTileRows = kLanes >= 16 ? 8 : kLanes >= 8 ? 4 : 2;  // accumulators + columns + 1 must fit the registers

// Panels of kTileVectors * kLanes columns, each k rows deep, zero beyond n.
template <class T>
void pack_columns(Index n, Index k, Matrix<const T> b, T* packed) {
  constexpr int width = kTileVectors * kLanes;
  for (Index j = 0; j < n; j += width) {
    const int count = n - j < width ? int(n - j) : width;
    for (Index p = 0; p < k; ++p) {
      const T* from = b.data + p * b.row + j * b.column;
      if (b.column == 1 && count == width) {
        std::memcpy(packed, from, width * sizeof(T));
      } else {
        for (int c = 0; c < count; ++c) packed[c] = from[c * b.column];
        for (int c = count; c < width; ++c) packed[c] = T(0);
      }
      packed += width;
    }
  }
}

// A tile of Rows x (kTileVectors * kLanes) of C, summed over the depth in order.
template <int Rows, class T>
LOCKSTEP_INLINE void tile(Index k, const T* a, Index a_row, Index a_column, const T* panel, Lanes<T, kLanes> (&sum)[Rows][kTileVectors]) {
  using V = Lanes<T, kLanes>;
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < kTileVectors; ++v) sum[r][v] = V(T(0));
  }
  for (Index p = 0; p < k; ++p) {
    V columns[kTileVectors];
    for (int v = 0; v < kTileVectors; ++v) columns[v] = V::load(panel + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const V x(a[r * a_row]);
      for (int v = 0; v < kTileVectors; ++v) sum[r][v] = sum[r][v] + x * columns[v];
    }
    a += a_column;
    panel += kTileVectors * kLanes;
  }
}

template <int Rows, class T>
void rows_of_tiles(Index i, Index n, Index k, Matrix<const T> a, const T* packed, Matrix<T> c) {
  constexpr int width = kTileVectors * kLanes;
  for (Index j = 0; j < n; j += width, packed += width * k) {
    Lanes<T, kLanes> sum[Rows][kTileVectors];
    tile<Rows>(k, a.data + i * a.row, a.row, a.column, packed, sum);
    const int count = n - j < width ? int(n - j) : width;
    for (int r = 0; r < Rows; ++r) {
      T* to = c.data + (i + r) * c.row + j * c.column;
      if (c.column == 1 && count == width) {
        for (int v = 0; v < kTileVectors; ++v) sum[r][v].store(to + v * kLanes);
      } else {
        T row[width];
        for (int v = 0; v < kTileVectors; ++v) sum[r][v].store(row + v * kLanes);
        for (int x = 0; x < count; ++x) to[x * c.column] = row[x];
      }
    }
  }
}

}  // namespace detail

// C (m x n) = A (m x k) B (k x n). scratch holds n rounded up to 64, times k elements. An empty sum is zero.
template <class T>
void gemm(Index m, Index n, Index k, Matrix<const T> a, Matrix<const T> b, Matrix<T> c, T* scratch) {
  detail::pack_columns(n, k, b, scratch);
  const Index tiled = m - m % detail::kTileRows;   // spelt out: GCC 12 at -O3 else warns of a last loop that never runs
  for (Index i = 0; i < tiled; i += detail::kTileRows) {
    detail::rows_of_tiles<detail::kTileRows>(i, n, k, a, scratch, c);
  }
  for (Index i = tiled; i < m; ++i) detail::rows_of_tiles<1>(i, n, k, a, scratch, c);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
