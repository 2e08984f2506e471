// Judges one output against its golden, element by element, each within its own bound.
#pragma once

#include <cstdint>
#include <string>

#include "golden.hpp"

namespace lockstep_test {

struct Comparison {
  std::int64_t outside = 0;    // elements that are wrong
  std::int64_t undecided = 0;  // elements too close to call, not compared
  double worst = 0;            // largest |was - should be| / bound; infinite where a bit-exact element differs
  std::string report;          // how many, the first and the worst of them; empty where none is outside
};

// `was` holds as many elements of the answer's dtype as the answer does. The rules, in order:
//  1. Where the golden output is NaN or infinite, the element must be NaN, or that infinity.
//  2. A bound that is NaN or infinite leaves the element uncompared; it counts as undecided.
//  3. A bound of 0 (or no bounds at all) means equal bits, signed zeros included.
//  4. Else |was - truth| <= bound, in long double. A float64 output's truth is the golden output itself, which was
//     rounded from long double: half an ULP is added to its bound.
Comparison compare(const void* was, const Answer& answer);

}  // namespace lockstep_test
