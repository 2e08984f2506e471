// Convolution over padded images: tiles of pixels times channels that stay in registers over the whole sum.
//
// The blocking follows Georganas and others, "Anatomy of High-Performance Deep Learning Convolutions on SIMD
// Architectures" (2018): output channels in the lanes, one scalar of the input broadcast to them, and
// filters packed in the order in which they are read. Every pixel is summed over (16 input channels, filter
// row, filter column, channel) in this order, whatever tile computes it.
#pragma once

#include "blocking.hpp"
#include "convolution_finish.hpp"

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
constexpr int kVectors = 2;                       // registers of output channels in a tile,
constexpr int kMostVectors = kServed == 1 ? 3 : 2;  // or the last three at fewer pixels: none alone has too few sums
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

// Where the pixels of a tile begin in x, in y and in the addend: for each pointer the place of the first that it serves.
struct Places {
  Index x[kPointers], y[kPointers], addend[kPointers];
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
  return int(vectors == kMostVectors ? kMostVectors : vectors > kVectors ? kVectors : vectors);
}

// Where a channel lies; blocks hold kSummed channels, or all.
struct Blocks {
  Index block, group;

  LOCKSTEP_INLINE Index place_of(Index channel) const {
    return channel < block ? channel : channel / kSummed * group + channel % kSummed;
  }
};

// What all tiles of a call have in common.
template <class T>
struct Convolution {
  Index kernel_height, kernel_width;
  Index row, column;         // of x, from one element of the filter to the next
  Index step, channel;       // of x, from one pixel of the output to the next, and from channel to channel
  Index summed;              // of x, from the first of kSummed channels to the next ones
  Index inside;              // input channels, all that a filter has
  Index pixel;               // of y
  Blocks blocks;
  bool finishes;             // whether sums are more than stored
  Finish<T> finish;
  const T* addend;           // of finished sums, before the limits; null where there is none
  Index addend_pixel;
  Blocks addend_blocks;
};

// A tile: `groups` groups of Vectors registers of output channels from `outside` on, each at Pixels pixels, summed over
// the input channels from `first` to `last`. Added to what y holds unless `first` is 0. Filters that come after these
// are fetched meanwhile.
template <int Pixels, int Vectors, class T>
void convolve_tile(const Convolution<T>& call, Index first, Index last, const T* x, const T* filters, Index outside,
                   Index groups, T* y, const Places& places, Ahead& later) {
  constexpr int lanes = kRegister<T>, pointers = served(Pixels - 1, Pixels).pointer + 1;
  using V = Vector<T, lanes>;
  const Index step = call.step, channel = call.channel;
  const Index taps = call.kernel_height * call.kernel_width, depth = taps * call.inside * (Vectors * lanes);
  const Index next_row = call.row - (call.kernel_width - 1) * call.column;
  const Index next_block = call.summed - (call.kernel_height - 1) * call.row - (call.kernel_width - 1) * call.column;
  const auto place = [&](int p, const Index (&from)[kPointers], Index pixel) __attribute__((always_inline)) {
    return from[served(p, Pixels).pointer] + served(p, Pixels).steps * pixel;
  };
  Ahead ahead = later;
  const bool fetches = ahead.step > 0;  // else not even the place is kept up
  filters += first * taps * (Vectors * lanes);
  x += first / kSummed * call.summed;
  for (; groups > 0; --groups, outside += Vectors * lanes, filters += depth) {
    T* to[Vectors];
    V sum[Vectors][Pixels];
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) {
      to[v] = y + call.blocks.place_of(outside + v * lanes);
#pragma GCC unroll 14
      for (int p = 0; p < Pixels; ++p) sum[v][p] = V{};
    }
    if (first > 0) {
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) {
#pragma GCC unroll 14
        for (int p = 0; p < Pixels; ++p) std::memcpy(&sum[v][p], to[v] + place(p, places.y, call.pixel), sizeof(V));
      }
    }
    const T *tap = x, *filter = filters;
    Index left = last - first, rows = call.kernel_height, columns = call.kernel_width;
    while (left > 0) {  // one loop over all three: nested ones cost more where a kernel is 1 x 1
      const T* scalars[pointers];
#pragma GCC unroll 6
      for (int k = 0; k < pointers; ++k) scalars[k] = tap + places.x[k];
      if (fetches) ahead.fetch_lines();
      for (Index k = left < kSummed ? left : kSummed; k > 0; --k) {
        V row[Vectors];
#pragma GCC unroll 3
        for (int v = 0; v < Vectors; ++v) {
          std::memcpy(&row[v], filter + v * lanes, sizeof(V));
          keep_in_register(row[v]);
          if (v * lanes * sizeof(T) % 64 == 0) __builtin_prefetch(filter + (12 * Vectors + v) * lanes);
        }
#pragma GCC unroll 14
        for (int p = 0; p < Pixels; ++p) {
          const V scalar = scalars[served(p, Pixels).pointer][served(p, Pixels).steps * step] - V{};
#pragma GCC unroll 3
          for (int v = 0; v < Vectors; ++v) sum[v][p] += scalar * row[v];
        }
#pragma GCC unroll 6
        for (int k = 0; k < pointers; ++k) scalars[k] += channel;
        filter += Vectors * lanes;
      }
      if (--columns > 0) {
        tap += call.column;
      } else if (columns = call.kernel_width; --rows > 0) {
        tap += next_row;
      } else {
        rows = call.kernel_height;
        tap += next_block;
        left -= kSummed;
      }
    }
    if (call.finishes && last == call.inside) {
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) {
        scale_and_shift(call.finish, outside + v * lanes, sum[v]);
        if (call.addend != nullptr) {
          const T* const more = call.addend + call.addend_blocks.place_of(outside + v * lanes);
#pragma GCC unroll 14
          for (int p = 0; p < Pixels; ++p) {
            V element;
            std::memcpy(&element, more + place(p, places.addend, call.addend_pixel), sizeof(V));
            sum[v][p] += element;
          }
        }
        limit(call.finish, sum[v]);
      }
    }
#pragma GCC unroll 14
    for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) std::memcpy(to[v] + place(p, places.y, call.pixel), &sum[v][p], sizeof(V));
    }
  }
  later = ahead;
}

template <class T>
using ConvolveTile = void (*)(const Convolution<T>&, Index, Index, const T*, const T*, Index, Index, T*, const Places&, Ahead&);

// The tiles of one, two and most registers of channels, in the order of TileSizes.
template <class T>
struct TileTable {
  ConvolveTile<T> of[3][TileSizes::size()];

  TileTable() : TileTable(TileSizes()) {}
  LOCKSTEP_INLINE ConvolveTile<T> choose(Index pixels, int vectors) const {
    return of[vectors - 1][pixels == kPixels ? Index(TileSizes::size()) - 1 : kServed == 1 ? 0 : pixels - 1];
  }

 private:
  template <int... Sizes>
  explicit TileTable(std::integer_sequence<int, Sizes...>)
      : of{{convolve_tile<Sizes, 1, T>...}, {convolve_tile<Sizes, kVectors, T>...}, {convolve_tile<kFewPixels, kMostVectors, T>}} {}
};

// One group of channels, of which only `written` belong to the image: the others stay in buffers of the tile's own.
template <class T>
void convolve_partly(const Convolution<T>& call, ConvolveTile<T> tile, Index pixels, Index written, Index first, Index last,
                     const T* x, const T* filters, Index outside, T* y, const Places& places, Ahead& later) {
  constexpr Index row = kMostVectors * kRegister<T>;
  T spare[kPixels * row] = {}, addend[kPixels * row] = {}, scale[row] = {}, shift[row] = {};
  Convolution<T> apart = call;
  Places apart_places = places;
  apart.pixel = apart.addend_pixel = row;
  apart.blocks = apart.addend_blocks = {row, 0};
  const auto padded = [&](const T*& numbers, T* room) {
    if (numbers == nullptr) return;
    std::memcpy(room, numbers + outside, std::size_t(written) * sizeof(T));
    numbers = room;
  };
  padded(apart.finish.scale, scale);
  padded(apart.finish.shift, shift);
  if (call.addend != nullptr) apart.addend = addend;
  const auto element = [&](int p, Index c, const Index (&from)[kPointers], Index pixel, const Blocks& blocks) {
    const Served at = served(p, int(pixels));
    return blocks.place_of(outside + c) + from[at.pointer] + at.steps * pixel;
  };
  for (int p = 0; p < pixels; ++p) {
    const auto [pointer, steps] = served(p, int(pixels));
    if (steps == 0) apart_places.y[pointer] = apart_places.addend[pointer] = p * row;
    for (Index c = 0; c < written; ++c) {
      if (first > 0) spare[p * row + c] = y[element(p, c, places.y, call.pixel, call.blocks)];
      if (call.addend != nullptr) {
        addend[p * row + c] = call.addend[element(p, c, places.addend, call.addend_pixel, call.addend_blocks)];
      }
    }
  }
  tile(apart, first, last, x, filters, 0, 1, spare, apart_places, later);
  for (int p = 0; p < pixels; ++p) {
    for (Index c = 0; c < written; ++c) y[element(p, c, places.y, call.pixel, call.blocks)] = spare[p * row + c];
  }
}

// How an image is walked: what lies between pixels, and between rows.
struct Walked {
  Index row, pixel;
};

// Walks images tile by tile.
struct Tiles {
  Index height, width;
  Walked x, y, addend;
  Index most;          // pixels of a tile
  Index i = 0, j = 0;  // the first pixel that is left

  // How many pixels the next tile has, and where they lie; 0 at the end.
  Index next(Places& places) {
    if (i >= height || width == 0) return 0;
    return kServed == 1 ? anywhere(places) : along_rows(places);
  }

 private:
  LOCKSTEP_INLINE static Index place(const Walked& image, Index row, Index column) {
    return row * image.row + column * image.pixel;
  }
  // A tile of which the image has not enough pixels computes its last one several times.
  Index anywhere(Places& places) {
    const Index left = (height - i) * width - j;
    const bool few = most < kPixels || left <= kFewPixels || (left > kPixels && left <= 2 * kFewPixels);
    const Index pixels = few ? kFewPixels : kPixels;
    if (j + kPixels <= width) {  // all in one row, and as many places as a tile can have
      along_row(x, places.x);
      along_row(y, places.y);
      along_row(addend, places.addend);
      j += pixels;
      if (j == width) j = 0, ++i;
    } else {
      Index row = i, column = j;
      for (Index p = 0; p < pixels; ++p) {
        places.x[p] = place(x, row, column);
        places.y[p] = place(y, row, column);
        places.addend[p] = place(addend, row, column);
        if (p + 1 < left && ++column == width) column = 0, ++row;
      }
      i = row, j = column;
    }
    if (pixels >= left) i = height;
    return pixels;
  }
  LOCKSTEP_INLINE void along_row(const Walked& image, Index (&places)[kPointers]) const {
    const Index first = place(image, i, j), step = image.pixel;
#pragma GCC unroll 8
    for (int p = 0; p < kPointers; ++p) places[p] = first + p * step;
  }
  // The last tiles of a row are of nearly the same size.
  Index along_rows(Places& places) {
    const bool both = 2 * kRow == kPixels && width == kRow && i + 1 < height;  // two rows fill a tile
    const Index left = width - j, tiles = (left + kFewPixels - 1) / kFewPixels;
    const bool whole = both || left == kPixels || left >= kPixels + (kFewPixels + 1) / 2;
    const Index pixels = whole ? kPixels : (left + tiles - 1) / tiles;
    for (int p = 0; p < pixels; ++p) {
      const auto [pointer, steps] = served(p, int(pixels));
      const Index row = i + (both ? p / kRow : 0), column = j + (both ? p % kRow : p);
      if (steps != 0) continue;
      places.x[pointer] = place(x, row, column);
      places.y[pointer] = place(y, row, column);
      places.addend[pointer] = place(addend, row, column);
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

// y = finish(sum over (channel, row, column) of filters * x), the addend added before the limits. x.data is what output
// (0, 0) reads for the filter's first element: padding lies in memory as zeros. y and the addend, if there is one, have
// channel == 1, and a block that is a multiple of 16 or holds all channels. In blocks of 16 channels the last block is
// written whole: with zeros beyond `outside`.
template <class T>
void convolve(ConvolutionShape shape, Image<const T> x, const T* packed, Image<T> y, const Finish<T>& finish = {},
              Image<const T> addend = {}) {
  constexpr Index kept = 160 * 1024 / sizeof(T);  // filters that stay in the second cache, beside those that come next
  const Index step = x.pixel * shape.stride_x;
  const bool joined = x.row * shape.stride_y == shape.width * step && y.row == shape.width * y.pixel &&
                      addend.row == shape.width * addend.pixel;
  if (joined && shape.kernel_height * shape.kernel_width == 1) {  // all pixels are one row
    shape.width *= shape.height;
    shape.height = 1;
  }
  Index column = x.pixel * shape.dilation_x;
  if (detail::along_the_kernel(shape, x.channel, column)) x.block = shape.inside;
  const Index summed = x.block == detail::kSummed ? x.group : detail::kSummed * x.channel;
  const bool finishes = finish.scale != nullptr || finish.shift != nullptr || finish.limits() || addend.data != nullptr;
  const detail::Convolution<T> call{shape.kernel_height, shape.kernel_width, x.row * shape.dilation_y, column, step, x.channel,
                                    summed, shape.inside, y.pixel, {y.block, y.group}, finishes, finish, addend.data, addend.pixel,
                                    {addend.block, addend.group}};
  const detail::TileTable<T> tiles;
  const Index taps = shape.kernel_height * shape.kernel_width, depth = taps * shape.inside;
  const Index limit = y.block % 16 == 0 ? (shape.outside + 15) / 16 * 16 : shape.outside;
  Index from = 0, to;
  for (; from < shape.outside; packed += (to - from) * depth, from = to) {
    const int vectors = detail::group_vectors<T>(shape.outside - from);
    const Index group = vectors * detail::kRegister<T>;
    to = from + group;
    while (to + group <= limit && detail::group_vectors<T>(shape.outside - to) == vectors && (to + group - from) * depth <= kept) {
      to += group;
    }
    const Index groups = (to - from) / group, area = shape.height * shape.width;
    const Index chunk = even_part(shape.inside, kept / ((to - from) * taps), detail::kSummed);
    Index first = 0;
    do {
      const Index last = shape.inside - first < chunk ? shape.inside : first + chunk;
      const Index next = to < shape.outside || last < shape.inside ? detail::kSummed * group * Index(sizeof(T)) : 0;
      Ahead later = Ahead::evenly(packed + last * taps * (to - from), next, area / detail::kPixels + 1);
      detail::Places places;
      detail::Tiles walk{shape.height, shape.width, {x.row * shape.stride_y, step}, {y.row, y.pixel}, {addend.row, addend.pixel},
                         vectors > detail::kVectors ? detail::kFewPixels : detail::kPixels};
      while (const Index pixels = walk.next(places)) {
        const auto tile = tiles.choose(pixels, vectors);
        if (to <= limit) {
          tile(call, first, last, x.data, packed, from, groups, y.data, places, later);
        } else {
          detail::convolve_partly<T>(call, tile, pixels, limit - from, first, last, x.data, packed, from, y.data, places, later);
        }
      }
      first = last;
    } while (first < shape.inside);
  }
  detail::clear_channels(from, limit, shape.height, shape.width, y);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
