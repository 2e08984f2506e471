// Runs any emitted model through its C interface, for the tests of what `run` may do.
//
//   driver allocations|threads|once WEIGHTS EXTENTS...     WEIGHTS may be "-"; EXTENTS of each input, as 3,2,6,6
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lockstep/abi.h"

extern "C" const lockstep_model* model_under_test(void);

namespace {
std::atomic<long> requests{0};  // for memory, by anything in this program
}

#ifndef UNCOUNTED
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
void* malloc(size_t size) { return ++requests, __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return ++requests, __libc_calloc(count, size); }
void* realloc(void* p, size_t size) { return ++requests, __libc_realloc(p, size); }
void* memalign(size_t to, size_t size) { return ++requests, __libc_memalign(to, size); }
void* aligned_alloc(size_t to, size_t size) { return ++requests, __libc_memalign(to, size); }
void free(void* p) { ++requests, __libc_free(p); }
}
#endif

namespace {

using Bytes = std::vector<unsigned char>;

std::size_t item_size(std::int32_t dtype) {
  switch (dtype) {
    case LOCKSTEP_INT64: case LOCKSTEP_FLOAT64: return 8;
    case LOCKSTEP_INT32: case LOCKSTEP_FLOAT32: return 4;
    default: return std::printf("dtype %d is not one of the driver's\n", dtype), std::exit(2), 0;
  }
}

struct Tensor {
  std::vector<std::int64_t> dims;
  Bytes data;
  std::int64_t size() const {
    std::int64_t n = 1;
    for (const std::int64_t extent : dims) n *= extent;
    return n;
  }
};

template <class T>
void fill(Tensor& tensor, std::int64_t period, double scale, double shift) {
  tensor.data.resize(std::size_t(tensor.size()) * sizeof(T));
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    const T value = T(double(i * 37 % period) * scale + shift);
    std::memcpy(tensor.data.data() + std::size_t(i) * sizeof(T), &value, sizeof(T));
  }
}

Tensor input(const lockstep_port& port, const char* extents) {
  Tensor tensor;
  for (const char* at = extents; *at != 0; at += *at == ',') tensor.dims.push_back(std::strtol(at, const_cast<char**>(&at), 10));
  if (port.dtype == LOCKSTEP_INT64) fill<std::int64_t>(tensor, 9, 1, 0);
  else if (port.dtype == LOCKSTEP_FLOAT32) fill<float>(tensor, 61, 1.0 / 16, -2);
  else if (port.dtype == LOCKSTEP_FLOAT64) fill<double>(tensor, 61, 1.0 / 16, -2);
  else std::printf("dtype %d is not one of the driver's\n", port.dtype), std::exit(2);
  return tensor;
}

// A session with inputs that everyone reads and outputs of its own.
struct Runner {
  const lockstep_model& model;
  void* session = nullptr;
  std::vector<lockstep_input> inputs;
  std::vector<Tensor> results;
  std::vector<lockstep_output> outputs;

  Runner(const lockstep_model& m, const void* weights, const std::vector<Tensor>& given) : model(m) {
    if (m.session_open(weights, &session) != LOCKSTEP_OK) std::exit(2);
    for (const Tensor& one : given) inputs.push_back({one.data.data(), one.dims.data()});
    std::vector<std::int64_t> symbols(std::size_t(m.symbols) + 1);
    if (m.symbols_of(inputs.data(), symbols.data()) != LOCKSTEP_OK) std::exit(2);
    if (m.prepare(session, symbols.data()) != LOCKSTEP_OK) std::exit(2);
    results.resize(std::size_t(m.outputs));
    for (int k = 0; k < m.outputs; ++k) {  // room for exactly what is needed: asked of `run` by growing until it fits
      results[std::size_t(k)].dims.resize(std::size_t(m.output[k].rank) + 1);
    }
    std::int64_t room = 0;
    while (prepare_outputs(room), status() == LOCKSTEP_OVER_CAPACITY) ++room;
    for (int k = 0; k < m.outputs; ++k) {  // now every output at its own size
      Tensor& one = results[std::size_t(k)];
      std::int64_t size = 1;
      for (int axis = 0; axis < m.output[k].rank; ++axis) size *= one.dims[std::size_t(axis)];
      resize(k, size);
    }
  }
  ~Runner() { model.session_close(session); }
  void resize(int k, std::int64_t size) {
    Tensor& one = results[std::size_t(k)];
    Bytes(std::size_t(size) * item_size(model.output[k].dtype), 0xA5).swap(one.data);
    outputs.resize(std::size_t(model.outputs));
    outputs[std::size_t(k)] = {one.data.data(), size, one.dims.data()};
  }
  void prepare_outputs(std::int64_t room) {
    for (int k = 0; k < model.outputs; ++k) resize(k, room);
  }
  int status() { return model.run(session, inputs.data(), outputs.data()); }
  bool same(const Runner& other) const {
    for (std::size_t k = 0; k < results.size(); ++k) {
      if (results[k].data != other.results[k].data) return false;
    }
    return true;
  }
};

int allocations(const lockstep_model& model, const void* weights, const std::vector<Tensor>& inputs) {
  const long at_start = requests;
  Runner runner(model, weights, inputs);
  const long opened = requests;
  bool expected = true;
  for (int k = 0; k < 3; ++k) expected &= runner.status() == LOCKSTEP_OK;
  runner.outputs[0].capacity -= 1;
  expected &= runner.status() == LOCKSTEP_OVER_CAPACITY;
  std::int64_t wrong[8] = {-5, -5, -5, -5, -5, -5, -5, -5};
  runner.inputs[0].dims = wrong;
  expected &= runner.status() == LOCKSTEP_BAD_DIM;
  const long while_running = requests - opened;
  std::printf("opening %ld running %ld statuses %s\n", opened - at_start, while_running, expected ? "right" : "wrong");
  return opened > at_start && while_running == 0 && expected ? 0 : 1;
}

int threads(const lockstep_model& model, const void* weights, const std::vector<Tensor>& inputs) {
  Runner alone(model, weights, inputs);
  if (alone.status() != LOCKSTEP_OK) return 1;
  std::atomic<int> equal{0};
  const auto work = [&] {
    Runner own(model, weights, inputs);
    for (int k = 0; k < 1000; ++k) {
      for (Tensor& one : own.results) std::memset(one.data.data(), 0xA5, one.data.size());
      equal += own.status() == LOCKSTEP_OK && own.same(alone);
    }
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  std::printf("%d of 2000 runs equal the one alone\n", int(equal));
  return equal == 2000 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const lockstep_model& model = *model_under_test();
  if (count != 3 + model.inputs) return std::printf("takes %d inputs\n", model.inputs), 2;
  void* weights = nullptr;
  char message[512] = "";
  const char* const path = std::strcmp(arguments[2], "-") == 0 ? nullptr : arguments[2];
  if (model.weights_open(path, &weights, message, sizeof message) != LOCKSTEP_OK) return std::printf("%s\n", message), 2;
  std::vector<Tensor> inputs;
  for (int k = 0; k < model.inputs; ++k) inputs.push_back(input(model.input[k], arguments[3 + k]));
  const std::string mode = arguments[1];
  int result = mode == "allocations" ? allocations(model, weights, inputs) : mode == "threads" ? threads(model, weights, inputs) : 2;
  if (mode == "once") result = Runner(model, weights, inputs).status();
  model.weights_close(weights);
  return result;
}
