// Fourier transforms of the runtime against numbers worked out by hand, and for many lengths against the plain sum.
#include "lockstep/fft.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

namespace {

using lockstep::fft;
using lockstep::fft_of_real;
using lockstep::fft_to_real;
using lockstep::Index;

constexpr long double kPi = 3.14159265358979323846264338327950288L;
constexpr std::size_t kGuard = 32;

// What graph/primitives/kernels_fft.py reserves: the sizes are worked out there once more.
std::size_t scratch_size(Index n) {
  const Index length = lockstep::detail::stages_length(n);
  const Index rows = std::max<Index>(1, std::min<Index>(16, 65536 / length));
  return std::size_t(length * (2 + 4 * rows) + (length == n ? 0 : 2 * n + 2 * length));
}

// Scratch memory with a guard behind it.
template <class T>
struct Scratch {
  std::vector<T> memory;
  explicit Scratch(Index n) : memory(scratch_size(n) + kGuard, T(-77)) {}
  bool intact() const {
    return std::all_of(memory.end() - kGuard, memory.end(), [](T x) { return x == T(-77); });
  }
};

template <class T>
std::vector<std::complex<T>> transformed(const std::vector<std::complex<T>>& x, Index outer, Index n, Index inner, bool inverse) {
  std::vector<T> real, imag, real_out(x.size()), imag_out(x.size());
  for (const auto& one : x) real.push_back(one.real()), imag.push_back(one.imag());
  Scratch<T> scratch(n);
  EXPECT_TRUE(fft(real.data(), imag.data(), real_out.data(), imag_out.data(), scratch.memory.data(), outer, n, inner, inverse));
  EXPECT_TRUE(scratch.intact());
  std::vector<std::complex<T>> result;
  for (std::size_t k = 0; k < x.size(); ++k) result.emplace_back(real_out[k], imag_out[k]);
  return result;
}

template <class T>
void expect_near(std::complex<T> was, std::complex<long double> should, double room) {
  EXPECT_NEAR(double(was.real()), double(should.real()), room);
  EXPECT_NEAR(double(was.imag()), double(should.imag()), room);
}

// Numbers without a pattern, of the size of one.
template <class T>
std::vector<std::complex<T>> numbers(Index count) {
  std::vector<std::complex<T>> x;
  for (Index k = 0; k < count; ++k) x.emplace_back(T(std::sin(1.0 + 3.7 * double(k * k % 1009))), T(std::cos(2.9 * double(k))));
  return x;
}

using C = std::complex<float>;

TEST(Fourier, OfTwoIsSumAndDifference) {
  EXPECT_EQ(transformed<float>({{1, 5}, {2, -3}}, 1, 2, 1, false), (std::vector<C>{{3, 2}, {-1, 8}}));
}

TEST(Fourier, OfFourIsExact) {
  const std::vector<C> forward{{10, 0}, {-2, 2}, {-2, 0}, {-2, -2}};
  EXPECT_EQ(transformed<float>({1, 2, 3, 4}, 1, 4, 1, false), forward);
  EXPECT_EQ(transformed<float>(forward, 1, 4, 1, true), (std::vector<C>{4, 8, 12, 16}));
}

TEST(Fourier, OfOneNumberIsItself) { EXPECT_EQ(transformed<float>({{3, -4}}, 1, 1, 1, false), (std::vector<C>{{3, -4}})); }

TEST(Fourier, OfAnImpulseAtOneAreTheRoots) {
  const std::vector<C> third = transformed<float>({0, 1, 0}, 1, 3, 1, false);
  EXPECT_EQ(third[0], C(1, 0));
  EXPECT_EQ(third[1], C(-0.5f, -0.8660254f));
  EXPECT_EQ(third[2], C(-0.5f, 0.8660254f));
  const std::vector<C> fifth = transformed<float>({0, 1, 0, 0, 0}, 1, 5, 1, false);
  EXPECT_EQ(fifth[1], C(0.309017f, -0.95105654f));
  EXPECT_EQ(fifth[2], C(-0.809017f, -0.58778524f));
  EXPECT_EQ(fifth[4], C(0.309017f, 0.95105654f));
}

TEST(Fourier, RootsAreRoundedOnce) {
  for (const Index n : {8, 12, 17, 1000, 4096}) {
    for (Index k = 0; k < n; ++k) {
      float real, imag;
      lockstep::detail::forward_root(k, n, &real, &imag);
      const long double cosine = std::cos(2 * kPi * k / n), sine = std::sin(2 * kPi * k / n);
      EXPECT_LE(std::fabs(real - cosine), std::fabs(cosine) * 0x1p-24L + 1e-18L) << k << " of " << n;
      EXPECT_LE(std::fabs(imag + sine), std::fabs(sine) * 0x1p-24L + 1e-18L) << k << " of " << n;
    }
  }
  double real, imag;
  lockstep::detail::forward_root<double>(1, 4, &real, &imag);
  EXPECT_EQ(real, 0.0);
  EXPECT_EQ(imag, -1.0);
}

// The plain sum, within eight standard deviations of what is usual (a chirp's is nearly twice as large).
template <class T>
void expect_sums(Index n, bool inverse) {
  const std::vector<std::complex<T>> x = numbers<T>(n), y = transformed(x, 1, n, 1, inverse);
  long double squares = 0;
  for (const auto& one : y) squares += std::norm(std::complex<long double>(one));
  const double room = 8 * 1.3 * double(std::sqrt(squares / n)) * std::sqrt(std::log2(double(std::max<Index>(n, 2)))) *
                      std::numeric_limits<T>::epsilon() / 2;
  for (Index k = 0; k < n; ++k) {
    std::complex<long double> sum = 0;
    for (Index j = 0; j < n; ++j) {
      const long double angle = (inverse ? 2 : -2) * kPi * static_cast<long double>(j * k % n) / n;
      sum += std::complex<long double>(x[std::size_t(j)]) * std::complex<long double>(std::cos(angle), std::sin(angle));
    }
    expect_near(y[std::size_t(k)], sum, room);
  }
}

TEST(Fourier, OfEveryLengthUpToSeventyIsThePlainSum) {
  for (Index n = 1; n <= 70; ++n) {
    SCOPED_TRACE(n);
    expect_sums<float>(n, false);
    expect_sums<double>(n, true);
  }
}

TEST(Fourier, OfLongerLengthsIsThePlainSum) {
  for (const Index n : {97, 121, 169, 210, 243, 331, 512, 1009}) {
    SCOPED_TRACE(n);
    expect_sums<float>(n, true);
    expect_sums<double>(n, false);
  }
}

TEST(Fourier, OfRowsAlongAnInnerDimIsThatOfEachRow) {
  const Index outer = 5, n = 12, inner = 7;                     // 35 rows: more than run side by side
  const std::vector<C> x = numbers<float>(outer * n * inner), y = transformed(x, outer, n, inner, false);
  for (Index o = 0; o < outer; ++o) {
    for (Index q = 0; q < inner; ++q) {
      std::vector<C> row;
      for (Index i = 0; i < n; ++i) row.push_back(x[std::size_t((o * n + i) * inner + q)]);
      const std::vector<C> alone = transformed(row, 1, n, 1, false);
      for (Index i = 0; i < n; ++i) expect_near(y[std::size_t((o * n + i) * inner + q)], alone[std::size_t(i)], 1e-5);
    }
  }
}

TEST(Fourier, NotANumberStaysInItsRow) {
  for (const Index n : {8, 19}) {
    std::vector<C> x = numbers<float>(3 * n);
    x[std::size_t(n + 2)] = C(std::nanf(""), 0);
    const std::vector<C> y = transformed(x, 3, n, 1, false);
    for (Index k = 0; k < n; ++k) {
      EXPECT_FALSE(std::isnan(std::abs(y[std::size_t(k)]))) << k;
      EXPECT_TRUE(std::isnan(std::abs(y[std::size_t(n + k)]))) << k;
      EXPECT_FALSE(std::isnan(std::abs(y[std::size_t(2 * n + k)]))) << k;
    }
  }
}

TEST(Fourier, OfNothingDoesNothing) { EXPECT_TRUE(transformed<float>({}, 0, 4, 3, false).empty()); }

TEST(FourierOfReal, GivesTheFirstHalf) {
  const float x[] = {1, 2, 3, 4};
  float real[3], imag[3];
  Scratch<float> scratch(4);
  ASSERT_TRUE(fft_of_real(x, real, imag, scratch.memory.data(), 1, 4, 1));
  const float real_should[] = {10, -2, -2}, imag_should[] = {0, 2, 0};
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(real[k], real_should[k]);
    EXPECT_EQ(imag[k], imag_should[k]);
  }
}

TEST(FourierToReal, DoesNotReadWhatHasNoMeaning) {
  const float real[] = {10, -2, -2}, imag[] = {99, 2, std::nanf("")};
  float x[4];
  Scratch<float> scratch(4);
  ASSERT_TRUE(fft_to_real(real, imag, x, scratch.memory.data(), 1, 4, 1));
  for (int k = 0; k < 4; ++k) EXPECT_EQ(x[k], 4.0f * float(k + 1));
}

TEST(FourierToReal, UndoesTheTransformOfOddRowsAndInnerDims) {
  const Index outer = 2, n = 15, inner = 3, half = n / 2 + 1;
  std::vector<double> x, real(std::size_t(outer * half * inner)), imag(real.size()), back(std::size_t(outer * n * inner));
  for (const auto& one : numbers<double>(outer * n * inner)) x.push_back(one.real());
  Scratch<double> scratch(n);
  ASSERT_TRUE(fft_of_real(x.data(), real.data(), imag.data(), scratch.memory.data(), outer, n, inner));
  ASSERT_TRUE(fft_to_real(real.data(), imag.data(), back.data(), scratch.memory.data(), outer, n, inner));
  for (std::size_t k = 0; k < x.size(); ++k) EXPECT_NEAR(back[k], 15 * x[k], 1e-13);
}

}  // namespace
