// float16 and bfloat16 in memory, floats in registers: conversions against numbers worked out by hand.
#include "lockstep/half.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "lockstep/loops.hpp"

namespace {

using lockstep::bfloat16;
using lockstep::Chunk;
using lockstep::half;
using lockstep::Index;
using lockstep::kLanes;
using lockstep::Lanes;
using lockstep::Tail;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The bits of x rounded to T, in the last lane of a full vector and in a vector of one lane, which must agree.
template <class T>
int bits_of(float x) {
  T wide[kLanes], single[1];
  lockstep::store_lanes<kLanes>(wide, Lanes<float, kLanes>(x));
  lockstep::store_lanes<1>(single, Lanes<float, 1>(x));
  EXPECT_EQ(wide[kLanes - 1].bits, single[0].bits);
  EXPECT_EQ(lockstep::narrowed<T>(x).bits, single[0].bits);
  return single[0].bits;
}
template <class T>
float value_of(int bits) {
  return lockstep::widened(T{std::uint16_t(bits)});
}
float from_bits(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

TEST(Float16, ValuesOfEachClass) {
  EXPECT_EQ(value_of<half>(0x3c00), 1.0f);
  EXPECT_EQ(value_of<half>(0xc500), -5.0f);
  EXPECT_EQ(value_of<half>(0x2e66), 0x1.998p-4f);            // 0.1, rounded
  EXPECT_EQ(value_of<half>(0x7bff), 65504.0f);               // the largest
  EXPECT_EQ(value_of<half>(0x0400), 0x1p-14f);               // the smallest normal
  EXPECT_EQ(value_of<half>(0x03ff), 1023 * 0x1p-24f);        // the largest denormal
  EXPECT_EQ(value_of<half>(0x8001), -0x1p-24f);              // the smallest denormal
  EXPECT_EQ(value_of<half>(0x7c00), kInfinity);
  EXPECT_EQ(value_of<half>(0xfc00), -kInfinity);
  EXPECT_TRUE(std::isnan(value_of<half>(0x7c01)));
  EXPECT_TRUE(std::isnan(value_of<half>(0xfe00)));
  EXPECT_TRUE(std::signbit(value_of<half>(0x8000)));
}

TEST(Float16, RoundsToNearestTiesToEven) {
  EXPECT_EQ(bits_of<half>(0.1f), 0x2e66);
  EXPECT_EQ(bits_of<half>(2049.0f), 0x6800);                 // between 2048 and 2050: 2048 is even
  EXPECT_EQ(bits_of<half>(2051.0f), 0x6802);                 // between 2050 and 2052: 2052 is even
  EXPECT_EQ(bits_of<half>(std::nextafter(2049.0f, 3000.0f)), 0x6801);
  EXPECT_EQ(bits_of<half>(std::nextafter(2051.0f, 0.0f)), 0x6801);
  EXPECT_EQ(bits_of<half>(4095.0f), 0x6c00);                 // carries into the exponent
  EXPECT_EQ(bits_of<half>(-0.0f), 0x8000);
}

TEST(Float16, DenormalsAreRoundedToo) {
  EXPECT_EQ(bits_of<half>(0x1p-24f), 1);
  EXPECT_EQ(bits_of<half>(0x1p-25f), 0);                     // the tie with zero
  EXPECT_EQ(bits_of<half>(0x1.000002p-25f), 1);
  EXPECT_EQ(bits_of<half>(3 * 0x1p-25f), 2);                 // the tie of 1 and 2
  EXPECT_EQ(bits_of<half>(-5 * 0x1p-25f), 0x8002);           // the tie of 2 and 3
  EXPECT_EQ(bits_of<half>(2047 * 0x1p-25f), 0x0400);         // up to the smallest normal
  EXPECT_EQ(bits_of<half>(0x1p-149f), 0);
  EXPECT_EQ(bits_of<half>(-0x1p-149f), 0x8000);
}

TEST(Float16, OverflowsToInfinity) {
  EXPECT_EQ(bits_of<half>(65519.996f), 0x7bff);
  EXPECT_EQ(bits_of<half>(65520.0f), 0x7c00);                // the tie goes to what would be even
  EXPECT_EQ(bits_of<half>(-1e30f), 0xfc00);
  EXPECT_EQ(bits_of<half>(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(bits_of<half>(kInfinity), 0x7c00);
  EXPECT_EQ(bits_of<half>(kNaN), 0x7e00);
  EXPECT_EQ(bits_of<half>(from_bits(0x7f800001u)), 0x7e00);  // a NaN whose upper bits alone would be infinity
}

TEST(Bfloat16, RoundsToNearestTiesToEven) {
  EXPECT_EQ(bits_of<bfloat16>(1.0f), 0x3f80);
  EXPECT_EQ(bits_of<bfloat16>(0.1f), 0x3dcd);
  EXPECT_EQ(bits_of<bfloat16>(257.0f), 0x4380);              // between 256 and 258
  EXPECT_EQ(bits_of<bfloat16>(259.0f), 0x4382);              // between 258 and 260
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x3f808001u)), 0x3f81);
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x00008000u)), 0);   // denormals are no exception
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x80018000u)), 0x8002);
  EXPECT_EQ(bits_of<bfloat16>(-0.0f), 0x8000);
}

TEST(Bfloat16, OverflowsToInfinity) {
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x7f7f7fffu)), 0x7f7f);
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x7f7f8000u)), 0x7f80);
  EXPECT_EQ(bits_of<bfloat16>(-kInfinity), 0xff80);
  EXPECT_EQ(bits_of<bfloat16>(kNaN), 0x7fc0);
  EXPECT_EQ(bits_of<bfloat16>(from_bits(0x7fffffffu)), 0x7fc0);  // rounding alone would carry into the sign
}

template <class T>
class Halves : public testing::Test {};
using HalfTypes = testing::Types<half, bfloat16>;
TYPED_TEST_SUITE(Halves, HalfTypes);

TYPED_TEST(Halves, EveryValueComesBack) {
  for (int bits = 0; bits < 65536; ++bits) {
    const float x = value_of<TypeParam>(bits);
    if (std::isnan(x)) {
      EXPECT_TRUE(std::isnan(value_of<TypeParam>(bits_of<TypeParam>(x)))) << bits;
    } else {
      ASSERT_EQ(bits_of<TypeParam>(x), bits);
      ASSERT_EQ(lockstep::round_to<TypeParam>(Lanes<float, kLanes>(x))[0], x);
    }
  }
}

// Neighbours a and b, and what lies between: the middle goes to the even one, everything else to the nearer.
TYPED_TEST(Halves, EveryTieGoesToTheEvenNeighbour) {
  for (int bits = 0; std::isfinite(value_of<TypeParam>(bits + 1)); ++bits) {
    const float low = value_of<TypeParam>(bits), high = value_of<TypeParam>(bits + 1);
    const float middle = float((double(low) + double(high)) / 2);
    ASSERT_EQ(bits_of<TypeParam>(middle), bits + bits % 2);
    ASSERT_EQ(bits_of<TypeParam>(std::nextafter(middle, low)), bits);
    ASSERT_EQ(bits_of<TypeParam>(-std::nextafter(middle, high)), (bits + 1) | 0x8000);
  }
}

TYPED_TEST(Halves, PlacesLoadAndStoreThem) {
  using T = TypeParam;
  std::vector<T> x(64), y(64, lockstep::narrowed<T>(-1));
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = lockstep::narrowed<T>(float(k));
  const auto check = [&](auto at, Index stride) {
    at.store(y.data(), stride, at.load(x.data(), stride) + at.template splat<float>(0.5f));
  };
  lockstep::each(21, [&](auto at) { at.store(y.data(), at.load(x.data()) * at.splat(x[2])); });
  for (std::size_t k = 0; k < 21; ++k) EXPECT_EQ(lockstep::widened(y[k]), 2 * float(k));
  EXPECT_EQ(lockstep::widened(y[21]), -1);
  check(Chunk<kLanes>(0), 3);
  EXPECT_EQ(lockstep::widened(y[3]), 3.5f);
  EXPECT_EQ(lockstep::widened(y[4]), 8);
  if (kLanes > 1) {
    check(Tail<kLanes>(1, 1), 5);
    EXPECT_EQ(lockstep::widened(y[5]), 5.5f);
    EXPECT_EQ(lockstep::widened(y[10]), 20);
  }
}

TYPED_TEST(Halves, GathersAndSorts) {
  using T = TypeParam;
  const T row[] = {lockstep::narrowed<T>(2), lockstep::narrowed<T>(kNaN), lockstep::narrowed<T>(-3)};
  const Chunk<1> at(0);
  EXPECT_EQ(at.gather(row, Lanes<Index, 1>(2))[0], -3.0f);
  EXPECT_EQ(at.gather_if(Lanes<bool, 1>(true), row, Lanes<Index, 1>(0), 7.0f)[0], 2.0f);
  EXPECT_EQ(at.gather_if(Lanes<bool, 1>(false), row, Lanes<Index, 1>(99), 7.0f)[0], 7.0f);
  T values[3];
  std::int64_t indices[3], scratch[6];
  lockstep::sort_row(row, 1, 3, false, values, indices, 1, scratch);
  EXPECT_EQ(indices[0], 2);
  EXPECT_EQ(indices[1], 0);
  EXPECT_EQ(indices[2], 1);                                  // NaN last
  EXPECT_EQ(lockstep::widened(values[0]), -3.0f);
}

}  // namespace
