// Convolutions with one filter a channel, and those with a row's pixels in the lanes, against a plain loop.
#include "convolutions.hpp"
#include "lockstep/convolution_depthwise.hpp"
#include "lockstep/convolution_depthwise_rows.hpp"
#include "lockstep/convolution_rows.hpp"

#include <limits>

namespace {

using namespace convolutions;

constexpr double kUnread = std::numeric_limits<double>::quiet_NaN();

// `shape` with inside == 1 and outside channels: what a filter of one channel sees.
template <class T>
Problem<T> problem_of(ConvolutionShape shape) {
  shape.inside = 1;
  return Problem<T>(shape);
}

ConvolutionShape channels(Index count, Index height, Index width, Index kernel_height, Index kernel_width,
                          Index stride = 1, Index dilation_y = 1, Index dilation_x = 1) {
  return {count, count, height, width, kernel_height, kernel_width, stride, stride, dilation_y, dilation_x};
}

template <class T>
void expect_depthwise(const ConvolutionShape& s, Layout layout) {
  SCOPED_TRACE(described(s) + ", layout " + std::to_string(int(layout)));
  Problem<T> problem = problem_of<T>(s);
  Stored<T> x(layout, s.outside, problem.rows(), problem.columns(), T(kUnread));
  Stored<T> y(layout, s.outside, s.height, s.width, T(-77));
  for (Index c = 0; c < written(layout, s.outside); ++c) {  // the last channels of a block hold zeros
    for (Index i = 0; i < x.height; ++i) {
      for (Index j = 0; j < x.width; ++j) x.at(c, i, j) = T(0);
    }
  }
  problem.fill(x, [&] { return problem.digit(); });
  const Index taps = s.kernel_height * s.kernel_width, room = (s.outside + 15) / 16 * 16 * taps;
  std::vector<T> packed(std::size_t(room + 1), T(-55));
  lockstep::pack_depthwise_filters<T>(s, problem.filters.data(), taps, s.kernel_width, 1, packed.data());
  EXPECT_EQ(packed[std::size_t(room)], T(-55));
  const auto expect = [&](Index channels, auto finished) {
    expect_image(y, channels, [&](Index c, Index i, Index j) {
      const auto pixel = [&](Index, Index row, Index column) { return x.at(c, row, column); };
      return finished(problem.expected(pixel, c, i, j).first, c, i, j);
    });
  };
  lockstep::convolve_depthwise<T>(s, x.read(), packed.data(), y.image);
  expect(written(layout, s.outside), [](long double sum, Index, Index, Index) { return sum; });
  for (unsigned which = 1; which < 8 && written(layout, s.outside) == s.outside; ++which) {
    SCOPED_TRACE("finished by " + std::to_string(which));
    Finishing<T> finish(problem, layout, s.outside, s.height, s.width, which);
    lockstep::convolve_depthwise<T>(s, x.read(), packed.data(), y.image, finish.numbers());
    expect(s.outside, [&](long double sum, Index c, Index i, Index j) { return finish.of(sum, c, i, j); });
  }
}

// x without padding; gaps between its rows and planes are NaN, and so is the scratch.
template <class T>
void expect_depthwise_rows(const ConvolutionShape& s, Index in_height, Index in_width, Index pad_y,
                           Index pad_x) {
  SCOPED_TRACE(described(s) + ", " + std::to_string(in_height) + " x " + std::to_string(in_width) +
               " padded by " + std::to_string(pad_y) + " x " + std::to_string(pad_x));
  Problem<T> problem = problem_of<T>(s);
  Stored<T> x(Layout::first, s.outside, in_height, in_width, T(kUnread));
  Stored<T> y(Layout::first, s.outside, s.height, s.width, T(-77));
  problem.fill(x, [&] { return problem.digit(); });
  const std::size_t room = std::size_t(lockstep::depthwise_rows_room(s));
  std::vector<T> scratch(room + 1, T(kUnread));
  scratch[room] = T(-55);
  lockstep::convolve_depthwise_rows<T>(s, in_height, in_width, pad_y, pad_x, x.read(),
                                       problem.filters.data(), y.image,
                                       scratch.data());
  EXPECT_EQ(scratch[room], T(-55));
  expect_image(y, s.outside, [&](Index c, Index i, Index j) {
    const auto pixel = [&](Index, Index row, Index column) {
      row -= pad_y, column -= pad_x;
      return row < 0 || column < 0 || row >= in_height || column >= in_width ? T(0) : x.at(c, row, column);
    };
    return problem.expected(pixel, c, i, j).first;
  });
}

// As PyTorch has it: the same padding on all sides.
template <class T>
void expect_padded(Index in_height, Index in_width, Index kernel, Index stride, Index pad,
                   Index dilation = 1) {
  const Index extent = (kernel - 1) * dilation + 1;
  const Index height = (in_height + 2 * pad - extent) / stride + 1;
  const Index width = (in_width + 2 * pad - extent) / stride + 1;
  expect_depthwise_rows<T>(channels(3, height, width, kernel, kernel, stride, dilation, dilation),
                           in_height, in_width, pad, pad);
}

template <class T>
void expect_rows(const ConvolutionShape& s) {
  SCOPED_TRACE(described(s));
  Problem<T> problem(s);
  Stored<T> x(Layout::first, s.inside, problem.rows(), problem.columns(), T(kUnread));
  Stored<T> y(Layout::first, s.outside, s.height, s.width, T(-77));
  problem.fill(x, [&] { return problem.digit(); });
  lockstep::convolve_rows<T>(s, x.read(), problem.filters.data(), y.image);
  const auto pixel = [&](Index c, Index i, Index j) { return x.at(c, i, j); };
  expect_image(y, s.outside,
               [&](Index o, Index i, Index j) { return problem.expected(pixel, o, i, j).first; });
}

template <class T>
class Depthwise : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Depthwise, Types);

TYPED_TEST(Depthwise, ByHand) {
  using T = TypeParam;
  // Two channels last, one row of three pixels each: (1, 2, 3) and (4, 5, 6), under the filters (1, 10) and
  // (100, 1).
  const T x[] = {1, 4, 2, 5, 3, 6}, filters[] = {1, 10, 100, 1};
  const ConvolutionShape shape = channels(2, 1, 2, 1, 2);
  T packed[32], y[4];
  lockstep::pack_depthwise_filters<T>(shape, filters, 2, 2, 1, packed);
  lockstep::convolve_depthwise<T>(shape, {x, 2, 0, 6, 2, 1}, packed, {y, 2, 0, 4, 2, 1});
  EXPECT_EQ((std::vector<T>{y, y + 4}), (std::vector<T>{21, 405, 32, 506}));
}

TYPED_TEST(Depthwise, EveryNumberOfChannels) {
  for (Index count = 1; count <= 35; ++count) {
    expect_depthwise<TypeParam>(channels(count, 2, 8, 3, 3), Layout::blocked);
    expect_depthwise<TypeParam>(channels(count, 2, 8, 3, 3), Layout::last);
  }
}

TYPED_TEST(Depthwise, EveryWidth) {
  for (Index width = 1; width <= 23; ++width) {
    expect_depthwise<TypeParam>(channels(18, 2, width, 3, 3), Layout::blocked);
    expect_depthwise<TypeParam>(channels(18, 2, width, 2, 4), Layout::blocked);
  }
}

TYPED_TEST(Depthwise, EveryStrideAndDilation) {
  for (const Index stride : {1, 2, 3}) {
    for (const Index dilation : {1, 2, 3}) {
      for (const Index kernel : {1, 2, 3, 5}) {
        expect_depthwise<TypeParam>(channels(20, 3, 9, kernel, kernel, stride, dilation, dilation),
                                    Layout::blocked);
        expect_depthwise<TypeParam>(channels(20, 3, 9, kernel, kernel, stride, 1, dilation), Layout::last);
      }
    }
  }
}

TYPED_TEST(Depthwise, RowsOfEveryWidth) {
  for (Index width = 1; width <= 70; ++width) expect_padded<TypeParam>(4, width, 3, 1, 1);
  for (Index width = 2; width <= 40; ++width) {
    expect_padded<TypeParam>(5, width, 3, 2, 1);
    expect_padded<TypeParam>(5, width, 2, 1, 0);
    expect_padded<TypeParam>(5, width, 5, 1, 2);
    expect_padded<TypeParam>(5, width, 5, 2, 2);
  }
}

TYPED_TEST(Depthwise, RowsOfEveryHeight) {
  for (Index height = 1; height <= 63; ++height) {
    expect_padded<TypeParam>(height, 60, 3, 1, 1);
    expect_padded<TypeParam>(height, 17, 3, 1, 1);
    expect_padded<TypeParam>(height, 17, 3, 2, 1);
    expect_padded<TypeParam>(height, 17, 5, 1, 2);
  }
}

TYPED_TEST(Depthwise, RowsUnderEveryStrideDilationAndPadding) {
  for (const Index stride : {1, 2, 3, 4}) {
    for (const Index dilation : {1, 2, 3}) {
      for (const Index kernel : {1, 2, 3, 4}) {
        for (const Index pad : {0, 1, 3}) {
          if ((kernel - 1) * dilation + 1 > 7 + 2 * pad) continue;
          expect_padded<TypeParam>(7, 19, kernel, stride, pad, dilation);
          expect_padded<TypeParam>(7, 50, kernel, stride, pad, dilation);
        }
      }
    }
  }
}

TYPED_TEST(Depthwise, RowsWithMorePaddingOnOneSide) {
  expect_depthwise_rows<TypeParam>(channels(2, 9, 60, 3, 3), 6, 55, 0, 2);  // zeros on the right and below
  expect_depthwise_rows<TypeParam>(channels(2, 9, 60, 3, 3), 8, 60, 3, 1);
  expect_depthwise_rows<TypeParam>(channels(2, 4, 20, 3, 3), 30, 60, 1, 1);  // not all of x is read
  expect_depthwise_rows<TypeParam>(channels(2, 4, 20, 3, 3, 2), 30, 60, 1, 1);
}

TYPED_TEST(Depthwise, InfinitiesStayUnderTheirFilter) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const ConvolutionShape shape = channels(1, 3, 60, 3, 3);
  std::vector<T> x(180, T(1)), y(180), filters(9, T(1));
  std::vector<T> scratch(std::size_t(lockstep::depthwise_rows_room(shape)));
  x[60 + 24] = infinity, x[60 + 50] = T(std::nan(""));
  lockstep::convolve_depthwise_rows<T>(shape, 3, 60, 1, 1, {x.data(), 1, 0, 60, 1, 180}, filters.data(),
                                       {y.data(), 1, 0, 60, 1, 180}, scratch.data());
  for (Index k = 0; k < 180; ++k) {
    const T value = y[std::size_t(k)];
    const Index column = k % 60, ones = (k / 60 == 1 ? 3 : 2) * (column == 0 || column == 59 ? 2 : 3);
    if (column >= 23 && column <= 25) {
      EXPECT_EQ(value, infinity) << k;
    } else if (column >= 49 && column <= 51) {
      EXPECT_TRUE(std::isnan(value)) << k;
    } else {
      EXPECT_EQ(value, T(ones)) << k;
    }
  }
}

TYPED_TEST(Depthwise, PixelsInTheLanesForEveryNumberOfChannels) {
  for (Index outside = 1; outside <= 15; ++outside) {
    expect_rows<TypeParam>({3, outside, 3, 20, 3, 3, 1, 1, 1, 1});
    expect_rows<TypeParam>({1, outside, 3, 5, 3, 3, 1, 2, 1, 1});
  }
}

TYPED_TEST(Depthwise, PixelsInTheLanesForEveryWidth) {
  for (Index width = 1; width <= 50; ++width) {
    for (const Index height : {1, 2, 3, 5}) expect_rows<TypeParam>({2, 7, height, width, 3, 5, 1, 1, 1, 1});
  }
}

TYPED_TEST(Depthwise, PixelsInTheLanesUnderEveryStrideAndDilation) {
  for (const Index stride_y : {1, 2}) {
    for (const Index stride_x : {1, 2, 3}) {
      for (const Index dilation : {1, 3}) {
        expect_rows<TypeParam>({2, 4, 3, 18, 3, 2, stride_y, stride_x, 1, dilation});
        expect_rows<TypeParam>({2, 4, 3, 18, 2, 3, stride_y, stride_x, dilation, 1});
      }
    }
  }
}

}  // namespace
