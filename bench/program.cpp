// The emitted model, asked for batches of calls: program INPUTS... -- OUTPUTS... [-- WEIGHTS]
// The inputs are files of the tensors' bytes; what one run computes is written to the outputs.
#include <cstring>
#include <fstream>
#include <string>

#include "batches.hpp"
#include "model.h"

namespace {

// Memory of a tensor, on a cache line's boundary, where PyTorch puts its own.
struct alignas(64) Line {
  char bytes[64];
};
using Memory = std::vector<Line>;

Memory memory(std::size_t bytes) { return Memory(bytes / sizeof(Line) + 1); }

int leave_out(const std::string& reason) {
  std::printf("left out %s\n", reason.c_str());
  return 0;
}

Memory read(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto bytes = file.tellg();
  Memory held = memory(std::size_t(bytes));
  file.seekg(0);
  file.read(held.data()->bytes, bytes);
  return held;
}

void write(const char* path, const Memory& held) {
  std::ofstream(path, std::ios::binary).write(held.data()->bytes, std::streamsize(held.size() * sizeof(Line)));
}

std::int64_t elements(const lockstep_port& port) {
  std::int64_t count = 1;
  for (int k = 0; k < port.rank; ++k) count *= port.dims[k];
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::vector<const char*>> told(1);
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--") == 0) told.emplace_back();
    else told.back().push_back(argv[k]);
  }
  told.resize(3);
  const lockstep_model* model = model_model();
  if (told[0].size() != std::size_t(model->inputs) || told[1].size() != std::size_t(model->outputs))
    return leave_out("the model has other numbers of inputs and outputs");

  void *weights = nullptr, *session = nullptr;
  char message[512];
  if (model->weights_open(told[2].empty() ? nullptr : told[2][0], &weights, message, sizeof message))
    return leave_out(message);
  if (model->session_open(weights, &session)) return leave_out("no session could be opened");

  std::vector<Memory> read_in, written;
  std::vector<lockstep_input> inputs;
  std::vector<lockstep_output> outputs;
  for (const char* path : told[0]) inputs.push_back({read_in.emplace_back(read(path)).data(), nullptr});
  for (int k = 0; k < model->outputs; ++k) {
    const std::int64_t count = elements(model->output[k]);
    written.push_back(memory(std::size_t(count) * 16));        // the widest element's bytes
    outputs.push_back({written.back().data(), count, nullptr});
  }
  if (model->run(session, inputs.data(), outputs.data())) return leave_out(model->message(session));
  for (int k = 0; k < model->outputs; ++k)
    write(told[1][std::size_t(k)], written[std::size_t(k)]);
  batches::serve([&] { model->run(session, inputs.data(), outputs.data()); });
  model->session_close(session);
  model->weights_close(weights);
}
