// Square tiles against numbers worked out by hand: every extent around a tile's sides, and nothing written beside it.
#include "lockstep/transpose.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

namespace {

using lockstep::each_square;
using lockstep::Index;
using lockstep::transpose;

constexpr Index kExtents[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 48, 65};
constexpr int kCanary = 77;
constexpr std::size_t kRoom = 80 * 80, kPages = 140 * 2048;

// Element (row, column) of a matrix, different for neighbours and for every row of a tile.
template <class T>
T element(Index row, Index column) {
  return T((row * 31 + column * 7) % 64);
}

// A matrix of columns x rows as it lies in memory, its rows `stride` apart. (std::vector<bool> would have no data.)
template <class T>
std::unique_ptr<T[]> matrix(Index rows, Index columns, Index stride, std::size_t room = kRoom) {
  std::unique_ptr<T[]> held(new T[room]());
  for (Index column = 0; column < columns; ++column) {
    for (Index row = 0; row < rows; ++row) held[std::size_t(row + column * stride)] = element<T>(row, column);
  }
  return held;
}

template <class T>
std::unique_ptr<T[]> canaries(Index count, std::size_t room = kRoom) {
  std::unique_ptr<T[]> held(new T[room]);
  for (Index i = 0; i < count; ++i) held[std::size_t(i)] = T(kCanary);
  return held;
}

// What has been written is `wanted`, and between the rows there is what was there before.
template <class T, class Wanted>
void expect_rows(const T* got, Index rows, Index columns, Index stride, Wanted wanted) {
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column < stride; ++column) {
      ASSERT_EQ(got[row * stride + column], column < columns ? wanted(row, column) : T(kCanary))
          << rows << " x " << columns << " at " << row << ", " << column;
    }
  }
}

template <class T>
class TransposeTest : public testing::Test {};
using Elements = testing::Types<bool, std::uint8_t, std::int16_t, std::int32_t, float, std::int64_t, double>;
TYPED_TEST_SUITE(TransposeTest, Elements);

TYPED_TEST(TransposeTest, WritesEveryElementAndNoOther) {
  using T = TypeParam;
  for (const Index rows : kExtents) {
    for (const Index columns : kExtents) {
      const auto from = matrix<T>(rows, columns, rows + 3);
      const auto to = canaries<T>(rows * (columns + 2));
      transpose(rows, columns, from.get(), rows + 3, to.get(), columns + 2);
      expect_rows(to.get(), rows, columns, columns + 2, element<T>);
    }
  }
}

// Such strides go by way of a block: extents around its sides, and those of the tiles in it.
TYPED_TEST(TransposeTest, StridesBetweenWhichLinesShareAPlaceInTheCache) {
  using T = TypeParam;
  constexpr Index page = 2048 / Index(sizeof(T));
  for (const Index rows : {1, 8, 31, 64, 65, 130}) {
    for (const Index columns : {1, 9, 32, 64, 67, 131}) {
      for (const bool wide : {false, true}) {
        const Index from_stride = wide ? rows + 3 : page, to_stride = wide ? page : columns + 2;
        const auto from = matrix<T>(rows, columns, from_stride, kPages);
        const auto to = canaries<T>(rows * to_stride, kPages);
        transpose(rows, columns, from.get(), from_stride, to.get(), to_stride);
        expect_rows(to.get(), rows, columns, to_stride, element<T>);
      }
    }
  }
}

TYPED_TEST(TransposeTest, SquaresTurnWhatTheyLoad) {
  using T = TypeParam;
  for (const Index rows : kExtents) {
    for (const Index columns : kExtents) {
      const auto from = matrix<T>(rows, columns, rows + 1);
      const auto to = canaries<T>(rows * (columns + 1)), at_once = canaries<T>(rows * (columns + 1));
      each_square<T>(rows, columns, [&](auto square) LOCKSTEP_BODY {
        const auto turned = square.load(from.get(), rows + 1);
        square.each_row(
            [&](Index row, auto at) LOCKSTEP_BODY { at.store(to.get() + row * (columns + 1), turned.row(row)); });
        square.each_row_at_once(
            [&](Index row, auto at) LOCKSTEP_BODY { at.store(at_once.get() + row * (columns + 1), turned.row(row)); });
      });
      expect_rows(to.get(), rows, columns, columns + 1, element<T>);
      expect_rows(at_once.get(), rows, columns, columns + 1, element<T>);
    }
  }
}

TEST(EachSquareTest, TilesAreAsSmallAsTheWidestElementNeeds) {
  const Index rows = 19, columns = 21;
  const auto x = matrix<float>(rows, columns, rows);
  const auto y = matrix<double>(rows, columns, rows);
  const auto to = canaries<double>(rows * columns);
  each_square<double>(rows, columns, [&](auto square) {
    const auto a = square.load(x.get(), rows);
    const auto b = square.load(y.get(), rows);
    square.each_row([&](Index row, auto at) {
      at.store(to.get() + row * columns, lockstep::cast<double>(a.row(row)) + b.row(row) * b.row(row));
    });
  });
  expect_rows(to.get(), rows, columns, columns, [](Index row, Index column) {
    const double one = element<double>(row, column);
    return one + one * one;
  });
}

TEST(EachSquareTest, HalvesAreFloatsInRegisters) {
  const Index rows = 18, columns = 17;
  std::vector<lockstep::bfloat16> from(rows * columns), to(rows * columns);
  for (Index i = 0; i < rows * columns; ++i)
    from[std::size_t(i)] = lockstep::narrowed<lockstep::bfloat16>(float(i % 128));
  each_square<lockstep::bfloat16>(rows, columns, [&](auto square) {
    const auto turned = square.load(from.data(), rows);
    square.each_row([&](Index row, auto at) { at.store(to.data() + row * columns, turned.row(row) + at.splat(1.0f)); });
  });
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column < columns; ++column)
      EXPECT_EQ(lockstep::widened(to[std::size_t(row * columns + column)]), float((row + column * rows) % 128 + 1));
  }
}

template <class T>
void expect_interleaved() {
  for (const Index n : kExtents) {
    const auto two = canaries<T>(2 * n + 1), four = canaries<T>(4 * n + 1);
    std::vector<float> row(std::size_t(n + 1));
    for (Index i = 0; i < n; ++i) row[std::size_t(i)] = float(i % 16);
    lockstep::each(n, [&](auto at) {
      const auto x = lockstep::cast<lockstep::Register<T>>(at.load(row.data()));
      const auto sixteen = at.splat(lockstep::Register<T>(16));
      lockstep::interleave(at, two.get(), x, x + sixteen);
      lockstep::interleave(at, four.get(), x, x + sixteen, x + sixteen + sixteen, x + sixteen + sixteen + sixteen);
    });
    for (Index i = 0; i <= 2 * n; ++i)
      ASSERT_EQ(two[std::size_t(i)], i == 2 * n ? T(kCanary) : T(i / 2 % 16 + i % 2 * 16));
    for (Index i = 0; i <= 4 * n; ++i)
      ASSERT_EQ(four[std::size_t(i)], i == 4 * n ? T(kCanary) : T(i / 4 % 16 + i % 4 * 16));
  }
}

TEST(Interleave, VectorsLaneByLaneInTurn) {
  expect_interleaved<float>();
  expect_interleaved<double>();
  expect_interleaved<std::uint8_t>();
  expect_interleaved<std::int16_t>();
  expect_interleaved<std::int64_t>();
}

TEST(TransposeBits, SignallingNaNsArriveAsTheyAre) {
  const std::uint32_t bits = 0x7f812345u;
  std::vector<float> from(16 * 16), to(16 * 16);
  for (float& x : from) std::memcpy(&x, &bits, sizeof bits);
  transpose(16, 16, from.data(), 16, to.data(), 16);
  for (const float& x : to) EXPECT_EQ(std::memcmp(&x, &bits, sizeof bits), 0);
}

TEST(TransposeEmpty, NothingIsTouched) {
  float nothing = 3.0f;
  transpose(0, 5, &nothing, 1, &nothing, 1);
  transpose(5, 0, &nothing, 1, &nothing, 1);
  each_square<float>(0, 5, [](auto) { FAIL(); });
  each_square<float>(5, 0, [](auto) { FAIL(); });
  EXPECT_EQ(nothing, 3.0f);
}

}  // namespace
