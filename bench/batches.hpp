// Batches of calls, as many as each line on the standard input says, timed by Google Benchmark.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <iostream>
#include <vector>

namespace batches {

// Keeps what a run took, in seconds; prints nothing.
class Taken : public benchmark::BenchmarkReporter {
 public:
  double wall = 0, processor = 0;

  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    wall = runs.front().real_accumulated_time;
    processor = runs.front().cpu_accumulated_time;
  }
};

// Answers every line with the seconds of that many calls, the wall's and the processor's: what worker.py does.
template <class Call>
void serve(Call call) {
  std::puts("ready");
  std::fflush(stdout);
  for (std::int64_t calls; std::cin >> calls;) {
    benchmark::ClearRegisteredBenchmarks();
    benchmark::RegisterBenchmark("call", [&](benchmark::State& state) {
      for (auto _ : state) call();
    })->Iterations(calls)->MeasureProcessCPUTime()->UseRealTime();
    Taken taken;
    benchmark::RunSpecifiedBenchmarks(&taken);
    std::printf("%.9f %.9f\n", taken.wall, taken.processor);
    std::fflush(stdout);
  }
}

}  // namespace batches
