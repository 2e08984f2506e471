// What memory beyond the near caches gives a core: copies of what a tensor of a million float32 takes, in batches of calls.
#include <cstring>
#include <vector>

#include "batches.hpp"

namespace {

constexpr std::size_t kBytes = 4 << 20;                 // read, and as many written; sides.py counts both

}  // namespace

int main() {
  std::vector<char> from(kBytes, 1), to(kBytes, 2);
  batches::serve([&] {
    std::memcpy(to.data(), from.data(), kBytes);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  });
}
