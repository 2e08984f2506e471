// Convolution over padded images: tiles of pixels times channels that stay in registers over the whole sum.
//
// The blocking follows Georganas and others, "Anatomy of High-Performance Deep Learning Convolutions on SIMD
// Architectures" (2018): output channels in the lanes, one scalar of the input broadcast to them, and
// filters packed in the order in which they are read. Every pixel is summed over (16 input channels, filter
// row, filter column, channel) in this order, whatever tile computes it.
#pragma once

#include "lanes.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// Where the channels of an image lie: element (c, y, x) at data[(c / block) * group + y * row + x * pixel +
// (c % block) * channel]. Channels first: block at least as many as channels, pixel 1. Blocked: block 16,
// channel 1, pixel 16. Channels last: block as many as channels, channel 1.
template <class T>
struct Image {
  T* data;
  Index block, group, row, pixel, channel;
};

struct ConvolutionShape {
  Index inside, outside;  // channels; of one group, if there are several
  Index height, width;    // of the part of the output that is computed
  Index kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
};

namespace detail {

constexpr Index kSummed = 16;  // input channels that are summed before the filter's next element

// Accumulators, filters and one pixel must fit the registers: 32 with AVX-512, else 16.
constexpr int kPixels = kLanes >= 16 ? 14 : 4;
constexpr int kRow = kLanes >= 16 ? 7 : 4;  // pixels of a row in a tile of kPixels: it may be of two rows
constexpr int kVectors = kLanes >= 16 ? 2 : kLanes >= 8 ? 3 : 2;
constexpr int kFewPixels = kLanes >= 16 ? 7 : 3;  // tiles are of kPixels, or of at most as many as this

template <class T>
constexpr int kRegister = kLanes * 4 < int(sizeof(T)) ? 1 : kLanes * 4 / int(sizeof(T));

// Few input channels, which lie in one block, change places with the filter's columns: the innermost loop is
// the longer one. Whether they did.
inline bool along_the_kernel(ConvolutionShape& shape, Index& channel, Index& column) {
  if (shape.inside == 0 || shape.inside > kSummed || shape.inside >= shape.kernel_width) return false;
  std::swap(shape.inside, shape.kernel_width);
  std::swap(channel, column);
  return true;
}

// Pixels of the tile that begins where `left` are left: the last ones are of nearly the same size.
inline Index tile_pixels(Index left) {
  if (left == kPixels || left >= kPixels + (kFewPixels + 1) / 2) return kPixels;
  const Index tiles = (left + kFewPixels - 1) / kFewPixels;
  return (left + tiles - 1) / tiles;
}

// Registers of output channels that are computed together where `left` channels are left.
template <class T>
int group_vectors(Index left) {
  const Index vectors = (left + kRegister<T> - 1) / kRegister<T>;
  return int(vectors == kVectors + 1 ? (vectors + 1) / 2 : vectors > kVectors ? kVectors : vectors);
}

// What all tiles of a call have in common.
template <class T>
struct Convolution {
  Index inside, outside, kernel_height, kernel_width;
  Index row, column;     // of x, from one element of the filter to the next
  Index step, channel;   // of x, from one pixel of the output to the next, and from channel to channel
  Index block, group;    // of x
  Index pixel;           // of y
  Index next_x, next_y;  // from pixel 0 of a whole tile to pixel kRow: along the row, or to the next row
};

// `channels` of x from `first` on, times Vectors registers of filters, for Pixels pixels of a row. Added to
// what y holds unless `first` is 0.
template <int Pixels, int Vectors, class T>
void convolve_tile(const Convolution<T>& call, Index first, Index last, const T* x, const T* filters,
                   T* const* y) {
  constexpr int lanes = kRegister<T>;
  // Every fourth pixel of a row has a pointer of its own: x86 adds the step once or twice by itself.
  constexpr int row = Pixels == kPixels ? kRow : Pixels, pointers = (row + 3) / 4;
  using V = Vector<T, lanes>;
  const Index step = call.step, channel = call.channel, pixel = call.pixel, next_y = call.next_y;
  V sum[Pixels][Vectors];
#pragma GCC unroll 14
  for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) sum[p][v] = V{};
  }
  if (first > 0) {
#pragma GCC unroll 14
    for (int p = 0; p < Pixels; ++p) {
      const Index place = p / row * next_y + p % row * pixel;
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) std::memcpy(&sum[p][v], y[v] + place, sizeof(V));
    }
  }
  for (Index c = first; c < last; c += kSummed) {
    const T* block = x + c / call.block * call.group + c % call.block * call.channel;
    const Index count = last - c < kSummed ? last - c : kSummed;
    for (Index i = 0; i < call.kernel_height; ++i) {
      for (Index j = 0; j < call.kernel_width; ++j) {
        const T* const tap = block + i * call.row + j * call.column;
        const T* scalars[Pixels / row * pointers];
#pragma GCC unroll 4
        for (int k = 0; k < Pixels / row * pointers; ++k) {
          scalars[k] = tap + k / pointers * call.next_x + k % pointers * 4 * step;
        }
        for (Index k = 0; k < count; ++k) {
          V filter[Vectors];
#pragma GCC unroll 3
          for (int v = 0; v < Vectors; ++v) {
            std::memcpy(&filter[v], filters + v * lanes, sizeof(V));
            if (kLanes >= 16) __builtin_prefetch(filters + (12 * Vectors + v) * lanes);
          }
#pragma GCC unroll 14
          for (int p = 0; p < Pixels; ++p) {
            const V scalar = scalars[p / row * pointers + p % row / 4][p % row % 4 * step] - V{};
#pragma GCC unroll 3
            for (int v = 0; v < Vectors; ++v) sum[p][v] += scalar * filter[v];
          }
#pragma GCC unroll 4
          for (int k = 0; k < Pixels / row * pointers; ++k) scalars[k] += channel;
          filters += Vectors * lanes;
        }
      }
    }
  }
#pragma GCC unroll 14
  for (int p = 0; p < Pixels; ++p) {
    const Index place = p / row * next_y + p % row * pixel;
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) std::memcpy(y[v] + place, &sum[p][v], sizeof(V));
  }
}

template <class T>
using ConvolveTile = void (*)(const Convolution<T>&, Index, Index, const T*, const T*, T* const*);

template <class T, int Vectors, int... Few>
ConvolveTile<T> choose_pixels(Index pixels, std::integer_sequence<int, Few...>) {
  // not static: a process that loads two libraries would give both the table of the first
  const ConvolveTile<T> few[] = {convolve_tile<Few + 1, Vectors, T>...};
  return pixels == kPixels ? convolve_tile<kPixels, Vectors, T> : few[pixels - 1];
}

template <class T>
ConvolveTile<T> choose_tile(Index pixels, int vectors) {
  constexpr auto few = std::make_integer_sequence<int, kFewPixels>();
  return vectors == kVectors ? choose_pixels<T, kVectors>(pixels, few)
         : vectors == 1      ? choose_pixels<T, 1>(pixels, few)
                             : choose_pixels<T, 2>(pixels, few);
}

// The first `channels` of a tile's pixels; `pixel` and `next` are those of the tile, `spare` holds its
// pixels side by side.
template <bool Into, class T>
void copy_tile(Index pixels, Index channels, Index pixel, Index next, T* const* y, T* spare) {
  constexpr Index lanes = kRegister<T>;
  for (Index p = 0; p < pixels; ++p, spare += kVectors * lanes) {
    const Index place = pixels == kPixels ? p / kRow * next + p % kRow * pixel : p * pixel;
    for (Index c = 0; c < channels; ++c) {
      T& element = y[c / lanes][place + c % lanes];
      if (Into) {
        spare[c] = element;
      } else {
        element = spare[c];
      }
    }
  }
}

// Of the tile's channels only `written` belong to the image: the others stay in a buffer of the tile's own.
template <class T>
void convolve_partly(Convolution<T> call, ConvolveTile<T> tile, Index pixels, Index written, Index first,
                     Index last, const T* x, const T* filters, T* const* y) {
  constexpr Index lanes = kRegister<T>, row = kVectors * lanes;
  T spare[kPixels * row];
  T* places[kVectors];
  for (int v = 0; v < kVectors; ++v) places[v] = spare + v * lanes;
  const Index pixel = call.pixel, next = call.next_y;
  if (first > 0) copy_tile<true>(pixels, written, pixel, next, y, spare);
  call.pixel = row;
  call.next_y = kRow * row;
  tile(call, first, last, x, filters, places);
  copy_tile<false>(pixels, written, pixel, next, y, spare);
}

// One tile of pixels and the output channels from `from` to `to`. Lanes of channels beyond `limit` are not
// stored.
template <class T>
void convolve_groups(const Convolution<T>& call, Index from, Index to, Index limit, Index pixels,
                     Index first, Index last, const T* x, const T* filters, Image<T> y) {
  const Index taps = call.kernel_height * call.kernel_width;
  while (from < to) {
    const int vectors = group_vectors<T>(call.outside - from);
    const Index channels = vectors * kRegister<T>;
    T* places[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      const Index c = from + v * kRegister<T>;
      places[v] = y.data + c / y.block * y.group + c % y.block;
    }
    const auto tile = choose_tile<T>(pixels, vectors);
    const T* used = filters + first * taps * channels;
    if (limit - from >= channels) {
      tile(call, first, last, x, used, places);
    } else {
      convolve_partly<T>(call, tile, pixels, limit - from, first, last, x, used, places);
    }
    filters += channels * call.inside * taps;
    from += channels;
  }
}

// Zeros in the channels [from, to) of every pixel.
template <class T>
void clear_channels(Index from, Index to, Index height, Index width, Image<T> y) {
  for (Index c = from; c < to; ++c) {
    T* plane = y.data + c / y.block * y.group + c % y.block;
    for (Index i = 0; i < height; ++i) {
      for (Index j = 0; j < width; ++j) plane[i * y.row + j * y.pixel] = T(0);
    }
  }
}

// filter(output channel, input channel, row, column) in the order in which `convolve` reads it.
template <class T, class Filter>
void pack_each(const ConvolutionShape& shape, T* packed, Filter filter) {
  for (Index from = 0; from < shape.outside;) {
    const Index end = from + kRegister<T> * group_vectors<T>(shape.outside - from);
    for (Index block = 0; block < shape.inside; block += kSummed) {
      const Index last = shape.inside - block < kSummed ? shape.inside : block + kSummed;
      for (Index i = 0; i < shape.kernel_height; ++i) {
        for (Index j = 0; j < shape.kernel_width; ++j) {
          for (Index c = block; c < last; ++c) {
            for (Index o = from; o < end; ++o) *packed++ = o < shape.outside ? filter(o, c, i, j) : T(0);
          }
        }
      }
    }
    from = end;
  }
}

}  // namespace detail

// The filters in the order in which `convolve` reads them: (group of output channels, 16 input channels,
// row, column, input channel, output channel). They take at most outside rounded up to 64, times inside *
// kernel_height * kernel_width, on any target.
template <class T>
void pack_filters(ConvolutionShape shape, const T* filters, Index out_stride, Index in_stride,
                  Index y_stride, Index x_stride, T* packed) {
  detail::along_the_kernel(shape, in_stride, x_stride);
  detail::pack_each(shape, packed, [=](Index o, Index c, Index i, Index j) {
    return filters[o * out_stride + c * in_stride + i * y_stride + j * x_stride];
  });
}

// y = sum over (channel, row, column) of filters * x. x.data is what output (0, 0) reads for the filter's
// first element: padding lies in memory as zeros. y has channel == 1, and a block that is a multiple of 16
// or holds all channels. In blocks of 16 channels the last block is written whole: with zeros beyond
// `outside`.
template <class T>
void convolve(ConvolutionShape shape, Image<const T> x, const T* packed, Image<T> y) {
  constexpr Index kept = 200 * 1024 / sizeof(T);  // filters that stay in the second cache during a row
  const Index step = x.pixel * shape.stride_x;
  const bool joined = x.row * shape.stride_y == shape.width * step && y.row == shape.width * y.pixel;
  if (joined && shape.kernel_height * shape.kernel_width == 1) {  // all pixels are one row
    shape.width *= shape.height;
    shape.height = 1;
  }
  Index column = x.pixel * shape.dilation_x;
  if (detail::along_the_kernel(shape, x.channel, column)) x.block = shape.inside;
  const bool pairs = 2 * detail::kRow == detail::kPixels && shape.width == detail::kRow;  // fill a tile
  const detail::Convolution<T> call{shape.inside, shape.outside, shape.kernel_height, shape.kernel_width,
                                    x.row * shape.dilation_y, column, step, x.channel, x.block, x.group,
                                    y.pixel, pairs ? x.row * shape.stride_y : detail::kRow * step,
                                    pairs ? y.row : detail::kRow * y.pixel};
  const Index taps = shape.kernel_height * shape.kernel_width, depth = taps * shape.inside;
  const Index limit = y.block % 16 == 0 ? (shape.outside + 15) / 16 * 16 : shape.outside;
  Index from = 0, to;
  for (; from < shape.outside; packed += (to - from) * depth, from = to) {
    to = from + detail::kRegister<T> * detail::group_vectors<T>(shape.outside - from);
    while (to < shape.outside) {
      const Index more = to + detail::kRegister<T> * detail::group_vectors<T>(shape.outside - to);
      if ((more - from) * depth > kept) break;
      to = more;
    }
    const Index fitting = kept / ((to - from) * taps) / detail::kSummed * detail::kSummed;
    const Index chunk = (to - from) * depth <= kept ? shape.inside : fitting > 0 ? fitting : detail::kSummed;
    Index first = 0;
    do {
      const Index last = shape.inside - first < chunk ? shape.inside : first + chunk;
      for (Index i = 0, rows; i < shape.height; i += rows) {
        rows = pairs && i + 1 < shape.height ? 2 : 1;
        for (Index j = 0, pixels; j < shape.width; j += pixels) {
          pixels = detail::tile_pixels(shape.width - j);
          Image<T> into = y;
          into.data += i * y.row + j * y.pixel;
          detail::convolve_groups<T>(call, from, to, limit, rows * pixels, first, last,
                                     x.data + i * shape.stride_y * x.row + j * step, packed, into);
        }
      }
      first = last;
    } while (first < shape.inside);
  }
  detail::clear_channels(from, limit, shape.height, shape.width, y);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
