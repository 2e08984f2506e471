// Loops whose turns threads may share: with -fopenmp; without it one thread takes all turns, in order.
//
// The turns are the same whatever the number of threads, and none uses what another leaves: so are the results. They are
// handed out (guided), for a thread that waits for its processor to leave them to the others.
#pragma once

#ifdef _OPENMP
#include <omp.h>
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
#else
inline int most_threads() { return 1; }
inline int thread_number() { return 0; }
#endif

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
