// Eigenvalues and eigenvectors of general real matrices, from the real Schur form by back substitution (Golub & Van Loan,
// "Matrix Computations", 4th edition, 2013, section 7.6.4). Complex numbers are pairs of arrays.
#pragma once

#include <complex>

#include "linalg_schur.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// a / b by Smith's rule (Communications of the ACM 5, 1962, algorithm 116): a real divided by a real stays real.
template <class T>
std::complex<T> quotient(std::complex<T> a, std::complex<T> b) {
  if (std::fabs(b.real()) >= std::fabs(b.imag())) {
    const T ratio = b.imag() / b.real(), scale = b.real() + b.imag() * ratio;
    return {(a.real() + a.imag() * ratio) / scale, (a.imag() - a.real() * ratio) / scale};
  }
  const T ratio = b.real() / b.imag(), scale = b.real() * ratio + b.imag();
  return {(a.real() * ratio + a.imag()) / scale, (a.imag() * ratio - a.real()) / scale};
}

template <class T>
std::complex<T> product(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

template <class T>
struct Eigen {
  Schur<T> schur;
  using Number = std::complex<T>;

  bool pairs(Index k) { return k + 1 < schur.n && schur.at(k + 1, k) != 0; }

  // The eigenvalues of the blocks on the diagonal; of a pair the one with the positive imaginary part first.
  void values(T* real, T* imag) {
    for (Index k = 0; k < schur.n; ++k) {
      real[k] = schur.at(k, k);
      imag[k] = 0;
      if (!pairs(k)) continue;
      const T half = (schur.at(k, k) - schur.at(k + 1, k + 1)) / 2;
      const T across = schur.at(k, k + 1) * schur.at(k + 1, k);
      real[k + 1] = real[k] = schur.at(k + 1, k + 1) + half;
      imag[k] = std::sqrt(std::fmax(-(half * half + across), T(0)));
      imag[k + 1] = -imag[k];
      ++k;
    }
  }

  // The vector of T for the eigenvalue of the block at k: y[0] to y[k + 1], the rest is zero.
  void back_substitute(Index k, Number value, T least, Number* y) {
    const Index last = pairs(k) ? k + 1 : k;
    y[k] = y[last] = Number(1);
    if (pairs(k)) {                                   // (T_kk - value) y_k + T_kl y_l = 0, or the row below
      const T above = schur.at(k, last), below = schur.at(last, k);
      if (std::fabs(above) > std::fabs(below)) {
        y[last] = -quotient(Number(schur.at(k, k)) - value, Number(above));
      } else {
        y[k] = -quotient(Number(schur.at(last, last)) - value, Number(below));
      }
    }
    for (Index j = k - 1; j >= 0; --j) {
      const Index top = j > 0 && pairs(j - 1) ? j - 1 : j;
      Number rest[2] = {};
      for (Index i = top; i <= j; ++i) {
        for (Index c = j + 1; c <= last; ++c) rest[i - top] -= schur.at(i, c) * y[c];
      }
      Number lower = Number(schur.at(j, j)) - value;
      if (top == j) {
        if (std::fabs(lower.real()) + std::fabs(lower.imag()) < least) lower = Number(least);
        y[j] = quotient(rest[0], lower);
      } else {                                                             // Cramer's rule for a block of two
        const Number upper = Number(schur.at(top, top)) - value;
        const T above = schur.at(top, j), below = schur.at(j, top);
        Number determinant = product(upper, lower) - Number(above * below);
        if (std::fabs(determinant.real()) + std::fabs(determinant.imag()) < least * least) {
          determinant = Number(least * least);
        }
        y[top] = quotient(product(rest[0], lower) - above * rest[1], determinant);
        y[j] = quotient(product(rest[1], upper) - below * rest[0], determinant);
      }
      limit(top, j, last, y);
      j = top;
    }
  }

  // Numbers of a nearly defective matrix grow without end: the vector is scaled before they overflow.
  void limit(Index from, Index to, Index last, Number* y) {
    T largest = 0;
    for (Index i = from; i <= to; ++i) largest = std::fmax(largest, std::fabs(y[i].real()) + std::fabs(y[i].imag()));
    if (!(largest > 1 / std::numeric_limits<T>::epsilon())) return;
    for (Index i = from; i <= last; ++i) y[i] /= largest;
  }

  // Q y, of length one, its largest element real; as column k of the vectors, and its conjugate beside it for a pair.
  void store(Index k, Index last, const Number* y, Number* sum, T* real, T* imag) {
    const Index n = schur.n;
    std::fill(sum, sum + n, Number());
    for (Index i = 0; i <= last; ++i) {
      for (Index j = 0; j < n; ++j) sum[j] += schur.q[i * n + j] * y[i];
    }
    T square = 0;
    Index most = 0;
    for (Index j = 0; j < n; ++j) {
      square += std::norm(sum[j]);
      if (std::norm(sum[j]) > std::norm(sum[most])) most = j;
    }
    const T inverse = 1 / std::sqrt(square), size = std::hypot(sum[most].real(), sum[most].imag());
    const Number turn = last > k ? Number(sum[most].real() / size, -sum[most].imag() / size) : Number(1);
    for (Index j = 0; j < n; ++j) {
      const Number element = product(sum[j], turn) * inverse;
      real[j * n + k] = element.real();
      imag[j * n + k] = last > k && j == most ? T(0) : element.imag();
      if (last == k) continue;
      real[j * n + last] = real[j * n + k];
      imag[j * n + last] = -imag[j * n + k];
    }
  }

  void vectors(const T* values_real, const T* values_imag, T* real, T* imag, Number* work) {
    const T least = std::numeric_limits<T>::epsilon() * length(schur.n * schur.n, schur.h);
    const T positive = least > 0 ? least : std::numeric_limits<T>::min();
    for (Index k = 0; k < schur.n; ++k) {
      const Index last = pairs(k) ? k + 1 : k;
      back_substitute(k, Number(values_real[k], values_imag[k]), positive, work);
      store(k, last, work, work + schur.n, real, imag);
      k = last;
    }
  }
};

// One matrix, its eigenvalues unscaled; q is the identity at first where Schur vectors are kept.
template <class T>
bool schur_form(const T* a, Eigen<T>& eigen, T* work, T* real, T* imag) {
  Schur<T>& schur = eigen.schur;
  const Index n = schur.n;
  if (!all_finite(n * n, a)) return false;
  const T unit = magnitude(n * n, a), inverse = 1 / unit;
  for (Index i = 0; i < n * n; ++i) schur.h[i] = inverse * a[i];
  if (schur.q != nullptr) {
    std::fill(schur.q, schur.q + n * n, T(0));
    for (Index i = 0; i < n; ++i) schur.q[i * n + i] = 1;
  }
  if (!schur.reduce(work)) return false;
  eigen.values(real, imag);
  return true;
}

template <class T>
void unscaled(const T* a, Index n, T* real, T* imag) {
  const T unit = magnitude(n * n, a);
  scale(n, unit, real);
  scale(n, unit, imag);
}

}  // namespace detail

// Eigenvalues in the order of the Schur form and eigenvectors as columns, of length one; the largest element of a complex
// vector is real. False where a number is not finite or the iteration does not converge. scratch: (2 n + 4) n.
template <class T>
bool general_eigen(const T* a, T* real, T* imag, T* vectors_real, T* vectors_imag, T* scratch, Index batch, Index n) {
  std::complex<T>* const work = reinterpret_cast<std::complex<T>*>(scratch + 2 * n * n);
  detail::Eigen<T> eigen{{n, scratch, scratch + n * n}};
  for (Index b = 0; b < batch; ++b, a += n * n, real += n, imag += n, vectors_real += n * n, vectors_imag += n * n) {
    if (!detail::schur_form(a, eigen, scratch + 2 * n * n, real, imag)) return false;
    eigen.vectors(real, imag, vectors_real, vectors_imag, work);
    detail::unscaled(a, n, real, imag);
  }
  return true;
}

// The eigenvalues alone. scratch: (n + 1) n.
template <class T>
bool general_eigenvalues(const T* a, T* real, T* imag, T* scratch, Index batch, Index n) {
  detail::Eigen<T> eigen{{n, scratch, nullptr}};
  for (Index b = 0; b < batch; ++b, a += n * n, real += n, imag += n) {
    if (!detail::schur_form(a, eigen, scratch + n * n, real, imag)) return false;
    detail::unscaled(a, n, real, imag);
  }
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
