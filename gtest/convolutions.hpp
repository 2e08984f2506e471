// What the tests of convolutions share: images in every layout and the sums as a plain loop gives them.
#pragma once

#include "lockstep/convolution.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace convolutions {

using lockstep::ConvolutionShape;
using lockstep::Image;
using lockstep::Index;

enum class Layout { first, blocked, last };

// channels x height x width in memory of its own that holds `gap` wherever no element lies.
template <class T>
struct Stored {
  Index channels, height, width;
  Image<T> image{};
  std::vector<T> memory;

  Stored(Layout layout, Index c, Index h, Index w, T gap) : channels(c), height(h), width(w) {
    const Index blocks = layout == Layout::blocked ? (c + 15) / 16 : 1;
    if (layout == Layout::first) image = {nullptr, c, 0, w + 3, 1, h * (w + 3) + 5};
    if (layout == Layout::blocked) image = {nullptr, 16, h * w * 16 + 32, w * 16, 16, 1};
    if (layout == Layout::last) image = {nullptr, c, 0, w * (c + 2) + 1, c + 2, 1};
    const Index size = layout == Layout::first ? c * image.channel : blocks * image.group + h * image.row;
    memory.assign(std::size_t(size + 64), gap);
    image.data = memory.data() + 32;
  }
  T& at(Index c, Index y, Index x) {
    const Image<T>& i = image;
    return i.data[c / i.block * i.group + y * i.row + x * i.pixel + c % i.block * i.channel];
  }
  Image<T> shifted(Index y, Index x) const {
    Image<T> result = image;
    result.data += y * image.row + x * image.pixel;
    return result;
  }
  Image<const T> read() const {
    return {image.data, image.block, image.group, image.row, image.pixel, image.channel};
  }
};

template <class T>
struct Problem {
  ConvolutionShape shape;
  std::vector<T> filters;
  std::mt19937 random{std::uint32_t(7)};

  explicit Problem(ConvolutionShape s) : shape(s) {
    filters.resize(std::size_t(s.outside * s.inside * s.kernel_height * s.kernel_width));
  }
  Index rows() const {
    return (shape.height - 1) * shape.stride_y + (shape.kernel_height - 1) * shape.dilation_y + 1;
  }
  Index columns() const {
    return (shape.width - 1) * shape.stride_x + (shape.kernel_width - 1) * shape.dilation_x + 1;
  }
  int digit() { return int(random() % 7) - 3; }
  T filter(Index o, Index c, Index i, Index j) const {
    return filters[std::size_t(((o * shape.inside + c) * shape.kernel_height + i) * shape.kernel_width + j)];
  }
  template <class Next>
  void fill(Stored<T>& x, Next next) {
    for (T& element : filters) element = T(next());
    for (Index c = 0; c < x.channels; ++c) {
      for (Index i = 0; i < x.height; ++i) {
        for (Index j = 0; j < x.width; ++j) x.at(c, i, j) = T(next());
      }
    }
  }
  // The sum, and what it would be without signs; pixel(c, i, j) is an element of x.
  template <class Pixel>
  std::pair<long double, long double> expected(Pixel pixel, Index o, Index y, Index x) const {
    long double sum = 0, size = 0;
    for (Index c = 0; c < shape.inside; ++c) {
      for (Index i = 0; i < shape.kernel_height; ++i) {
        for (Index j = 0; j < shape.kernel_width; ++j) {
          const Index row = y * shape.stride_y + i * shape.dilation_y;
          const Index column = x * shape.stride_x + j * shape.dilation_x;
          const long double term = (long double)(filter(o, c, i, j)) * pixel(c, row, column);
          sum += term, size += std::fabs(term);
        }
      }
    }
    return {sum, size};
  }
};

inline std::string described(const ConvolutionShape& s) {
  std::ostringstream out;
  out << s.inside << " -> " << s.outside << " channels, " << s.height << " x " << s.width << ", filter "
      << s.kernel_height << " x " << s.kernel_width << ", stride " << s.stride_y << " x " << s.stride_x
          << ", dilation "
      << s.dilation_y << " x " << s.dilation_x;
  return out.str();
}

// Element by element what is expected(channel, row, column), and nothing else written: gaps held -77.
// Channels from y.channels to `written` are zeros.
template <class T, class Expected>
void expect_image(Stored<T>& y, Index written, Expected expected) {
  for (Index c = 0; c < written; ++c) {
    for (Index i = 0; i < y.height; ++i) {
      for (Index j = 0; j < y.width; ++j) {
        const long double value = c < y.channels ? (long double)(expected(c, i, j)) : 0;
        ASSERT_EQ(y.at(c, i, j), value) << "channel " << c << " at (" << i << ", " << j << ")";
        y.at(c, i, j) = T(-77);
      }
    }
  }
  for (std::size_t k = 0; k < y.memory.size(); ++k) {
    ASSERT_EQ(y.memory[k], T(-77)) << "written beyond the image: " << k;
  }
}

// Numbers for a Finish, and an image to add; `which` tells with its bits what of them there is: scale, shift, the limits of a
// clamp, the addend.
template <class T>
struct Finishing {
  std::vector<T> scale, shift;
  Stored<T> addend;
  unsigned which;

  Finishing(Problem<T>& problem, Layout layout, Index channels, Index height, Index width, unsigned parts)
      : addend(layout, channels, height, width, std::numeric_limits<T>::quiet_NaN()), which(parts) {
    for (Index c = 0; c < channels; ++c) {
      scale.push_back(T(problem.digit())), shift.push_back(T(problem.digit()));
      for (Index i = 0; i < height; ++i) {
        for (Index j = 0; j < width; ++j) addend.at(c, i, j) = T(problem.digit());
      }
    }
  }
  lockstep::Finish<T> numbers() const {
    lockstep::Finish<T> result;
    if (which & 1) result.scale = scale.data();
    if (which & 2) result.shift = shift.data();
    if (which & 4) result.least = T(-2), result.most = T(9);
    return result;
  }
  Image<const T> image() const { return which & 8 ? addend.read() : Image<const T>{}; }
  long double of(long double sum, Index c, Index i, Index j) {
    if (which & 1) sum *= scale[std::size_t(c)];
    if (which & 2) sum += shift[std::size_t(c)];
    if (which & 8) sum += addend.at(c, i, j);
    return which & 4 ? std::fmin(std::fmax(sum, -2.0L), 9.0L) : sum;
  }
};

// How many channels are written where there are `channels`.
inline Index written(Layout layout, Index channels) {
  return layout == Layout::blocked ? (channels + 15) / 16 * 16 : channels;
}

}  // namespace convolutions
