// Every suite's main: hands the suite's rows to the harness.
#include "harness.hpp"

int main(int argc, char** argv) {
  std::size_t count = 0;
  const lockstep_test::Row* rows = lockstep_test::suite_rows(&count);
  return lockstep_test::run_suite(argc, argv, rows, count);
}
