// Convolution with one filter a channel of images that lie channels first: a row's pixels in the lanes.
#pragma once

#include "convolution_depthwise.hpp"
#include "simd.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

// Rows of y that are computed together: they and what they read stay in the first cache.
constexpr Index kBand = 28;

// What a band reads, with its padding. Columns that are stride_x apart lie together: a row has stride_x
// parts.
struct PaddedBand {
  Index rows, reached;  // columns, padding included
  Index part, row;      // elements from one to the next

  explicit PaddedBand(const ConvolutionShape& shape) {
    const Index height = shape.height < kBand ? shape.height : kBand;
    rows = (height - 1) * shape.stride_y + (shape.kernel_height - 1) * shape.dilation_y + 1;
    reached = (shape.width - 1) * shape.stride_x + (shape.kernel_width - 1) * shape.dilation_x + 1;
    // a vector that begins in a part ends in it
    part = ((reached + shape.stride_x - 1) / shape.stride_x + 31) / 16 * 16;
    row = part * shape.stride_x;
  }
  Index place(Index column, Index step) const {
    return step == 1 ? column : column / step + column % step * part;
  }
};

template <class T>
void copy_row(Index count, const T* x, T* to) {
  constexpr Index lanes = kRegister<T>;
  Index j = 0;
  for (; j + lanes <= count; j += lanes) std::memcpy(to + j, x + j, lanes * sizeof(T));
  const int rest = int(count - j);
  store_first<lanes>(to + j, load_first<lanes>(x + j, rest), rest);
}

template <int First, class V, int... J>
LOCKSTEP_INLINE void store_every_second(V low, V high, void* to, std::integer_sequence<int, J...>) {
  const V chosen = __builtin_shufflevector(low, high, (First + 2 * J)...);
  std::memcpy(to, &chosen, sizeof(V));
}

// A row of x into the parts of a padded row.
template <class T>
void part_row(const PaddedBand& band, Index step, Index count, Index pad, const T* x, T* to) {
  constexpr Index lanes = kRegister<T>;
  const Index odd = pad % 2, pairs = (count - odd) / 2;
  if (step > 2 || lanes == 1 || pairs < lanes) {
    for (Index k = 0, part = pad % step, column = pad / step; k < count; ++k) {
      to[part * band.part + column] = x[k];
      if (++part == step) part = 0, ++column;
    }
    return;
  }
  if (odd == 1) to[band.place(pad, 2)] = x[0];
  for (Index j = 0; j < pairs; j += lanes) {
    const Index start = j + lanes <= pairs ? j : pairs - lanes, place = (pad + odd) / 2 + start;
    Vector<T, lanes> low, high;
    std::memcpy(&low, x + odd + 2 * start, sizeof low);
    std::memcpy(&high, x + odd + 2 * start + lanes, sizeof high);
    store_every_second<0>(low, high, to + place, std::make_integer_sequence<int, lanes>());
    store_every_second<1>(low, high, to + band.part + place, std::make_integer_sequence<int, lanes>());
  }
  if (odd + 2 * pairs < count) to[band.place(count - 1 + pad, 2)] = x[count - 1];
}

// A register of sums into y, or as many of them as the row has pixels.
template <class T>
LOCKSTEP_INLINE void store_pixels(Vector<T, kRegister<T>> sum, Index count, T* y) {
  if (count >= kRegister<T>) {
    std::memcpy(y, &sum, sizeof sum);
  } else {
    store_first<kRegister<T>>(y, Lanes<T, kRegister<T>>(sum), int(count));
  }
}

template <int First, class V, int... J>
LOCKSTEP_INLINE V lanes_from(V low, V high, std::integer_sequence<int, J...>) {
  return __builtin_shufflevector(low, high, (First + J)...);
}

// The register of pixels at x under the left (0), middle (1) or right (2) of three columns of a filter that
// lie side by side. Zeros lie before a row's first pixel and behind its last.
template <bool First, bool Last, class T>
LOCKSTEP_INLINE Vector<T, kRegister<T>> neighbour(const T* x, int j) {
  constexpr int lanes = kRegister<T>;
  constexpr auto all = std::make_integer_sequence<int, lanes>();
  constexpr bool aligned = kLanes >= 16;  // cheaper than loads all of which cross cache lines
  const bool beyond = (First && j == 0) || (Last && j == 2);
  using V = Vector<T, lanes>;
  V at, side{};
  if (j == 1 || beyond || aligned) std::memcpy(&at, x, sizeof(V));
  if (j == 1) return at;
  if (!beyond) std::memcpy(&side, x + (aligned ? lanes : 1) * (j - 1), sizeof(V));
  if (!beyond && !aligned) return side;
  return j == 0 ? lanes_from<lanes - 1>(side, at, all) : lanes_from<1>(at, side, all);
}

// A filter of 3 x 3 down Count registers of columns: pixels(p, j) is the p-th of them under column j, and
// next() goes to the next row. Several registers are whole ones; of a single one `width` lanes are stored.
template <int StrideY, int Count, class T, class Pixels, class Next>
LOCKSTEP_INLINE void filter_down(Index height, Index width, const T* filters, T* y, Index y_row,
                                 Pixels pixels, Next next) {
  using V = Vector<T, kRegister<T>>;
  V filter[9];
#pragma GCC unroll 9
  for (int k = 0; k < 9; ++k) {
    filter[k] = filters[k] - V{};
    keep_in_register(filter[k]);
  }
  const auto add = [&](auto* third, auto* second, auto* first) __attribute__((always_inline)) {
#pragma GCC unroll 2
    for (int p = 0; p < Count; ++p) {
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
        V pixel = pixels(p, j);
        keep_in_register(pixel);
        add_pixel(pixel, filter, j, p, third, second, first);
      }
    }
    next();
  };
  const auto store = [&](Index, const auto& sums) __attribute__((always_inline)) {
    if constexpr (Count == 1) {
      store_pixels<T>(sums.of[0], width, y);
    } else {
#pragma GCC unroll 2
      for (int p = 0; p < Count; ++p) std::memcpy(y + p * kRegister<T>, &sums.of[p], sizeof(V));
    }
    y += y_row;
  };
  slide_down<StrideY, Sums<V, Count>>(height, add, store);
}

// Columns of the filter that lie side by side, under rows of x of which those outside [begin, end) are zero.
template <bool First, bool Last, int Count, class T>
__attribute__((noinline)) void neighbours_down(Index height, Index width, const T* x, Index row, Index begin,
                                               Index end, const T* filters, T* y, Index y_row) {
  alignas(64) static const T zeros[(Count + 2) * kRegister<T>] = {};
  const T* from;
  Index at = 0;
  const auto go = [&](Index to) __attribute__((always_inline)) {
    at = to;
    from = at >= begin && at < end ? x + at * row : zeros + kRegister<T>;
  };
  go(0);
  const auto pixels = [&](int p, int j) __attribute__((always_inline)) {
    return neighbour<First, Last>(from + p * kRegister<T>, j);
  };
  const auto next = [&]() __attribute__((always_inline)) { go(at + 1); };
  filter_down<1, Count>(height, width, filters, y, y_row, pixels, next);
}

// Columns of the filter that lie anywhere.
template <int StrideY, class T>
__attribute__((noinline)) void columns_down(Index height, Index width, const T* x, Index row, Index second,
                                            Index third, const T* filters, T* y, Index y_row) {
  const auto pixels = [&](int, int j) __attribute__((always_inline)) {
    Vector<T, kRegister<T>> pixel;
    std::memcpy(&pixel, j == 0 ? x : j == 1 ? x + second : x + third, sizeof pixel);
    return pixel;
  };
  const auto next = [&]() __attribute__((always_inline)) { x += row; };
  filter_down<StrideY, 1>(height, width, filters, y, y_row, pixels, next);
}

// Rows [top, top + height) of one channel under a filter of 3 x 3, read in place: strides 1, one column of
// padding on either side, and rows so long that a register and what is read beside it lie inside.
template <class T>
void depthwise_in_place(Index top, Index height, Index width, Index in_height, Index pad_y, const T* x,
                        Index row, const T* filters, T* y, Index y_row) {
  constexpr Index lanes = kRegister<T>;
  const auto down = [&](auto sum, Index column) {
    sum(height, lanes, x + (top - pad_y) * row + column, row, pad_y - top, in_height + pad_y - top, filters,
        y + column, y_row);
  };
  down(neighbours_down<true, false, 1, T>, 0);
  Index j = lanes;
  if constexpr (kLanes < 16) {
    for (; j + 2 * lanes < width; j += 2 * lanes) down(neighbours_down<false, false, 2, T>, j);
  }
  for (; j + lanes < width; j += lanes) {
    down(neighbours_down<false, false, 1, T>, j + 2 * lanes <= width ? j : width - 2 * lanes);
  }
  down(neighbours_down<false, true, 1, T>, width - lanes);
}

// Rows of y under any filter that are computed together: usual heights are multiples of it.
constexpr int kTogether = kLanes >= 16 ? 4 : 7;

// Any filter at one register of columns.
template <class T>
__attribute__((noinline)) void depthwise_tile(const ConvolutionShape& shape, const PaddedBand& band,
                                              Index count, const T* x, const T* filters, T* y, Index y_row) {
  using V = Vector<T, kRegister<T>>;
  for (Index row = 0; row < shape.height; row += kTogether) {
    V sum[kTogether] = {}, pixel;
    const T* filter = filters;
    const T* places[kTogether];
    for (Index r = 0; r < kTogether; ++r) {  // beyond the last row, the last one is repeated
      const Index i = row + r < shape.height ? row + r : shape.height - 1;
      places[r] = x + i * shape.stride_y * band.row;
    }
    for (Index i = 0; i < shape.kernel_height; ++i) {
      for (Index j = 0; j < shape.kernel_width; ++j, ++filter) {
        const Index at = i * shape.dilation_y * band.row + band.place(j * shape.dilation_x, shape.stride_x);
        V scalar = *filter - V{};
        keep_in_register(scalar);
#pragma GCC unroll 7
        for (int r = 0; r < kTogether; ++r) {
          std::memcpy(&pixel, places[r] + at, sizeof(V));
          sum[r] += pixel * scalar;
        }
      }
    }
#pragma GCC unroll 7
    for (Index r = 0; r < kTogether; ++r) {
      if (row + r < shape.height) store_pixels<T>(sum[r], count, y + (row + r) * y_row);
    }
  }
}

}  // namespace detail

// Room (elements) that convolve_depthwise_rows takes.
inline Index depthwise_rows_room(const ConvolutionShape& shape) {
  const detail::PaddedBand band(shape);
  return (band.rows + 1) * band.row + 16;
}

// One filter a channel: y = sum over (row, column) of filters * x for images with pixel == 1 and all
// channels in one block; inside and outside are both the number of channels, and filters lie
// [channel][kernel_height][kernel_width]. x.data is the first of in_height * in_width pixels without
// padding: what lies outside them is zero, and output (0, 0) reads (-pad_y, -pad_x) for the filter's first
// element.
template <class T>
void convolve_depthwise_rows(const ConvolutionShape& shape, Index in_height, Index in_width, Index pad_y,
                             Index pad_x, Image<const T> x, const T* filters, Image<T> y, T* scratch) {
  constexpr Index lanes = detail::kRegister<T>;
  const detail::PaddedBand band(shape);
  T* const padded = scratch + 15;  // a row's second column is as aligned as scratch
  const Index wanted = band.reached > pad_x ? band.reached - pad_x : 0;
  const Index count = in_width < wanted ? in_width : wanted;
  const bool square = shape.kernel_height == 3 && shape.kernel_width == 3;
  const bool nine = square && shape.dilation_y == 1 && shape.stride_y <= 2;
  const bool neighbours = shape.stride_y == 1 && shape.stride_x == 1 && shape.dilation_x == 1;
  const bool in_place = nine && neighbours && pad_x == 1 && shape.width == in_width &&
                        (kLanes >= 16 ? in_width >= 3 * lanes : in_width > lanes);
  const auto down = shape.stride_y == 2 ? detail::columns_down<2, T> : detail::columns_down<1, T>;
  const Index second = band.place(shape.dilation_x, shape.stride_x);
  const Index third = band.place(2 * shape.dilation_x, shape.stride_x);
  if (!in_place) {  // the columns of padding stay zero from channel to channel
    for (Index i = 0; i < (band.rows + 1) * band.row; ++i) padded[i] = T(0);
  }
  for (Index c = 0; c < shape.outside; ++c, filters += shape.kernel_height * shape.kernel_width) {
    const T* plane = x.data + c * x.channel;
    for (Index top = 0; top < shape.height; top += detail::kBand) {
      ConvolutionShape part = shape;
      part.height = shape.height - top < detail::kBand ? shape.height - top : detail::kBand;
      T* const to = y.data + c * y.channel + top * y.row;
      if (in_place) {
        detail::depthwise_in_place(top, part.height, shape.width, in_height, pad_y, plane, x.row, filters,
                                   to, y.row);
        continue;
      }
      const Index first = top * shape.stride_y - pad_y;
      for (Index i = 0; i < band.rows; ++i) {
        T* const into = padded + i * band.row;
        if (first + i < 0 || first + i >= in_height) {
          if (nine && neighbours) continue;
          for (Index j = 0; j < band.row; ++j) into[j] = T(0);
        } else {
          const T* from = plane + (first + i) * x.row;
          if (shape.stride_x == 1) {
            detail::copy_row(count, from, into + pad_x);
          } else {
            detail::part_row(band, shape.stride_x, count, pad_x, from, into);
          }
        }
      }
      // A row's last register ends with the row, if the row fills one.
      for (Index j = 0; j < shape.width; j += lanes) {
        const Index start = j + lanes <= shape.width || j == 0 ? j : shape.width - lanes;
        if (nine && neighbours) {
          detail::neighbours_down<false, false, 1>(part.height, shape.width, padded + 1 + start, band.row,
                                                   -first, in_height - first, filters, to + start, y.row);
        } else if (nine) {
          down(part.height, shape.width, padded + start, band.row, second, third, filters, to + start,
               y.row);
        } else {
          detail::depthwise_tile(part, band, shape.width, padded + start, filters, to + start, y.row);
        }
      }
    }
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
