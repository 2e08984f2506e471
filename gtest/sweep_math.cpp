// Prints the largest error, in ULP, of every float32 function of the runtime over all 2^32 arguments.
//
//   sweep_math --names               the functions that there are
//   sweep_math [stride [name...]]    every stride-th argument (default 1: all), the named functions only
//
// A line a function, separated by tabs: name, ULP, the arguments, the value, the reference. `ci/sweep functions`
// compares them with the rows of the table.
#include <cstdio>
#include <cstdlib>

#include "functions.hpp"

namespace {

bool wanted(const char* name, int count, char** names) {
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(names[i], name) == 0) return true;
  }
  return count == 0;
}

void print(const char* name, const functions::Worst& worst, bool two) {
  std::printf("%s\t%.4f\t%a", name, worst.error, double(worst.x));
  if (two) std::printf(", %a", double(worst.y));
  std::printf("\t%.9g\t%.12g\n", double(worst.value), worst.reference);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const bool names = argc > 1 && std::strcmp(argv[1], "--names") == 0;
  const std::uint64_t stride = names ? 1 : argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  if (stride == 0) return std::fprintf(stderr, "usage: sweep_math --names | [stride [name...]]\n"), 2;
  const int count = argc > 2 ? argc - 2 : 0;
  for (const auto& function : functions::kUnary) {
    if (names) std::printf("%s\n", function.name);
    else if (wanted(function.name, count, argv + 2)) print(function.name, measure(function, stride), false);
  }
  for (const auto& function : functions::kBinary) {
    if (names) std::printf("%s\n", function.name);
    else if (wanted(function.name, count, argv + 2)) print(function.name, measure(function, stride), true);
  }
}
