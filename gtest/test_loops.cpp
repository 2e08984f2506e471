// Cut loops, extrema, sorting and rounded-down division of the runtime against numbers worked out by hand.
#include "lockstep/loops.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

using lockstep::arg_reduce;
using lockstep::Cut;
using lockstep::floor_quotient;
using lockstep::floor_rest;
using lockstep::Index;
using lockstep::kLanes;
using lockstep::Lanes;
using lockstep::sort_row;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// ---- division

TEST(FloorQuotient, RoundsDownOnBothSidesOfZero) {
  const Index numerators[] = {-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
  const Index quotients[] = {-3, -2, -2, -2, -1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2};
  const Index rests[] = {2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1};
  for (int k = 0; k < 15; ++k) {
    EXPECT_EQ(floor_quotient(numerators[k], 3), quotients[k]) << numerators[k];
    EXPECT_EQ(floor_rest(numerators[k], 3), rests[k]) << numerators[k];
  }
}

TEST(FloorQuotient, ByOneAndByMoreThanTheNumerator) {
  for (const Index a : {Index(-5), Index(0), Index(5), std::numeric_limits<Index>::max()}) {
    EXPECT_EQ(floor_quotient(a, 1), a);
    EXPECT_EQ(floor_rest(a, 1), 0);
  }
  EXPECT_EQ(floor_quotient(-1, 1000), -1);
  EXPECT_EQ(floor_rest(-1, 1000), 999);
  EXPECT_EQ(floor_quotient(999, 1000), 0);
}

TEST(FloorQuotient, IsKnownToTheCompiler) {
  static_assert(floor_quotient(-7, 2) == -4 && floor_rest(-7, 2) == 1);
  static_assert(lockstep::smaller(-1, 2) == -1 && lockstep::larger(-1, 2) == 2);
  SUCCEED();
}

// ---- cut

struct Range {
  Index low, high;
};

// The part of [0, n) where every guard holds, as `each_cut` takes it.
Range within(const Cut& cut) {
  const Index low = std::min(std::max(cut.low, Index(0)), cut.n);
  return {low, std::max(std::min(cut.high, cut.n), low)};
}

TEST(CutTest, WithoutGuardIsEverything) {
  const Range all = within(Cut(5));
  EXPECT_EQ(all.low, 0);
  EXPECT_EQ(all.high, 5);
}

TEST(CutTest, GuardsOfEverySlope) {
  struct Row {
    Index factor, rest, low, high;
  };
  // over [0, 10): the i with factor * i + rest >= 0
  const Row rows[] = {{1, 0, 0, 10},  {1, -3, 3, 10},  {1, 3, 0, 10},   {1, -10, 10, 10}, {1, -99, 10, 10},
                      {2, -3, 2, 10}, {2, -4, 2, 10},  {3, -7, 3, 10},  {-1, 9, 0, 10},   {-1, 4, 0, 5},
                      {-1, 0, 0, 1},  {-1, -1, 0, 0},  {-2, 5, 0, 3},   {-2, 4, 0, 3},    {-3, 7, 0, 3},
                      {0, 0, 0, 10},  {0, 5, 0, 10},   {0, -1, 0, 0}};
  for (const Row& row : rows) {
    Cut cut(10);
    cut.require(row.factor, row.rest);
    EXPECT_EQ(within(cut).low, row.low) << row.factor << " i + " << row.rest;
    EXPECT_EQ(within(cut).high, row.high) << row.factor << " i + " << row.rest;
  }
}

TEST(CutTest, SeveralGuardsAreAllKept) {
  Cut padded(8);  // a row of 5 with 2 before it and 1 after: i - 2 >= 0 and 6 - i >= 0
  padded.require(1, -2);
  padded.require(-1, 6);
  EXPECT_EQ(within(padded).low, 2);
  EXPECT_EQ(within(padded).high, 7);
  Cut contradictory(8);
  contradictory.require(1, -6);
  contradictory.require(-1, 3);
  EXPECT_EQ(within(contradictory).low, within(contradictory).high);
  Cut never(8);  // the guard that holds nowhere comes before one that moves the lower end up
  never.require(0, -1);
  never.require(1, -5);
  EXPECT_EQ(within(never).low, within(never).high);
}

// Counts the visits of every index, and those with `inside` true: some are visited twice, but always with the truth
// about their guards. What lies after the row must stay untouched.
void expect_visits(Index n, Index low, Index high) {
  std::vector<std::int32_t> visits(std::size_t(n + 2 * kLanes)), inner(std::size_t(n + 2 * kLanes));
  Cut cut(n);
  cut.low = low;
  cut.high = high;
  lockstep::each_cut(cut, [&](auto at, auto inside) {
    at.store(visits.data(), at.load(visits.data()) + at.splat(std::int32_t(1)));
    at.store(inner.data(), at.load(inner.data()) + at.splat(std::int32_t(inside)));
  });
  for (Index i = 0; i < Index(visits.size()); ++i) {
    const bool here = i < n && low <= i && i < high;
    EXPECT_EQ(visits[std::size_t(i)] > 0, i < n) << "n " << n << " [" << low << ", " << high << ") at " << i;
    EXPECT_EQ(inner[std::size_t(i)], here ? visits[std::size_t(i)] : 0)
        << "n " << n << " [" << low << ", " << high << ") at " << i;
  }
}

TEST(EachCut, EveryCombinationOfEmptyPartialAndFullRanges) {
  const Index longest = 2 * kLanes + 3;
  const Index step = kLanes >= 8 ? 3 : 1;
  for (Index n = 0; n <= longest; n += n < 3 ? 1 : step) {
    for (Index low = -2; low <= n + 2; ++low) {
      for (Index high = -2; high <= n + 2; ++high) expect_visits(n, low, high);
    }
  }
}

TEST(EachCut, RangesOfWholeVectors) {
  for (Index low = 0; low <= 3; ++low) {
    for (Index high = low; high <= 3; ++high) expect_visits(3 * kLanes, low * kLanes, high * kLanes);
  }
}

TEST(Guarded, DoesNotComputeWhatItDoesNotNeed) {
  int computed = 0;
  const auto value = [&] { return ++computed, 7; };
  EXPECT_EQ(lockstep::guarded(std::true_type(), value, 0), 7);
  EXPECT_EQ(lockstep::guarded(true, value, 0), 7);
  EXPECT_EQ(computed, 2);
  EXPECT_EQ(lockstep::guarded(std::false_type(), value, -1), -1);
  EXPECT_EQ(lockstep::guarded(false, value, -1), -1);
  EXPECT_EQ(computed, 2);
}

// ---- whole vectors

// The widest vector of at most 16 lanes of which n elements have one: what emitted code names.
template <class Visit>
void with_most(Index n, Visit visit) {
  if (n >= 16) visit(std::integral_constant<int, 16>());
  else if (n >= 8) visit(std::integral_constant<int, 8>());
  else if (n >= 4) visit(std::integral_constant<int, 4>());
  else if (n >= 2) visit(std::integral_constant<int, 2>());
  else visit(std::integral_constant<int, 1>());
}

// loop(n, most, body) runs a body by vectors of at most `most` lanes.
template <class Loop>
void writes_every_element_and_no_other(Loop loop) {
  for (Index n = 1; n <= 70; ++n) {
    std::vector<float> row(std::size_t(n + kLanes), -1.0f);
    with_most(n, [&](auto most) {
      loop(n, most, [&](auto at) { at.store(row.data(), at.template index<float>() * at.splat(2.0f)); });
    });
    for (Index i = 0; i < n + kLanes; ++i) EXPECT_EQ(row[std::size_t(i)], i < n ? float(2 * i) : -1.0f) << n;
  }
}

TEST(EachWhole, WritesEveryElementAndNoOther) {
  writes_every_element_and_no_other([](Index n, auto most, auto body) { lockstep::each_whole<most>(n, body); });
}

TEST(EachOfFew, WritesEveryElementAndNoOther) {
  writes_every_element_and_no_other([](Index n, auto most, auto body) { lockstep::each_of_few<most>(n, body); });
}

template <class T>
void fills(T value) {
  for (Index n = 0; n < 5 * kLanes; ++n) {
    std::vector<T> row(std::size_t(n + 1));
    lockstep::fill(row.data(), n, value);
    for (Index i = 0; i < n; ++i) EXPECT_EQ(row[std::size_t(i)], value) << i << " of " << n;
    EXPECT_EQ(row.back(), T()) << n;
  }
}

TEST(Fill, WritesEveryElementAndNoOther) {
  fills(-kInfinity);
  fills(2.5);
  fills(std::int8_t(7));
  fills(std::int64_t(1) << 40);
}

TEST(FoldRow, EveryElementCountsOnce) {
  for (Index n = 1; n <= 200; ++n) {
    std::vector<float> row(std::size_t(n + kLanes), kNaN);
    for (Index i = 0; i < n; ++i) row[std::size_t(i)] = float(i % 10 + 1);
    float wanted = 0.0f;
    for (Index i = 0; i < n; ++i) wanted += row[std::size_t(i)];
    with_most(n, [&](auto most) {
      const auto body = [&](auto at) { return at.load(row.data()); };
      EXPECT_EQ((lockstep::fold_row<lockstep::Sum, float, most>(n, body)), wanted) << n;
      EXPECT_EQ((lockstep::fold_row<lockstep::Max, float, most>(n, body)), float(n < 10 ? n : 10)) << n;
      auto rows = lockstep::lanes_to_fold<lockstep::Sum, float, most>();
      for (int k = 0; k < 3; ++k) rows = rows + lockstep::fold_to_lanes<lockstep::Sum, float, most>(n, body);
      EXPECT_EQ(lockstep::Sum::fold(rows), 3 * wanted) << n;
      row[std::size_t(n - 1)] = kNaN;
      EXPECT_TRUE(std::isnan(lockstep::fold_row<lockstep::Min, float, most>(n, body))) << n;
    });
  }
}

TEST(ArgReduceRow, TheFirstOfEqualsAndTheFirstNaN) {
  for (Index n = 2; n <= 80; ++n) {
    for (Index at = 0; at < n; ++at) {
      std::vector<float> row(std::size_t(n), 1.0f);
      const auto body = [&](auto here) { return here.load(row.data()); };
      row[std::size_t(at)] = 2.0f;
      row[std::size_t(n - 1)] = 2.0f;
      with_most(n, [&](auto most) {
        EXPECT_EQ((lockstep::arg_reduce_row<lockstep::Max, float, most>(n, body)), at) << n;
        row[std::size_t(at)] = kNaN;
        EXPECT_EQ((lockstep::arg_reduce_row<lockstep::Max, float, most>(n, body)), at) << n;
        EXPECT_EQ((lockstep::arg_reduce_row<lockstep::Min, float, most>(n, body)), at) << n;
        row.assign(std::size_t(n), -kInfinity);
        EXPECT_EQ((lockstep::arg_reduce_row<lockstep::Max, float, most>(n, body)), 0) << n;
      });
    }
  }
}

TEST(EachGroup, FoldsRowsColumnByColumn) {
  for (Index n = 3 * 16; n <= 3 * 16 * 3; ++n) {
    std::vector<std::int32_t> matrix(std::size_t(5 * n)), sums(std::size_t(n + kLanes), -7);
    for (Index i = 0; i < 5 * n; ++i) matrix[std::size_t(i)] = std::int32_t(i * i % 101);
    lockstep::each_group<3>(n, [&](auto group) {
      auto running = group.splat(std::int32_t(100));
      for (Index row = 0; row < 5; ++row)
        group.template fold<lockstep::Sum>(running, [&](auto at) { return at.load(matrix.data() + row * n); });
      group.template join<lockstep::Sum>(running, group.splat(std::int32_t(7)));
      group.each(running, [&](auto at, auto total) { at.store(sums.data(), total); });
    });
    for (Index i = 0; i < n + kLanes; ++i) {
      std::int32_t wanted = 100 + 7;
      for (Index row = 0; row < 5; ++row) wanted += i < n ? matrix[std::size_t(row * n + i)] : 0;
      EXPECT_EQ(sums[std::size_t(i)], i < n ? wanted : -7) << n;
    }
  }
}

TEST(EverySecond, ReadsNothingAfterTheLast) {
  const int n = 2 * kLanes;
  std::unique_ptr<float[]> row(new float[std::size_t(2 * n - 1)]);  // no more than there are: sanitizers see one more
  for (int i = 0; i < 2 * n - 1; ++i) row[std::size_t(i)] = float(i);
  lockstep::each(n, [&](auto at) {
    const auto x = lockstep::every_second(at, row.get());
    for (int j = 0; j < at.count(); ++j) EXPECT_EQ(x[j], float(2 * (at.i + j)));
  });
}

TEST(GatherWithin, ZeroWhereThePlaceIsOutside) {
  const std::vector<float> row(kLanes + 3, 5.0f);
  lockstep::each(kLanes, [&](auto at) {
    const auto places = at.template index<Index>();
    const auto x = lockstep::gather_within(at, places < Lanes<Index, at.kWidth>(3), row.data(), places);
    for (int j = 0; j < at.count(); ++j) EXPECT_EQ(x[j], j < 3 ? 5.0f : 0.0f);
  });
}

// ---- arg_reduce

template <class Monoid, class T>
Index place(const std::vector<T>& row) {
  return arg_reduce<Monoid>(Index(row.size()), [&](Index i) { return Lanes<T, 1>(row[std::size_t(i)]); });
}

TEST(ArgReduce, FirstOfEqualsWins) {
  EXPECT_EQ((place<lockstep::Max, float>({1, 3, 2, 3})), 1);
  EXPECT_EQ((place<lockstep::Min, float>({2, 1, 3, 1})), 1);
  EXPECT_EQ((place<lockstep::Max, float>({5, 5, 5})), 0);
  EXPECT_EQ((place<lockstep::Max, std::int64_t>({-4, -1, -1, -9})), 1);
  EXPECT_EQ((place<lockstep::Min, std::uint8_t>({200, 255, 0, 0})), 2);
}

TEST(ArgReduce, SignedZerosAreEqual) {
  EXPECT_EQ((place<lockstep::Max, float>({-0.0f, 0.0f})), 0);
  EXPECT_EQ((place<lockstep::Min, float>({0.0f, -0.0f})), 0);
}

TEST(ArgReduce, FirstNaNWins) {
  EXPECT_EQ((place<lockstep::Max, float>({1, kNaN, kInfinity, kNaN})), 1);
  EXPECT_EQ((place<lockstep::Min, float>({-kInfinity, 0, kNaN, kNaN})), 2);
  EXPECT_EQ((place<lockstep::Max, float>({kNaN, 5})), 0);
  EXPECT_EQ((place<lockstep::Min, double>({kNaN, double(kNaN), -1})), 0);
}

TEST(ArgReduce, InfinitiesAndExtremesAreNumbers) {
  EXPECT_EQ((place<lockstep::Max, float>({-kInfinity, -kInfinity})), 0);
  EXPECT_EQ((place<lockstep::Max, float>({-kInfinity, -3e38f})), 1);
  EXPECT_EQ((place<lockstep::Min, float>({kInfinity, 3e38f})), 1);
  const auto lowest = std::numeric_limits<std::int64_t>::lowest();
  EXPECT_EQ((place<lockstep::Max, std::int64_t>({lowest, lowest + 1})), 1);
}

TEST(ArgReduce, OneAndNone) {
  EXPECT_EQ((place<lockstep::Max, float>({7})), 0);
  EXPECT_EQ((place<lockstep::Max, float>({})), 0);
}

// ---- sort_row

template <class T>
struct Sorted {
  std::vector<T> values;
  std::vector<std::int64_t> indices;
};

template <class T>
Sorted<T> sorted(const std::vector<T>& row, bool descending) {
  const std::size_t n = row.size();
  Sorted<T> result{std::vector<T>(n), std::vector<std::int64_t>(n)};
  std::vector<std::int64_t> scratch(2 * n + 2, -99);
  sort_row(row.data(), 1, Index(n), descending, result.values.data(), result.indices.data(), 1, scratch.data());
  EXPECT_EQ(scratch[2 * n], -99) << "scratch is used beyond 2 n";
  return result;
}

using Places = std::vector<std::int64_t>;

TEST(SortRow, AscendingAndDescending) {
  const std::vector<std::int32_t> row = {4, -1, 7, 0, 2};
  EXPECT_EQ(sorted(row, false).values, (std::vector<std::int32_t>{-1, 0, 2, 4, 7}));
  EXPECT_EQ(sorted(row, false).indices, (Places{1, 3, 4, 0, 2}));
  EXPECT_EQ(sorted(row, true).values, (std::vector<std::int32_t>{7, 4, 2, 0, -1}));
  EXPECT_EQ(sorted(row, true).indices, (Places{2, 0, 4, 3, 1}));
}

TEST(SortRow, EqualsKeepTheirOrderBothWays) {
  const std::vector<float> row = {2, 1, 2, 1, 2, 1, 1};
  EXPECT_EQ(sorted(row, false).indices, (Places{1, 3, 5, 6, 0, 2, 4}));
  EXPECT_EQ(sorted(row, true).indices, (Places{0, 2, 4, 1, 3, 5, 6}));
  EXPECT_EQ(sorted(std::vector<float>{0.0f, -0.0f, 0.0f}, false).indices, (Places{0, 1, 2}));
}

TEST(SortFirst, IsTheFrontOfTheWholeOrder) {
  const std::vector<float> row = {3, kNaN, -1, 3, 0.0f, kInfinity, -0.0f, -1, kNaN, 2, -kInfinity, 3};
  for (const bool descending : {false, true}) {
    const Places whole = sorted(row, descending).indices;
    for (std::size_t first = 1; first <= row.size() + 2; ++first) {
      const std::size_t count = std::min(first, row.size());
      std::vector<float> values(2 * first, -55.0f);
      Places indices(2 * first, -55);
      lockstep::sort_first(row.data(), 1, Index(row.size()), descending, values.data(), indices.data(), 2, Index(first));
      for (std::size_t k = 0; k < count; ++k) {
        EXPECT_EQ(indices[2 * k], whole[k]) << first << " of them, place " << k;
        EXPECT_EQ(std::memcmp(&values[2 * k], &row[std::size_t(whole[k])], sizeof(float)), 0);
      }
      for (std::size_t k = 0; k < first; ++k) EXPECT_EQ(indices[2 * k + 1], -55) << "between its places";
    }
  }
}

TEST(SortRow, NaNIsTheLargest) {
  const std::vector<float> row = {kNaN, kInfinity, 1, kNaN, -kInfinity};
  const Sorted<float> up = sorted(row, false), down = sorted(row, true);
  EXPECT_EQ(up.indices, (Places{4, 2, 1, 0, 3}));
  EXPECT_EQ(down.indices, (Places{0, 3, 1, 2, 4}));
  EXPECT_TRUE(std::isnan(up.values[3]) && std::isnan(up.values[4]));
  EXPECT_EQ(up.values[2], kInfinity);
  EXPECT_EQ(sorted(std::vector<float>{kNaN, kNaN, kNaN}, true).indices, (Places{0, 1, 2}));
}

TEST(SortRow, BoolsAndExtremeIntegers) {
  const bool flags[] = {true, false, true, false};
  bool values[4];
  std::int64_t indices[4], scratch[8];
  sort_row(flags, 1, 4, false, values, indices, 1, scratch);
  EXPECT_EQ((Places{indices, indices + 4}), (Places{1, 3, 0, 2}));
  EXPECT_TRUE(!values[0] && !values[1] && values[2] && values[3]);
  const auto lowest = std::numeric_limits<std::int64_t>::lowest(), highest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(sorted(std::vector<std::int64_t>{0, highest, lowest}, true).indices, (Places{1, 0, 2}));
}

TEST(SortRow, EveryLengthIsAPermutationInOrder) {
  for (int n = 0; n <= 33; ++n) {
    std::vector<std::int32_t> row;
    for (int i = 0; i < n; ++i) row.push_back(i * 7 % 5);  // many equals
    const Sorted<std::int32_t> up = sorted(row, false);
    for (int i = 0; i < n; ++i) EXPECT_EQ(up.values[std::size_t(i)], row[std::size_t(up.indices[std::size_t(i)])]);
    for (int i = 1; i < n; ++i) {
      const auto k = std::size_t(i);
      EXPECT_TRUE(up.values[k - 1] < up.values[k] || (up.values[k - 1] == up.values[k] && up.indices[k - 1] < up.indices[k]))
          << "n " << n << " at " << i;
    }
  }
}

TEST(SortRow, StridedRowsAndResults) {
  const float columns[] = {3, 30, 1, 10, 2, 20};  // two columns of three
  float values[9] = {};
  std::int64_t indices[9] = {}, scratch[6];
  sort_row(columns + 1, 2, 3, false, values, indices, 3, scratch);
  EXPECT_EQ((std::vector<float>{values, values + 9}), (std::vector<float>{10, 0, 0, 20, 0, 0, 30, 0, 0}));
  EXPECT_EQ((Places{indices, indices + 9}), (Places{1, 0, 0, 2, 0, 0, 0, 0, 0}));
}

}  // namespace
