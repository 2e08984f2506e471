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

// Accumulators, filters and one pixel must fit the registers: 32 with AVX-512, else 16. Pixels that one pointer
// serves lie side by side in a row, `step` apart; with a pointer a pixel they may be of any rows.
constexpr int kPixels = kLanes >= 16 ? 14 : 6;
constexpr int kServed = kLanes >= 16 ? 4 : 1;     // x86 adds the step once, twice or three times by itself
constexpr int kRow = kLanes >= 16 ? 7 : kPixels;  // pixels of a row in a tile of kPixels that is of two rows
constexpr int kFewPixels = kLanes >= 16 ? 7 : 4;  // tiles are of kPixels; or of up to kFewPixels, or of just as many
constexpr int kVectors = 2;
using TileSizes = std::conditional_t<kServed == 1, std::integer_sequence<int, kFewPixels, kPixels>,
                                     std::integer_sequence<int, 1, 2, 3, 4, 5, 6, 7, kPixels>>;

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

// The pointers of a row of pixels, and those of a whole tile.
constexpr int pointers_of(int row) { return (row + kServed - 1) / kServed; }
constexpr int kPointers = kPixels / kRow * pointers_of(kRow);

// Where the pixels of a tile begin in x and in y: for each pointer the place of the first that it serves.
struct Places {
  Index x[kPointers], y[kPointers];
};

// A pixel of a tile: which pointer serves it, and how many steps behind it lies.
struct Served {
  int pointer, steps;
};
LOCKSTEP_INLINE constexpr Served served(int pixel, int pixels) {
  const int row = pixels == kPixels ? kRow : pixels;
  return {pixel / row * pointers_of(row) + pixel % row / kServed, pixel % row % kServed};
}

// Registers of output channels that are computed together where `left` channels are left.
template <class T>
int group_vectors(Index left) {
  const Index vectors = (left + kRegister<T> - 1) / kRegister<T>;
  return int(vectors > kVectors ? kVectors : vectors);
}

// What all tiles of a call have in common. Both images are in blocks of 16 channels, or one block holds all of them.
template <class T>
struct Convolution {
  Index kernel_height, kernel_width;
  Index row, column;    // of x, from one element of the filter to the next
  Index step, channel;  // of x, from one pixel of the output to the next, and from channel to channel
  Index summed;         // of x, from the first of kSummed channels to the next ones
  Index inside;         // input channels, all that a filter has
  Index pixel;          // of y
  Index block, group;   // of y

  LOCKSTEP_INLINE Index place_of(Index outside) const {
    return outside < block ? outside : outside / kSummed * group + outside % kSummed;
  }
};

// A tile: `groups` groups of Vectors registers of output channels from `outside` on, each at Pixels pixels, summed over
// the input channels from `first` to `last`. Added to what y holds unless `first` is 0.
template <int Pixels, int Vectors, class T>
void convolve_tile(const Convolution<T>& call, Index first, Index last, const T* x, const T* filters, Index outside,
                   Index groups, T* y, const Places& places) {
  constexpr int lanes = kRegister<T>, pointers = served(Pixels - 1, Pixels).pointer + 1;
  using V = Vector<T, lanes>;
  const Index step = call.step, channel = call.channel, pixel = call.pixel, taps = call.kernel_height * call.kernel_width;
  const Index depth = taps * call.inside * (Vectors * lanes);
  const auto place = [&](int p) { return places.y[served(p, Pixels).pointer] + served(p, Pixels).steps * pixel; };
  filters += first * taps * (Vectors * lanes);
  x += first / kSummed * call.summed;
  for (; groups > 0; --groups, outside += Vectors * lanes, filters += depth) {
    T* to[Vectors];
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) to[v] = y + call.place_of(outside + v * lanes);
    V sum[Pixels][Vectors];
#pragma GCC unroll 14
    for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sum[p][v] = V{};
    }
    if (first > 0) {
#pragma GCC unroll 14
      for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) std::memcpy(&sum[p][v], to[v] + place(p), sizeof(V));
      }
    }
    const T *block = x, *filter = filters;
    for (Index c = first; c < last; c += kSummed, block += call.summed) {
      const Index count = last - c < kSummed ? last - c : kSummed;
      for (Index i = 0; i < call.kernel_height; ++i) {
        for (Index j = 0; j < call.kernel_width; ++j) {
          const T* const tap = block + i * call.row + j * call.column;
          const T* scalars[pointers];
#pragma GCC unroll 6
          for (int k = 0; k < pointers; ++k) scalars[k] = tap + places.x[k];
          for (Index k = 0; k < count; ++k) {
            V row[Vectors];
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) {
              std::memcpy(&row[v], filter + v * lanes, sizeof(V));
              keep_in_register(row[v]);
              if (v * lanes * sizeof(T) % 64 == 0) __builtin_prefetch(filter + (12 * Vectors + v) * lanes);
            }
#pragma GCC unroll 14
            for (int p = 0; p < Pixels; ++p) {
              const V scalar = scalars[served(p, Pixels).pointer][served(p, Pixels).steps * step] - V{};
#pragma GCC unroll 2
              for (int v = 0; v < Vectors; ++v) sum[p][v] += scalar * row[v];
            }
#pragma GCC unroll 6
            for (int k = 0; k < pointers; ++k) scalars[k] += channel;
            filter += Vectors * lanes;
          }
        }
      }
    }
#pragma GCC unroll 14
    for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) std::memcpy(to[v] + place(p), &sum[p][v], sizeof(V));
    }
  }
}

template <class T>
using ConvolveTile = void (*)(const Convolution<T>&, Index, Index, const T*, const T*, Index, Index, T*, const Places&);

// The tiles of one and of two registers of channels, in the order of TileSizes.
template <class T>
struct TileTable {
  ConvolveTile<T> of[2][TileSizes::size()];

  TileTable() : TileTable(TileSizes()) {}
  LOCKSTEP_INLINE ConvolveTile<T> choose(Index pixels, int vectors) const {
    return of[vectors - 1][pixels == kPixels ? Index(TileSizes::size()) - 1 : kServed == 1 ? 0 : pixels - 1];
  }

 private:
  template <int... Sizes>
  explicit TileTable(std::integer_sequence<int, Sizes...>) : of{{convolve_tile<Sizes, 1, T>...}, {convolve_tile<Sizes, 2, T>...}} {}
};

// Of the tile's channels only `written` belong to the image: the others stay in a buffer of the tile's own.
template <class T>
void convolve_partly(Convolution<T> call, ConvolveTile<T> tile, Index pixels, Index written, Index first, Index last,
                     const T* x, const T* filters, Index outside, T* y, const Places& places) {
  constexpr Index row = kVectors * kRegister<T>;
  T spare[kPixels * row];
  Places apart = places;
  for (int p = 0; p < pixels; ++p) {
    if (const Served at = served(p, int(pixels)); at.steps == 0) apart.y[at.pointer] = p * row;
  }
  const auto each = [&](auto body) {
    for (int p = 0; p < pixels; ++p) {
      const Served at = served(p, int(pixels));
      for (Index c = 0; c < written; ++c) {
        body(spare[p * row + c], y[call.place_of(outside + c) + places.y[at.pointer] + at.steps * call.pixel]);
      }
    }
  };
  if (first > 0) each([](T& kept, const T& element) { kept = element; });
  Convolution<T> spared = call;
  spared.pixel = spared.block = row;
  tile(spared, first, last, x, filters, 0, 1, spare, apart);
  each([](const T& kept, T& element) { element = kept; });
}

// One tile of pixels and the output channels from `from` to `to`. Lanes of channels beyond `limit` are not
// stored.
template <class T>
void convolve_groups(const Convolution<T>& call, const TileTable<T>& tiles, Index from, Index to, Index limit, Index pixels,
                     Index first, Index last, const T* x, const T* filters, T* y, const Places& places) {
  constexpr Index whole = kVectors * kRegister<T>;
  const Index groups = ((to < limit ? to : limit) - from) / whole, taps = call.kernel_height * call.kernel_width;
  tiles.choose(pixels, kVectors)(call, first, last, x, filters, from, groups, y, places);
  filters += groups * whole * call.inside * taps;
  from += groups * whole;
  if (from >= to) return;
  const auto tile = tiles.choose(pixels, int((to - from) / kRegister<T>));
  if (limit >= to) {
    tile(call, first, last, x, filters, from, 1, y, places);
  } else {
    convolve_partly<T>(call, tile, pixels, limit - from, first, last, x, filters, from, y, places);
  }
}

// Walks an image tile by tile.
struct Tiles {
  Index height, width;
  Index next_x, step_x, next_y, step_y;  // of x and y, from row to row and from pixel to pixel
  Index i = 0, j = 0;                    // the first pixel that is left

  // How many pixels the next tile has, and where they lie; 0 at the end.
  Index next(Places& places) {
    if (i >= height || width == 0) return 0;
    return kServed == 1 ? anywhere(places) : along_rows(places);
  }

 private:
  // A tile of which the image has not enough pixels computes its last one several times.
  Index anywhere(Places& places) {
    const Index left = (height - i) * width - j;
    const Index pixels = left <= kFewPixels || (left > kPixels && left <= 2 * kFewPixels) ? kFewPixels : kPixels;
    for (Index p = 0; p < pixels; ++p) {
      places.x[p] = i * next_x + j * step_x;
      places.y[p] = i * next_y + j * step_y;
      if (p + 1 < left && ++j == width) j = 0, ++i;
    }
    if (pixels >= left) i = height;
    return pixels;
  }
  // The last tiles of a row are of nearly the same size.
  Index along_rows(Places& places) {
    const bool both = 2 * kRow == kPixels && width == kRow && i + 1 < height;  // two rows fill a tile
    const Index left = width - j, tiles = (left + kFewPixels - 1) / kFewPixels;
    const bool whole = both || left == kPixels || left >= kPixels + (kFewPixels + 1) / 2;
    const Index pixels = whole ? kPixels : (left + tiles - 1) / tiles;
    for (int p = 0; p < pixels; ++p) {
      const auto [pointer, steps] = served(p, int(pixels));
      const Index row = both ? p / kRow : 0, place = both ? p % kRow : p;
      if (steps != 0) continue;
      places.x[pointer] = (i + row) * next_x + (j + place) * step_x;
      places.y[pointer] = (i + row) * next_y + (j + place) * step_y;
    }
    j += both ? kRow : pixels;
    if (j == width) j = 0, i += both ? 2 : 1;
    return pixels;
  }
};

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
  const Index summed = x.block == detail::kSummed ? x.group : detail::kSummed * x.channel;
  const detail::Convolution<T> call{shape.kernel_height, shape.kernel_width, x.row * shape.dilation_y, column, step,
                                    x.channel, summed, shape.inside, y.pixel, y.block, y.group};
  const detail::TileTable<T> tiles;
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
      detail::Places places;
      detail::Tiles walk{shape.height, shape.width, x.row * shape.stride_y, step, y.row, y.pixel};
      while (const Index pixels = walk.next(places)) {
        detail::convolve_groups<T>(call, tiles, from, to, limit, pixels, first, last, x.data, packed, y.data, places);
      }
      first = last;
    } while (first < shape.inside);
  }
  detail::clear_channels(from, limit, shape.height, shape.width, y);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
