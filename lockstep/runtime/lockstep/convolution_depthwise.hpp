// Convolution with one filter a channel, channels in the lanes.
#pragma once

#include "convolution.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// Pixels of a row that are summed together: usual widths are multiples of it.
constexpr int kRun = kLanes >= 16 ? 7 : 4;

// N channels at Pixels pixels of a row; their filters are kRegister<T> apart. Neighbours: each pixel of x is
// read once for three columns of the filter, which are all there are.
template <int N, int Pixels, bool Neighbours, class T>
void depthwise_run(const Convolution<T>& call, const T* x, const T* filters, T* y) {
  constexpr int lanes = kRegister<T>;
  using V = Vector<T, N>;
  V sum[Pixels] = {};
  for (Index i = 0; i < call.kernel_height; ++i) {
    if constexpr (Neighbours) {
      V filter[3], pixel[Pixels + 2];
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j, filters += lanes) std::memcpy(&filter[j], filters, sizeof(V));
#pragma GCC unroll 9
      for (int p = 0; p < Pixels + 2; ++p) std::memcpy(&pixel[p], x + p * call.step, sizeof(V));
      x += call.row;  // before the sums: GCC else reads each pixel again for each of the columns
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
#pragma GCC unroll 7
        for (int p = 0; p < Pixels; ++p) sum[p] += pixel[p + j] * filter[j];
      }
    } else {
      const T* column = x;
      for (Index j = 0; j < call.kernel_width; ++j, filters += lanes, column += call.column) {
        V filter, pixel;
        std::memcpy(&filter, filters, sizeof(V));
#pragma GCC unroll 7
        for (int p = 0; p < Pixels; ++p) {
          std::memcpy(&pixel, column + p * call.step, sizeof(V));
          sum[p] += pixel * filter;
        }
      }
      x += call.row;
    }
  }
#pragma GCC unroll 7
  for (int p = 0; p < Pixels; ++p) std::memcpy(y + p * call.pixel, &sum[p], sizeof(V));
}

// A row of the image in runs, the last of which ends with the row.
template <int N, class T>
void depthwise_row(const Convolution<T>& call, Index width, bool neighbours, const T* x, const T* filters, T* y) {
  if (width < kRun) {
    for (Index j = 0; j < width; ++j) depthwise_run<N, 1, false, T>(call, x + j * call.step, filters, y + j * call.pixel);
    return;
  }
  const auto run = neighbours ? depthwise_run<N, kRun, true, T> : depthwise_run<N, kRun, false, T>;
  for (Index j = 0; j < width; j += kRun) {
    const Index start = j + kRun <= width ? j : width - kRun;
    run(call, x + start * call.step, filters, y + start * call.pixel);
  }
}

// Channels fewer than a register: halves of it, from the largest that they fill.
template <int N, class T>
void depthwise_rest(const Convolution<T>& call, Index channels, Index width, bool neighbours, const T* x, const T* filters, T* y) {
  if constexpr (N > 0) {
    if (channels >= N) {
      depthwise_row<N>(call, width, neighbours, x, filters, y);
      channels -= N, x += N, filters += N, y += N;
    }
    depthwise_rest<N / 2>(call, channels, width, neighbours, x, filters, y);
  }
}

}  // namespace detail

// The filters of convolve_depthwise: (register of channels, row, column, channel), with zeros beyond the
// last channel. They take at most the channels rounded up to 16, times kernel_height * kernel_width, on any
// target.
template <class T>
void pack_depthwise_filters(const ConvolutionShape& shape, const T* filters, Index channel_stride,
                            Index y_stride, Index x_stride, T* packed) {
  constexpr Index lanes = detail::kRegister<T>;
  for (Index from = 0; from < (shape.outside + 15) / 16 * 16; from += lanes) {
    for (Index i = 0; i < shape.kernel_height; ++i) {
      for (Index j = 0; j < shape.kernel_width; ++j) {
        for (Index c = from; c < from + lanes; ++c) {
          *packed++ = c < shape.outside ? filters[c * channel_stride + i * y_stride + j * x_stride] : T(0);
        }
      }
    }
  }
}

// One filter a channel: y = sum over (row, column) of filters * x, for images with channel == 1 and the same
// block, a multiple of 16 or all channels; inside and outside are both the number of channels. x.data is
// what output (0, 0) reads for the filter's first element: padding lies in memory as zeros. In blocks of 16
// the last block is written whole: zeros stay zeros. Where the block is no multiple of 16, the last channels
// are computed in parts of a register.
template <class T>
void convolve_depthwise(const ConvolutionShape& shape, Image<const T> x, const T* packed, Image<T> y) {
  constexpr Index lanes = detail::kRegister<T>;
  const Index column = x.pixel * shape.dilation_x, step = x.pixel * shape.stride_x;
  const detail::Convolution<T> call{shape.kernel_height, shape.kernel_width, x.row * shape.dilation_y, column, step,
                                    x.channel, 0, 1, y.pixel, y.block, y.group};
  const bool neighbours = shape.kernel_width == 3 && shape.dilation_x == shape.stride_x;
  const Index limit = y.block % 16 == 0 ? (shape.outside + 15) / 16 * 16 : shape.outside;
  for (Index c = 0; c < limit; c += lanes, packed += lanes * shape.kernel_height * shape.kernel_width) {
    for (Index i = 0; i < shape.height; ++i) {
      const T* from = x.data + c / x.block * x.group + c % x.block + i * shape.stride_y * x.row;
      T* to = y.data + c / y.block * y.group + c % y.block + i * y.row;
      if (limit - c < lanes) {
        detail::depthwise_rest<lanes / 2>(call, limit - c, shape.width, neighbours, from, packed, to);
      } else {
        detail::depthwise_row<lanes>(call, shape.width, neighbours, from, packed, to);
      }
    }
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
