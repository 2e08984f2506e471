// The harness itself: hand-written numbers that must pass or fail, and models that are wrong on purpose.
#include "harness.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <stdexcept>

#include "compare.hpp"
#include "execute.hpp"
#include "onnx.pb.h"
#include "results.hpp"

namespace {

using namespace lockstep_test;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
Tensor tensor(int dtype, std::vector<std::int64_t> dims, const std::vector<T>& values) {
  Tensor result{dtype, std::move(dims), Bytes(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(result.bytes.data(), values.data(), result.bytes.size());
  return result;
}

Answer floats(const std::vector<float>& output, std::vector<double> truth = {}, std::vector<double> bound = {}) {
  return {tensor(LOCKSTEP_FLOAT32, {static_cast<std::int64_t>(output.size())}, output), std::move(truth),
          std::move(bound)};
}

float bits(std::uint32_t pattern) {
  float value;
  std::memcpy(&value, &pattern, sizeof value);
  return value;
}

bool right(float was, const Answer& answer) { return compare(&was, answer).outside == 0; }

TEST(Compare, OneUlpTooFarFails) {
  const double ulp = 0x1p-23;
  const Answer answer = floats({1.0f}, {1.0}, {2 * ulp});
  EXPECT_TRUE(right(1.0f, answer));
  EXPECT_TRUE(right(0x1.000004p0f, answer));   // 2 ULP: the bound itself is inside
  EXPECT_FALSE(right(0x1.000006p0f, answer));  // 3 ULP
  EXPECT_TRUE(right(0x1.fffffcp-1f, answer));  // 2 halves of an ULP below
  EXPECT_FALSE(right(0x1.fffff6p-1f, answer));
}

TEST(Compare, TruthIsTheFloat64AndNotItsRounding) {
  const Answer answer = floats({1.0f}, {1.0 + 0x1p-25}, {0x1p-23});
  EXPECT_TRUE(right(0x1.000002p0f, answer));
  EXPECT_FALSE(right(0x1.fffffep-1f - 0x1p-24f, answer));
  const float was = 0x1.000002p0f;
  EXPECT_DOUBLE_EQ(compare(&was, answer).worst, (0x1p-23 - 0x1p-25) / 0x1p-23);
}

TEST(Compare, ZeroBoundMeansEqualBits) {
  const Answer zero = floats({0.0f}, {0.0}, {0.0});
  EXPECT_TRUE(right(0.0f, zero));
  EXPECT_FALSE(right(-0.0f, zero));
  EXPECT_FALSE(right(0.0f, floats({-0.0f})));  // without bounds: the same
  EXPECT_FALSE(right(bits(1), zero));          // the smallest denormal
  EXPECT_TRUE(right(-0.0f, floats({0.0f}, {0.0}, {1e-30})));
}

TEST(Compare, ClassesDecideBeforeBounds) {
  const float nan = std::nanf(""), infinity = HUGE_VALF;
  EXPECT_TRUE(right(bits(0xffc12345), floats({nan}, {kNaN}, {0})));  // any NaN is that NaN
  EXPECT_TRUE(right(bits(0x7fc00001), floats({nan})));
  EXPECT_FALSE(right(1.0f, floats({nan}, {kNaN}, {1})));
  EXPECT_FALSE(right(infinity, floats({nan}, {kNaN}, {1})));
  EXPECT_TRUE(right(infinity, floats({infinity}, {1e39}, {1e38})));
  EXPECT_FALSE(right(-infinity, floats({infinity}, {kInfinity}, {kNaN})));
  EXPECT_FALSE(right(3.4e38f, floats({infinity}, {kInfinity}, {1e38})));
  EXPECT_FALSE(right(nan, floats({1.0f}, {1.0}, {1e30})));
  EXPECT_FALSE(right(infinity, floats({1.0f}, {1.0}, {1e30})));
}

TEST(Compare, TooCloseToCallIsCountedAndNotCompared) {
  const Answer answer = floats({1, 2, 3}, {1, 2, 3}, {kNaN, 0.5, kInfinity});
  const float was[] = {99, 2.25f, -99};
  const Comparison compared = compare(was, answer);
  EXPECT_EQ(compared.outside, 0);
  EXPECT_EQ(compared.undecided, 2);
  EXPECT_EQ(compared.worst, 0.5);
}

TEST(Compare, Float64GetsHalfAnUlpForItsTruthsRounding) {
  const Answer answer{tensor(LOCKSTEP_FLOAT64, {1}, std::vector<double>{1.0}), {5.0}, {0x1p-52}};  // truth is not used
  const double one_and_half = 1 + 0x1p-52, two = 1 + 0x1p-51;
  EXPECT_EQ(compare(&one_and_half, answer).outside, 0);
  EXPECT_EQ(compare(&two, answer).outside, 1);
}

TEST(Compare, HalfPrecisions) {
  const std::vector<double> truth{1.0}, bound{0x1p-10};
  const Answer half{tensor(LOCKSTEP_FLOAT16, {1}, std::vector<std::uint16_t>{0x3c00}), truth, bound};
  const std::uint16_t one_ulp = 0x3c01, two_ulps = 0x3c02, minus_one = 0xbc00, nan = 0x7e00;
  EXPECT_EQ(compare(&one_ulp, half).worst, 1.0);
  EXPECT_EQ(compare(&one_ulp, half).outside, 0);
  EXPECT_EQ(compare(&two_ulps, half).outside, 1);
  EXPECT_EQ(compare(&minus_one, half).outside, 1);
  EXPECT_EQ(compare(&nan, half).outside, 1);
  const Answer denormal{tensor(LOCKSTEP_FLOAT16, {1}, std::vector<std::uint16_t>{3}), {0x3p-24}, {0x1p-24}};
  const std::uint16_t two = 2, one = 1;
  EXPECT_EQ(compare(&two, denormal).outside, 0);
  EXPECT_EQ(compare(&one, denormal).outside, 1);
  const Answer brain{tensor(LOCKSTEP_BFLOAT16, {1}, std::vector<std::uint16_t>{0x3f80}), truth, {0x1p-7}};
  const std::uint16_t brain_one_ulp = 0x3f81, brain_two_ulps = 0x3f82;
  EXPECT_EQ(compare(&brain_one_ulp, brain).outside, 0);
  EXPECT_EQ(compare(&brain_two_ulps, brain).outside, 1);
}

TEST(Compare, IntegersAndBooleansAreExact) {
  const std::int64_t big = (std::int64_t{1} << 62) + 1, next = big + 1;
  const Answer whole{tensor(LOCKSTEP_INT64, {1}, std::vector<std::int64_t>{big}), {}, {}};
  EXPECT_EQ(compare(&big, whole).outside, 0);
  EXPECT_NE(compare(&next, whole).report.find("off by 1,"), std::string::npos);
  const Answer tied{tensor(LOCKSTEP_INT64, {1}, std::vector<std::int64_t>{big}), {}, {kNaN}};
  EXPECT_EQ(compare(&next, tied).undecided, 1);
  const Answer yes{tensor(LOCKSTEP_BOOL, {1}, std::vector<std::uint8_t>{1}), {}, {}};
  const std::uint8_t two = 2;
  EXPECT_EQ(compare(&two, yes).outside, 1);
}

TEST(Compare, ReportGivesFirstWorstAndCount) {
  Answer answer = floats({1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6});
  answer.output.dims = {2, 3};
  const float was[] = {1, 1, 1.5f, 1, 3, 1};
  EXPECT_EQ(compare(was, answer).report,
            "2 of 6 elements are outside their bounds\n"
            "  first: was 1.5, should be 1 +- 1e-06, at [0,2]: off by 4.19e+06 ULP, 5e+05 times its bound\n"
            "  worst: was 3, should be 1 +- 1e-06, at [1,1]: off by 1.68e+07 ULP, 2e+06 times its bound");
}

TEST(Compare, NothingToCompareIsRight) {
  const Comparison compared = compare(nullptr, floats({}));
  EXPECT_EQ(compared.outside, 0);
  EXPECT_EQ(compared.worst, 0);
}

// ---- models -------------------------------------------------------------------------------------------------------

enum class Flaw {
  none, one_ulp, unwritten, accumulates, before_begin, past_end, remembers, changes_input, wrong_extent, refuses,
  aligned
};
Flaw flaw = Flaw::none;

struct Session {
  int runs = 0;
  std::int64_t prepared = -1;
};

// y = 2 x for a vector of n elements, n known only at run time; or what `flaw` makes of it.
int run(void* opened, const lockstep_input* inputs, lockstep_output* outputs) {
  auto& session = *static_cast<Session*>(opened);
  const std::int64_t n = inputs[0].dims[0];
  const auto* x = static_cast<const float*>(inputs[0].data);
  auto* y = static_cast<float*>(outputs[0].data);
  if (flaw == Flaw::refuses || session.prepared != n) return LOCKSTEP_BAD_DIM;
  if (outputs[0].capacity < n) return LOCKSTEP_OVER_CAPACITY;
  for (std::int64_t k = 0; k < n; ++k) {
    if (flaw == Flaw::unwritten && k == 1) continue;
    y[k] = 2 * x[k] + (flaw == Flaw::accumulates ? y[k] : 0);
  }
  if (flaw == Flaw::one_ulp) y[n - 1] = std::nextafter(y[n - 1], 9e9f);
  if (flaw == Flaw::before_begin) y[-1] = 0;
  if (flaw == Flaw::past_end) y[n] = 0;
  if (flaw == Flaw::changes_input) const_cast<float*>(x)[0] = 0;
  if (flaw == Flaw::remembers && session.runs++ > 1) y[0] += 1;
  if (flaw == Flaw::aligned && reinterpret_cast<std::uintptr_t>(y) % 64 != 0) y[0] = 0;
  outputs[0].dims[0] = flaw == Flaw::wrong_extent ? n - 1 : n;
  return LOCKSTEP_OK;
}

const std::int64_t kAnyLength[] = {-1};
const lockstep_port kInput = {"x", LOCKSTEP_FLOAT32, 1, kAnyLength}, kOutput = {"y", LOCKSTEP_FLOAT32, 1, kAnyLength};
const char* const kSymbols[] = {"n"};
const lockstep_model kDoubling = {
    "doubling", 1, 1, 1, 0, &kInput, &kOutput, nullptr, kSymbols,
    [](const char*, void** weights, char*, std::size_t) { return *weights = nullptr, int{LOCKSTEP_OK}; },
    [](void*) {},
    [](const void*, void** session) { return *session = new Session, int{LOCKSTEP_OK}; },
    [](void* session) { delete static_cast<Session*>(session); },
    [](const lockstep_input* inputs, std::int64_t* symbols) { return symbols[0] = inputs[0].dims[0], int{LOCKSTEP_OK}; },
    [](void* session, const std::int64_t* symbols) {
      static_cast<Session*>(session)->prepared = symbols[0];
      return int{LOCKSTEP_OK};
    },
    run,
    [](const void*) { return "only this length"; },
    [](const void*, std::int64_t*) {},
    [](void*) {},
    nullptr,
    nullptr,
};

DataSet doubled(const std::string& name, const std::vector<float>& x, double bound) {
  std::vector<float> y;
  for (float value : x) y.push_back(2 * value);
  return {name, {tensor(LOCKSTEP_FLOAT32, {static_cast<std::int64_t>(x.size())}, x)},
          {floats(y, std::vector<double>(y.begin(), y.end()), std::vector<double>(y.size(), bound))}};
}

Verdict run_with(Flaw wanted, double bound = 0) {
  flaw = wanted;
  const Verdict verdict =
      run_model(kDoubling, nullptr, {doubled("test_data_set_0", {1, 2, 3}, bound),
                                     doubled("test_data_set_1", {4}, bound), doubled("test_data_set_2", {5, 6}, bound)});
  flaw = Flaw::none;
  return verdict;
}

// The flaw is found, and one of the failures says so in these words.
void expect_found(Flaw wanted, const std::string& words) {
  std::string all;
  for (const std::string& failure : run_with(wanted, 1e-3).failures) all += failure + "\n";
  EXPECT_NE(all.find(words), std::string::npos) << "failures: " << all;
}

TEST(Models, RightOnesPass) {
  EXPECT_TRUE(run_with(Flaw::none).failures.empty());
  EXPECT_EQ(run_with(Flaw::none).worst, 0);
}

TEST(Models, WrongNumbersFail) {
  EXPECT_FALSE(run_with(Flaw::one_ulp).failures.empty());
  const Verdict within = run_with(Flaw::one_ulp, 0x1p-20);
  EXPECT_TRUE(within.failures.empty());
  EXPECT_EQ(within.worst, 0x1p-20 / 0x1p-20);  // the last of 5, 6 doubled is 12, whose ULP is 2^-20
}

TEST(Models, MemoryIsWatched) {
  expect_found(Flaw::unwritten, "two runs differ, first at element 1");
  expect_found(Flaw::accumulates, "two runs differ, first at element 0");
  expect_found(Flaw::aligned, "alignment matters");
  expect_found(Flaw::before_begin, "run wrote outside output 0: byte ");
  expect_found(Flaw::past_end, "run wrote outside output 0: byte 1 past its end");
  expect_found(Flaw::changes_input, "run changed input 0");
}

TEST(Models, StateMayNotLeak) { expect_found(Flaw::remembers, "the session remembers what it ran before"); }

TEST(Models, ExtentsAndStatusesAreChecked) {
  expect_found(Flaw::wrong_extent, "output 0 has the extents [2], should have [3]");
  expect_found(Flaw::refuses, "run returned bad dim (1): only this length");
}

TEST(Models, GoldensOfAnotherShapeAreRefused) {
  DataSet set = doubled("test_data_set_0", {1, 2}, 0);
  set.inputs[0].dims = {1, 2};
  const Verdict verdict = run_model(kDoubling, nullptr, {set});
  ASSERT_EQ(verdict.failures.size(), 1u);
  EXPECT_EQ(verdict.failures[0], "input 0 (x) of the model is float32[-1], the golden's is float32[1,2]");
}

TEST(Models, MoreThanOnePercentTooCloseToCallFails) {
  DataSet set = doubled("test_data_set_0", std::vector<float>(200, 1.0f), 0);
  set.answers[0].bound[0] = set.answers[0].bound[1] = kNaN;
  EXPECT_TRUE(run_model(kDoubling, nullptr, {set}).failures.empty());
  set.answers[0].bound[2] = kNaN;
  EXPECT_FALSE(run_model(kDoubling, nullptr, {set}).failures.empty());
}

TEST(Rows, AGapThatPassesIsAnError) {
  const Row gap{"suite", "case", "onnx", "float32", &kDoubling, nullptr, nullptr, "the exporter rounds twice"};
  EXPECT_TRUE(judge(gap, run_with(Flaw::one_ulp)).failures.empty());
  ASSERT_EQ(judge(gap, run_with(Flaw::none)).failures.size(), 1u);
  EXPECT_EQ(judge(gap, run_with(Flaw::none)).failures[0],
            "the gap is closed: remove gaps={\"onnx\": \"the exporter rounds twice\"}");
  Row no_gap = gap;
  no_gap.gap = nullptr;
  EXPECT_FALSE(judge(no_gap, run_with(Flaw::one_ulp)).failures.empty());
}

TEST(Rows, TheCommandRunsExactlyThatTest) {
  const Row row{"softmax", "last_axis", "exported", "float32", nullptr, nullptr, nullptr, nullptr};
  EXPECT_EQ(run_again(row), "ctest --test-dir build --output-on-failure -R '^softmax\\.last_axis/exported$'");
}

// ---- files --------------------------------------------------------------------------------------------------------

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(set()); }
  void TearDown() override { fs::remove_all(root_); }
  fs::path set() const { return root_ / "suite" / "case" / "test_data_set_0"; }

  template <class T>
  void write(const char* name, int type, const std::vector<std::int64_t>& dims, const std::vector<T>& values) {
    onnx::TensorProto proto;
    proto.set_data_type(type);
    for (std::int64_t extent : dims) proto.add_dims(extent);
    proto.set_raw_data(values.data(), values.size() * sizeof(T));
    std::ofstream stream(set() / name, std::ios::binary);
    ASSERT_TRUE(proto.SerializeToOstream(&stream));
  }

  fs::path root_ = fs::path(::testing::TempDir()) /
                   ("lockstep_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(Files, GoldensAreReadAsOnnxTensors) {
  write<std::int64_t>("input_0.pb", onnx::TensorProto::INT64, {2}, {7, -7});
  write<float>("output_0.pb", onnx::TensorProto::FLOAT, {1, 2}, {1, 2});
  write<double>("truth_0.pb", onnx::TensorProto::DOUBLE, {1, 2}, {1.25, 2.5});
  write<double>("bound_0.pb", onnx::TensorProto::DOUBLE, {1, 2}, {0.5, kNaN});
  write<std::uint8_t>("output_1.pb", onnx::TensorProto::BOOL, {}, {1});
  const std::vector<DataSet> golden = read_golden(set().parent_path());
  ASSERT_EQ(golden.size(), 1u);
  EXPECT_EQ(golden[0].name, "test_data_set_0");
  EXPECT_EQ(golden[0].inputs[0].dtype, LOCKSTEP_INT64);
  ASSERT_EQ(golden[0].answers.size(), 2u);
  EXPECT_EQ(golden[0].answers[0].output.dims, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(golden[0].answers[0].truth, (std::vector<double>{1.25, 2.5}));
  EXPECT_TRUE(std::isnan(golden[0].answers[0].bound[1]));
  EXPECT_EQ(golden[0].answers[1].output.dims.size(), 0u);
  EXPECT_TRUE(golden[0].answers[1].bound.empty());
}

TEST_F(Files, BrokenGoldensSayWhatIsWrong) {
  EXPECT_THROW(read_golden(set().parent_path()), std::runtime_error);  // no output
  write<float>("output_0.pb", onnx::TensorProto::FLOAT, {3}, {1, 2});  // three extents, two numbers
  EXPECT_THROW(read_golden(set().parent_path()), std::runtime_error);
  write<float>("output_0.pb", onnx::TensorProto::FLOAT, {2}, {1, 2});
  EXPECT_NO_THROW(read_golden(set().parent_path()));
  write<double>("bound_0.pb", onnx::TensorProto::DOUBLE, {2}, {1, -1});
  EXPECT_THROW(read_golden(set().parent_path()), std::runtime_error);
  write<double>("bound_0.pb", onnx::TensorProto::DOUBLE, {1, 2}, {1, 1});
  EXPECT_THROW(read_golden(set().parent_path()), std::runtime_error);
  std::ofstream(set() / "output_0.pb") << "no protobuf at all";
  EXPECT_THROW(read_golden(set().parent_path()), std::runtime_error);
  EXPECT_THROW(read_golden(root_ / "suite" / "absent"), std::runtime_error);
}

TEST_F(Files, ResultsAreJson) {
  const Row row{"suite", "case", "traced", "float32", nullptr, nullptr, nullptr, nullptr};
  write_result(root_, row, Outcome::failed, {{"two\nlines \"quoted\""}, kInfinity, 3}, 0.25);
  std::ifstream stream(root_ / "suite" / "case.traced.json");
  std::string line;
  std::getline(stream, line);
  EXPECT_EQ(line,
            "{\"suite\": \"suite\", \"case\": \"case\", \"route\": \"traced\", \"dtype\": \"float32\", \"status\": "
            "\"failed\", \"worst\": 1e308, \"undecided\": 3, \"seconds\": 0.250000, \"message\": "
            "\"two\\u000alines \\\"quoted\\\"\"}");
}

}  // namespace
