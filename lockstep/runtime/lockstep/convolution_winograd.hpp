// Convolution by 3 x 3 with stride 1 in four ninths of the multiplications: F(2 x 2, 3 x 3) of Lavin and
// Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
//
// Tiles of 4 x 4 pixels are transformed, multiplied with transformed filters as 16 products of matrices
// (each a convolution by 1 x 1 whose pixels are the tiles), and transformed back into 2 x 2 pixels.
#pragma once

#include "convolution.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {
namespace detail {

constexpr Index kTransformed = 16;  // elements of a tile

// Tiles of a call, how many of them are computed together, and the convolution by 1 x 1 that this is.
struct WinogradTiles {
  Index across, all, together;
  ConvolutionShape product;

  explicit WinogradTiles(const ConvolutionShape& shape) {
    across = (shape.width + 1) / 2;
    all = across * ((shape.height + 1) / 2);
    // Transformed, they stay in the second cache.
    const Index fitting = 8192 / (shape.inside + shape.outside) / 14 * 14;
    together = fitting < 28 ? 28 : fitting > 112 ? 112 : fitting;
    if (together > all) together = all;
    product = {shape.inside, shape.outside, 1, together, 1, 1, 1, 1, 1, 1};
  }
  // Elements of one of 16 transformed images: a vector more than needed, or powers of two would share few
  // cache lines.
  Index inside() const { return together * ((product.inside + 15) / 16 * 16) + 16; }
  Index outside() const { return together * ((product.outside + 15) / 16 * 16) + 16; }
  Index filters() const { return (product.outside + 63) / 64 * 64 * product.inside; }
};

// B^T d B for a register of channels of a tile that lies at `rows` and `columns`; one of the 16 results is
// `part` from the next.
template <class T>
LOCKSTEP_INLINE void transform_tile(const T* const* rows, const Index* columns, T* to, Index part) {
  using V = Vector<T, kRegister<T>>;
  const auto read = [&](int i, int j) {
    V value;
    std::memcpy(&value, rows[i] + columns[j], sizeof value);
    return value;
  };
  const auto write = [&](V value) {
    std::memcpy(to, &value, sizeof value);
    to += part;
  };
  const auto write_row = [&](auto row) {
    const V a = row(0), b = row(1), c = row(2), d = row(3);
    write(a - c), write(b + c), write(c - b), write(b - d);
  };
  write_row([&](int j) { return read(0, j) - read(2, j); });
  write_row([&](int j) { return read(1, j) + read(2, j); });
  write_row([&](int j) { return read(2, j) - read(1, j); });
  write_row([&](int j) { return read(1, j) - read(3, j); });
}

// A^T m A for a register of channels, as far as the 2 x 2 results lie in the image.
template <class T>
LOCKSTEP_INLINE void transform_back(const T* from, Index part, bool below, bool right, T* y, Index row,
                                    Index pixel) {
  using V = Vector<T, kRegister<T>>;
  const auto read = [&](int i, int j) {
    V value;
    std::memcpy(&value, from + (4 * i + j) * part, sizeof value);
    return value;
  };
  const auto write_row = [&](T* to, V a, V b, V c, V d) {
    const V first = a + b + c, second = b - c - d;
    std::memcpy(to, &first, sizeof first);
    if (right) std::memcpy(to + pixel, &second, sizeof second);
  };
  const auto sum = [&](int j) { return read(0, j) + read(1, j) + read(2, j); };
  const auto difference = [&](int j) { return read(1, j) - read(2, j) - read(3, j); };
  write_row(y, sum(0), sum(1), sum(2), sum(3));
  if (below) write_row(y + row, difference(0), difference(1), difference(2), difference(3));
}

}  // namespace detail

// Room (elements) of the transformed filters, on any target: 16 times outside rounded up to 64, times
// inside.
inline Index winograd_filters_room(const ConvolutionShape& shape) {
  return detail::kTransformed * detail::WinogradTiles(shape).filters();
}
// Room (elements) that convolve_winograd takes.
inline Index winograd_room(const ConvolutionShape& shape) {
  const detail::WinogradTiles tiles(shape);
  return detail::kTransformed * (tiles.inside() + tiles.outside());
}

// G g G^T of every filter, packed for convolve_winograd.
template <class T>
void pack_winograd_filters(const ConvolutionShape& shape, const T* filters, Index out_stride,
                           Index in_stride, Index y_stride, Index x_stride, T* packed) {
  constexpr T g[4][3] = {{1, 0, 0}, {T(0.5), T(0.5), T(0.5)}, {T(0.5), T(-0.5), T(0.5)}, {0, 0, 1}};
  const detail::WinogradTiles tiles(shape);
  for (Index part = 0; part < detail::kTransformed; ++part) {
    const T *down = g[part / 4], *across = g[part % 4];
    detail::pack_each(tiles.product, packed + part * tiles.filters(), [=](Index o, Index c, Index, Index) {
      T sum = 0;
      for (int i = 0; i < 3; ++i) {
        const T* row = filters + o * out_stride + c * in_stride + i * y_stride;
        sum += down[i] * (across[0] * row[0] + across[1] * row[x_stride] + across[2] * row[2 * x_stride]);
      }
      return sum;
    });
  }
}

// `convolve` for filters of 3 x 3, strides and dilations of 1, and images with channel == 1 in blocks of a
// multiple of 16. Its rounding errors are larger than those of `convolve` where elements of a tile differ
// much in size, and infinities in x become NaN in their whole tile. The same bits whatever the rows are
// split into, if by even numbers.
template <class T>
void convolve_winograd(const ConvolutionShape& shape, Image<const T> x, const T* packed, Image<T> y,
                       T* scratch) {
  constexpr Index lanes = detail::kRegister<T>;
  detail::WinogradTiles tiles(shape);
  T* const outside = scratch + detail::kTransformed * tiles.inside();
  for (Index start = 0; start < tiles.all; start += tiles.together) {
    const Index count = tiles.all - start < tiles.together ? tiles.all - start : tiles.together;
    const Index group = count * 16;
    tiles.product.width = count;
    for (Index t = 0; t < count; ++t) {
      const Index top = (start + t) / tiles.across * 2, left = (start + t) % tiles.across * 2;
      Index columns[4];  // beyond the image the last one is repeated: only results outside the image need it
      for (Index j = 0; j < 4; ++j) {
        columns[j] = (left + j < shape.width + 2 ? left + j : shape.width + 1) * x.pixel;
      }
      for (Index c = 0; c < shape.inside; c += lanes) {
        const T* from = x.data + c / x.block * x.group + c % x.block;
        const T* rows[4];
        for (Index i = 0; i < 4; ++i) {
          rows[i] = from + (top + i < shape.height + 2 ? top + i : shape.height + 1) * x.row;
        }
        detail::transform_tile(rows, columns, scratch + c / 16 * group + t * 16 + c % 16, tiles.inside());
      }
    }
    for (Index part = 0; part < detail::kTransformed; ++part) {
      const Image<const T> from{scratch + part * tiles.inside(), 16, group, group, 16, 1};
      const Image<T> to{outside + part * tiles.outside(), 16, group, group, 16, 1};
      convolve<T>(tiles.product, from, packed + part * tiles.filters(), to);
    }
    for (Index t = 0; t < count; ++t) {
      const Index top = (start + t) / tiles.across * 2, left = (start + t) % tiles.across * 2;
      for (Index c = 0; c < (shape.outside + 15) / 16 * 16; c += lanes) {
        T* to = y.data + c / y.block * y.group + c % y.block + top * y.row + left * y.pixel;
        const T* from = outside + c / 16 * group + t * 16 + c % 16;
        const bool below = top + 1 < shape.height, right = left + 1 < shape.width;
        detail::transform_back(from, tiles.outside(), below, right, to, y.row, y.pixel);
      }
    }
  }
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
