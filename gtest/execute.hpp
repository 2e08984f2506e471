// Runs an emitted model on one data set, with everything around its outputs watched.
#pragma once

#include <string>
#include <vector>

#include "golden.hpp"
#include "lockstep/abi.h"

namespace lockstep_test {

using Bytes = std::vector<unsigned char>;

// How the memory that a run meets is prepared.
struct Preparation {
  unsigned char fill;  // of outputs and of the guards around them
  bool shifted;        // data begins one element past a 64-byte boundary: only its natural alignment is promised
};

// The outputs' bytes, then those of what the run leaves in the buffers that the model updates. Throws std::runtime_error that says what the model did wrong: a status, extents that are not
// the golden's, an input changed, a guard byte overwritten.
std::vector<Bytes> execute(const lockstep_model& model, void* session, const DataSet& set, Preparation preparation);

// A model's weights and one session. Opening throws std::runtime_error.
class OpenModel {
 public:
  OpenModel(const lockstep_model& model, const char* weights_path);
  ~OpenModel();
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;
  void* session() const { return session_; }

 private:
  const lockstep_model& model_;
  void* weights_ = nullptr;
  void* session_ = nullptr;
};

}  // namespace lockstep_test
