// Lanes, places and loops of the runtime against numbers worked out by hand.
#include "lockstep/simd.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace {

using lockstep::Index;
using lockstep::kLanes;
using lockstep::Lanes;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// f of one number, in the first lane of a full vector and in a vector of one lane, which must agree.
template <class R, class T, class F>
R in_lanes(T x, F f) {
  const R wide = f(Lanes<T, kLanes>(x))[0];
  const R single = f(Lanes<T, 1>(x))[0];
  EXPECT_TRUE(wide == single || (wide != wide && single != single));
  return wide;
}
template <class R, class T, class F>
R in_lanes(T x, T y, F f) {
  const R wide = f(Lanes<T, kLanes>(x), Lanes<T, kLanes>(y))[kLanes - 1];
  const R single = f(Lanes<T, 1>(x), Lanes<T, 1>(y))[0];
  EXPECT_TRUE(wide == single || (wide != wide && single != single));
  return wide;
}
template <class To, class From>
To cast_one(From x) {
  return in_lanes<To>(x, [](auto v) { return lockstep::cast<To>(v); });
}

template <class T>
class Integers : public testing::Test {};
using IntegerTypes = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                                    std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(Integers, IntegerTypes);

TYPED_TEST(Integers, OverflowWraps) {
  using T = TypeParam;
  const T highest = std::numeric_limits<T>::max(), lowest = std::numeric_limits<T>::lowest();
  EXPECT_EQ(in_lanes<T>(highest, T(1), [](auto a, auto b) { return a + b; }), lowest);
  EXPECT_EQ(in_lanes<T>(lowest, T(1), [](auto a, auto b) { return a - b; }), highest);
  EXPECT_EQ(in_lanes<T>(highest, highest, [](auto a, auto b) { return a * b; }), T(1));
}

TYPED_TEST(Integers, DivisionNeverTraps) {
  using T = TypeParam;
  const auto divide = [](auto a, auto b) { return a / b; };
  EXPECT_EQ(in_lanes<T>(T(100), T(7), divide), T(14));
  EXPECT_EQ(in_lanes<T>(T(100), T(0), divide), T(0));
  if (std::is_signed_v<T>) {
    const T lowest = std::numeric_limits<T>::lowest();
    EXPECT_EQ(in_lanes<T>(T(-100), T(7), divide), T(-14));
    EXPECT_EQ(in_lanes<T>(lowest, T(-1), divide), lowest);
    EXPECT_EQ(in_lanes<T>(T(5), T(-1), divide), T(-5));
  }
}

TYPED_TEST(Integers, ShiftCountsOutsideTheTypeShiftEverythingOut) {
  using T = TypeParam;
  const T bits = 8 * sizeof(T);
  const auto left = [](auto a, auto b) { return a << b; };
  const auto right = [](auto a, auto b) { return a >> b; };
  EXPECT_EQ(in_lanes<T>(T(3), T(2), left), T(12));
  EXPECT_EQ(in_lanes<T>(T(3), bits, left), T(0));
  EXPECT_EQ(in_lanes<T>(T(3), T(-1), left), T(0));
  EXPECT_EQ(in_lanes<T>(T(13), T(2), right), T(3));
  EXPECT_EQ(in_lanes<T>(T(13), bits, right), T(0));
  if (std::is_signed_v<T>) {
    EXPECT_EQ(in_lanes<T>(T(-13), T(2), right), T(-4));
    EXPECT_EQ(in_lanes<T>(T(-13), bits, right), T(-1));
    EXPECT_EQ(in_lanes<T>(T(-13), T(-1), right), T(-1));
  }
}

TYPED_TEST(Integers, ComparisonsSelectionAndBits) {
  using T = TypeParam;
  const auto larger = [](auto a, auto b) { return select(a < b, b, a); };
  EXPECT_EQ(in_lanes<T>(T(3), T(100), larger), T(100));
  EXPECT_EQ(in_lanes<T>(std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max(), larger),
            std::numeric_limits<T>::max());
  EXPECT_EQ(in_lanes<T>(T(12), T(10), [](auto a, auto b) { return a & b; }), T(8));
  EXPECT_EQ(in_lanes<T>(T(12), T(10), [](auto a, auto b) { return a | b; }), T(14));
  EXPECT_EQ(in_lanes<T>(T(12), T(10), [](auto a, auto b) { return a ^ b; }), T(6));
  EXPECT_EQ(in_lanes<T>(T(12), [](auto a) { return ~a; }), T(~T(12)));
  EXPECT_TRUE(in_lanes<bool>(T(12), T(12), [](auto a, auto b) { return (a == b) & (a >= b) & (a <= b); }));
  EXPECT_FALSE(in_lanes<bool>(T(12), T(12), [](auto a, auto b) { return (a != b) | (a > b) | (a < b); }));
}

TYPED_TEST(Integers, CastsFromFloatAndToBool) {
  using T = TypeParam;
  EXPECT_EQ((cast_one<T, float>(100.75f)), T(100));
  EXPECT_EQ((cast_one<T, double>(100.75)), T(100));
  EXPECT_EQ((cast_one<float, T>(T(100))), 100.0f);
  EXPECT_EQ((cast_one<T, std::int64_t>(-1)), T(-1));
  EXPECT_TRUE((cast_one<bool, T>(T(2))));
  EXPECT_FALSE((cast_one<bool, T>(T(0))));
  EXPECT_EQ((cast_one<T, bool>(true)), T(1));
}

TEST(Casts, WhatDoesNotFitBecomesTheLowestInteger) {
  for (float x : {kNaN, kInfinity, -kInfinity, 3e9f, -3e9f, 2147483648.0f}) {
    EXPECT_EQ((cast_one<std::int32_t, float>(x)), std::numeric_limits<std::int32_t>::lowest()) << x;
  }
  for (double x : {double(kNaN), double(kInfinity), 1e19, -1e19, 9223372036854775808.0}) {
    EXPECT_EQ((cast_one<std::int64_t, double>(x)), std::numeric_limits<std::int64_t>::lowest()) << x;
  }
  EXPECT_EQ((cast_one<std::int32_t, float>(-2147483648.0f)), -2147483647 - 1);
  EXPECT_EQ((cast_one<std::int32_t, float>(2147483520.0f)), 2147483520);
  EXPECT_EQ((cast_one<std::int32_t, double>(-2147483648.5)), -2147483647 - 1);
  EXPECT_EQ((cast_one<std::int32_t, double>(2147483647.5)), 2147483647);
}

TEST(Casts, NarrowIntegersKeepTheLowBits) {  // as torch 2.13 on the CPU
  EXPECT_EQ((cast_one<std::uint8_t, float>(-1.0f)), 255);
  EXPECT_EQ((cast_one<std::uint8_t, float>(300.0f)), 44);
  EXPECT_EQ((cast_one<std::uint8_t, float>(kNaN)), 0);
  EXPECT_EQ((cast_one<std::int8_t, float>(300.0f)), 44);
  EXPECT_EQ((cast_one<std::uint8_t, double>(1e10 + 5.0)), std::uint8_t(10000000005 & 255));
  EXPECT_EQ((cast_one<std::uint64_t, double>(1.8e19)), std::uint64_t(18000000000000000000u));
  EXPECT_EQ((cast_one<std::uint64_t, double>(-1.0)), ~std::uint64_t(0));
}

TEST(Casts, ToBoolNaNIsTrueAndZerosAreFalse) {
  EXPECT_TRUE((cast_one<bool, float>(kNaN)));
  EXPECT_TRUE((cast_one<bool, float>(1e-45f)));
  EXPECT_FALSE((cast_one<bool, float>(-0.0f)));
  EXPECT_FALSE((cast_one<bool, double>(0.0)));
  EXPECT_EQ((cast_one<double, bool>(true)), 1.0);
}

TEST(Floats, SplatAndNegationKeepTheSignOfZero) {
  EXPECT_TRUE(std::signbit(in_lanes<float>(-0.0f, [](auto x) { return x; })));
  EXPECT_TRUE(std::signbit(in_lanes<float>(0.0f, [](auto x) { return -x; })));
  EXPECT_TRUE(std::signbit(in_lanes<double>(0.0, [](auto x) { return -x; })));
  EXPECT_EQ(in_lanes<float>(3.0f, [](auto x) { return x * 2.0f - 1.0f; }), 5.0f);
}

TEST(Floats, BitcastReadsTheBits) {
  const auto narrow = [](auto x) { return lockstep::bitcast<std::int32_t>(x); };
  const auto wide = [](auto x) { return lockstep::bitcast<std::int64_t>(x); };
  EXPECT_EQ(in_lanes<std::int32_t>(1.0f, narrow), 0x3f800000);
  EXPECT_EQ(in_lanes<std::int64_t>(1.0, wide), 0x3ff0000000000000);
}

TEST(Masks, LogicAndOrder) {
  const Lanes<bool, kLanes> yes(true), no(false);
  EXPECT_TRUE(all(yes & !no));
  EXPECT_TRUE(all(yes | no));
  EXPECT_TRUE(all(yes ^ no));
  EXPECT_FALSE(any(~yes));
  EXPECT_TRUE(all(no < yes));
  EXPECT_FALSE(any(yes < yes));
  EXPECT_TRUE(all(yes >= yes));
  EXPECT_TRUE(all(select(yes, yes, no)));
}

TEST(Masks, AnyAndAllSeeEverySingleLane) {
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto one = Lanes<std::int32_t, kLanes>::counting() == Lanes<std::int32_t, kLanes>(lane);
    EXPECT_TRUE(any(one));
    EXPECT_EQ(all(one), kLanes == 1);
    EXPECT_EQ(all(!one), false);
  }
}

template <class T>
class Places : public testing::Test {};
using AllTypes = testing::Types<float, double, bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                                std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(Places, AllTypes);

// Every length up to three vectors, with a guard behind the row: `each` copies, and touches nothing else.
TYPED_TEST(Places, EachCopiesEveryLengthAndNothingMore) {
  using T = TypeParam;
  constexpr int kMost = 3 * kLanes + 1;
  T from[kMost + 1], to[kMost + 1];
  for (int n = -1; n <= kMost; ++n) {
    for (int i = 0; i <= kMost; ++i) from[i] = T((i * 7 + 1) % 5), to[i] = T(1);
    lockstep::each(n, [&](auto at) { at.store(to, at.load(from)); });
    for (int i = 0; i <= kMost; ++i) EXPECT_EQ(to[i], i < n ? from[i] : T(1)) << "n " << n << " i " << i;
  }
}

TYPED_TEST(Places, StridesGathersAndSelections) {
  using T = TypeParam;
  constexpr int n = 2 * kLanes + 1;
  T from[3 * n], to[2 * n];
  for (int i = 0; i < 3 * n; ++i) from[i] = T(i % 2 + (i % 3 == 0));
  for (int i = 0; i < 2 * n; ++i) to[i] = T(0);
  const auto check = [&](const char* what) {
    for (int i = 0; i < 2 * n; ++i) EXPECT_EQ(to[i], i % 2 ? T(0) : from[3 * (i / 2)]) << what << " " << i;
    for (int i = 0; i < 2 * n; ++i) to[i] = T(0);
  };
  lockstep::each(n, [&](auto at) { at.store(to, 2, at.load(from, 3)); });
  check("strides");
  lockstep::each_scalar(n, [&](auto at) { at.store(to, 2, at.load(from, 3)); });
  check("strides one by one");
  lockstep::each(n, [&](auto at) {
    const auto index = at.template index<Index>();
    at.store(to, 2, at.gather(from, index * at.template splat<Index>(3)));
  });
  check("gather");
  lockstep::each(n, [&](auto at) {  // the offsets of the odd places point far outside
    const auto index = at.template index<Index>();
    const auto even = (index & at.template splat<Index>(1)) == at.template splat<Index>(0);
    const auto far_outside = at.template splat<Index>(Index(1) << 40);
    const auto offsets = select(even, index * at.template splat<Index>(3), far_outside);
    const auto filled = at.gather_if(even, from, offsets, T(1));
    at.store(to, 2, select(even, filled, at.load(from, 3)));
    EXPECT_TRUE(all(even | (filled == at.template splat<T>(T(1)))));
  });
  check("gather_if");
}

TEST(Places, TailLoadsZerosBehindTheActiveLanes) {
  if (kLanes == 1) GTEST_SKIP() << "a vector of one lane has no tail";
  const float ones[kLanes + 2] = {1, 1, 1};
  const lockstep::Tail<kLanes> at(0, 3);
  const auto loaded = at.load(ones), kept = at.keep(loaded, 7.0f);
  for (int lane = 0; lane < kLanes; ++lane) {
    EXPECT_EQ(loaded[lane], lane < 3 ? 1.0f : 0.0f);
    EXPECT_EQ(kept[lane], lane < 3 ? 1.0f : 7.0f);
    EXPECT_EQ(at.active()[lane], lane < 3);
  }
  EXPECT_EQ(at.count(), 3);
}

template <class T>
class Partial : public testing::Test {};
using StoredTypes = testing::Types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, bool>;
TYPED_TEST_SUITE(Partial, StoredTypes);

template <class T>
LOCKSTEP_INLINE void move_first(int count, const T* from, T* to) {
  const lockstep::Tail<kLanes> at(0, count);
  const auto x = at.load(from);
  for (int lane = 0; lane < kLanes; ++lane) EXPECT_EQ(x[lane], lane < count ? from[lane] : T(0)) << count;
  at.store(to, x);
}
template <class T, int... Count>
void move_known_counts(const T* from, T (&to)[kLanes], std::integer_sequence<int, Count...>) {
  const auto check = [&](int count) {
    for (int lane = 0; lane < kLanes; ++lane) EXPECT_EQ(to[lane], lane < count ? from[lane] : T(0)) << count;
    for (T& element : to) element = T(0);
  };
  ((move_first(Count, from, to), check(Count)), ...);
}

// Counts that the compiler knows take another way than counts that it does not.
TYPED_TEST(Partial, MovesItsElementsAndNoOther) {
  using T = TypeParam;
  T from[kLanes], to[kLanes] = {};
  for (int lane = 0; lane < kLanes; ++lane) from[lane] = T(lane + 1);
  move_known_counts(from, to, std::make_integer_sequence<int, kLanes>());
  for (volatile int count = 0; count < kLanes; count = count + 1) {
    const int unknown = count;
    move_first(unknown, from, to);
    for (int lane = 0; lane < kLanes; ++lane) EXPECT_EQ(to[lane], lane < unknown ? from[lane] : T(0));
    for (T& element : to) element = T(0);
  }
}

TEST(Places, IndexCountsInEveryType) {
  const lockstep::Chunk<kLanes> at(Index(1) << 24);
  for (int lane = 0; lane < kLanes; ++lane) {
    EXPECT_EQ(at.template index<Index>()[lane], 16777216 + lane);
    EXPECT_EQ(at.template index<double>()[lane], 16777216.0 + lane);
    EXPECT_EQ(at.template index<float>()[lane], float(16777216 + lane));  // rounded once, not lane by lane
    EXPECT_EQ(at.template index<std::uint8_t>()[lane], std::uint8_t(lane));
  }
}

TEST(Reductions, SumsOfEveryLength) {
  std::vector<float> x;
  std::vector<std::int8_t> bytes;
  for (int n = 0; n < 9 * kLanes; ++n) {
    const float sum = lockstep::reduce<lockstep::Sum, float>(n, [&](auto at) { return at.load(x.data()); });
    EXPECT_EQ(sum, float(n * (n + 1) / 2)) << n;
    const double wide = lockstep::reduce<lockstep::Sum, double>(
        n, [&](auto at) { return lockstep::cast<double>(at.load(x.data())); });
    EXPECT_EQ(wide, n * (n + 1) / 2) << n;
    const auto wrapped =
        lockstep::reduce<lockstep::Sum, std::int8_t>(n, [&](auto at) { return at.load(bytes.data()); });
    EXPECT_EQ(wrapped, std::int8_t(n * (n + 1) / 2)) << n;
    x.push_back(float(n + 1));
    bytes.push_back(std::int8_t(n + 1));
  }
}

TEST(Reductions, ExtremaFindEveryPlaceAndNaNWins) {
  for (int n = 1; n < 6 * kLanes; ++n) {
    for (int place = 0; place < n; ++place) {
      std::vector<float> x(n, -3.0f);
      x[place] = -2.0f;
      const auto body = [&](auto at) { return at.load(x.data()); };
      EXPECT_EQ((lockstep::reduce<lockstep::Max, float>(n, body)), -2.0f);
      x[place] = -4.0f;
      EXPECT_EQ((lockstep::reduce<lockstep::Min, float>(n, body)), -4.0f);
      x[place] = kNaN;
      EXPECT_TRUE(std::isnan(lockstep::reduce<lockstep::Max, float>(n, body)));
      EXPECT_TRUE(std::isnan(lockstep::reduce<lockstep::Min, float>(n, body)));
    }
  }
}

TEST(Reductions, NothingGivesTheIdentity) {
  const auto floats = [](auto at) { return at.template splat<float>(5.0f); };
  const auto integers = [](auto at) { return at.template splat<std::int32_t>(5); };
  const auto masks = [](auto at) { return at.active(); };
  for (Index n : {Index(0), Index(-4)}) {
    EXPECT_EQ((lockstep::reduce<lockstep::Sum, float>(n, floats)), 0.0f);
    EXPECT_EQ((lockstep::reduce<lockstep::Prod, float>(n, floats)), 1.0f);
    EXPECT_EQ((lockstep::reduce<lockstep::Max, float>(n, floats)), -kInfinity);
    EXPECT_EQ((lockstep::reduce<lockstep::Min, float>(n, floats)), kInfinity);
    EXPECT_EQ((lockstep::reduce<lockstep::Max, std::int32_t>(n, integers)), -2147483647 - 1);
    EXPECT_EQ((lockstep::reduce<lockstep::Min, std::int32_t>(n, integers)), 2147483647);
    EXPECT_FALSE((lockstep::reduce<lockstep::Any, bool>(n, masks)));
    EXPECT_TRUE((lockstep::reduce<lockstep::All, bool>(n, masks)));
  }
}

TEST(Reductions, ProductsAndTruthValues) {
  const std::vector<float> x = {2, 3, 0.5f, 4, -1};
  const auto numbers = [&](auto at) { return at.load(x.data()); };
  EXPECT_EQ((lockstep::reduce<lockstep::Prod, float>(5, numbers)), -12.0f);
  const auto negative = [&](auto at) { return at.load(x.data()) < at.template splat<float>(0.0f); };
  EXPECT_TRUE((lockstep::reduce<lockstep::Any, bool>(5, negative)));
  EXPECT_FALSE((lockstep::reduce<lockstep::Any, bool>(4, negative)));
  EXPECT_FALSE((lockstep::reduce<lockstep::All, bool>(5, negative)));
}

TEST(Reductions, ScalarsCombineLikeLanes) {
  EXPECT_EQ(lockstep::Sum::combine(2.0f, 3.0f), 5.0f);
  EXPECT_TRUE(std::isnan(lockstep::Max::combine(kNaN, 3.0f)));
  EXPECT_TRUE(std::isnan(lockstep::Max::combine(3.0f, kNaN)));
  EXPECT_EQ(lockstep::Min::combine(std::int64_t(2), std::int64_t(3)), 2);
  EXPECT_TRUE(lockstep::Any::combine(false, true));
  EXPECT_EQ(lockstep::Sum::fold(Lanes<double, kLanes>::counting()), kLanes * (kLanes - 1) / 2);
}

}  // namespace
