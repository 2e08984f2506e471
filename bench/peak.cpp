// The most that a core does in float32: fused multiply-adds on twelve independent vectors, in batches of calls.
// Twelve hide six cycles of latency on two units, and leave four of sixteen registers for the factors.
#include "batches.hpp"

namespace {

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kBytes)));
constexpr int kAccumulators = 12;
constexpr std::int64_t kOperations = 38'400'000;        // of one call, at any width; sides.py counts with it
constexpr std::int64_t kTurns = kOperations / (2 * kAccumulators * (kBytes / 4));

void call() {
  Vector sums[kAccumulators] = {}, factor = {}, term = {};
  factor += 0.999f;
  term += 0.001f;
  for (Vector& sum : sums) benchmark::DoNotOptimize(sum);        // to the compiler, they are not all alike
  for (std::int64_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 12
    for (int k = 0; k < kAccumulators; ++k) sums[k] = sums[k] * factor + term;
  }
  for (Vector& sum : sums) benchmark::DoNotOptimize(sum);
}

}  // namespace

int main() { batches::serve(call); }
