// The real Schur form A = Q T Q': Hessenberg form by reflections, then Francis' implicit double-shift QR steps (Golub &
// Van Loan, "Matrix Computations", 4th edition, 2013, algorithms 7.4.2, 7.5.1 and 7.5.2).
#pragma once

#include <algorithm>

#include "linalg_rows.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// T is `h` [n, n]; the rows of `q` [n, n] are Q's columns (nullptr: none are kept).
template <class T>
struct Schur {
  Index n;
  T* h;
  T* q;
  T& at(Index i, Index j) { return h[i * n + j]; }

  // H becomes P H P for the reflection P = I - tau v v' of `count` rows and columns from k on, Q becomes Q P.
  void reflect(Index k, Index count, T tau, const T* v, Index first_column, Index rows) {
    if (tau == 0) return;
    rows_reflected(h, k, count, tau, v, first_column);
    for (Index i = 0; i < rows; ++i) {
      T* const row = h + i * n + k;
      T sum = 0;
      for (Index j = 0; j < count; ++j) sum += row[j] * v[j];
      for (Index j = 0; j < count; ++j) row[j] -= tau * sum * v[j];
    }
    if (q != nullptr) rows_reflected(q, k, count, tau, v, 0);
  }

  void rows_reflected(T* x, Index k, Index count, T tau, const T* v, Index first_column) {
    for (Index j = first_column; j < n; ++j) {
      T sum = 0;
      for (Index i = 0; i < count; ++i) sum += v[i] * x[(k + i) * n + j];
      for (Index i = 0; i < count; ++i) x[(k + i) * n + j] -= tau * sum * v[i];
    }
  }

  // work holds n numbers.
  void hessenberg(T* work) {
    for (Index k = 0; k + 2 < n; ++k) {
      for (Index i = k + 1; i < n; ++i) work[i] = at(i, k);
      const T tau = reflection(n - k - 1, work + k + 1);
      const T beta = work[k + 1];
      work[k + 1] = 1;
      reflect(k + 1, n - k - 1, tau, work + k + 1, k + 1, n);
      at(k + 1, k) = beta;
      for (Index i = k + 2; i < n; ++i) at(i, k) = 0;
    }
  }

  // The first row of the unreduced block that ends at `last`; what is negligible before it becomes zero.
  Index block_start(Index last, T norm) {
    constexpr T epsilon = std::numeric_limits<T>::epsilon();
    for (Index k = last; k > 0; --k) {
      const T beside = std::fabs(at(k - 1, k - 1)) + std::fabs(at(k, k));
      if (std::fabs(at(k, k - 1)) <= epsilon * (beside > 0 ? beside : norm)) {
        at(k, k - 1) = 0;
        return k;
      }
    }
    return 0;
  }

  // One double-shift step on rows first to last; `exceptional` shifts break a cycle.
  void francis(Index first, Index last, bool exceptional) {
    const T a = at(last - 1, last - 1), b = at(last - 1, last), c = at(last, last - 1), d = at(last, last);
    const T size = std::fabs(c) + std::fabs(at(last - 1, last - 2));
    const T trace = exceptional ? T(1.5) * size : a + d, determinant = exceptional ? size * size : a * d - b * c;
    const T corner = at(first, first), below = at(first + 1, first);
    T v[3] = {corner * corner + at(first, first + 1) * below - trace * corner + determinant,
              below * (corner + at(first + 1, first + 1) - trace), below * at(first + 2, first + 1)};
    for (Index k = first; k < last; ++k) {
      const Index count = std::min(Index(3), last - k + 1);
      const T tau = reflection(count, v);
      const T beta = v[0];
      v[0] = 1;
      reflect(k, count, tau, v, k > first ? k - 1 : first, std::min(k + 4, last + 1));
      if (k > first) {
        at(k, k - 1) = beta;
        for (Index i = 1; i < count; ++i) at(k + i, k - 1) = 0;
      }
      for (Index i = 0; i < 3 && k + 1 + i <= last; ++i) v[i] = at(k + 1 + i, k);
    }
  }

  // A block of two whose eigenvalues are real becomes triangular.
  void split(Index k) {
    const T half = (at(k, k) - at(k + 1, k + 1)) / 2, below = at(k + 1, k), inside = half * half + at(k, k + 1) * below;
    if (below == 0 || inside < 0) return;
    const T root = half + std::copysign(std::sqrt(inside), half);
    T v[2] = {root, below};                          // an eigenvector: the reflection takes it to the first axis
    const T tau = reflection(Index(2), v);
    v[0] = 1;
    reflect(k, 2, tau, v, k, k + 2);
    at(k + 1, k) = 0;
  }

  // False where it does not converge.
  bool reduce(T* work) {
    hessenberg(work);
    const T norm = length(n * n, h);
    Index steps = 0;
    for (Index last = n - 1; last > 0;) {
      const Index first = block_start(last, norm);
      if (first + 1 >= last) {
        if (first + 1 == last) split(first);
        last = first - 1;
        steps = 0;
        continue;
      }
      if (++steps > 60) return false;
      francis(first, last, steps % 10 == 0);
    }
    return true;
  }
};

}  // namespace detail
}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
