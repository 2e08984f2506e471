// The C++ face of an emitted model: owners of its weights and sessions, and typed inputs and outputs.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "abi.h"
#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

namespace lockstep {

enum class Status {
  ok = LOCKSTEP_OK,
  bad_dim = LOCKSTEP_BAD_DIM,
  over_capacity = LOCKSTEP_OVER_CAPACITY,
  failed_guard = LOCKSTEP_FAILED_GUARD,
  bad_weights = LOCKSTEP_BAD_WEIGHTS,
  no_memory = LOCKSTEP_NO_MEMORY
};

// Throws std::runtime_error; without exceptions, prints and aborts.
[[noreturn]] inline void fail(const char* message) {
#if defined(__cpp_exceptions)
  throw std::runtime_error(message);
#else
  std::fputs(message, stderr);
  std::abort();
#endif
}

// A tensor to read: row-major; dims may stay as they are where every extent is fixed.
template <class T, int Rank>
struct Input {
  const T* data = nullptr;
  std::int64_t dims[Rank == 0 ? 1 : Rank] = {};
  bool has_dims = false;

  Input() = default;
  Input(const T* elements) : data(elements) {}
  template <class... Extents>
  Input(const T* elements, std::int64_t first, Extents... rest)
      : data(elements), dims{first, std::int64_t(rest)...}, has_dims(true) {
    static_assert(sizeof...(rest) + 1 == Rank, "one extent a dim");
  }
  lockstep_input c() const { return {data, has_dims ? dims : nullptr}; }
};

// Room for a tensor: `capacity` elements. run writes the extents.
template <class T, int Rank>
struct Output {
  T* data = nullptr;
  std::int64_t capacity = 0;
  std::int64_t dims[Rank == 0 ? 1 : Rank] = {};

  Output() = default;
  Output(T* elements, std::int64_t room) : data(elements), capacity(room) {}
  lockstep_output c() { return {data, capacity, dims}; }
};

class WeightsHandle {
 public:
  WeightsHandle(const lockstep_model* model, const char* path) : model_(model) {
    char message[512] = "out of memory";
    if (model->weights_open(path, &weights_, message, sizeof message) != LOCKSTEP_OK) fail(message);
  }
  ~WeightsHandle() { model_->weights_close(weights_); }
  WeightsHandle(const WeightsHandle&) = delete;
  WeightsHandle& operator=(const WeightsHandle&) = delete;
  const void* get() const { return weights_; }

 private:
  const lockstep_model* model_;
  void* weights_ = nullptr;
};

class SessionHandle {
 public:
  SessionHandle(const lockstep_model* model, const WeightsHandle& weights) : model_(model) {
    if (model->session_open(weights.get(), &session_) != LOCKSTEP_OK) fail("a session could not be opened: no memory");
  }
  ~SessionHandle() { model_->session_close(session_); }
  SessionHandle(const SessionHandle&) = delete;
  SessionHandle& operator=(const SessionHandle&) = delete;
  // What the last status means, in words.
  const char* message() const noexcept { return model_->message(session_); }
  // Buffers as they were at first, random numbers from their start.
  void reset() noexcept { model_->reset(session_); }
  // The key of the model's random numbers; the same key gives the same numbers again.
  void seed(std::uint64_t key) noexcept { model_->seed(session_, key); }

 protected:
  const void* state_of(std::int32_t k) const noexcept { return model_->state_data(session_, k); }
  void needed_for(std::int64_t* symbols) const noexcept { model_->needed(session_, symbols); }
  Status prepare_for(const std::int64_t* symbols) noexcept { return Status(model_->prepare(session_, symbols)); }
  Status run_on(const lockstep_input* inputs, lockstep_output* outputs) noexcept {
    return Status(model_->run(session_, inputs, outputs));
  }

 private:
  const lockstep_model* model_;
  void* session_ = nullptr;
};

}  // namespace lockstep
