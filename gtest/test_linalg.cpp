// Linear algebra of the runtime: by hand-written numbers where an answer has few digits, and by what must hold of any
// answer (products that rebuild, orthonormal vectors) for sizes around the vectors' width.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "lockstep/linalg_eigen.hpp"
#include "lockstep/linalg_exponential.hpp"
#include "lockstep/linalg_factors.hpp"
#include "lockstep/linalg_general_eigen.hpp"
#include "lockstep/linalg_qr.hpp"
#include "lockstep/linalg_svd.hpp"
#include "lockstep/linalg_symmetric.hpp"

namespace {

using lockstep::Index;

template <class T>
using Numbers = std::vector<T>;

template <class T>
Numbers<T> drawn(Index count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Numbers<T> x(std::size_t(count) + 1);                      // one more: data() of an empty vector may be null
  for (Index i = 0; i < count; ++i) x[std::size_t(i)] = T(normal(generator));
  return x;
}

// C [rows, columns] = A [rows, inner] B [inner, columns], in long double.
template <class T>
Numbers<long double> product(Index rows, Index inner, Index columns, const T* a, const T* b) {
  Numbers<long double> c(std::size_t(rows * columns) + 1);
  for (Index i = 0; i < rows; ++i) {
    for (Index k = 0; k < inner; ++k) {
      for (Index j = 0; j < columns; ++j) {
        c[std::size_t(i * columns + j)] += static_cast<long double>(a[i * inner + k]) * b[k * columns + j];
      }
    }
  }
  return c;
}

template <class T>
Numbers<T> transposed(Index rows, Index columns, const T* a) {
  Numbers<T> t(std::size_t(rows * columns) + 1);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) t[std::size_t(j * rows + i)] = a[i * columns + j];
  }
  return t;
}

template <class A, class B>
void expect_near(const A& got, const B& wanted, Index count, double tolerance, const char* what) {
  for (Index i = 0; i < count; ++i) {
    ASSERT_NEAR(double(got[std::size_t(i)]), double(wanted[std::size_t(i)]), tolerance) << what << ", element " << i;
  }
}

// Columns of Q [rows, columns] have length one and are orthogonal.
template <class T>
void expect_orthonormal(Index rows, Index columns, const T* q, double tolerance) {
  const Numbers<T> t = transposed(rows, columns, q);
  const auto square = product(columns, rows, columns, t.data(), q);
  for (Index i = 0; i < columns; ++i) {
    for (Index j = 0; j < columns; ++j) {
      ASSERT_NEAR(double(square[std::size_t(i * columns + j)]), double(i == j), tolerance) << i << "," << j;
    }
  }
}

template <class T>
class Linalg : public ::testing::Test {
 protected:
  static constexpr double kEpsilon = double(std::numeric_limits<T>::epsilon());
  static double tolerance(Index n) { return 16 * kEpsilon * std::sqrt(double(n + 1)); }
};

using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Linalg, Reals);

const Index kSizes[] = {0, 1, 2, 3, 5, 8, 17, 40};

TYPED_TEST(Linalg, CholeskyOfAHandMadeMatrixReadsOneTriangle) {
  using T = TypeParam;
  const T a[] = {4, 99, 99, 2, 5, 99, -2, 3, 14}, expected[] = {2, 0, 0, 1, 2, 0, -1, 2, 3};
  T factor[9];
  std::int32_t info = -1;
  EXPECT_TRUE(lockstep::cholesky_factor(a, factor, &info, 1, 3, true));
  EXPECT_EQ(info, 0);
  expect_near(factor, expected, 9, 0, "factor");
}

TYPED_TEST(Linalg, CholeskySaysWhichMinorIsNotPositive) {
  using T = TypeParam;
  const T a[] = {4, 0, 0, 2, 1, 0, 1, 1, 1}, nothing[] = {std::numeric_limits<T>::quiet_NaN()};
  T factor[9];
  std::int32_t info = 0;
  EXPECT_TRUE(lockstep::cholesky_factor(a, factor, &info, 1, 3, false));
  EXPECT_EQ(info, 2);                                        // 1 - 1 * 1 is not positive
  EXPECT_FALSE(lockstep::cholesky_factor(a, factor, &info, 1, 3, true));
  EXPECT_FALSE(lockstep::cholesky_factor(nothing, factor, &info, 1, 1, true));
}

TYPED_TEST(Linalg, LuTakesTheFirstLargestPivot) {
  using T = TypeParam;
  const T a[] = {1, 2, -4, 0, 4, 8}, expected[] = {-4, 0, -1, 8, T(-0.25), T(0.25)};
  T lu[6];
  std::int32_t pivots[2], info = -1;
  EXPECT_TRUE(lockstep::lu_factor(a, lu, pivots, &info, 1, 3, 2, true));
  expect_near(lu, expected, 6, 0, "factors");
  EXPECT_EQ(pivots[0], 2);                                   // -4 comes before 4
  EXPECT_EQ(pivots[1], 3);
  EXPECT_EQ(info, 0);
}

TYPED_TEST(Linalg, LuGoesOnBehindAZeroPivot) {
  using T = TypeParam;
  const T a[] = {0, 1, 0, 2};
  T lu[4];
  std::int32_t pivots[2], info = -1;
  EXPECT_TRUE(lockstep::lu_factor(a, lu, pivots, &info, 1, 2, 2, false));
  EXPECT_EQ(info, 1);
  EXPECT_EQ(pivots[1], 2);
  EXPECT_EQ(lu[3], T(2));
  EXPECT_FALSE(lockstep::lu_factor(a, lu, pivots, &info, 1, 2, 2, true));
}

TEST(LinalgPivots, BecomeAPermutationAndItsInverse) {
  const std::int32_t pivots[] = {3, 3, 3}, wrong[] = {1, 5, 3};
  std::int64_t order[3], inverse[3];
  EXPECT_TRUE(lockstep::pivots_to_permutation(pivots, order, 1, 3, 3, false));
  EXPECT_TRUE(lockstep::pivots_to_permutation(pivots, inverse, 1, 3, 3, true));
  EXPECT_EQ(order[0], 2);
  EXPECT_EQ(order[1], 0);
  EXPECT_EQ(order[2], 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(inverse[order[i]], i);
  EXPECT_FALSE(lockstep::pivots_to_permutation(wrong, order, 1, 3, 3, false));
}

TYPED_TEST(Linalg, SystemsOfAllSizesAreSolved) {
  using T = TypeParam;
  for (Index n : kSizes) {
    for (Index columns : {1, 3, 20}) {
      Numbers<T> a = drawn<T>(2 * n * n, 1), scratch(std::size_t(n * n) + 1), x(std::size_t(2 * n * columns) + 1);
      for (Index b = 0; b < 2; ++b) {
        for (Index i = 0; i < n; ++i) a[std::size_t(b * n * n + i * n + (i + b) % n)] += T(8 + n);    // well conditioned
      }
      const Numbers<T> b = drawn<T>(2 * n * columns, 2);
      std::int32_t info[2] = {-1, -1};
      ASSERT_TRUE(lockstep::solve_linear(a.data(), b.data(), x.data(), info, scratch.data(), 2, n, columns, true));
      for (Index k = 0; k < 2; ++k) {
        const auto back = product(n, n, columns, a.data() + k * n * n, x.data() + k * n * columns);
        expect_near(back, Numbers<T>(b.begin() + k * n * columns, b.end()), n * columns, 4 * this->tolerance(n), "A X");
        EXPECT_EQ(info[k], 0);
      }
    }
  }
}

TYPED_TEST(Linalg, TriangularSystemsReadTheirTriangleAlone) {
  using T = TypeParam;
  const T t[] = {2, 7, 9, 4}, b[] = {6, 8};
  T x[2];
  EXPECT_TRUE(lockstep::solve_triangular(t, b, x, 1, 2, 1, true, false));
  EXPECT_EQ(x[1], T(2));
  EXPECT_EQ(x[0], T(-4));
  EXPECT_TRUE(lockstep::solve_triangular(t, b, x, 1, 2, 1, false, false));
  EXPECT_EQ(x[0], T(3));
  EXPECT_EQ(x[1], T(-4.75));
  EXPECT_TRUE(lockstep::solve_triangular(t, b, x, 1, 2, 1, false, true));
  EXPECT_EQ(x[0], T(6));
  EXPECT_EQ(x[1], T(-46));
}

TYPED_TEST(Linalg, DeterminantsTurnTheirSignWithEachExchange) {
  using T = TypeParam;
  const T a[] = {0, 2, 0, 0, 0, 4, 8, 0, 0, /**/ 0, 2, 0, 8, 0, 0, 0, 0, 4, /**/ 1, 2, 3, 0, 0, 0, 4, 5, 6};
  T result[3], sign[3], logarithm[3], scratch[9];
  EXPECT_TRUE(lockstep::determinant(a, result, scratch, 3, 3));
  EXPECT_TRUE(lockstep::log_determinant(a, sign, logarithm, scratch, 3, 3));
  const T expected[] = {64, -64, 0};
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(result[k], expected[k]);
    EXPECT_EQ(sign[k], expected[k] > 0 ? T(1) : expected[k] < 0 ? T(-1) : T(0));
    EXPECT_NEAR(std::exp(double(logarithm[k])), std::fabs(double(expected[k])), 64 * this->tolerance(3));
  }
}

TYPED_TEST(Linalg, LdlSolvesWithBlocksOfOneAndTwo) {
  using T = TypeParam;
  for (Index n : kSizes) {
    Numbers<T> a = drawn<T>(n * n, 3), ld(std::size_t(n * n) + 1), x(std::size_t(n * 2) + 1);
    for (Index i = 0; i < n; ++i) {
      a[std::size_t(i * n + i)] = i % 3 == 0 ? T(0) : T(9);
      for (Index j = i + 1; j < n; ++j) a[std::size_t(i * n + j)] = a[std::size_t(j * n + i)];
    }
    if (n == 1) a[0] = -2;
    const Numbers<T> b = drawn<T>(n * 2, 4);
    std::vector<std::int32_t> pivots(std::size_t(n) + 1);
    std::int32_t info = -1;
    ASSERT_TRUE(lockstep::ldl_factor(a.data(), ld.data(), pivots.data(), &info, 1, n, true));
    ASSERT_TRUE(lockstep::ldl_solve(ld.data(), pivots.data(), b.data(), x.data(), 1, n, 2));
    expect_near(product(n, n, 2, a.data(), x.data()), b, n * 2, 64 * this->tolerance(n), "A X");
  }
}

TYPED_TEST(Linalg, LdlTakesABlockOfTwoWhereTheDiagonalIsZero) {
  using T = TypeParam;
  const T a[] = {0, 99, 3, 0}, zero[] = {0};
  T ld[4];
  std::int32_t pivots[2], info = -1;
  EXPECT_TRUE(lockstep::ldl_factor(a, ld, pivots, &info, 1, 2, true));
  EXPECT_EQ(pivots[0], -2);
  EXPECT_EQ(pivots[1], -2);
  EXPECT_EQ(ld[2], T(3));
  EXPECT_FALSE(lockstep::ldl_factor(zero, ld, pivots, &info, 1, 1, true));
  EXPECT_EQ(info, 1);
}

TYPED_TEST(Linalg, QrHasLapacksSignsAndRebuilds) {
  using T = TypeParam;
  const T a[] = {3, 5, 4, 10};
  T qr[4], tau[2], scratch[2];
  EXPECT_TRUE(lockstep::qr_factor(a, qr, tau, scratch, 1, 2, 2));
  const double expected[] = {-5, -11, 0.5, 2};               // R = [-5 -11; 0 2], v = (1, 4 / (3 + 5)), tau = 1.6
  expect_near(qr, expected, 4, this->tolerance(2), "R and v");
  EXPECT_NEAR(double(tau[0]), 1.6, this->tolerance(2));
  EXPECT_EQ(tau[1], T(0));
  for (Index rows : kSizes) {
    for (Index columns : {1, 4, 19}) {
      const Index steps = std::min(rows, columns);
      const Numbers<T> x = drawn<T>(rows * columns, 5);
      Numbers<T> packed(x.size()), r(x.size()), factors(std::size_t(steps) + 1), row(std::size_t(rows + columns));
      Numbers<T> q(std::size_t(rows * rows) + 1), one(q.size());
      for (Index i = 0; i < rows; ++i) one[std::size_t(i * rows + i)] = 1;
      ASSERT_TRUE(lockstep::qr_factor(x.data(), packed.data(), factors.data(), row.data(), 1, rows, columns));
      ASSERT_TRUE(lockstep::apply_reflections(packed.data(), factors.data(), one.data(), q.data(), row.data(), 1, rows,
                                              columns, steps, rows, false));
      for (Index i = 0; i < rows; ++i) {
        for (Index j = i; j < columns; ++j) {
          r[std::size_t(i * columns + j)] = packed[std::size_t(i * columns + j)];
        }
      }
      expect_orthonormal(rows, rows, q.data(), this->tolerance(rows));
      expect_near(product(rows, rows, columns, q.data(), r.data()), x, rows * columns, 4 * this->tolerance(rows), "Q R");
      ASSERT_TRUE(lockstep::apply_reflections(packed.data(), factors.data(), x.data(), r.data(), row.data(), 1, rows,
                                              columns, steps, columns, true));
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < std::min(i, columns); ++j) {
          ASSERT_NEAR(double(r[std::size_t(i * columns + j)]), 0, 4 * this->tolerance(rows));
        }
      }
    }
  }
}

TYPED_TEST(Linalg, LengthsNeitherOverflowNorVanish) {
  using T = TypeParam;
  const T large = std::numeric_limits<T>::max() / 8, small = std::numeric_limits<T>::min() * 4;
  for (T unit : {large, small, std::numeric_limits<T>::denorm_min() * 64}) {
    const T x[] = {3 * unit / 8, 99, 4 * unit / 8};
    EXPECT_NEAR(double(lockstep::detail::length(2, x, 2) / (5 * unit / 8)), 1, 4 * this->kEpsilon);
  }
}

TYPED_TEST(Linalg, SymmetricEigenvaluesByHand) {
  using T = TypeParam;
  const T a[] = {2, 99, 99, 0, 3, 99, 0, 4, 9}, expected[] = {1, 2, 11};
  T values[3], vectors[9], scratch[9], alone[3], room[18];
  EXPECT_TRUE(lockstep::symmetric_eigen(a, values, vectors, scratch, 1, 3));
  EXPECT_TRUE(lockstep::symmetric_eigenvalues(a, alone, room, 1, 3));
  expect_near(values, expected, 3, 11 * this->tolerance(3), "values");
  expect_near(alone, expected, 3, 11 * this->tolerance(3), "values alone");
  EXPECT_NEAR(std::fabs(double(vectors[1])), 1, this->tolerance(3));      // the vector of 2 is the first axis
}

TYPED_TEST(Linalg, SymmetricEigenvectorsRebuild) {
  using T = TypeParam;
  for (Index n : kSizes) {
    Numbers<T> a = drawn<T>(n * n, 6), values(std::size_t(n) + 1), vectors(a.size()), scratch(std::size_t(3 * n) + 1);
    for (Index i = 0; i < n; ++i) {
      for (Index j = i + 1; j < n; ++j) a[std::size_t(i * n + j)] = a[std::size_t(j * n + i)];
    }
    ASSERT_TRUE(lockstep::symmetric_eigen(a.data(), values.data(), vectors.data(), scratch.data(), 1, n));
    expect_orthonormal(n, n, vectors.data(), 2 * this->tolerance(n));
    Numbers<T> scaled = vectors;
    for (Index i = 0; i < n * n; ++i) scaled[std::size_t(i)] *= values[std::size_t(i % n)];
    expect_near(product(n, n, n, a.data(), vectors.data()), scaled, n * n, 8 * this->tolerance(n), "A V");
    for (Index i = 1; i < n; ++i) EXPECT_LE(values[std::size_t(i - 1)], values[std::size_t(i)]);
  }
}

TYPED_TEST(Linalg, SingularValuesByHand) {
  using T = TypeParam;
  const T a[] = {0, 3, 0, 0, 0, -4}, expected[] = {4, 3};    // [2, 3]
  T u[4], values[2], vh[9], scratch[15], alone[2];
  EXPECT_TRUE(lockstep::singular_vectors(a, u, values, vh, scratch, 1, 2, 3, true));
  EXPECT_TRUE(lockstep::singular_values(a, alone, scratch, 1, 2, 3));
  expect_near(values, expected, 2, 0, "values");
  expect_near(alone, expected, 2, 0, "values alone");
  expect_orthonormal(3, 3, vh, 0);
  EXPECT_EQ(std::fabs(vh[6]), T(1));                         // what is left of the basis is the first axis
}

TYPED_TEST(Linalg, SingularVectorsRebuildWhateverTheRank) {
  using T = TypeParam;
  for (Index rows : kSizes) {
    for (Index columns : {1, 4, 19}) {
      for (bool deficient : {false, true}) {
        const Index count = std::min(rows, columns), width = std::max(rows, columns);
        Numbers<T> a = drawn<T>(rows * columns, 7);
        if (deficient) {
          for (Index i = 0; i < rows * columns; ++i) {
            a[std::size_t(i)] = T((i / columns + 1) % 3) - T(i % columns % 2);
          }
        }
        Numbers<T> u(std::size_t(rows * rows) + 1), values(std::size_t(count) + 1), vh(std::size_t(columns * columns) + 1),
            scratch(std::size_t((count + 1) * (count + width)) + 1);
        ASSERT_TRUE(lockstep::singular_vectors(a.data(), u.data(), values.data(), vh.data(), scratch.data(), 1,
                                               rows, columns, true));
        const double allowed = 4 * this->tolerance(width) * (1 + double(values[0]));
        expect_orthonormal(rows, rows, u.data(), 2 * this->tolerance(width));
        expect_orthonormal(columns, columns, vh.data(), 2 * this->tolerance(width));
        Numbers<T> scaled(a.size());
        for (Index i = 0; i < count; ++i) {
          for (Index j = 0; j < columns; ++j) {
            scaled[std::size_t(i * columns + j)] = values[std::size_t(i)] * vh[std::size_t(i * columns + j)];
          }
        }
        for (Index i = 1; i < count; ++i) EXPECT_GE(values[std::size_t(i - 1)], values[std::size_t(i)]);
        expect_near(product(rows, rows, columns, u.data(), scaled.data()), a, rows * columns, allowed, "U S V'");
      }
    }
  }
}

TYPED_TEST(Linalg, NumbersThatAreNotFiniteHaveNoSpectrum) {
  using T = TypeParam;
  const T a[] = {1, 0, std::numeric_limits<T>::infinity(), 1};
  T values[2], imag[2], vectors[4], more[4], scratch[40];
  EXPECT_FALSE(lockstep::symmetric_eigen(a, values, vectors, scratch, 1, 2));
  EXPECT_FALSE(lockstep::singular_values(a, values, scratch, 1, 2, 2));
  EXPECT_FALSE(lockstep::general_eigen(a, values, imag, vectors, more, scratch, 1, 2));
}

TYPED_TEST(Linalg, GeneralEigenvaluesByHand) {
  using T = TypeParam;
  const T a[] = {0, -4, 0, 1, 0, 0, 0, 0, 5};                // 2i, -2i and 5
  T real[3], imag[3], scratch[12];
  EXPECT_TRUE(lockstep::general_eigenvalues(a, real, imag, scratch, 1, 3));
  const double expected_real[] = {0, 0, 5}, expected_imag[] = {2, -2, 0};
  expect_near(real, expected_real, 3, 5 * this->tolerance(3), "real parts");
  expect_near(imag, expected_imag, 3, 5 * this->tolerance(3), "imaginary parts");
  EXPECT_EQ(imag[2], T(0));
}

TYPED_TEST(Linalg, GeneralEigenvectorsSolveTheirEquation) {
  using T = TypeParam;
  for (Index n : kSizes) {
    const Numbers<T> a = drawn<T>(n * n, 8);
    Numbers<T> real(std::size_t(n) + 1), imag(real.size()), x(a.size()), y(a.size()), scratch(std::size_t((2 * n + 4) * n) + 1);
    ASSERT_TRUE(lockstep::general_eigen(a.data(), real.data(), imag.data(), x.data(), y.data(), scratch.data(), 1, n));
    const auto left = product(n, n, n, a.data(), x.data()), right = product(n, n, n, a.data(), y.data());
    for (Index j = 0; j < n; ++j) {
      double square = 0;
      for (Index i = 0; i < n; ++i) {
        const std::size_t place = std::size_t(i * n + j);
        const double u = double(x[place]), v = double(y[place]);
        const double p = double(real[std::size_t(j)]), q = double(imag[std::size_t(j)]);
        square += u * u + v * v;
        ASSERT_NEAR(double(left[place]), p * u - q * v, 16 * this->tolerance(n)) << i << "," << j;
        ASSERT_NEAR(double(right[place]), p * v + q * u, 16 * this->tolerance(n)) << i << "," << j;
      }
      ASSERT_NEAR(square, 1, this->tolerance(n));
    }
  }
}

TYPED_TEST(Linalg, ExponentialsByHand) {
  using T = TypeParam;
  const T a[] = {0, 3, 0, 0, /**/ 2, 0, 0, -6, /**/ 0, -1, 1, 0, /**/ 0, 0, 0, 0};
  T result[16], scratch[8];
  EXPECT_TRUE(lockstep::matrix_exponential(a, result, scratch, 4, 2));
  const double c = std::cos(1.0), s = std::sin(1.0);
  const double expected[] = {1, 3, 0, 1, std::exp(2.0), 0, 0, std::exp(-6.0), c, -s, s, c, 1, 0, 0, 1};
  expect_near(result, expected, 16, 8 * std::exp(2.0) * this->kEpsilon, "exponential");
}

}  // namespace
