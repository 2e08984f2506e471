// Singular values by one-sided Jacobi rotations (Golub & Van Loan, "Matrix Computations", 4th edition, 2013, section
// 8.6.3): rows are rotated until they are orthogonal. Reflections of the rotated rows then give vectors that are
// orthonormal whatever the rank, and the rest of a basis.
#pragma once

#include <algorithm>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// Rotates `count` rows of `width` numbers until every two are orthogonal; `turns` [count, count] takes part (nullptr:
// none). False where 60 sweeps do not suffice. The largest magnitude is about one.
template <class T>
bool orthogonalise(Index count, Index width, T* rows, T* turns) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  const T close = epsilon * std::sqrt(T(width));            // what a dot product's own rounding may leave
  const T least = epsilon * epsilon / 16;                   // products that small are noise beside a row of length one
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool settled = true;
    for (Index p = 0; p + 1 < count; ++p) {
      for (Index q = p + 1; q < count; ++q) {
        T* const x = rows + p * width;
        T* const y = rows + q * width;
        const T own = dot(width, x, x), other = dot(width, y, y), product = dot(width, x, y);
        if (std::fabs(product) <= close * std::sqrt(own) * std::sqrt(other) + least) continue;
        settled = false;
        const T cotangent = (other - own) / (2 * product);  // of twice the angle
        const T tangent = std::copysign(T(1), cotangent) / (std::fabs(cotangent) + std::hypot(T(1), cotangent));
        const T c = 1 / std::sqrt(1 + tangent * tangent), s = c * tangent;
        rotate(width, c, s, x, y);
        if (turns != nullptr) rotate(count, c, s, turns + p * count, turns + q * count);
      }
    }
    if (settled) return true;
  }
  return false;
}

// The rows' lengths in descending order, the rows with them.
template <class T>
void sort_by_length(Index count, Index width, T* rows, T* turns, T* lengths) {
  for (Index i = 0; i < count; ++i) lengths[i] = length(width, rows + i * width);
  for (Index i = 0; i < count; ++i) {
    const Index most = std::max_element(lengths + i, lengths + count) - lengths;
    std::swap(lengths[i], lengths[most]);
    swap_rows(width, rows + i * width, rows + most * width);
    if (turns != nullptr) swap_rows(count, turns + i * count, turns + most * count);
  }
}

// Rows that are orthogonal become reflections (row k from column k on: beta, then v), with tau.
template <class T>
void reflections_of_rows(Index count, Index width, T* rows, T* tau) {
  for (Index k = 0; k < count; ++k) {
    T* const v = rows + k * width + k;
    tau[k] = reflection(width - k, v);
    const T beta = v[0];
    v[0] = 1;
    for (Index i = k + 1; i < count && tau[k] != 0; ++i) {
      T* const row = rows + i * width + k;
      subtract_scaled(width - k, tau[k] * dot(width - k, row, v), v, row);
    }
    v[0] = beta;
  }
}

// Row `index` of the orthonormal basis that the reflections stand for, along the row they were made of.
template <class T>
void basis_row(Index index, Index count, Index width, T* rows, const T* tau, T* out) {
  std::fill(out, out + width, T(0));
  out[index] = index < count && std::signbit(rows[index * width + index]) ? T(-1) : T(1);
  for (Index k = std::min(index, count - 1); k >= 0; --k) {
    T* const v = rows + k * width + k;
    const T beta = v[0];
    v[0] = 1;
    subtract_scaled(width - k, tau[k] * dot(width - k, out + k, v), v, out + k);
    v[0] = beta;
  }
}

// One matrix: its shorter side as rows in `work` [short, long], rotated and sorted. turns may be nullptr.
template <class T>
bool rotated_rows(const T* a, Index rows, Index columns, T* work, T* turns, T* values) {
  const Index count = std::min(rows, columns), width = std::max(rows, columns);
  if (!all_finite(rows * columns, a)) return false;
  const T unit = magnitude(rows * columns, a), inverse = 1 / unit;
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < width; ++j) {
      work[i * width + j] = inverse * (rows < columns ? a[i * columns + j] : a[j * columns + i]);
    }
  }
  if (turns != nullptr) {
    std::fill(turns, turns + count * count, T(0));
    for (Index i = 0; i < count; ++i) turns[i * count + i] = 1;
  }
  const bool converged = orthogonalise(count, width, work, turns);
  sort_by_length(count, width, work, turns, values);
  scale(count, unit, values);
  return converged;
}

}  // namespace detail

// A = U diag(values) V', values descending; where `full`, the vectors of A's longer side are completed to a basis. False
// where a number is not finite or the rotations do not converge. scratch: (short + 1) (short + long), by A's two sides.
template <class T>
bool singular_vectors(const T* a, T* u, T* values, T* vh, T* scratch, Index batch, Index rows, Index columns, bool full) {
  const Index count = std::min(rows, columns), width = std::max(rows, columns), basis = full ? width : count;
  const bool wide = rows < columns;
  T* const work = scratch;
  T* const turns = work + count * width;
  T* const tau = turns + count * count;
  T* const row = tau + count;
  T* const short_side = wide ? u : vh;
  T* const long_side = wide ? vh : u;
  bool good = true;
  for (Index b = 0; b < batch; ++b) {
    good &= detail::rotated_rows(a + b * rows * columns, rows, columns, work, turns, values + b * count);
    if (!good) return false;
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < count; ++j) {
        short_side[b * count * count + (wide ? j * count + i : i * count + j)] = turns[i * count + j];
      }
    }
    detail::reflections_of_rows(count, width, work, tau);
    T* const out = long_side + b * width * basis;
    for (Index i = 0; i < basis; ++i) {
      detail::basis_row(i, count, width, work, tau, row);
      for (Index j = 0; j < width; ++j) out[wide ? i * width + j : j * basis + i] = row[j];
    }
  }
  return good;
}

// The singular values alone, descending. scratch: rows * columns.
template <class T>
bool singular_values(const T* a, T* values, T* scratch, Index batch, Index rows, Index columns) {
  bool good = true;
  for (Index b = 0; b < batch; ++b) {
    good &= detail::rotated_rows(a + b * rows * columns, rows, columns, scratch, static_cast<T*>(nullptr),
                                 values + b * std::min(rows, columns));
  }
  return good;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
