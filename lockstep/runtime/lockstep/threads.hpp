// Loops whose turns threads may share: with -fopenmp; without it one thread takes all turns, in order.
//
// The turns are the same whatever the number of threads, and none uses what another leaves: so are the results. They are
// handed out (guided), for a thread that waits for its processor to leave them to the others.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#include <strings.h>
#include <time.h>

#include <cstdlib>
#endif

#include "abi.h"

// LOCKSTEP_THREADS(worth): where that is true. LOCKSTEP_CHECKED_THREADS: for turns that may find the run not `valid`.
#ifdef _OPENMP
#define LOCKSTEP_PRAGMA(text) _Pragma(#text)
#define LOCKSTEP_THREADS(worth) \
  LOCKSTEP_PRAGMA(omp parallel for num_threads(frame.threads) schedule(guided) if (frame.threads > 1 && (worth)))
#define LOCKSTEP_CHECKED_THREADS(worth) \
  LOCKSTEP_PRAGMA(omp parallel for num_threads(frame.threads) schedule(guided) reduction(& : valid) \
                      if (frame.threads > 1 && (worth)))
#else
#define LOCKSTEP_THREADS(worth)
#define LOCKSTEP_CHECKED_THREADS(worth)
#endif

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

#ifdef _OPENMP
inline int most_threads() { return omp_get_max_threads(); }
inline int thread_number() { return omp_get_thread_num(); }
// Whether a thread that waits for others leaves its processor to whoever wants it, as the environment may say.
inline bool sleeps_while_waiting() {
  const char* const policy = std::getenv("OMP_WAIT_POLICY");
  return policy != nullptr && ::strcasecmp(policy, "passive") == 0;
}
// Seconds that have passed, and that this thread had a processor.
inline double seconds(clockid_t clock) {
  timespec now;
  ::clock_gettime(clock, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}
inline double wall_seconds() { return seconds(CLOCK_MONOTONIC); }
inline double own_seconds() { return seconds(CLOCK_THREAD_CPUTIME_ID); }
#else
inline int most_threads() { return 1; }
inline int thread_number() { return 0; }
inline bool sleeps_while_waiting() { return true; }
inline double wall_seconds() { return 0; }
inline double own_seconds() { return 0; }
#endif

// How many threads a run gets: all, unless others use the processors too. Threads that wait spin, on time that the one
// they wait for would need: two are slower than one then. It shows where the caller gets less of a processor than time
// passes. One thread alone does the next runs, and more of them each time that is found again; then all try.
class Crew {
 public:
  explicit Crew(int most = most_threads(), bool sleeping = sleeps_while_waiting()) : most_(most), steady_(most == 1 || sleeping) {}

  int most() const { return most_; }
  int next() { return alone_ > 0 ? --alone_, 1 : most_; }

  // What a run of all threads took: seconds that passed, and those that the caller had a processor.
  void learn(double wall, double own) {
    const bool free = own > kFree * wall;
    patience_ = free ? 1 : patience_ < kMost ? 2 * patience_ : kMost;
    alone_ = free ? 0 : patience_;
    brief_ = wall < kBrief ? kMost : 0;
  }

  // body(threads), looked at unless nothing can be learned of it, or runs are so short that only some are.
  template <class Body>
  int run(Body body) {
    const int threads = next();
    if (steady_ || threads == 1) return body(threads);
    if (brief_ > 0) return --brief_, body(threads);
    const double wall = wall_seconds(), own = own_seconds();
    const int result = body(threads);
    learn(wall_seconds() - wall, own_seconds() - own);
    return result;
  }

 private:
  static constexpr double kFree = 0.75, kBrief = 1e-4;  // a part of the time; seconds
  static constexpr int kMost = 256;                     // runs

  int most_, alone_ = 0, patience_ = 1, brief_ = 0;
  bool steady_;
};

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
