// Convolution of images that lie channels first, with a row's pixels in the lanes: for few output channels.
#pragma once

#include "convolution.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// Vectors of pixels, of any rows, and output channels that are summed together: the sums must fit the
// registers, with the pixels and one filter or with the filters and one vector of pixels.
constexpr int kPlaces = 4;
constexpr int kRegisters = kLanes >= 16 ? 32 : 16;
constexpr int kMostChannels = kLanes >= 16 ? 6 : 3, kManyChannels = kLanes >= 16 ? 4 : 2;

// Channels of y, one filter each, at kPlaces places of N pixels. Lanes are next to each other in x, or there
// is one.
template <int N, int Channels, class T>
void convolve_places(const ConvolutionShape& shape, Image<const T> image, const T* const* x,
                     const T* filters, T* const* y, Index channel) {
  using V = Vector<T, N>;
  const Index filter = shape.inside * shape.kernel_height * shape.kernel_width;
  V sum[Channels][kPlaces];
#pragma GCC unroll 6
  for (int o = 0; o < Channels; ++o) {
#pragma GCC unroll 4
    for (int p = 0; p < kPlaces; ++p) sum[o][p] = V{};
  }
  const T *first = x[0], *second = x[1], *third = x[2], *fourth = x[3];
  for (Index c = 0; c < shape.inside; ++c) {
    for (Index i = 0; i < shape.kernel_height; ++i) {
      Index at = c * image.channel + i * shape.dilation_y * image.row;
      for (Index j = 0; j < shape.kernel_width; ++j, ++filters, at += shape.dilation_x) {
        const T* const places[kPlaces] = {first + at, second + at, third + at, fourth + at};
        if constexpr (Channels * kPlaces + kPlaces + 1 <= kRegisters) {
          V pixels[kPlaces];
#pragma GCC unroll 4
          for (int p = 0; p < kPlaces; ++p) {
            std::memcpy(&pixels[p], places[p], sizeof(V));
            if constexpr (sizeof(V) >= 16) keep_in_register(pixels[p]);
          }
#pragma GCC unroll 6
          for (int o = 0; o < Channels; ++o) {
            const V scalar = filters[o * filter] - V{};
#pragma GCC unroll 4
            for (int p = 0; p < kPlaces; ++p) sum[o][p] += scalar * pixels[p];
          }
        } else {
          V scalars[Channels], pixels;
#pragma GCC unroll 6
          for (int o = 0; o < Channels; ++o) {
            scalars[o] = filters[o * filter] - V{};
            if constexpr (sizeof(V) >= 16) keep_in_register(scalars[o]);
          }
#pragma GCC unroll 4
          for (int p = 0; p < kPlaces; ++p) {
            std::memcpy(&pixels, places[p], sizeof(V));
            if constexpr (sizeof(V) >= 16) keep_in_register(pixels);
#pragma GCC unroll 6
            for (int o = 0; o < Channels; ++o) sum[o][p] += scalars[o] * pixels;
          }
        }
      }
    }
  }
#pragma GCC unroll 6
  for (int o = 0; o < Channels; ++o) {
#pragma GCC unroll 4
    for (int p = 0; p < kPlaces; ++p) std::memcpy(y[p] + o * channel, &sum[o][p], sizeof(V));
  }
}

template <int N, class T>
void convolve_rows(const ConvolutionShape& shape, Image<const T> x, const T* filters, Image<T> y) {
  // one lane at a time is slow anyway, and would take its part of the compiler's time
  constexpr int most = N > 1 ? kMostChannels : 1, many = N > 1 ? kManyChannels : 1, two = N > 1 ? 2 : 1;
  const Index filter = shape.inside * shape.kernel_height * shape.kernel_width;
  const T* from[kPlaces];
  T* to[kPlaces];
  for (Index i = 0, j = 0; i < shape.height;) {
    // A row's last vector ends with the row; the image's last place is repeated.
    for (int p = 0; p < kPlaces; ++p) {
      if (i < shape.height) {
        const Index start = j + N <= shape.width ? j : shape.width - N;
        from[p] = x.data + i * shape.stride_y * x.row + start * shape.stride_x;
        to[p] = y.data + i * y.row + start;
      } else {
        from[p] = from[p - 1];
        to[p] = to[p - 1];
      }
      j += N;
      if (j >= shape.width) j = 0, ++i;
    }
    for (Index o = 0; o < shape.outside;) {
      const Index left = shape.outside - o;
      const bool two_and_two = most == 3 && left == 4;  // faster than three and one
      const int channels = int(two_and_two ? 2 : left >= most ? most : left >= 2 ? left - left % 2 : 1);
      const auto sum = channels == 1   ? convolve_places<N, 1, T>
                       : channels == 2 ? convolve_places<N, two, T>
                       : channels == 4 ? convolve_places<N, many, T>
                                       : convolve_places<N, most, T>;
      sum(shape, x, from, filters + o * filter, to, y.channel);
      for (T*& written : to) written += channels * y.channel;
      o += channels;
    }
  }
}

}  // namespace detail

// y = sum over (channel, row, column) of filters * x for images with pixel == 1 and all channels in one
// block; filters lie [outside][inside][kernel_height][kernel_width]. x.data is what output (0, 0) reads for
// a filter's first element: padding lies in memory as zeros. One lane at a time where stride_x > 1.
template <class T>
void convolve_rows(const ConvolutionShape& shape, Image<const T> x, const T* filters, Image<T> y) {
  constexpr int lanes = detail::kRegister<T>;
  if (shape.stride_x == 1 && shape.width >= lanes) return detail::convolve_rows<lanes>(shape, x, filters, y);
  if constexpr (lanes > 2) {
    constexpr int half = lanes / 2;
    if (shape.stride_x == 1 && shape.width >= half) return detail::convolve_rows<half>(shape, x, filters, y);
  }
  detail::convolve_rows<1>(shape, x, filters, y);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
