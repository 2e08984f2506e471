// Runs an emitted model on stored inputs and judges every output element by its stored bound.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "abi.h"
#include "half.hpp"

namespace lockstep {
namespace selftest {

// A tensor in the file: byte offset after the header, elements, extents; and for outputs that are judged by a bound,
// the offsets of truth and bound (float64).
struct Stored {
  std::size_t offset, size;
  const std::int64_t* dims;
  std::size_t truth, bound;
};

inline std::size_t bytes_of(std::int32_t dtype) {
  switch (dtype) {
    case LOCKSTEP_COMPLEX128: return 16;
    case LOCKSTEP_INT64: case LOCKSTEP_UINT64: case LOCKSTEP_FLOAT64: case LOCKSTEP_COMPLEX64: return 8;
    case LOCKSTEP_INT32: case LOCKSTEP_UINT32: case LOCKSTEP_FLOAT32: return 4;
    case LOCKSTEP_INT16: case LOCKSTEP_UINT16: case LOCKSTEP_FLOAT16: case LOCKSTEP_BFLOAT16: return 2;
    default: return 1;
  }
}

// The dtype of a complex dtype's two parts, which are judged each by itself; any other dtype as it is.
inline std::int32_t part_of(std::int32_t dtype) {
  return dtype == LOCKSTEP_COMPLEX64 ? LOCKSTEP_FLOAT32 : dtype == LOCKSTEP_COMPLEX128 ? LOCKSTEP_FLOAT64 : dtype;
}

template <class T>
T element(const unsigned char* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

inline double number(std::int32_t dtype, const unsigned char* at) {
  switch (dtype) {
    case LOCKSTEP_FLOAT16: return widened(element<half>(at));
    case LOCKSTEP_BFLOAT16: return widened(element<bfloat16>(at));
    case LOCKSTEP_FLOAT32: return element<float>(at);
    default: return element<double>(at);
  }
}

// 0 where every element is right, 1 where one is not or the model cannot be opened.
inline int run(const lockstep_model* model, const char* weights_path, const char* data_path, std::size_t header_size,
               const Stored* inputs, const Stored* outputs) {
  std::ifstream file(data_path, std::ios::binary);
  const std::vector<unsigned char> content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (content.size() <= 8 + header_size) return std::fprintf(stderr, "%s cannot be read\n", data_path), 1;
  const unsigned char* const base = content.data() + 8 + header_size;
  void *weights = nullptr, *session = nullptr;
  char message[512] = "out of memory";
  if (model->weights_open(weights_path, &weights, message, sizeof message) != LOCKSTEP_OK ||
      model->session_open(weights, &session) != LOCKSTEP_OK) {
    return std::fprintf(stderr, "%s\n", message), 1;
  }
  std::vector<lockstep_input> from;
  for (int k = 0; k < model->inputs; ++k) from.push_back({base + inputs[k].offset, inputs[k].dims});
  std::vector<std::vector<unsigned char>> results;
  std::vector<std::vector<std::int64_t>> extents;
  for (int k = 0; k < model->outputs; ++k) {
    results.emplace_back(outputs[k].size * bytes_of(model->output[k].dtype) + 1);
    extents.emplace_back(std::size_t(model->output[k].rank) + 1);
  }
  std::vector<lockstep_output> to;
  for (int k = 0; k < model->outputs; ++k) {
    to.push_back({results[std::size_t(k)].data(), std::int64_t(outputs[k].size), extents[std::size_t(k)].data()});
  }
  std::vector<std::int64_t> symbols(std::size_t(model->symbols) + 1);
  std::vector<std::int64_t> before;
  int status = model->symbols_of(from.data(), symbols.data());
  do {  // where only the run finds how much room it needs, it is repeated with that
    before = symbols;
    if (status == LOCKSTEP_OK || status == LOCKSTEP_OVER_CAPACITY) status = model->prepare(session, symbols.data());
    if (status == LOCKSTEP_OK) status = model->run(session, from.data(), to.data());
    if (status == LOCKSTEP_OVER_CAPACITY) model->needed(session, symbols.data());
  } while (status == LOCKSTEP_OVER_CAPACITY && symbols != before);
  if (status != LOCKSTEP_OK) return std::fprintf(stderr, "run failed: %s\n", model->message(session)), 1;
  double worst = 0;
  std::size_t wrong = 0, total = 0;
  for (int k = 0; k < model->outputs + model->states; ++k) {
    const bool kept = k >= model->outputs;  // what the run leaves in a buffer comes after the outputs
    const lockstep_port& port = kept ? model->state[k - model->outputs] : model->output[k];
    const std::int32_t dtype = part_of(port.dtype);
    const std::size_t item = bytes_of(dtype), parts = bytes_of(port.dtype) / item;
    const bool floating = dtype >= LOCKSTEP_FLOAT16 && dtype <= LOCKSTEP_FLOAT64;
    if (!kept && !std::equal(outputs[k].dims, outputs[k].dims + port.rank, extents[std::size_t(k)].data())) {
      return std::fprintf(stderr, "output '%s' has other extents than expected\n", port.name), 1;
    }
    const auto* const held = kept ? static_cast<const unsigned char*>(model->state_data(session, k - model->outputs))
                                  : results[std::size_t(k)].data();
    for (std::size_t i = 0; i < outputs[k].size * parts; ++i, ++total) {
      const unsigned char* const got = held + i * item;
      const unsigned char* const want = base + outputs[k].offset + i * item;
      double bound = 0, truth = 0;
      if (outputs[k].bound != 0) {
        std::memcpy(&bound, base + outputs[k].bound + i * 8, 8);
        std::memcpy(&truth, base + outputs[k].truth + i * 8, 8);
      }
      if (std::isnan(bound)) continue;  // too close to call
      bool right = std::memcmp(got, want, item) == 0;
      if (!right && floating) {
        const double y = number(dtype, got);
        const double apart = std::fabs(y - truth);
        right = (std::isnan(y) && std::isnan(number(dtype, want))) || (bound > 0 && apart <= bound);
        if (bound > 0 && apart / bound > worst) worst = apart / bound;
        if (!right && wrong == 0) {
          std::fprintf(stderr, "output '%s' element %zu: got %.17g, expected %.17g, allowed %.3g\n", port.name,
                       i, y, truth, bound);
        }
      }
      wrong += !right;
    }
  }
  model->session_close(session);
  model->weights_close(weights);
  std::printf("%s: %zu of %zu elements right, worst error %.3f of its bound\n", model->name, total - wrong, total, worst);
  return wrong == 0 ? 0 : 1;
}

}  // namespace selftest
}  // namespace lockstep
