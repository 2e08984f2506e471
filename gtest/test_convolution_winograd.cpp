// Winograd's convolution against a plain loop: sizes around a tile's edges, channels around a register's.
#include "convolutions.hpp"
#include "lockstep/convolution_winograd.hpp"

#include <limits>

namespace {

using namespace convolutions;

ConvolutionShape shape_of(Index inside, Index outside, Index height, Index width) {
  return {inside, outside, height, width, 3, 3, 1, 1, 1, 1};
}

template <class T>
void convolve(const Problem<T>& problem, const Stored<T>& x, Image<T> y) {
  const ConvolutionShape& s = problem.shape;
  const std::size_t room = std::size_t(lockstep::winograd_room(s));
  const std::size_t packed_room = std::size_t(lockstep::winograd_filters_room(s));
  std::vector<T> scratch(room + 1, std::numeric_limits<T>::quiet_NaN()), packed(packed_room + 1, T(-55));
  scratch[room] = T(-55);
  lockstep::pack_winograd_filters<T>(s, problem.filters.data(), s.inside * 9, 9, 3, 1, packed.data());
  lockstep::convolve_winograd<T>(s, x.read(), packed.data(), y, scratch.data());
  EXPECT_EQ(packed[packed_room], T(-55));
  EXPECT_EQ(scratch[room], T(-55));
}

// Small whole numbers: the transforms are exact, and so are products and sums. What no filter reads is NaN.
template <class T>
void expect_exact(const ConvolutionShape& s) {
  SCOPED_TRACE(described(s));
  Problem<T> problem(s);
  Stored<T> x(Layout::blocked, s.inside, s.height + 2, s.width + 2, std::numeric_limits<T>::quiet_NaN());
  Stored<T> y(Layout::blocked, s.outside, s.height, s.width, T(-77));
  problem.fill(x, [&] { return problem.digit(); });
  convolve(problem, x, y.image);
  const auto pixel = [&](Index c, Index i, Index j) { return x.at(c, i, j); };
  expect_image(y, written(Layout::blocked, s.outside), [&](Index o, Index i, Index j) {
    return problem.expected(pixel, o, i, j).first;
  });
}

template <class T>
class Winograd : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Winograd, Types);

TYPED_TEST(Winograd, EveryHeightAndWidth) {
  for (Index height = 1; height <= 5; ++height) {
    for (Index width = 1; width <= 9; ++width) expect_exact<TypeParam>(shape_of(3, 5, height, width));
  }
  expect_exact<TypeParam>(shape_of(4, 4, 31, 33));
}

TYPED_TEST(Winograd, EveryNumberOfChannels) {
  for (Index channels = 1; channels <= 35; ++channels) {
    expect_exact<TypeParam>(shape_of(channels, 17, 3, 4));
    expect_exact<TypeParam>(shape_of(5, channels, 3, 4));
  }
}

TYPED_TEST(Winograd, ManyTilesAndManyChannels) { expect_exact<TypeParam>(shape_of(300, 70, 14, 13)); }

TYPED_TEST(Winograd, PairsOfRowsGiveTheSameBits) {
  using T = TypeParam;
  Problem<T> whole(shape_of(20, 18, 6, 19)), rows(shape_of(20, 18, 2, 19));
  std::normal_distribution<double> normal;
  Stored<T> x(Layout::blocked, 20, 8, 21, T(0));
  Stored<T> y(Layout::blocked, 18, 6, 19, T(0)), parts(Layout::blocked, 18, 6, 19, T(0));
  whole.fill(x, [&] { return normal(whole.random); });
  rows.filters = whole.filters;
  convolve(whole, x, y.image);
  for (Index i = 0; i < 6; i += 2) {
    Stored<T> from = x;
    from.image = x.shifted(i, 0);
    convolve(rows, from, parts.shifted(i, 0));
  }
  EXPECT_EQ(y.memory, parts.memory);
}

TYPED_TEST(Winograd, RoundsLittleMoreThanASumInOrder) {
  using T = TypeParam;
  Problem<T> problem(shape_of(37, 21, 6, 8));
  std::normal_distribution<double> normal;
  Stored<T> x(Layout::blocked, 37, 8, 10, T(0)), y(Layout::blocked, 21, 6, 8, T(0));
  problem.fill(x, [&] { return normal(problem.random); });
  convolve(problem, x, y.image);
  for (Index o = 0; o < 21; ++o) {
    for (Index i = 0; i < 6; ++i) {
      for (Index j = 0; j < 8; ++j) {
        const auto pixel = [&](Index c, Index row, Index column) { return x.at(c, row, column); };
        const auto [sum, size] = problem.expected(pixel, o, i, j);
        const long double bound = 37 * 9 * (long double)(std::numeric_limits<T>::epsilon()) / 2 * size;
        ASSERT_LE(std::fabs(y.at(o, i, j) - sum), bound) << "channel " << o << " (" << i << ", " << j << ")";
      }
    }
  }
}

}  // namespace
