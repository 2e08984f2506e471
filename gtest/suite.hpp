// What an emitted suite hands to the harness: one row per case and route.
#pragma once

#include <cstddef>

#include "lockstep/abi.h"

namespace lockstep_test {

struct Row {
  const char* suite;
  const char* name;      // the case
  const char* route;     // exported, traced, scripted or onnx
  const char* dtype;
  const lockstep_model* model;  // null where there is nothing to run; then `failure` or `gap` says why
  const char* weights;   // file name beside the emitted code, or null
  const char* failure;   // the test fails with this text (a generator or conversion that failed), or null
  const char* gap;       // a known gap: the test is skipped with this reason; one that passes is an error; or null
};

// Defined by the emitted suite.
const Row* suite_rows(std::size_t* count);

}  // namespace lockstep_test
