// Convolutions of the runtime against a plain loop: every layout, stride and dilation, sizes around a tile's
// edges.
#include "convolutions.hpp"

#include <limits>

namespace {

using namespace convolutions;

template <class T>
std::vector<T> pack(const Problem<T>& problem) {
  const ConvolutionShape& s = problem.shape;
  const Index taps = s.kernel_height * s.kernel_width;
  const std::size_t room = std::size_t((s.outside + 63) / 64 * 64 * s.inside * taps);
  std::vector<T> packed(room + 1, T(-55));
  lockstep::pack_filters<T>(s, problem.filters.data(), s.inside * taps, taps, s.kernel_width, 1,
                            packed.data());
  EXPECT_EQ(packed[room], T(-55))
      << "packed filters take more than outside rounded up to 64, times the rest";
  return packed;
}

// Small whole numbers: every product and sum is exact, in any order. What lies between the elements of x is
// NaN.
template <class T>
void expect_exact(const ConvolutionShape& s, Layout from, Layout to) {
  SCOPED_TRACE(described(s) + ", layouts " + std::to_string(int(from)) + " and " + std::to_string(int(to)));
  Problem<T> problem(s);
  Stored<T> x(from, s.inside, problem.rows(), problem.columns(), std::numeric_limits<T>::quiet_NaN());
  Stored<T> y(to, s.outside, s.height, s.width, T(-77));
  problem.fill(x, [&] { return problem.digit(); });
  lockstep::convolve<T>(s, x.read(), pack(problem).data(), y.image);
  const auto pixel = [&](Index c, Index i, Index j) { return x.at(c, i, j); };
  expect_image(y, written(to, s.outside), [&](Index o, Index i, Index j) {
    return problem.expected(pixel, o, i, j).first;
  });
}

// The same with everything that may become of a sum, and without.
template <class T>
void expect_finished(const ConvolutionShape& s, Layout from, Layout to) {
  for (unsigned which = 0; which < 16; ++which) {
    SCOPED_TRACE(described(s) + ", finished by " + std::to_string(which));
    Problem<T> problem(s);
    Stored<T> x(from, s.inside, problem.rows(), problem.columns(), std::numeric_limits<T>::quiet_NaN());
    Stored<T> y(to, s.outside, s.height, s.width, T(-77));
    problem.fill(x, [&] { return problem.digit(); });
    Finishing<T> finish(problem, s.outside % 16 == 0 ? Layout::blocked : Layout::last, s.outside, s.height, s.width, which);
    lockstep::convolve<T>(s, x.read(), pack(problem).data(), y.image, finish.numbers(), finish.image());
    const auto pixel = [&](Index c, Index i, Index j) { return x.at(c, i, j); };
    expect_image(y, s.outside, [&](Index o, Index i, Index j) {
      return finish.of(problem.expected(pixel, o, i, j).first, o, i, j);
    });
  }
}

template <class T>
class Convolution : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Convolution, Types);

TYPED_TEST(Convolution, ByHand) {
  using T = TypeParam;
  // One channel, 3 x 3, and a filter of 2 x 2: 1 * 1 + 2 * 10 + 4 * 100 + 5 * 1000 = 5421, and so on.
  const T x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, filters[] = {1, 10, 100, 1000};
  const ConvolutionShape shape{1, 1, 2, 2, 2, 2, 1, 1, 1, 1};
  T packed[64 * 4], y[4] = {};
  lockstep::pack_filters<T>(shape, filters, 4, 4, 2, 1, packed);
  lockstep::convolve<T>(shape, {x, 1, 0, 3, 1, 9}, packed, {y, 1, 0, 2, 1, 1});
  EXPECT_EQ((std::vector<T>{y, y + 4}), (std::vector<T>{5421, 6532, 8754, 9865}));
}

TYPED_TEST(Convolution, EveryWidth) {
  for (Index width = 1; width <= 33; ++width) {
    expect_exact<TypeParam>({5, 18, 2, width, 1, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
  }
  expect_exact<TypeParam>({5, 18, 1, 57, 1, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
}

TYPED_TEST(Convolution, PairsOfRowsInATile) {
  for (Index height = 1; height <= 5; ++height) {
    for (const Index stride : {1, 2}) {
      const ConvolutionShape shape{5, 37, height, 7, 3, 3, stride, stride, 1, 1};
      expect_exact<TypeParam>(shape, Layout::blocked, Layout::blocked);
      expect_exact<TypeParam>(shape, Layout::first, Layout::last);
    }
  }
  expect_exact<TypeParam>({700, 37, 3, 7, 3, 3, 1, 1, 1, 1}, Layout::last, Layout::last);
}

TYPED_TEST(Convolution, EveryNumberOfOutputChannels) {
  for (Index outside = 1; outside <= 70; ++outside) {
    expect_exact<TypeParam>({3, outside, 2, 5, 1, 2, 1, 1, 1, 1}, Layout::first, Layout::blocked);
    expect_exact<TypeParam>({3, outside, 2, 5, 1, 2, 1, 1, 1, 1}, Layout::last, Layout::last);
  }
}

TYPED_TEST(Convolution, EveryNumberOfInputChannels) {
  for (Index inside = 0; inside <= 35; ++inside) {
    expect_exact<TypeParam>({inside, 17, 2, 5, 3, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
  }
}

TYPED_TEST(Convolution, EveryLayout) {
  for (const Layout from : {Layout::first, Layout::blocked, Layout::last}) {
    for (const Layout to : {Layout::blocked, Layout::last}) {
      for (const Index inside : {1, 3, 16, 20, 33}) {
        expect_exact<TypeParam>({inside, 24, 3, 9, 3, 3, 1, 1, 1, 1}, from, to);
        expect_exact<TypeParam>({inside, 24, 3, 9, 1, 1, 1, 1, 1, 1}, from, to);
        expect_exact<TypeParam>({inside, 24, 3, 9, 1, 1, 2, 2, 1, 1}, from, to);
      }
    }
  }
}

TYPED_TEST(Convolution, EveryStrideAndDilation) {
  for (const Index stride_y : {1, 2, 3}) {
    for (const Index stride_x : {1, 2}) {
      for (const Index dilation_y : {1, 2}) {
        for (const Index dilation_x : {1, 3}) {
          const ConvolutionShape shape{3, 20, 3, 8, 3, 5, stride_y, stride_x, dilation_y, dilation_x};
          expect_exact<TypeParam>(shape, Layout::first, Layout::blocked);
          expect_exact<TypeParam>(shape, Layout::blocked, Layout::last);
        }
      }
    }
  }
}

TYPED_TEST(Convolution, FiltersThatAreReadInSeveralParts) {
  expect_exact<TypeParam>({700, 70, 2, 7, 3, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
  expect_exact<TypeParam>({700, 37, 1, 5, 3, 3, 1, 1, 1, 1}, Layout::last, Layout::last);
  expect_exact<TypeParam>({16, 40, 1, 3, 41, 43, 1, 1, 1, 1}, Layout::first, Layout::blocked);
  expect_exact<TypeParam>({20, 5, 1, 3, 1, 23, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
}

TYPED_TEST(Convolution, FinishesItsSums) {
  expect_finished<TypeParam>({5, 48, 3, 13, 3, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
  expect_finished<TypeParam>({20, 32, 3, 7, 1, 1, 1, 1, 1, 1}, Layout::blocked, Layout::last);
  expect_finished<TypeParam>({20, 16, 2, 29, 1, 1, 1, 1, 1, 1}, Layout::last, Layout::blocked);
  expect_finished<TypeParam>({700, 32, 2, 7, 3, 3, 1, 1, 1, 1}, Layout::blocked, Layout::blocked);
  for (const Index outside : {1, 7, 8, 19, 24, 37, 40}) {
    expect_finished<TypeParam>({3, outside, 2, 11, 3, 3, 2, 2, 1, 1}, Layout::first, Layout::last);
  }
}

TYPED_TEST(Convolution, LimitsKeepNaNAndTreatZerosAsTold) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), none = std::numeric_limits<T>::quiet_NaN();
  const ConvolutionShape shape{1, 1, 1, 6, 1, 1, 1, 1, 1, 1};
  const T x[] = {none, infinity, -infinity, T(-3), T(0), T(5)}, filter[] = {1}, minus[] = {T(-0.0)};
  T packed[64], y[6];
  lockstep::pack_filters<T>(shape, filter, 1, 1, 1, 1, packed);
  const lockstep::Finish<T> clamp{nullptr, nullptr, T(0), T(4), false};
  lockstep::convolve<T>(shape, {x, 1, 0, 6, 1, 6}, packed, {y, 1, 0, 6, 1, 1}, clamp);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ((std::vector<T>{y + 1, y + 6}), (std::vector<T>{4, 0, 0, 0, 4}));
  // A scale that makes minus zero of zero: ReLU keeps its sign, as PyTorch's does, a clamp does not.
  lockstep::Finish<T> turned{minus, nullptr, T(0), infinity, true};
  lockstep::convolve<T>(shape, {x, 1, 0, 6, 1, 6}, packed, {y, 1, 0, 6, 1, 1}, turned);
  EXPECT_TRUE(y[5] == 0 && std::signbit(y[5]));
  turned.signed_zeros = false;
  lockstep::convolve<T>(shape, {x, 1, 0, 6, 1, 6}, packed, {y, 1, 0, 6, 1, 1}, turned);
  EXPECT_TRUE(y[5] == 0 && !std::signbit(y[5]));
}

TYPED_TEST(Convolution, FiltersInAnyOrder) {
  using T = TypeParam;
  const ConvolutionShape shape{5, 19, 2, 3, 3, 2, 1, 1, 1, 1};
  const Problem<T> problem = [&] {
    Problem<T> result(shape);
    for (T& element : result.filters) element = T(result.digit());
    return result;
  }();
  std::vector<T> turned;  // row, column, output channel, input channel
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 2; ++j) {
      for (Index o = 0; o < 19; ++o) {
        for (Index c = 0; c < 5; ++c) turned.push_back(problem.filter(o, c, i, j));
      }
    }
  }
  std::vector<T> packed(pack(problem).size(), T(-55));
  lockstep::pack_filters<T>(shape, turned.data(), 5, 1, 2 * 19 * 5, 19 * 5, packed.data());
  EXPECT_EQ(packed, pack(problem));
}

TYPED_TEST(Convolution, RowsOneByOneGiveTheSameBits) {
  using T = TypeParam;
  const ConvolutionShape whole{150, 40, 5, 19, 3, 3, 1, 1, 1, 1}, row{150, 40, 1, 19, 3, 3, 1, 1, 1, 1};
  Problem<T> problem(whole);
  std::normal_distribution<double> normal;
  Stored<T> x(Layout::blocked, 150, 7, 21, T(0)), y(Layout::blocked, 40, 5, 19, T(0)), parts = y;
  parts.image.data = parts.memory.data() + 32;
  problem.fill(x, [&] { return normal(problem.random); });
  const std::vector<T> packed = pack(problem);
  lockstep::convolve<T>(whole, x.read(), packed.data(), y.image);
  for (Index i = 0; i < 5; ++i) {
    Image<const T> from = x.read();
    from.data += i * from.row;
    lockstep::convolve<T>(row, from, packed.data(), parts.shifted(i, 0));
  }
  EXPECT_EQ(y.memory, parts.memory);
}

TYPED_TEST(Convolution, RoundingStaysWithinTheBoundOfASumInOrder) {
  using T = TypeParam;
  const ConvolutionShape shape{37, 21, 4, 15, 3, 3, 1, 1, 1, 1};
  Problem<T> problem(shape);
  std::normal_distribution<double> normal;
  Stored<T> x(Layout::blocked, 37, 6, 17, T(0)), y(Layout::blocked, 21, 4, 15, T(0));
  problem.fill(x, [&] { return normal(problem.random); });
  lockstep::convolve<T>(shape, x.read(), pack(problem).data(), y.image);
  for (Index o = 0; o < 21; ++o) {
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 15; ++j) {
        const auto pixel = [&](Index c, Index row, Index column) { return x.at(c, row, column); };
        const auto [sum, size] = problem.expected(pixel, o, i, j);
        // Higham, Accuracy and Stability of Numerical Algorithms, (3.5)
        const long double bound =
            37 * 9 * (long double)(std::numeric_limits<T>::epsilon()) / 2 * size * 1.01L;
        ASSERT_LE(std::fabs(y.at(o, i, j) - sum), bound) << "channel " << o << " (" << i << ", " << j << ")";
      }
    }
  }
}

TYPED_TEST(Convolution, InfinitiesAndNaNReachWhatReadsThem) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  // Two output channels, 1 x 2.
  const T x[] = {1, infinity, 2, 3, T(std::nan("")), 4}, filters[] = {1, 0, 1, -1};
  const ConvolutionShape shape{1, 2, 1, 5, 1, 2, 1, 1, 1, 1};
  T packed[128], y[10];
  lockstep::pack_filters<T>(shape, filters, 2, 2, 2, 1, packed);
  lockstep::convolve<T>(shape, {x, 1, 0, 6, 1, 6}, packed, {y, 2, 0, 10, 2, 1});
  EXPECT_TRUE(std::isnan(y[0]));  // infinity times zero
  EXPECT_EQ(y[1], -infinity);
  EXPECT_EQ(y[2], infinity);
  EXPECT_EQ(y[3], infinity);
  EXPECT_EQ(y[4], T(2));
  EXPECT_EQ(y[5], T(-1));
  for (int k = 6; k < 10; ++k) EXPECT_TRUE(std::isnan(y[k])) << k;
}

}  // namespace
