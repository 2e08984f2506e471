// Matrix products: C = A B for strided matrices, by register-blocked kernels over packed columns of B.
//
// The blocking follows Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): B is packed
// into panels as wide as a tile, A is read in place, and each tile of C stays in registers over the whole depth, so that
// every sum runs in order, whatever the tile. A panel is kTall vectors wide where there are many rows; where there are
// only a few, kFlat: as many sums are then under way at once, and the weights are streamed once.
#pragma once

#include "blocking.hpp"
#include "simd.hpp"
#include "transpose.hpp"

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
constexpr Index kRowsInCache = 384 * 1024;   // bytes of A that are read again for every panel
constexpr Index kPanelInCache = 128 * 1024;  // bytes of a panel, beside these rows in the second cache, read again for every tile

// How wide the panel that begins at column j is: the last one has no more vectors than it needs.
template <int Vectors, class T>
LOCKSTEP_INLINE Index panel_width(Index n, Index j) {
  const Index rest = (n - j + kColumns<T> - 1) / kColumns<T>;
  return (rest < Vectors ? rest : Vectors) * kColumns<T>;
}

// body(j, width, columns) for every panel: its first column, how wide it is, how many columns it has. It begins at j * k.
template <int Vectors, class T, class Body>
LOCKSTEP_INLINE void each_panel(Index n, Body body) {
  for (Index j = 0, width; j < n; j += width) {
    width = panel_width<Vectors, T>(n, j);
    body(j, width, n - j < width ? n - j : width);
  }
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

// As many lanes from memory; the others are zero.
template <class T, int N>
LOCKSTEP_INLINE Lanes<T, N> load_edge(const T* from, int count) {
  return count == N ? Lanes<T, N>::load(from) : load_first<N>(from, count);
}

// Rows x Vectors vectors of C, whose columns lie one after another, summed over the depth in order; added to what C
// holds where that is a later part of it.
template <int Rows, int Vectors, class T>
LOCKSTEP_INLINE void tile(Index depth, Matrix<const T> a, const T* panel, Matrix<T> c, Index columns, bool later, Ahead ahead) {
  constexpr int lanes = kColumns<T>;
  using V = Lanes<T, lanes>;
  V sum[Rows][Vectors];
  const T* from[Rows];
  constexpr int last = Vectors - 1;
  const int rest = int(columns) - last * lanes;  // only a panel's last vector may be partly beyond the columns
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    from[r] = a.data + r * a.row;
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sum[r][v] = V(T(0));
  }
  if (later) {
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const T* const held = c.data + r * c.row;
#pragma GCC unroll 8
      for (int v = 0; v < last; ++v) sum[r][v] = V::load(held + v * lanes);
      sum[r][last] = load_edge<T, lanes>(held + last * lanes, rest);
    }
  }
  for (Index p = depth; p > 0; --p) {
    V row[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      row[v] = V::load(panel + v * lanes);
      if (Rows > 1) keep_in_register(row[v].v);
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const V x(*from[r]);
      from[r] += a.column;
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sum[r][v] = sum[r][v] + x * row[v];
    }
    if (Rows > 1) {
      __builtin_prefetch(panel + 48 * Vectors * lanes);
      ahead.fetch();
    }
    panel += Vectors * lanes;
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    T* const to = c.data + r * c.row;
    if constexpr (last > 0) {  // GCC at -O0 else warns of what it would store if there were any
#pragma GCC unroll 8
      for (int v = 0; v < last; ++v) sum[r][v].store(to + v * lanes);
    }
    store_edge(to + last * lanes, sum[r][last], rest);
  }
}

// Rows of A and of C below a panel of `depth` rows.
template <class T>
struct Below {
  Matrix<const T> a;
  const T* panel;
  Matrix<T> c;
  Index depth, columns;
  bool later;
  Ahead ahead;
};

// A tile as a function of its own: what surrounds it would else take its registers. It is asked by reference: a copy that
// is written in pieces and read as vectors would hold up every tile.
template <int Rows, int Vectors, class T>
__attribute__((noinline)) void tile_apart(const Below<T>& asked) {
  tile<Rows, Vectors>(asked.depth, asked.a, asked.panel, asked.c, asked.columns, asked.later, asked.ahead);
}

// A tile of a C whose columns do not lie one after another, in a room of its own.
template <class T>
__attribute__((noinline)) void tile_aside(void (*tile)(const Below<T>&), int rows, const Below<T>& asked) {
  constexpr int width = kFlat * kColumns<T>;
  T room[kTileRows * width] = {};
  Below<T> aside = asked;
  aside.c = {room, width, 1};
  const auto each = [&](auto body) {
    for (int r = 0; r < rows; ++r) {
      for (Index x = 0; x < asked.columns; ++x) body(room[r * width + x], asked.c.data[r * asked.c.row + x * asked.c.column]);
    }
  };
  if (asked.later) each([](T& inside, const T& outside) { inside = outside; });
  tile(aside);
  each([](const T& inside, T& outside) { outside = inside; });
}

// All rows below a panel. Of kFlat panels only a few rows are asked.
template <int Panel, int Vectors, class T>
void tiles_below(Index m, Below<T> below) {
  constexpr bool tall = Panel == kTall;
  constexpr struct {
    int rows;
    void (*tile)(const Below<T>&);
  } sizes[] = {{kTileRows, tile_apart<tall ? kTileRows : 2, Vectors, T>}, {4, tile_apart<tall ? 4 : 2, Vectors, T>},
               {2, tile_apart<2, Vectors, T>}, {1, tile_apart<1, Vectors, T>}};
  for (int size = tall ? 0 : 2; m > 0; ++size) {
    const auto [rows, tile] = sizes[size];
    for (; m >= rows && (rows != 6 || m != 8); m -= rows) {  // 8 rows are 4 and 4: two rows keep no unit busy
      if (below.c.column == 1) {
        tile(below);
      } else {
        tile_aside(tile, rows, below);
      }
      below.a.data += rows * below.a.row;
      below.c.data += rows * below.c.row;
      below.ahead.from += below.depth * below.ahead.step;
    }
  }
}

// body(vectors) for a panel as wide.
template <int Most, class T, class Body>
LOCKSTEP_INLINE void with_vectors(Index width, Body body) {
  if (width == kColumns<T>) return body(std::integral_constant<int, 1>());
  if (width == 2 * kColumns<T>) return body(std::integral_constant<int, 2>());
  if constexpr (Most == kFlat) {
    if (width == 3 * kColumns<T>) return body(std::integral_constant<int, 3>());
    body(std::integral_constant<int, 4>());
  }
}

// The rows that stay in the cache below every panel, of the depth from `first` to `last`.
template <int Vectors, class T>
void rows_below(Index m, Index n, Index k, Index first, Index last, Matrix<const T> a, const T* packed, Matrix<T> c) {
  a.data += first * a.column;
  const T* const after = last < k ? packed + last * panel_width<Vectors, T>(n, 0) : packed;  // the next part, or more rows
  const Index tiles = m < 1 ? 1 : (m + kTileRows - 1) / kTileRows;  // each fetches its share of the next panel
  each_panel<Vectors, T>(n, [&](Index j, Index width, Index columns) {
    const T *const panel = packed + j * k + first * width, *const next = j + width < n ? panel + width * k : after;
    const Below<T> below{a, panel, {c.data + j * c.column, c.row, c.column}, last - first, columns, first > 0,
                         Ahead::evenly(next, width * Index(sizeof(T)), tiles)};
    with_vectors<Vectors, T>(width, [&](auto some) { tiles_below<Vectors, decltype(some)::value>(m, below); });
  });
}

// A part of a panel: its columns beyond n are zero.
template <class T>
void pack_part(Index columns, Index width, Index first, Index last, Matrix<const T> b, T* panel) {
  for (Index x = 0; x < columns; ++x) {
    for (Index p = first; p < last; ++p) panel[p * width + x] = b.data[x * b.column + p * b.row];
  }
  for (Index p = first; columns < width && p < last; ++p) {
    for (Index x = columns; x < width; ++x) panel[p * width + x] = T(0);
  }
}

// Rows of a whole panel, which lie in memory as they are wanted.
template <int Width, class T>
LOCKSTEP_INLINE void pack_rows(Index first, Index last, Matrix<const T> b, T* panel) {
  constexpr int lanes = kColumns<T>;
  for (Index p = first; p < last; ++p) {
#pragma GCC unroll 4
    for (int x = 0; x < Width; x += lanes) Lanes<T, lanes>::load(b.data + p * b.row + x).store(panel + p * Width + x);
  }
}

// A whole panel from columns that lie one after another in memory (a weight's rows lie so): square tiles, turned.
template <int Width, class T>
void pack_turned(Index k, Matrix<const T> b, T* panel) {
  constexpr int lanes = kColumns<T>;
  Index p = 0;
  for (; p + lanes <= k; p += lanes) {
    for (int x = 0; x < Width; x += lanes) turn_tile<lanes>(b.data + x * b.column + p, b.column, panel + p * Width + x, Width);
  }
  pack_part(Width, Width, p, k, b, panel);
}

}  // namespace detail

// B's columns in panels, each k rows deep, zero beyond n. The room is at most n rounded up to 64, times k elements.
template <int Vectors, class T>
void pack_columns(Index n, Index k, Matrix<const T> b, T* packed) {
  constexpr int whole = Vectors * detail::kColumns<T>;
  const Index some = b.column == 1 ? 8 : k;  // rows at a time: each is read from end to end, each panel written in pieces
  for (Index first = 0; first < k; first += some) {
    const Index last = k - first < some ? k : first + some;
    detail::each_panel<Vectors, T>(n, [&](Index j, Index width, Index columns) {
      const Matrix<const T> below{b.data + j * b.column, b.row, b.column};
      T* const panel = packed + j * k;
      if (columns == whole && b.column == 1) {
        detail::pack_rows<whole>(first, last, below, panel);
      } else if (columns == whole && b.row == 1) {
        detail::pack_turned<whole>(k, below, panel);
      } else {
        detail::pack_part(columns, width, first, last, below, panel);
      }
    });
  }
}

// C (1 x n) = A (1 x k) B (k x n), B as pack_columns<kFlat> laid it out and C's columns one after another.
template <class T>
void gemm_row(Index n, Index k, Matrix<const T> a, const T* packed, Matrix<T> c) {
  detail::each_panel<kFlat, T>(n, [&](Index j, Index width, Index columns) {
    detail::with_vectors<kFlat, T>(width, [&](auto some) {
      detail::tile<1, decltype(some)::value>(k, a, packed + j * k, Matrix<T>{c.data + j, 0, 1}, columns, false, Ahead{});
    });
  });
}

// C (m x n) = A (m x k) B (k x n), B as pack_columns<Vectors> laid it out. An empty sum is zero. Where many rows read a
// panel, the depth is cut into parts of which a panel and the rows stay in the second cache.
template <int Vectors, class T>
void gemm(Index m, Index n, Index k, Matrix<const T> a, const T* packed, Matrix<T> c) {
  if (Vectors == kFlat && m == 1 && c.column == 1) return gemm_row(n, k, a, packed, c);
  const Index item = Index(sizeof(T)), whole = detail::kPanelInCache / (Vectors * detail::kColumns<T> * item);
  const Index depth = Vectors == kFlat ? k : even_part(k, whole, 8);
  const Index stripe = even_part(m, detail::kRowsInCache / ((depth < 1 ? 1 : depth) * item), detail::kTileRows);
  for (Index i = 0; i < m; i += stripe) {
    const Matrix<const T> rows{a.data + i * a.row, a.row, a.column};
    const Matrix<T> into{c.data + i * c.row, c.row, c.column};
    Index first = 0;
    do {
      const Index last = k - first < depth ? k : first + depth;
      detail::rows_below<Vectors>(m - i < stripe ? m - i : stripe, n, k, first, last, rows, packed, into);
      first = last;
    } while (first < k);
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
