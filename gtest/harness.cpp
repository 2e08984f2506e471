#include "harness.hpp"

#include <gtest/gtest.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "compare.hpp"
#include "execute.hpp"
#include "results.hpp"

namespace lockstep_test {
namespace {

namespace fs = std::filesystem;

constexpr Preparation kPreparations[] = {{0xA5, false}, {0x5A, true}};
constexpr double kMostUndecided = 0.01;  // of a case's elements

// A folder from the environment, else the one the build knows.
fs::path folder(const char* variable, const char* built_in) {
  const char* set = std::getenv(variable);
  return set != nullptr && *set != '\0' ? set : built_in;
}
fs::path golden_folder() { return folder("LOCKSTEP_GOLDEN_DIR", LOCKSTEP_GOLDEN_DIR); }
fs::path emitted_folder() { return folder("LOCKSTEP_EMITTED_DIR", LOCKSTEP_EMITTED_DIR); }
fs::path results_folder() { return folder("LOCKSTEP_RESULTS_DIR", LOCKSTEP_RESULTS_DIR); }

// Where two runs of the same data set differ, as a failure; empty where they are equal bit by bit.
std::string difference(const std::vector<Bytes>& one, const std::vector<Bytes>& other, const DataSet& set,
                       const std::string& reason) {
  for (std::size_t k = 0; k < one.size(); ++k) {
    const auto at = std::mismatch(one[k].begin(), one[k].end(), other[k].begin()).first;
    if (at == one[k].end()) continue;
    const Tensor& output = set.answers[k].output;
    const std::size_t element = static_cast<std::size_t>(at - one[k].begin()) / item_size(output.dtype);
    return set.name + ", output " + std::to_string(k) + " " + dtype_name(output.dtype) + dims_text(output.dims) +
           ": two runs differ, first at element " + std::to_string(element) + " (row-major): " + reason;
  }
  return {};
}

void compare_all(const std::vector<Bytes>& results, const DataSet& set, Verdict& verdict) {
  for (std::size_t k = 0; k < results.size(); ++k) {
    const Answer& answer = set.answers[k];
    const Comparison compared = compare(results[k].data(), answer);
    verdict.worst = std::fmax(verdict.worst, compared.worst);
    verdict.undecided += compared.undecided;
    if (compared.outside > 0)
      verdict.failures.push_back(set.name + ", output " + std::to_string(k) + " " + dtype_name(answer.output.dtype) +
                                 dims_text(answer.output.dims) + ": " + compared.report);
  }
}

void note(std::string failure, Verdict& verdict) {
  if (!failure.empty()) verdict.failures.push_back(std::move(failure));
}

void run_data_sets(const lockstep_model& model, void* session, const std::vector<DataSet>& golden, Verdict& verdict) {
  std::vector<Bytes> first;
  for (const DataSet& set : golden) {
    const std::vector<Bytes> results = execute(model, session, set, kPreparations[0]);
    const std::vector<Bytes> again = execute(model, session, set, kPreparations[1]);
    note(difference(results, again, set,
                    "an element is not written, memory is read before it is written, or alignment matters"), verdict);
    compare_all(results, set, verdict);
    if (first.empty()) first = results;
  }
  const std::vector<Bytes> last = execute(model, session, golden[0], kPreparations[0]);
  note(difference(first, last, golden[0], "the session remembers what it ran before"), verdict);
}

void limit_undecided(const std::vector<DataSet>& golden, Verdict& verdict) {
  std::int64_t elements = 0;
  for (const DataSet& set : golden)
    for (const Answer& answer : set.answers) elements += answer.output.elements();
  if (static_cast<double>(verdict.undecided) <= kMostUndecided * static_cast<double>(elements)) return;
  verdict.failures.push_back(std::to_string(verdict.undecided) + " of " + std::to_string(elements) +
                             " elements are too close to call, more than 1 %: the case proves too little");
}

// Everything of a row that may go wrong, as a verdict.
Verdict run_row(const Row& row) {
  Verdict verdict;
  if (row.failure != nullptr) {
    verdict.failures.push_back(row.failure);
  } else if (row.model == nullptr) {
    verdict.failures.push_back("the suite has neither a model nor a reason for this row");
  } else {
    try {
      const std::vector<DataSet> golden = read_golden(golden_folder() / row.suite / row.name);
      const std::string weights = row.weights ? (emitted_folder() / row.suite / row.weights).string() : "";
      return run_model(*row.model, row.weights ? weights.c_str() : nullptr, golden);
    } catch (const std::exception& failure) {
      verdict.failures.push_back(failure.what());
    }
  }
  return verdict;
}

class RowTest : public ::testing::Test {
 public:
  explicit RowTest(const Row& row) : row_(row) {}

  void TestBody() override {
    const bool only_a_gap = row_.gap != nullptr && row_.model == nullptr && row_.failure == nullptr;
    write_result(results_folder(), row_, Outcome::crashed, {{"the test did not end"}, 0, 0}, 0);
    const auto begin = std::chrono::steady_clock::now();
    const Verdict ran = only_a_gap ? Verdict{} : run_row(row_);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    const Verdict verdict = only_a_gap ? ran : judge(row_, ran);
    const Outcome outcome = !verdict.failures.empty() ? Outcome::failed : row_.gap ? Outcome::gap : Outcome::passed;
    write_result(results_folder(), row_, outcome, outcome == Outcome::gap ? Verdict{{row_.gap}, 0, 0} : verdict,
                 seconds.count());
    RecordProperty("worst", ratio_text(verdict.worst));
    RecordProperty("undecided", std::to_string(verdict.undecided));
    if (outcome == Outcome::gap) GTEST_SKIP() << "known gap: " << row_.gap;
    for (const std::string& failure : verdict.failures) ADD_FAILURE() << failure << "\n  again: " << run_again(row_);
  }

 private:
  const Row& row_;
};

}  // namespace

Verdict run_model(const lockstep_model& model, const char* weights_path, const std::vector<DataSet>& golden) {
  Verdict verdict;
  try {
    const OpenModel open(model, weights_path);
    run_data_sets(model, open.session(), golden, verdict);
    limit_undecided(golden, verdict);
  } catch (const std::exception& failure) {
    verdict.failures.push_back(failure.what());
  }
  return verdict;
}

Verdict judge(const Row& row, const Verdict& ran) {
  if (row.gap == nullptr || row.failure != nullptr) return ran;
  Verdict verdict = ran;
  verdict.failures.clear();
  if (ran.failures.empty())
    verdict.failures.push_back(std::string("the gap is closed: remove gaps={\"") + row.route + "\": \"" + row.gap +
                               "\"}");
  else
    verdict.worst = 0;  // a known gap's error is no measure of what works
  return verdict;
}

std::string run_again(const Row& row) {
  std::string pattern;
  for (char c : std::string(row.suite) + "." + row.name + "/" + row.route) {
    if (std::strchr(".+*?()[]^$\\|", c) != nullptr) pattern += '\\';  // what CMake's regular expressions know
    pattern += c;
  }
  return "ctest --test-dir build --output-on-failure -R '^" + pattern + "$'";
}

int run_suite(int argc, char** argv, const Row* rows, std::size_t count) {
#ifdef __GLIBC__
  mallopt(M_PERTURB, 1);  // fresh memory is all 0xFE, a huge number in every float dtype, instead of mostly zeros
#endif
  for (const Row* row = rows; row != rows + count; ++row)
    ::testing::RegisterTest(row->suite, (std::string(row->name) + "/" + row->route).c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, [row]() -> ::testing::Test* { return new RowTest(*row); });
  ::testing::InitGoogleTest(&argc, argv);
  const int status = RUN_ALL_TESTS();
  const bool nothing_ran = ::testing::UnitTest::GetInstance()->test_to_run_count() == 0;
  if (nothing_ran && !GTEST_FLAG_GET(list_tests)) {
    std::fprintf(stderr, "no test of that name; see --gtest_list_tests\n");
    return 1;
  }
  return status;
}

}  // namespace lockstep_test
