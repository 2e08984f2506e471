// Convolution with one filter a channel of images that lie channels first: a row's pixels in the lanes.
#pragma once

#include "convolution.hpp"
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

template <class V, int... J>
LOCKSTEP_INLINE void shift_by_one(V before, V at, V after, V* left, V* right,
                                  std::integer_sequence<int, J...>) {
  constexpr int lanes = sizeof...(J);
  *left = __builtin_shufflevector(before, at, (J + lanes - 1)...);
  *right = __builtin_shufflevector(at, after, (J + 1)...);
}

// The three columns of a filter of 3 x 3, at the first row that it reads, and how far the next row is. Rows
// outside [first, last) are zero. Shifted: the columns are a register apart and are shifted by one pixel
// less, since three aligned loads are cheaper than one and two that cross cache lines.
template <class T>
struct Columns {
  const T* from[3];
  Index row[3], first, last;
};

// A filter of 3 x 3 down one register of columns. A row of x is read once for all rows of y that need it.
template <int StrideY, bool Shifted, class T>
void depthwise_down(Index height, Index width, const Columns<T>& columns, const T* filters, T* y,
                    Index y_row) {
  using V = Vector<T, kRegister<T>>;
  constexpr int lanes = kRegister<T>;
  V filter[3][3], above{}, sum{}, left, middle, right;  // sums that lack one row of the filter, and two rows
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
#pragma GCC unroll 3
    for (int j = 0; j < 3; ++j) filter[i][j] = filters[3 * i + j] - V{};
  }
  const T *first = columns.from[0], *second = columns.from[1], *third = columns.from[2];
  const Index first_row = columns.row[0], second_row = columns.row[1], third_row = columns.row[2];
  const Index begin = columns.first, end = columns.last;
  Index at = 0;
  const auto read = [&] {
    left = middle = right = V{};
    if (at >= begin && at < end) {
      std::memcpy(&left, first, sizeof(V));
      std::memcpy(&middle, second, sizeof(V));
      std::memcpy(&right, third, sizeof(V));
      if (Shifted) {
        constexpr auto all = std::make_integer_sequence<int, lanes>();
        shift_by_one(left, middle, right, &left, &right, all);
      }
    }
    first += first_row, second += second_row, third += third_row, ++at;
  };
  const auto add = [&](V to, int i) {
    return to + left * filter[i][0] + middle * filter[i][1] + right * filter[i][2];
  };
  read();
  sum = add(V{}, 0);
  if (StrideY == 1) {
    read();
    above = add(sum, 1);
    sum = add(V{}, 0);
  }
  for (Index i = 0; i < height; ++i, y += y_row) {
    if (StrideY == 2) {
      read();
      above = add(sum, 1);
    }
    read();
    store_pixels<T>(add(above, 2), width, y);
    if (StrideY == 1) above = add(sum, 1);
    sum = add(V{}, 0);
  }
}

// Rows [top, top + height) of one channel under a filter of 3 x 3, read in place: strides 1, one column of
// padding, rows of three registers at least, so that a register on either side of each lies inside its row
// or in the padding.
template <class T>
void depthwise_in_place(Index top, Index height, Index width, Index in_height, Index pad_y, const T* x,
                        Index row, const T* filters, T* y, Index y_row) {
  constexpr Index lanes = kRegister<T>;
  static constexpr T zeros[lanes] = {};
  for (Index j = 0; j < width; j += lanes) {
    const bool last = j + lanes >= width;
    const Index start = last ? width - lanes : j + 2 * lanes <= width ? j : width - 2 * lanes;
    const T* at = x + (top - pad_y) * row + start;
    Columns<T> columns{{at - lanes, at, at + lanes}, {row, row, row}, pad_y - top, in_height + pad_y - top};
    if (j == 0) columns.from[0] = zeros, columns.row[0] = 0;
    if (last) columns.from[2] = zeros, columns.row[2] = 0;
    depthwise_down<1, true>(height, lanes, columns, filters, y + start, y_row);
  }
}

// Any filter at one register of columns, four rows of y together.
template <class T>
void depthwise_tile(const ConvolutionShape& shape, const PaddedBand& band, Index count, const T* x,
                    const T* filters, T* y, Index y_row) {
  using V = Vector<T, kRegister<T>>;
  for (Index row = 0; row < shape.height; row += 4) {
    V sum[4] = {}, pixel;
    const T* filter = filters;
    const T* places[4];
    for (Index r = 0; r < 4; ++r) {  // beyond the last row, the last one is repeated
      const Index i = row + r < shape.height ? row + r : shape.height - 1;
      places[r] = x + i * shape.stride_y * band.row;
    }
    for (Index i = 0; i < shape.kernel_height; ++i) {
      for (Index j = 0; j < shape.kernel_width; ++j, ++filter) {
        const Index at = i * shape.dilation_y * band.row + band.place(j * shape.dilation_x, shape.stride_x);
#pragma GCC unroll 4
        for (int r = 0; r < 4; ++r) {
          std::memcpy(&pixel, places[r] + at, sizeof(V));
          sum[r] += pixel * (*filter - V{});
        }
      }
    }
    for (Index r = row; r < row + 4 && r < shape.height; ++r) {
      store_pixels<T>(sum[r - row], count, y + r * y_row);
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
  const bool shifted = nine && neighbours && lanes >= 8;
  const bool in_place = shifted && pad_x == 1 && shape.width == in_width && in_width >= 3 * lanes;
  const auto down = shape.stride_y == 2 ? detail::depthwise_down<2, false, T>
                    : shifted           ? detail::depthwise_down<1, true, T>
                                        : detail::depthwise_down<1, false, T>;
  const T* places[3];
  for (Index k = 0; k < 3; ++k) {
    places[k] = padded + (shifted ? 1 + (k - 1) * lanes : band.place(k * shape.dilation_x, shape.stride_x));
  }
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
          if (nine) continue;
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
        if (nine) {
          detail::Columns<T> moved{{}, {band.row, band.row, band.row}, -first, in_height - first};
          for (Index k = 0; k < 3; ++k) moved.from[k] = places[k] + start;
          down(part.height, shape.width, moved, filters, to + start, y.row);
        } else {
          detail::depthwise_tile(part, band, shape.width, padded + start, filters, to + start, y.row);
        }
      }
    }
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
