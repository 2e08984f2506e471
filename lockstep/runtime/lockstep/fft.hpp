// Discrete Fourier transforms of any length, along one dim of a tensor [outer, n, inner].
//
// Lengths whose prime factors are at most 13 go through Stockham's self-sorting stages (Van Loan, Computational Frameworks
// for the Fast Fourier Transform, 1992, section 1.7) of radix 4, 2, 3, 5 and of the primes 7, 11 and 13. Other lengths
// become a convolution with a chirp over a power of two (Bluestein, IEEE Transactions on Audio and Electroacoustics 18,
// 1970). Several rows run side by side, so that every stage fills the vector lanes. Real and imaginary parts lie apart.
#pragma once

#include <cmath>
#include <utility>

#include "loops.hpp"
#include "simd.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

constexpr Index kMostRows = 16;        // rows side by side,
constexpr Index kRowElements = 65536;  // as long as they have no more elements than this together

template <class T>
struct WiderThan {
  using Type = double;
};
template <>
struct WiderThan<double> {
  using Type = long double;
};

// e^(-2 pi i k / n) for 0 <= k < n, each part rounded once: the angle is brought below pi/4 by whole numbers first, and
// then computed in a wider type.
template <class T>
void forward_root(Index k, Index n, T* real, T* imag) {
  using Wide = typename WiderThan<T>::Type;
  const Index fourths = 4 * k;                         // the angle in units of pi / 2n
  const Index octant = 2 * fourths / n;
  const Index nearest = (octant + 1) / 2;              // the multiple of pi / 2 that is nearest
  const Wide angle = Wide(fourths - nearest * n) / Wide(n) * Wide(1.57079632679489661923132169163975144L);
  const Wide c = std::cos(angle), s = std::sin(angle);
  const Wide cosine[] = {c, -s, -c, s, c}, sine[] = {s, c, -s, -c, s};
  *real = T(cosine[nearest]);
  *imag = T(-sine[nearest]);
}

inline Index next_radix(Index n) {
  for (const Index radix : {4, 2, 3, 5, 7, 11, 13}) {
    if (n % radix == 0) return radix;
  }
  return 0;
}

// Whether the stages reach a length; else it goes by way of a chirp.
inline bool has_stages(Index n) {
  while (n > 1) {
    const Index radix = next_radix(n);
    if (radix == 0) return false;
    n /= radix;
  }
  return true;
}

// The length of the stages for rows of n: n itself, or a power of two that holds the chirp's convolution.
inline Index stages_length(Index n) {
  if (has_stages(n)) return n;
  Index length = 1;
  while (length < 2 * n - 1) length *= 2;
  return length;
}

template <class T>
struct Parts {
  T *real, *imag;
  LOCKSTEP_INLINE Parts operator+(Index offset) const { return {real + offset, imag + offset}; }
};

// One complex number a lane.
template <class V>
struct Pair {
  V real, imag;
  friend LOCKSTEP_INLINE Pair operator+(Pair a, Pair b) { return {a.real + b.real, a.imag + b.imag}; }
  friend LOCKSTEP_INLINE Pair operator-(Pair a, Pair b) { return {a.real - b.real, a.imag - b.imag}; }
  friend LOCKSTEP_INLINE Pair operator*(Pair a, V factor) { return {a.real * factor, a.imag * factor}; }
  friend LOCKSTEP_INLINE Pair operator*(Pair a, Pair b) {
    return {a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
  }
};
// a - i b and a + i b
template <class V>
LOCKSTEP_INLINE Pair<V> minus_i(Pair<V> a, Pair<V> b) {
  return {a.real + b.imag, a.imag - b.real};
}
template <class V>
LOCKSTEP_INLINE Pair<V> plus_i(Pair<V> a, Pair<V> b) {
  return {a.real - b.imag, a.imag + b.real};
}

// The transform of R numbers in place. Its constants are sines and cosines of multiples of 2 pi / R.
template <int R>
struct Short;

template <>
struct Short<2> {
  template <class T, class V>
  static LOCKSTEP_INLINE void transform(Pair<V>* x) {
    const Pair<V> a = x[0];
    x[0] = a + x[1];
    x[1] = a - x[1];
  }
};

template <>
struct Short<3> {
  template <class T, class V>
  static LOCKSTEP_INLINE void transform(Pair<V>* x) {
    const Pair<V> sum = x[1] + x[2], difference = (x[1] - x[2]) * V(T(0.866025403784438646763723170752936183));
    const Pair<V> middle = x[0] - sum * V(T(0.5));
    x[0] = x[0] + sum;
    x[1] = minus_i(middle, difference);
    x[2] = plus_i(middle, difference);
  }
};

template <>
struct Short<4> {
  template <class T, class V>
  static LOCKSTEP_INLINE void transform(Pair<V>* x) {
    const Pair<V> even = x[0] + x[2], even_gap = x[0] - x[2], odd = x[1] + x[3], odd_gap = x[1] - x[3];
    x[0] = even + odd;
    x[1] = minus_i(even_gap, odd_gap);
    x[2] = even - odd;
    x[3] = plus_i(even_gap, odd_gap);
  }
};

template <>
struct Short<5> {
  template <class T, class V>
  static LOCKSTEP_INLINE void transform(Pair<V>* x) {
    const V cosine1(T(0.309016994374947424102293417182819059)), cosine2(T(-0.809016994374947424102293417182819059));
    const V sine1(T(0.951056516295153572116439333379382143)), sine2(T(0.587785252292473129168705954639072769));
    const Pair<V> outer = x[1] + x[4], outer_gap = x[1] - x[4], inner = x[2] + x[3], inner_gap = x[2] - x[3];
    const Pair<V> a = x[0] + outer * cosine1 + inner * cosine2, b = x[0] + outer * cosine2 + inner * cosine1;
    const Pair<V> s = outer_gap * sine1 + inner_gap * sine2, t = outer_gap * sine2 - inner_gap * sine1;
    x[0] = x[0] + outer + inner;
    x[1] = minus_i(a, s);
    x[2] = minus_i(b, t);
    x[3] = plus_i(b, t);
    x[4] = plus_i(a, s);
  }
};

// Full vectors where there is at least one, else one number at a time: part of a vector costs more.
template <class Body>
LOCKSTEP_INLINE void each_of_few(Index n, Body body) {
  if (n < kLanes) {
    each_scalar(n, body);
  } else {
    each(n, body);
  }
}

// One stage's work on `count` neighbouring numbers: R of them, `step` apart, are transformed, turned by powers of a root
// and stored `count` apart.
template <int R, class T>
void turn(Index count, Parts<const T> from, Index step, Parts<T> to, const T* cosine, const T* sine, Index power) {
  each_of_few(count, [&](auto at) {
    using V = decltype(at.load(from.real));
    Pair<V> x[R];
    for (int j = 0; j < R; ++j) x[j] = {at.load(from.real + j * step), at.load(from.imag + j * step)};
    Short<R>::template transform<T>(x);
    for (int j = 1; j < R; ++j) {
      if (power != 0) x[j] = x[j] * Pair<V>{V(cosine[j * power]), V(sine[j * power])};
    }
    for (int j = 0; j < R; ++j) at.store(to.real + j * count, x[j].real), at.store(to.imag + j * count, x[j].imag);
  });
}

// The same for a prime without a formula of its own, by its definition; `unit` is where the root of order `radix` stands.
template <class T>
void turn_prime(Index radix, Index count, Parts<const T> from, Index step, Parts<T> to, const T* cosine, const T* sine,
                Index power, Index unit) {
  for (Index j = 0; j < radix; ++j) {
    each_of_few(count, [&](auto at) {
      using V = decltype(at.load(from.real));
      Pair<V> sum{at.load(from.real), at.load(from.imag)};
      for (Index k = 1; k < radix; ++k) {
        const Index root = j * k % radix * unit;
        sum = sum + Pair<V>{at.load(from.real + k * step), at.load(from.imag + k * step)} *
                        Pair<V>{V(cosine[root]), V(sine[root])};
      }
      if (j * power != 0) sum = sum * Pair<V>{V(cosine[j * power]), V(sine[j * power])};
      at.store(to.real + j * count, sum.real);
      at.store(to.imag + j * count, sum.imag);
    });
  }
}

// All stages of `rows` transforms side by side: element i of row r is at i * rows + r. The result is in `from`.
template <class T>
void run_stages(Index length, Index rows, Parts<T>& from, Parts<T>& to, const T* cosine, const T* sine) {
  Index done = 1;
  for (Index left = length; left > 1;) {
    const Index radix = next_radix(left), count = done * rows;
    left /= radix;
    for (Index p = 0; p < left; ++p) {
      const Parts<const T> source{from.real + p * count, from.imag + p * count};
      const Parts<T> target = to + p * radix * count;
      const Index step = left * count, power = p * done;
      switch (radix) {
        case 2: turn<2>(count, source, step, target, cosine, sine, power); break;
        case 3: turn<3>(count, source, step, target, cosine, sine, power); break;
        case 4: turn<4>(count, source, step, target, cosine, sine, power); break;
        case 5: turn<5>(count, source, step, target, cosine, sine, power); break;
        default: turn_prime(radix, count, source, step, target, cosine, sine, power, length / radix);
      }
    }
    done *= radix;
    std::swap(from, to);
  }
}

// The tables and the room for transforms of one length, all of it in the scratch memory that the caller gives:
// L (2 + 4 R) elements for L = stages_length(n) and R = most_rows(), and 2 n + 2 L more where L is not n.
template <class T>
class Transform {
 public:
  Transform(Index n, T* scratch) : n_(n), length_(stages_length(n)) {
    most_rows_ = larger(1, smaller(kMostRows, kRowElements / length_));
    const auto take = [&](Index size) {
      T* const taken = scratch;
      scratch += size;
      return taken;
    };
    const auto both = [&](Index size) {
      T* const real = take(size);
      return Parts<T>{real, take(size)};
    };
    roots_ = both(length_);
    for (Index k = 0; 2 * k <= length_; ++k) {
      forward_root(k, length_, roots_.real + k, roots_.imag + k);
      if (k > 0) roots_.real[length_ - k] = roots_.real[k], roots_.imag[length_ - k] = -roots_.imag[k];
    }
    work_ = both(length_ * most_rows_);
    spare_ = both(length_ * most_rows_);
    if (length_ == n) return;
    chirp_ = both(n);
    filter_ = both(length_);
    prepare_chirp();
  }

  Index most_rows() const { return most_rows_; }
  // Element i of row r is at i * rows + r; valid until the next run.
  Parts<T> data() const { return work_; }

  // The forward transform of `rows` rows in data(), unscaled.
  void run(Index rows) {
    if (length_ == n_) return run_stages(length_, rows, work_, spare_, roots_.real, roots_.imag);
    for (Index i = 0; i < n_; ++i) multiply_row(i, rows, chirp_, i);
    for (Index i = n_ * rows; i < length_ * rows; ++i) work_.real[i] = work_.imag[i] = T(0);
    run_stages(length_, rows, work_, spare_, roots_.real, roots_.imag);
    for (Index i = 0; i < length_; ++i) multiply_row(i, rows, filter_, i);
    backwards(rows);
    for (Index i = 0; i < n_; ++i) multiply_row(i, rows, chirp_, i);
  }

 private:
  // chirp[k] = e^(-pi i k^2 / n); the filter is the transform of its conjugate, which is even, over the length.
  void prepare_chirp() {
    for (Index k = 0; k < n_; ++k) forward_root(k * k % (2 * n_), 2 * n_, chirp_.real + k, chirp_.imag + k);
    for (Index i = 0; i < length_; ++i) work_.real[i] = work_.imag[i] = T(0);
    for (Index k = 0; k < n_; ++k) {
      const Index mirrored = k == 0 ? 0 : length_ - k;
      work_.real[k] = work_.real[mirrored] = chirp_.real[k] / T(length_);
      work_.imag[k] = work_.imag[mirrored] = -chirp_.imag[k] / T(length_);
    }
    run_stages(length_, 1, work_, spare_, roots_.real, roots_.imag);
    for (Index i = 0; i < length_; ++i) filter_.real[i] = work_.real[i], filter_.imag[i] = work_.imag[i];
  }

  void multiply_row(Index i, Index rows, Parts<T> factors, Index k) {
    const Parts<T> x = work_ + i * rows;
    each_of_few(rows, [&](auto at) {
      using V = decltype(at.load(x.real));
      const Pair<V> product = Pair<V>{at.load(x.real), at.load(x.imag)} * Pair<V>{V(factors.real[k]), V(factors.imag[k])};
      at.store(x.real, product.real);
      at.store(x.imag, product.imag);
    });
  }

  // The inverse is the forward transform with the parts exchanged.
  void backwards(Index rows) {
    std::swap(work_.real, work_.imag);
    std::swap(spare_.real, spare_.imag);
    run_stages(length_, rows, work_, spare_, roots_.real, roots_.imag);
    std::swap(work_.real, work_.imag);
    std::swap(spare_.real, spare_.imag);
  }

  Index n_, length_, most_rows_;
  Parts<T> roots_{}, work_{}, spare_{}, chirp_{}, filter_{};
};

// One row of a tensor [outer, extent, inner].
struct Row {
  Index outer, inner, width;
  // Where element i of the row is in a tensor with that extent.
  LOCKSTEP_INLINE Index place(Index i, Index extent) const { return (outer * extent + i) * width + inner; }
};

// Transforms every row of [outer, n, inner]: put(row, data, step) writes one into data[i * step], take reads what it became.
template <class T, class Put, class Take>
void each_row(Index outer, Index n, Index inner, T* scratch, Put put, Take take) {
  if (outer * inner == 0) return;
  Transform<T> transform(n, scratch);
  for (Index first = 0; first < outer * inner; first += transform.most_rows()) {
    const Index rows = smaller(transform.most_rows(), outer * inner - first);
    for (Index r = 0; r < rows; ++r) {
      put(Row{(first + r) / inner, (first + r) % inner, inner}, transform.data() + r, rows);
    }
    transform.run(rows);
    for (Index r = 0; r < rows; ++r) {
      take(Row{(first + r) / inner, (first + r) % inner, inner}, transform.data() + r, rows);
    }
  }
}

}  // namespace detail

// sum over j of x[j] e^(-2 pi i j k / n), or with + for the inverse, unscaled.
template <class T>
bool fft(const T* real, const T* imag, T* real_out, T* imag_out, T* scratch, Index outer, Index n, Index inner,
         bool inverse) {
  if (inverse) std::swap(real, imag), std::swap(real_out, imag_out);
  detail::each_row(
      outer, n, inner, scratch,
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {
        for (Index i = 0; i < n; ++i) {
          data.real[i * step] = real[row.place(i, n)];
          data.imag[i * step] = imag[row.place(i, n)];
        }
      },
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {
        for (Index i = 0; i < n; ++i) {
          real_out[row.place(i, n)] = data.real[i * step];
          imag_out[row.place(i, n)] = data.imag[i * step];
        }
      });
  return true;
}

// The transform of real rows: its first n/2 + 1 numbers; the others are their conjugates.
template <class T>
bool fft_of_real(const T* x, T* real_out, T* imag_out, T* scratch, Index outer, Index n, Index inner) {
  const Index half = n / 2 + 1;
  detail::each_row(
      outer, n, inner, scratch,
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {
        for (Index i = 0; i < n; ++i) {
          data.real[i * step] = x[row.place(i, n)];
          data.imag[i * step] = T(0);
        }
      },
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {
        for (Index i = 0; i < half; ++i) {
          real_out[row.place(i, half)] = data.real[i * step];
          imag_out[row.place(i, half)] = data.imag[i * step];
        }
      });
  return true;
}

// The inverse, unscaled, of what `fft_of_real` gives: real rows of n numbers from n/2 + 1 complex ones. The imaginary
// parts of the first, and for even n of the last, are not read: there they have no meaning.
template <class T>
bool fft_to_real(const T* real, const T* imag, T* x, T* scratch, Index outer, Index n, Index inner) {
  const Index half = n / 2 + 1;
  detail::each_row(
      outer, n, inner, scratch,
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {  // parts exchanged: the inverse
        for (Index i = 0; i < half; ++i) {
          const bool alone = i == 0 || 2 * i == n;
          const T re = real[row.place(i, half)], im = alone ? T(0) : imag[row.place(i, half)];
          data.imag[i * step] = re;
          data.real[i * step] = im;
          if (alone) continue;
          data.imag[(n - i) * step] = re;
          data.real[(n - i) * step] = -im;
        }
      },
      [&](const detail::Row& row, detail::Parts<T> data, Index step) {
        for (Index i = 0; i < n; ++i) x[row.place(i, n)] = data.imag[i * step];
      });
  return true;
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
