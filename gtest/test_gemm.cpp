// Matrix products of the runtime against a plain triple loop: every size around a tile's edges, every order of strides.
#include "lockstep/gemm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace {

using lockstep::gemm;
using lockstep::Index;
using lockstep::kLanes;
using lockstep::Matrix;

enum class Order { rows, columns, spaced };  // row-major, column-major (transposed), with gaps in both directions

// A rows x columns matrix in memory of its own, filled with what `next` gives; gaps hold -77.
template <class T>
struct Stored {
  Index rows, columns, row, column;
  std::vector<T> memory;

  Stored(Index m, Index n, Order order) : rows(m), columns(n) {
    row = order == Order::rows ? n : order == Order::columns ? 1 : 2 * n + 3;
    column = order == Order::rows ? 1 : order == Order::columns ? m : 2;
    memory.assign(std::size_t(m * row + n * column + 1), T(-77));
  }
  T& at(Index i, Index j) { return memory[std::size_t(i * row + j * column)]; }
  template <class Next>
  Stored& fill(Next next) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) at(i, j) = T(next());
    }
    return *this;
  }
  Matrix<T> whole() { return {memory.data(), row, column}; }
  Matrix<const T> read() const { return {memory.data(), row, column}; }
  // How many elements of the memory are no longer -77, and lie outside the matrix.
  Index spilled() {
    std::vector<bool> ours(memory.size());
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) ours[std::size_t(i * row + j * column)] = true;
    }
    Index count = 0;
    for (std::size_t k = 0; k < memory.size(); ++k) count += !ours[k] && memory[k] != T(-77);
    return count;
  }
};

template <int vectors, class T>
void multiply_by(Index m, Index n, Index k, Matrix<const T> a, Matrix<const T> b, Matrix<T> c) {
  const std::size_t needed = std::size_t((n + 63) / 64 * 64 * k);
  std::vector<T> packed(needed + 1, T(-55));
  lockstep::pack_columns<vectors>(n, k, b, packed.data());
  gemm<vectors>(m, n, k, a, static_cast<const T*>(packed.data()), c);
  EXPECT_EQ(packed[needed], T(-55)) << "panels reach beyond n rounded up to 64, times k";
}

// By both kinds of panels, which sum in the same order and so agree to the bit.
template <class T>
void multiply(Index m, Index n, Index k, Matrix<const T> a, Matrix<const T> b, Matrix<T> c) {
  multiply_by<lockstep::kFlat>(m, n, k, a, b, c);
  std::vector<T> flat;
  for (Index i = 0; i < m * n; ++i) flat.push_back(c.data[i / n * c.row + i % n * c.column]);
  multiply_by<lockstep::kTall>(m, n, k, a, b, c);
  for (Index i = 0; i < m * n; ++i) {
    const T tall = c.data[i / n * c.row + i % n * c.column];
    EXPECT_TRUE(tall == flat[std::size_t(i)] || (tall != tall && flat[std::size_t(i)] != flat[std::size_t(i)]));
  }
}

// Small whole numbers: every product and sum is exact, in any order.
template <class T>
void expect_exact(Index m, Index n, Index k, Order a_order, Order b_order, Order c_order) {
  std::mt19937 random(std::uint32_t(m * 10007 + n * 101 + k));
  const auto digit = [&] { return int(random() % 7) - 3; };
  Stored<T> a(m, k, a_order), b(k, n, b_order), c(m, n, c_order);
  a.fill(digit), b.fill(digit);
  multiply<T>(m, n, k, a.read(), b.read(), c.whole());
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      double sum = 0;
      for (Index p = 0; p < k; ++p) sum += double(a.at(i, p)) * double(b.at(p, j));
      ASSERT_EQ(double(c.at(i, j)), sum) << m << " x " << n << " x " << k << " at (" << i << ", " << j << ")";
    }
  }
  EXPECT_EQ(c.spilled(), 0) << m << " x " << n << " x " << k;
}

template <class T>
class Gemm : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Types);

TYPED_TEST(Gemm, ByHand) {
  using T = TypeParam;
  const T a[] = {1, 2, 3, 4, 5, 6}, b[] = {7, 8, 9, 10, 11, 12};
  T c[4] = {};
  multiply<T>(2, 2, 3, {a, 3, 1}, {b, 2, 1}, {c, 2, 1});
  EXPECT_EQ((std::vector<T>{c, c + 4}), (std::vector<T>{58, 64, 139, 154}));
  multiply<T>(2, 2, 3, {a, 1, 2}, {b, 1, 3}, {c, 1, 2});  // the same memory read by columns, and written so
  EXPECT_EQ((std::vector<T>{c, c + 4}), (std::vector<T>{76, 100, 103, 136}));
}

TYPED_TEST(Gemm, EverySizeAroundTheEdgesOfATile) {
  const Index width = lockstep::kFlat * kLanes, rows = lockstep::detail::kTileRows;
  for (const Index m : {Index(0), Index(1), Index(3), rows, rows + 1, 2 * rows + 3}) {
    for (const Index n : {Index(0), Index(1), Index(5), width - 1, width, width + 1, 2 * width + 3}) {
      for (const Index k : {0, 1, 2, 7, 33}) {
        expect_exact<TypeParam>(m, n, k, Order::rows, Order::rows, Order::rows);
      }
    }
  }
}

TYPED_TEST(Gemm, EveryOrderOfOperandsAndResult) {
  const Order orders[] = {Order::rows, Order::columns, Order::spaced};
  for (const Order a : orders) {
    for (const Order b : orders) {
      for (const Order c : orders) {
        for (const Index size : {Index(1), Index(9), Index(2 * kLanes), Index(4 * kLanes + 5)}) {
          for (const Index k : {5, 2 * kLanes + 3}) expect_exact<TypeParam>(size + 2, size, k, a, b, c);
        }
      }
    }
  }
}

// A depth of several parts, whose later ones add to what the first one left, and rows of several stripes.
TYPED_TEST(Gemm, DepthsAndRowsThatNoCacheHolds) {
  using T = TypeParam;
  const Index width = lockstep::kTall * lockstep::detail::kColumns<T>;
  const Index k = lockstep::detail::kPanelInCache / (width * Index(sizeof(T))) + 9;
  const Index m = lockstep::detail::kRowsInCache / (k / 2 * Index(sizeof(T))) + 3;
  for (const Order c : {Order::rows, Order::columns, Order::spaced}) {
    expect_exact<T>(m, width + 3, k, Order::rows, Order::rows, c);
  }
}

TYPED_TEST(Gemm, EmptySumIsZeroAndOverwrites) {
  using T = TypeParam;
  const T unread[] = {T(std::nan(""))};
  std::vector<T> c(6, T(-9));
  multiply<T>(2, 3, 0, {unread, 0, 1}, {unread, 3, 1}, {c.data(), 3, 1});
  EXPECT_EQ(c, std::vector<T>(6, T(0)));
}

TYPED_TEST(Gemm, PackedColumnsAreZeroBeyondTheLast) {
  using T = TypeParam;
  const Index width = lockstep::kTall * lockstep::detail::kColumns<T>, last = lockstep::detail::kColumns<T>;
  const Index n = width + 1, k = 2;  // the second panel is one vector wide
  Stored<T> b(k, n, Order::rows);
  b.fill([] { return 5; });
  std::vector<T> packed(std::size_t((width + last) * k), T(-55));
  lockstep::pack_columns<lockstep::kTall>(n, k, b.read(), packed.data());
  for (Index p = 0; p < k; ++p) {
    for (Index j = 0; j < width + last; ++j) {
      const T got = packed[std::size_t(j < width ? p * width + j : k * width + p * last + j - width)];
      EXPECT_EQ(got, j < n ? T(5) : T(0)) << "row " << p << " column " << j;
    }
  }
}

TYPED_TEST(Gemm, RepeatedOperandsByStrideZero) {
  using T = TypeParam;
  const T row[] = {1, 2, 3}, column[] = {10, 100, 1000};
  std::vector<T> c(10);
  multiply<T>(5, 2, 3, {row, 0, 1}, {column, 1, 0}, {c.data(), 2, 1});  // every row and every column the same
  EXPECT_EQ(c, std::vector<T>(10, T(3210)));
}

TYPED_TEST(Gemm, InfinitiesAndNaNStayInTheirRowAndColumn) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const T a[] = {infinity, 1, 2, 3}, b[] = {1, 0, 2, 1, 1, 1};
  T c[6];
  multiply<T>(2, 3, 2, {a, 2, 1}, {b, 3, 1}, {c, 3, 1});
  EXPECT_EQ(c[0], infinity);
  EXPECT_TRUE(std::isnan(c[1]));  // infinity times zero
  EXPECT_EQ(c[2], infinity);
  EXPECT_EQ((std::vector<T>{c + 3, c + 6}), (std::vector<T>{5, 3, 7}));
}

TYPED_TEST(Gemm, RoundingStaysWithinTheBoundOfASumInOrder) {
  using T = TypeParam;
  const Index m = 13, n = 37, k = 211;
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Stored<T> a(m, k, Order::rows), b(k, n, Order::columns), c(m, n, Order::rows);
  a.fill([&] { return normal(random); }), b.fill([&] { return normal(random); });
  multiply<T>(m, n, k, a.read(), b.read(), c.whole());
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      long double sum = 0, size = 0;
      for (Index p = 0; p < k; ++p) {
        const long double term = (long double)(a.at(i, p)) * b.at(p, j);
        sum += term, size += std::fabs(term);
      }
      // Higham, Accuracy and Stability of Numerical Algorithms, (3.5): k roundings at most, each half an epsilon
      const long double bound = k * (long double)(std::numeric_limits<T>::epsilon()) / 2 * size * 1.01L;
      ASSERT_LE(std::fabs(c.at(i, j) - sum), bound) << "at (" << i << ", " << j << ")";
    }
  }
}

TEST(GemmOfIntegers, WrapsAsPyTorchDoes) {
  const std::int64_t large = std::int64_t(1) << 62;
  const std::int64_t a[] = {large, 1}, b[] = {4, 5};
  std::int64_t c = -1;
  multiply<std::int64_t>(1, 1, 2, {a, 2, 1}, {b, 1, 1}, {&c, 1, 1});
  EXPECT_EQ(c, 5);
}

}  // namespace
