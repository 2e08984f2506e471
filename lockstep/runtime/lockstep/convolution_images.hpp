// Images from one layout into another: channels first into blocks of channels inside a border of zeros, and
// back.
#pragma once

#include "convolution.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// Zeros around an image: rows above and below, columns left and right.
struct Border {
  Index above, below, left, right;
};

namespace detail {

template <int Place, class V, int... J>
LOCKSTEP_INLINE V interleaved(V a, V b, std::integer_sequence<int, J...>) {
  constexpr int lanes = sizeof...(J);
  return __builtin_shufflevector(a, b, (Place * lanes / 2 + J / 2 + J % 2 * lanes)...);
}

// A square of as many rows and columns as a register has lanes, transposed: rows of `from` become columns of
// `to`.
template <class T>
void transpose_square(const T* from, Index from_row, T* to, Index to_row) {
  constexpr int lanes = kRegister<T>;
  constexpr auto all = std::make_integer_sequence<int, lanes>();
  using V = Vector<T, lanes>;
  V row[lanes], next[lanes];
#pragma GCC unroll 16
  for (int i = 0; i < lanes; ++i) std::memcpy(&row[i], from + i * from_row, sizeof(V));
#pragma GCC unroll 4
  for (int half = 1; half < lanes; half *= 2) {  // interleaving the halves log2(lanes) times transposes
#pragma GCC unroll 8
    for (int i = 0; i < lanes / 2; ++i) {
      next[2 * i] = interleaved<0>(row[i], row[i + lanes / 2], all);
      next[2 * i + 1] = interleaved<1>(row[i], row[i + lanes / 2], all);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) row[i] = next[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < lanes; ++i) std::memcpy(to + i * to_row, &row[i], sizeof(V));
}

// `rows` by `columns` elements, transposed, squares first: to[j * to_row + i] = from[i * from_row + j].
template <class T>
void transpose(Index rows, Index columns, const T* from, Index from_row, T* to, Index to_row) {
  constexpr Index lanes = kRegister<T>;
  for (Index i = 0; i < rows; i += lanes) {
    for (Index j = 0; j < columns; j += lanes) {
      if (rows >= lanes && columns >= lanes) {  // the last squares end with the matrix
        const Index r = i + lanes <= rows ? i : rows - lanes, c = j + lanes <= columns ? j : columns - lanes;
        transpose_square(from + r * from_row + c, from_row, to + c * to_row + r, to_row);
        continue;
      }
      for (Index r = i; r < rows && r < i + lanes; ++r) {
        for (Index c = j; c < columns && c < j + lanes; ++c) to[c * to_row + r] = from[r * from_row + c];
      }
    }
  }
}

// Channels that lie side by side in one block, of one row.
template <class T>
void copy_channels(Index channels, Index width, Image<const T> x, Image<T> y) {
  if (x.pixel == 1 && y.channel == 1) {
    transpose(channels, width, x.data, x.channel, y.data, y.pixel);
  } else if (x.channel == 1 && y.pixel == 1) {
    transpose(width, channels, x.data, x.pixel, y.data, y.channel);
  } else {
    for (Index j = 0; j < width; ++j) {
      for (Index c = 0; c < channels; ++c) {
        y.data[j * y.pixel + c * y.channel] = x.data[j * x.pixel + c * x.channel];
      }
    }
  }
}

}  // namespace detail

// Copies channels * height * width elements from one layout into another; blocks are multiples of 16 or hold
// all channels.
template <class T>
void copy_image(Index channels, Index height, Index width, Image<const T> x, Image<T> y) {
  if (x.row == width * x.pixel && y.row == width * y.pixel) width *= height, height = 1;
  for (Index c = 0; c < channels; c += 16) {
    const Index count = channels - c < 16 ? channels - c : 16;
    for (Index i = 0; i < height; ++i) {
      Image<const T> from = x;
      Image<T> to = y;
      from.data += c / x.block * x.group + c % x.block * x.channel + i * x.row;
      to.data += c / y.block * y.group + c % y.block * y.channel + i * y.row;
      detail::copy_channels(count, width, from, to);
    }
  }
}

// Zeros around an image whose data is the first element inside the border; channel == 1, and in blocks of 16
// channels the last block's border is written whole.
template <class T>
void clear_border(Index channels, Index height, Index width, Border border, Image<T> y) {
  const Index limit = y.block % 16 == 0 ? (channels + 15) / 16 * 16 : channels;
  for (Index c = 0; c < limit; c += 16) {
    const Index count = limit - c < 16 ? limit - c : 16;
    T* plane = y.data + c / y.block * y.group + c % y.block;
    const auto clear = [&](Index row, Index from, Index to) {
      for (Index j = from; j < to; ++j) {
        T* pixel = plane + row * y.row + j * y.pixel;
        if (count == 16) {
          std::memset(pixel, 0, 16 * sizeof(T));
        } else {
          for (Index k = 0; k < count; ++k) pixel[k] = T(0);
        }
      }
    };
    for (Index i = -border.above; i < height + border.below; ++i) {
      const bool inside = i >= 0 && i < height;
      clear(i, -border.left, inside ? 0 : width + border.right);
      if (inside) clear(i, width, width + border.right);
    }
  }
}

// An image in any layout into one with channel == 1 inside a border of zeros. y.data is the first element
// inside the border. In blocks of 16 channels the last block is written whole: with zeros beyond the last
// channel.
template <class T>
void block_image(Index channels, Index height, Index width, Image<const T> x, Border border, Image<T> y) {
  copy_image(channels, height, width, x, y);
  clear_border(channels, height, width, border, y);
  if (y.block % 16 == 0) detail::clear_channels(channels, (channels + 15) / 16 * 16, height, width, y);
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
