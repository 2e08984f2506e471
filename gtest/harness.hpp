// Runs the rows of a suite: each is one GoogleTest, suite.case/route, judged against its golden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden.hpp"
#include "suite.hpp"

namespace lockstep_test {

// What came of running one row: right where `failures` is empty.
struct Verdict {
  std::vector<std::string> failures;
  double worst = 0;            // largest error / bound over all elements of all data sets
  std::int64_t undecided = 0;  // elements too close to call
};

// Opens the model once and runs every data set through one session, each twice with outputs that are pre-filled
// differently, aligned differently and guarded on both sides; the first data set once more at the end.
Verdict run_model(const lockstep_model& model, const char* weights_path, const std::vector<DataSet>& golden);

// The whole judgement of a row: nothing in `failures` means that the test passes. A known gap that runs must fail.
Verdict judge(const Row& row, const Verdict& ran);

// The command that runs a test again: ctest --test-dir build -R '^suite\.case/route$'.
std::string run_again(const Row& row);

// main() of a suite.
int run_suite(int argc, char** argv, const Row* rows, std::size_t count);

}  // namespace lockstep_test
