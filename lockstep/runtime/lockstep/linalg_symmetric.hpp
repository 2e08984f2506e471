// Symmetric indefinite systems: P A P' = L D L' with blocks of one and two (Golub & Van Loan 2013, section 4.4.4), by
// Bunch and Kaufman's pivoting (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, algorithm 11.2).
#pragma once

#include <algorithm>
#include <cstdint>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

template <class T>
struct Symmetric {
  T* data;
  Index n;
  T& at(Index i, Index j) { return data[i * n + j]; }

  // The row below (or beside) the diagonal entry k that holds the largest magnitude of what `entry` gives.
  template <class Entry>
  static Index largest(Index from, Index to, Entry entry) {
    Index best = from;
    for (Index i = from + 1; i < to; ++i) {
      if (std::fabs(entry(i)) > std::fabs(entry(best))) best = i;
    }
    return best;
  }

  // How many columns the next block takes (0: the column is zero), and which row comes to its last place.
  int choose(Index k, Index& place) {
    static const T growth = T((1 + std::sqrt(17.0)) / 8);
    const T own = std::fabs(at(k, k));
    const Index row = largest(k + 1, n, [&](Index i) { return at(i, k); });
    const T below = row < n ? std::fabs(at(row, k)) : T(0);
    place = k;
    if (!(std::fmax(own, below) > 0)) return 0;
    if (own >= growth * below) return 1;
    const Index left = largest(k, row, [&](Index j) { return at(row, j); });
    const Index under = largest(row + 1, n, [&](Index i) { return at(i, row); });
    const T beside = std::fmax(std::fabs(at(row, left)), under < n ? std::fabs(at(under, row)) : T(0));
    if (own >= growth * below * (below / beside)) return 1;
    place = row;
    return std::fabs(at(row, row)) >= growth * beside ? 1 : 2;
  }

  // Rows and columns `last` (the block's) and `place` change places, in the lower triangle from column k on.
  void exchange(Index k, Index last, Index place) {
    if (last == place) return;
    std::swap(at(last, last), at(place, place));
    for (Index i = place + 1; i < n; ++i) std::swap(at(i, last), at(i, place));
    for (Index i = last + 1; i < place; ++i) std::swap(at(i, last), at(place, i));
    if (last > k) std::swap(at(last, k), at(place, k));
  }

  void eliminate_one(Index k) {
    for (Index j = k + 1; j < n; ++j) {      // from below: the rows that are still needed keep their column
      const T factor = at(j, k) / at(k, k);
      for (Index i = j; i < n; ++i) at(i, j) -= at(i, k) * factor;
      at(j, k) = factor;
    }
  }

  // The block's inverse through its largest element, the one off the diagonal: nothing overflows.
  void eliminate_two(Index k) {
    const T off = at(k + 1, k), first = at(k, k) / off, second = at(k + 1, k + 1) / off;
    const T factor = 1 / (first * second - 1) / off;
    for (Index j = k + 2; j < n; ++j) {
      const T u = factor * (second * at(j, k) - at(j, k + 1)), v = factor * (first * at(j, k + 1) - at(j, k));
      for (Index i = j; i < n; ++i) at(i, j) -= at(i, k) * u + at(i, k + 1) * v;
      at(j, k) = u;
      at(j, k + 1) = v;
    }
  }

  std::int32_t factor(std::int32_t* pivots) {
    std::int32_t info = 0;
    for (Index k = 0; k < n;) {
      Index place;
      const int step = choose(k, place);
      if (step == 0 && info == 0) info = std::int32_t(k + 1);
      if (step != 0) exchange(k, k + step - 1, place);
      if (step == 1) eliminate_one(k);
      if (step == 2) eliminate_two(k);
      for (int row = 0; row < (step == 2 ? 2 : 1); ++row) {
        pivots[k + row] = std::int32_t(step == 2 ? -place - 1 : place + 1);
      }
      k += step == 2 ? 2 : 1;
    }
    return info;
  }
};

}  // namespace detail

// L and D in one, from A's lower triangle. A pivot counts from one; negative, twice, it marks a block of two. Earlier
// columns of L keep their order, as LAPACK's do. info is the first zero block, counted from one.
template <class T>
bool ldl_factor(const T* a, T* ld, std::int32_t* pivots, std::int32_t* info, Index batch, Index n, bool check) {
  bool good = true;
  for (Index b = 0; b < batch; ++b, a += n * n, ld += n * n, pivots += n) {
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) ld[i * n + j] = j <= i ? a[i * n + j] : T(0);
    }
    info[b] = detail::Symmetric<T>{ld, n}.factor(pivots);
    good &= info[b] == 0;
  }
  return good || !check;
}

namespace detail {

// Down through L and D for one block, whose last row is exchanged with `place` first.
template <class T>
void solve_block(const T* ld, T* x, Index n, Index columns, Index k, int step, Index place) {
  swap_rows(columns, x + (k + step - 1) * columns, x + place * columns);
  for (Index i = k + step; i < n; ++i) {
    for (int part = 0; part < step; ++part) {
      subtract_scaled(columns, ld[i * n + k + part], x + (k + part) * columns, x + i * columns);
    }
  }
  T* const first = x + k * columns;
  T* const second = first + columns;
  if (step == 1) {
    for (Index c = 0; c < columns; ++c) first[c] /= ld[k * n + k];
    return;
  }
  const T off = ld[(k + 1) * n + k], upper = ld[k * n + k] / off, lower = ld[(k + 1) * n + k + 1] / off;
  const T determinant = upper * lower - 1;
  for (Index c = 0; c < columns; ++c) {
    const T p = first[c] / off, q = second[c] / off;
    first[c] = (lower * p - q) / determinant;
    second[c] = (upper * q - p) / determinant;
  }
}

}  // namespace detail

// X with A X = B from A's factors: down through L and D, then up through L'. False where a pivot names no row.
template <class T>
bool ldl_solve(const T* ld, const std::int32_t* pivots, const T* b, T* x, Index batch, Index n, Index columns) {
  std::copy(b, b + batch * n * columns, x);
  for (Index k = 0; k < batch * n; ++k) {
    const Index row = std::abs(Index(pivots[k]));
    if (row < 1 || row > n || (pivots[k] < 0 && n < 2)) return false;
  }
  for (Index m = 0; m < batch; ++m, ld += n * n, pivots += n, x += n * columns) {
    Index k = 0;
    while (k < n) {
      const int step = pivots[k] > 0 || k + 1 == n ? 1 : 2;
      detail::solve_block(ld, x, n, columns, k, step, std::abs(Index(pivots[k + step - 1])) - 1);
      k += step;
    }
    while (k > 0) {
      const int step = pivots[k - 1] > 0 || k == 1 ? 1 : 2;
      for (int part = 1; part <= step; ++part) {
        for (Index i = k; i < n; ++i) {
          detail::subtract_scaled(columns, ld[i * n + k - part], x + i * columns, x + (k - part) * columns);
        }
      }
      detail::swap_rows(columns, x + (k - 1) * columns, x + (std::abs(Index(pivots[k - 1])) - 1) * columns);
      k -= step;
    }
  }
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
