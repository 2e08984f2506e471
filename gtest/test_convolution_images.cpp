// Images from every layout into every other, with and without a border.
#include "convolutions.hpp"
#include "lockstep/convolution_images.hpp"

namespace {

using namespace convolutions;

template <class T>
T numbered(Index c, Index i, Index j) {
  return T(c * 10007 + i * 101 + j + 1);
}

template <class T>
void number(Stored<T>& x) {
  for (Index c = 0; c < x.channels; ++c) {
    for (Index i = 0; i < x.height; ++i) {
      for (Index j = 0; j < x.width; ++j) x.at(c, i, j) = numbered<T>(c, i, j);
    }
  }
}

template <class T>
void expect_copied(Layout from, Layout to, Index channels, Index height, Index width) {
  SCOPED_TRACE(std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width) +
               ", layouts " + std::to_string(int(from)) + " and " + std::to_string(int(to)));
  Stored<T> x(from, channels, height, width, T(-5)), y(to, channels, height, width, T(-77));
  number(x);
  lockstep::copy_image<T>(channels, height, width, x.read(), y.image);
  expect_image(y, channels, numbered<T>);
}

template <class T>
void expect_bordered(Layout from, Layout to, Index channels, Index height, Index width,
                     lockstep::Border border) {
  SCOPED_TRACE(std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width) +
               ", layouts " + std::to_string(int(from)) + " and " + std::to_string(int(to)));
  Stored<T> x(from, channels, height, width, T(-5));
  const Index rows = border.above + height + border.below, columns = border.left + width + border.right;
  Stored<T> y(to, channels, rows, columns, T(-77));
  number(x);
  lockstep::block_image<T>(channels, height, width, x.read(), border, y.shifted(border.above, border.left));
  expect_image(y, written(to, channels), [&](Index c, Index i, Index j) {
    i -= border.above, j -= border.left;
    return i < 0 || j < 0 || i >= height || j >= width ? T(0) : numbered<T>(c, i, j);
  });
}

template <class T>
class Images : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Images, Types);

TYPED_TEST(Images, FromEveryLayoutIntoEveryOther) {
  const Layout layouts[] = {Layout::first, Layout::blocked, Layout::last};
  for (const Layout from : layouts) {
    for (const Layout to : layouts) {
      for (const Index channels : {1, 3, 8, 15, 16, 17, 33}) {
        for (const Index width : {1, 7, 8, 15, 16, 17, 35}) {
          expect_copied<TypeParam>(from, to, channels, 3, width);
        }
      }
    }
  }
}

TYPED_TEST(Images, InsideABorderOfZeros) {
  for (const Layout from : {Layout::first, Layout::last}) {
    for (const Layout to : {Layout::blocked, Layout::last}) {
      for (const Index channels : {1, 3, 16, 20}) {
        expect_bordered<TypeParam>(from, to, channels, 5, 17, {1, 1, 1, 1});
        expect_bordered<TypeParam>(from, to, channels, 4, 7, {0, 1, 0, 2});
        expect_bordered<TypeParam>(from, to, channels, 2, 33, {3, 0, 2, 0});
      }
    }
  }
}

TYPED_TEST(Images, WholePlanesAsOneRow) {
  using T = TypeParam;
  std::vector<T> x(20 * 49), y(32 * 49, T(-1)), back(20 * 49);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = T(k);
  lockstep::block_image<T>(20, 7, 7, {x.data(), 20, 0, 7, 1, 49}, {}, {y.data(), 16, 784, 112, 16, 1});
  for (Index c = 0; c < 32; ++c) {
    for (Index k = 0; k < 49; ++k) {
      EXPECT_EQ(y[std::size_t(c / 16 * 784 + k * 16 + c % 16)], c < 20 ? T(c * 49 + k) : T(0));
    }
  }
  lockstep::copy_image<T>(20, 7, 7, {y.data(), 16, 784, 112, 16, 1}, {back.data(), 20, 0, 7, 1, 49});
  EXPECT_EQ(back, x);
}

}  // namespace
