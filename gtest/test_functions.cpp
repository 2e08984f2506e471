// Every function of the runtime at a sample of all float32 arguments, within its row of lockstep/graph/ulp.py.
#include "functions.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace {

constexpr std::uint64_t kStride = 4099;  // a prime: every pattern of the lower bits comes up

// The float32 column of the table, by name; empty where the table did not come along (a packed conformance suite).
const std::map<std::string, double>& rows() {
  static const std::map<std::string, double> found = [] {
    std::map<std::string, double> rows;
    const std::string here = __FILE__;
    std::ifstream table(here.substr(0, here.rfind("gtest")) + "lockstep/graph/ulp.py");
    for (std::string line; std::getline(table, line);) {
      const auto name = line.find('"'), colon = line.find("\": ");
      if (line.rfind("    \"", 0) != 0 || colon == std::string::npos) continue;
      const std::string row = line.substr(colon + 3);
      const double ulp = row[0] == '(' ? std::stod(row.substr(1)) : row.rfind("ROUNDED_ONCE", 0) == 0 ? 0.5 : 0.0;
      rows[line.substr(name + 1, colon - name - 1)] = ulp;
    }
    return rows;
  }();
  return found;
}

template <class Function>
void stays_within_its_row(const Function& function) {
  const auto row = rows().find(function.name);
  ASSERT_NE(row, rows().end()) << function.name << " has no row in lockstep/graph/ulp.py";
  const auto worst = measure(function, kStride);
  const double of_the_reference = 1e-6;  // it is rounded too
  EXPECT_LE(worst.error, row->second + of_the_reference)
      << function.name << "(" << worst.x << ", " << worst.y << ") gives " << worst.value << ", not "
      << worst.reference << "; every argument: ci/sweep functions " << function.name;
}

class OneArgument : public testing::TestWithParam<functions::Unary> {};
class TwoArguments : public testing::TestWithParam<functions::Binary> {};

TEST_P(OneArgument, StaysWithinItsRow) {
  if (rows().empty()) GTEST_SKIP() << "no lockstep/graph/ulp.py beside these sources";
  stays_within_its_row(GetParam());
}
TEST_P(TwoArguments, StaysWithinItsRow) {
  if (rows().empty()) GTEST_SKIP() << "no lockstep/graph/ulp.py beside these sources";
  stays_within_its_row(GetParam());
}

const auto name_of = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Functions, OneArgument, testing::ValuesIn(functions::kUnary), name_of);
INSTANTIATE_TEST_SUITE_P(Functions, TwoArguments, testing::ValuesIn(functions::kBinary), name_of);

}  // namespace
