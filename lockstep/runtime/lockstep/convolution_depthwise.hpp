// Convolution with one filter a channel, channels in the lanes.
#pragma once

#include "convolution.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// Pixels of a row, and rows, that are summed together: usual widths are multiples of the pixels. Two rows
// share what they read: sums that few registers hold would else wait for loads.
constexpr int kRun = kLanes >= 16 ? 7 : 4;
constexpr int kRunRows = kLanes >= 16 ? 1 : 2;

// Whether a filter of 3 x 3 stays in registers while rows of x pass by: where few sums fit, they would wait
// for a filter that is read again for every row.
constexpr bool kSlides = kLanes < 16;
constexpr Index kSlide = 14;  // rows of y on the way down; what they read stays in the first cache meanwhile

// What all tiles of a call have in common: distances in memory, and what becomes of the sums.
template <class T>
struct Depthwise {
  Index kernel_height, kernel_width;
  Index row, column;   // of x, from one element of the filter to the next
  Index down, step;    // of x, from one pixel of the output to the next
  Index y_row, pixel;  // of y
  Finish<T> finish;

  // How many elements of the filter lie between pixels of y; 0 where they read no pixel of x together.
  Index rows_apart() const { return apart(down, row, kernel_height); }
  Index columns_apart() const { return apart(step, column, kernel_width); }
  static Index apart(Index pixels, Index elements, Index kernel) {
    return pixels % elements == 0 && pixels / elements < kernel ? pixels / elements : 0;
  }
};

// Sums of y of which some rows of the filter are missing.
template <class V, int Count>
struct Sums {
  V of[Count] = {};
};

// Filters of three rows from the top down: each row of x is read once, for all rows of y that need it.
// row(third, second, first) adds the next row of x, under the filter's rows of these names, to sums that are
// not null.
template <int Stride, class Sums, class Row, class Store>
LOCKSTEP_INLINE void slide_down(Index height, Row row, Store store) {
  constexpr Sums* none = nullptr;
  Sums begun, fresh;
  row(none, none, &begun);
  if constexpr (Stride == 1) {
    row(none, &begun, &fresh);
    for (Index i = 0; i < height; ++i) {
      Sums ending = begun;
      begun = fresh;
      fresh = Sums();
      row(&ending, &begun, &fresh);
      store(i, ending);
    }
  } else {
    for (Index i = 0; i < height; ++i) {
      row(none, &begun, none);
      row(&begun, none, &fresh);
      store(i, begun);
      begun = fresh;
      fresh = Sums();
    }
  }
}

// Adds a pixel under column j of the filter to the sums at p of each of three rows.
template <class V, class Sums>
LOCKSTEP_INLINE void add_pixel(V pixel, const V (&filter)[9], int j, int p, Sums* third, Sums* second,
                               Sums* first) {
  if (third) third->of[p] += pixel * filter[6 + j];
  if (second) second->of[p] += pixel * filter[3 + j];
  if (first) first->of[p] += pixel * filter[j];
}

// N channels under filters of 3 x 3, at Pixels pixels of each of some rows.
template <int N, int Pixels, int Stride, class T>
__attribute__((noinline)) void depthwise_slide(const Depthwise<T>& call, Index height, Index channel, const T* x,
                                               const T* filters, T* y) {
  using V = Vector<T, N>;
  const Index row = call.row, column = call.column, y_row = call.y_row, pixel = call.pixel;
  V filter[9];
#pragma GCC unroll 9
  for (int k = 0; k < 9; ++k) {
    std::memcpy(&filter[k], filters + k * kRegister<T>, sizeof(V));
    keep_in_register(filter[k]);
  }
  slide_down<Stride, Sums<V, Pixels>>(
      height,
      [&](auto* third, auto* second, auto* first) __attribute__((always_inline)) {
#pragma GCC unroll 5
        for (int q = 0; q < Stride * (Pixels - 1) + 3; ++q) {
          V read;
          std::memcpy(&read, x + q * column, sizeof(V));
          keep_in_register(read);
#pragma GCC unroll 2
          for (int p = 0; p < Pixels; ++p) {
            const int j = q - Stride * p;
            if (j >= 0 && j < 3) add_pixel(read, filter, j, p, third, second, first);
          }
        }
        x += row;
      },
      [&](Index i, auto sums) __attribute__((always_inline)) {
        scale_and_shift(call.finish, channel, sums.of);
        limit(call.finish, sums.of);
#pragma GCC unroll 2
        for (int p = 0; p < Pixels; ++p) std::memcpy(y + i * y_row + p * pixel, &sums.of[p], sizeof(V));
      });
}

// Adds a row of x to the rows [First, Last) of sums of N channels; their rows of the filter are `apart`
// elements apart.
template <int N, int First, int Last, int Rows, int Pixels, class T>
LOCKSTEP_INLINE void add_row(const Depthwise<T>& call, Index apart, const T* x, const T* filters,
                             Vector<T, N> (&sum)[Rows][Pixels]) {
  using V = Vector<T, N>;
  for (Index j = 0; j < call.kernel_width; ++j, filters += kRegister<T>, x += call.column) {
    V filter[Rows], pixel;
#pragma GCC unroll 2
    for (int r = First; r < Last; ++r) {
      std::memcpy(&filter[r], filters - r * apart, sizeof(V));
      if constexpr (N == kRegister<T>) keep_in_register(filter[r]);
    }
#pragma GCC unroll 7
    for (int p = 0; p < Pixels; ++p) {
      std::memcpy(&pixel, x + p * call.step, sizeof(V));
      if constexpr (N == kRegister<T> && Last - First > 1) keep_in_register(pixel);
#pragma GCC unroll 2
      for (int r = First; r < Last; ++r) {
        // GCC else fuses no multiplication with the addition to a loop's only sum, which rounds differently.
        if constexpr (Rows * Pixels == 1 && sizeof(V) >= 16) keep_in_register(sum[r][p]);
        sum[r][p] += pixel * filter[r];
      }
    }
  }
}

// The same for one row of sums under a filter of three columns that lie as far apart as the pixels do: each
// pixel of x is read once.
template <int N, int Pixels, class T>
LOCKSTEP_INLINE void add_neighbours(const Depthwise<T>& call, const T* x, const T* filters,
                                    Vector<T, N> (&sum)[1][Pixels]) {
  using V = Vector<T, N>;
  V filter[3], pixel[Pixels + 2];
#pragma GCC unroll 3
  for (int j = 0; j < 3; ++j) std::memcpy(&filter[j], filters + j * kRegister<T>, sizeof(V));
#pragma GCC unroll 9
  for (int p = 0; p < Pixels + 2; ++p) std::memcpy(&pixel[p], x + p * call.step, sizeof(V));
#pragma GCC unroll 3
  for (int j = 0; j < 3; ++j) {
#pragma GCC unroll 7
    for (int p = 0; p < Pixels; ++p) sum[0][p] += pixel[p + j] * filter[j];
  }
}

// N channels at Pixels pixels of Rows rows.
template <int N, int Rows, int Pixels, bool Neighbours, class T>
__attribute__((noinline)) void depthwise_run(const Depthwise<T>& call, Index channel, const T* x, const T* filters, T* y) {
  using V = Vector<T, N>;
  const Index filter_row = call.kernel_width * kRegister<T>;
  V sum[Rows][Pixels];
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 7
    for (int p = 0; p < Pixels; ++p) sum[r][p] = V{};
  }
  if constexpr (Rows == 1) {
    for (Index i = 0; i < call.kernel_height; ++i, x += call.row, filters += filter_row) {
      if constexpr (Neighbours) {
        add_neighbours<N>(call, x, filters, sum);
      } else {
        add_row<N, 0, 1>(call, 0, x, filters, sum);
      }
    }
  } else {
    const Index rows = call.rows_apart(), apart = rows * filter_row;
    for (Index i = 0; i < call.kernel_height + rows; ++i, x += call.row, filters += filter_row) {
      if (i < rows) {
        add_row<N, 0, 1>(call, apart, x, filters, sum);
      } else if (i < call.kernel_height) {
        add_row<N, 0, 2>(call, apart, x, filters, sum);
      } else {
        add_row<N, 1, 2>(call, apart, x, filters, sum);
      }
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r) {
    scale_and_shift(call.finish, channel, sum[r]);
    limit(call.finish, sum[r]);
#pragma GCC unroll 7
    for (int p = 0; p < Pixels; ++p) std::memcpy(y + r * call.y_row + p * call.pixel, &sum[r][p], sizeof(V));
  }
}

// Registers of N channels that lie side by side, the first of them `channel`, in an image of height x width pixels.
template <int N, class T>
void depthwise_image(const Depthwise<T>& call, Index registers, Index height, Index width, Index channel, const T* x,
                     const T* filters, T* y) {
  const Index taps = call.kernel_height * call.kernel_width * kRegister<T>;
  const auto at = [&](Index row, Index column, auto tile) {
    const T* const from = x + row * call.down + column * call.step;
    T* const to = y + row * call.y_row + column * call.pixel;
    for (Index v = 0; v < registers; ++v) tile(channel + v * N, from + v * N, filters + v * taps, to + v * N);
  };
  if constexpr (kSlides && N == kRegister<T>) {
    const Index stride = call.rows_apart();
    if (call.kernel_height == 3 && call.kernel_width == 3 && stride > 0 && call.columns_apart() == stride) {
      const auto one = stride == 1 ? depthwise_slide<N, 1, 1, T> : depthwise_slide<N, 1, 2, T>;
      const auto two = stride == 1 ? depthwise_slide<N, 2, 1, T> : depthwise_slide<N, 2, 2, T>;
      for (Index i = 0; i < height; i += kSlide) {
        const Index rows = height - i < kSlide ? height - i : kSlide;
        for (Index j = 0; j < width; j += 2) {
          const auto slide = width - j > 1 ? two : one;
          at(i, j, [&](Index first, const T* from, const T* filter, T* to) { slide(call, rows, first, from, filter, to); });
        }
      }
      return;
    }
  }
  const bool neighbours = kLanes >= 16 && call.kernel_width == 3 && call.step == call.column;
  const auto one = width < kRun ? depthwise_run<N, 1, 1, false, T>
                   : neighbours ? depthwise_run<N, 1, kRun, kLanes >= 16, T>
                                : depthwise_run<N, 1, kRun, false, T>;
  const auto several = depthwise_run<N, kRunRows, kRun, false, T>;
  const bool together = kRunRows > 1 && width >= kRun && call.rows_apart() > 0;
  const Index run = width < kRun ? 1 : kRun;
  for (Index i = 0; i < height;) {
    const Index rows = together && height - i >= kRunRows ? kRunRows : 1;
    const auto sum = rows > 1 ? several : one;
    for (Index j = 0; j < width; j += run) {  // the last one ends with the row
      at(i, j + run <= width ? j : width - run,
         [&](Index first, const T* from, const T* filter, T* to) { sum(call, first, from, filter, to); });
    }
    i += rows;
  }
}

// Channels fewer than a register: halves of it, from the largest that they fill.
template <int N, class T>
void depthwise_rest(const Depthwise<T>& call, Index channels, Index height, Index width, Index channel, const T* x,
                    const T* filters, T* y) {
  if constexpr (N > 0) {
    if (channels >= N) {
      depthwise_image<N>(call, 1, height, width, channel, x, filters, y);
      channels -= N, channel += N, x += N, filters += N, y += N;
    }
    depthwise_rest<N / 2>(call, channels, height, width, channel, x, filters, y);
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

// One filter a channel: y = finish(sum over (row, column) of filters * x), for images with channel == 1 and the same
// block, a multiple of 16 or all channels; inside and outside are both the number of channels. x.data is
// what output (0, 0) reads for the filter's first element: padding lies in memory as zeros. In blocks of 16
// the last block is written whole: zeros stay zeros. Where the block is no multiple of 16, the last channels
// are computed in parts of a register.
template <class T>
void convolve_depthwise(const ConvolutionShape& shape, Image<const T> x, const T* packed, Image<T> y, const Finish<T>& finish = {}) {
  constexpr Index lanes = detail::kRegister<T>;
  const detail::Depthwise<T> call{shape.kernel_height, shape.kernel_width, x.row * shape.dilation_y, x.pixel * shape.dilation_x,
                               x.row * shape.stride_y, x.pixel * shape.stride_x, y.row, y.pixel, finish};
  const Index limit = y.block % 16 == 0 ? (shape.outside + 15) / 16 * 16 : shape.outside;
  const Index taps = shape.kernel_height * shape.kernel_width;
  for (Index c = 0; c < limit; c += 16) {  // a cache line's channels are computed one after another
    const Index channels = limit - c < 16 ? limit - c : 16, whole = channels / lanes * lanes;
    const T *from = x.data + c / x.block * x.group + c % x.block, *filters = packed + c * taps;
    T* const to = y.data + c / y.block * y.group + c % y.block;
    const Index height = shape.height, width = shape.width;
    if (whole > 0) detail::depthwise_image<lanes>(call, whole / lanes, height, width, c, from, filters, to);
    detail::depthwise_rest<lanes / 2>(call, channels - whole, height, width, c + whole, from + whole,
                                      filters + whole * taps, to + whole);
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
