#include "execute.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace lockstep_test {
namespace {

constexpr std::size_t kGuard = 64;

const char* status_name(int status) {
  switch (status) {
    case LOCKSTEP_OK: return "ok";
    case LOCKSTEP_BAD_DIM: return "bad dim";
    case LOCKSTEP_OVER_CAPACITY: return "over capacity";
    case LOCKSTEP_FAILED_GUARD: return "failed guard";
    case LOCKSTEP_BAD_WEIGHTS: return "bad weights";
    case LOCKSTEP_NO_MEMORY: return "no memory";
    default: return "an unknown status";
  }
}

void require_ok(const lockstep_model& model, const void* session, int status, const std::string& call) {
  if (status == LOCKSTEP_OK) return;
  const char* message = session != nullptr && model.message != nullptr ? model.message(session) : nullptr;
  throw std::runtime_error(call + " returned " + status_name(status) + " (" + std::to_string(status) + ")" +
                           (message != nullptr ? std::string(": ") + message : std::string()));
}

// Memory for one tensor with guard bytes on both sides.
class Guarded {
 public:
  Guarded(std::size_t size, std::size_t item, Preparation preparation)
      : size_(size), fill_(preparation.fill), storage_(size + 3 * kGuard + item, fill_) {
    const auto base = reinterpret_cast<std::uintptr_t>(storage_.data());
    offset_ = kGuard + (kGuard - base % kGuard) % kGuard + (preparation.shifted ? item : 0);
  }
  unsigned char* data() { return storage_.data() + offset_; }
  Bytes bytes() { return Bytes(data(), data() + size_); }

  // How far the first overwritten guard byte is from the tensor: negative before it, from 0 on after its end, or
  // kIntact.
  static constexpr std::ptrdiff_t kIntact = PTRDIFF_MAX;
  std::ptrdiff_t overwritten() {
    for (std::ptrdiff_t k = 1; k <= static_cast<std::ptrdiff_t>(kGuard); ++k)
      if (data()[-k] != fill_) return -k;
    const unsigned char* end = data() + size_;
    for (std::ptrdiff_t k = 0; k < static_cast<std::ptrdiff_t>(kGuard); ++k)
      if (end[k] != fill_) return k;
    return kIntact;
  }

 private:
  std::size_t size_;
  unsigned char fill_;
  Bytes storage_;
  std::size_t offset_;
};

// An input in memory that ends with its last byte: what reads beyond it is for the sanitizer to see.
class InputCopy {
 public:
  InputCopy(const Tensor& tensor, bool shifted)
      : original_(tensor), offset_(shifted ? item_size(tensor.dtype) : 0), storage_(offset_) {
    storage_.insert(storage_.end(), tensor.bytes.begin(), tensor.bytes.end());
    storage_.shrink_to_fit();
  }
  const unsigned char* data() const { return storage_.data() + offset_; }
  bool unchanged() const { return std::equal(original_.bytes.begin(), original_.bytes.end(), data()); }

 private:
  const Tensor& original_;
  std::size_t offset_;
  Bytes storage_;
};

// A port must be what the golden holds: same dtype, same rank, same extents where they are fixed.
void require_fits(const lockstep_port& port, const Tensor& tensor, const std::string& which) {
  bool fits = port.dtype == tensor.dtype && static_cast<std::size_t>(port.rank) == tensor.dims.size();
  for (std::size_t axis = 0; fits && axis < tensor.dims.size(); ++axis)
    fits = port.dims[axis] == -1 || port.dims[axis] == tensor.dims[axis];
  if (fits) return;
  const std::vector<std::int64_t> dims(port.dims, port.dims + port.rank);
  throw std::runtime_error(which + " (" + port.name + ") of the model is " + dtype_name(port.dtype) + dims_text(dims) +
                           ", the golden's is " + dtype_name(tensor.dtype) + dims_text(tensor.dims));
}

void require_fits(const lockstep_model& model, const DataSet& set) {
  if (static_cast<std::size_t>(model.inputs) != set.inputs.size() ||
      static_cast<std::size_t>(model.outputs + model.states) != set.answers.size())
    throw std::runtime_error("the model has " + std::to_string(model.inputs) + " inputs and " +
                             std::to_string(model.outputs + model.states) + " outputs and buffers, the golden has " +
                             std::to_string(set.inputs.size()) + " and " + std::to_string(set.answers.size()));
  for (std::size_t k = 0; k < set.inputs.size(); ++k)
    require_fits(model.input[k], set.inputs[k], "input " + std::to_string(k));
  const auto outputs = static_cast<std::size_t>(model.outputs);
  for (std::size_t k = 0; k < set.answers.size(); ++k)
    require_fits(k < outputs ? model.output[k] : model.state[k - outputs], set.answers[k].output,
                 "output " + std::to_string(k));
}

// Prepares and runs; a run that finds more than was prepared for says how much, and is repeated with that.
void prepare_and_run(const lockstep_model& model, void* session, const std::vector<lockstep_input>& inputs,
                     std::vector<lockstep_output>& outputs) {
  std::vector<std::int64_t> symbols(static_cast<std::size_t>(model.symbols), -1);
  if (model.symbols != 0) require_ok(model, session, model.symbols_of(inputs.data(), symbols.data()), "symbols_of");
  constexpr int kTries = 8;
  for (int k = 0; k < kTries; ++k) {
    if (model.symbols != 0) require_ok(model, session, model.prepare(session, symbols.data()), "prepare" + dims_text(symbols));
    const int status = model.run(session, inputs.data(), outputs.data());
    const std::vector<std::int64_t> before = symbols;
    if (status == LOCKSTEP_OVER_CAPACITY) model.needed(session, symbols.data());
    if (symbols == before) return require_ok(model, session, status, "run");
  }
  throw std::runtime_error("run asks for more and more room");
}

}  // namespace

std::vector<Bytes> execute(const lockstep_model& model, void* session, const DataSet& set, Preparation preparation) {
  require_fits(model, set);
  std::vector<InputCopy> given;
  for (const Tensor& input : set.inputs) given.emplace_back(input, preparation.shifted);
  std::vector<lockstep_input> inputs;
  for (std::size_t k = 0; k < given.size(); ++k) inputs.push_back({given[k].data(), set.inputs[k].dims.data()});

  std::vector<Guarded> memory;
  std::vector<std::vector<std::int64_t>> extents;
  for (std::size_t k = 0; k < static_cast<std::size_t>(model.outputs); ++k) {
    const Answer& answer = set.answers[k];
    memory.emplace_back(answer.output.bytes.size(), item_size(answer.output.dtype), preparation);
    extents.emplace_back(answer.output.dims.size(), -1);
  }
  std::vector<lockstep_output> outputs;
  for (std::size_t k = 0; k < memory.size(); ++k)
    outputs.push_back({memory[k].data(), set.answers[k].output.elements(), extents[k].data()});

  model.reset(session);
  prepare_and_run(model, session, inputs, outputs);

  for (std::size_t k = 0; k < given.size(); ++k)
    if (!given[k].unchanged()) throw std::runtime_error("run changed input " + std::to_string(k));
  std::vector<Bytes> results;
  for (std::size_t k = 0; k < memory.size(); ++k) {
    const std::string which = "output " + std::to_string(k);
    const std::ptrdiff_t at = memory[k].overwritten();
    if (at != Guarded::kIntact)
      throw std::runtime_error("run wrote outside " + which + ": byte " + std::to_string(at < 0 ? -at : at + 1) +
                               (at < 0 ? " before its begin" : " past its end"));
    if (extents[k] != set.answers[k].output.dims)
      throw std::runtime_error(which + " has the extents " + dims_text(extents[k]) + ", should have " +
                               dims_text(set.answers[k].output.dims));
    results.push_back(memory[k].bytes());
  }
  for (std::int32_t k = 0; k < model.states; ++k) {
    const auto* const kept = static_cast<const unsigned char*>(model.state_data(session, k));
    results.emplace_back(kept, kept + set.answers[memory.size() + static_cast<std::size_t>(k)].output.bytes.size());
  }
  return results;
}

OpenModel::OpenModel(const lockstep_model& model, const char* weights_path) : model_(model) {
  char message[512] = "";
  const int status = model.weights_open(weights_path, &weights_, message, sizeof message);
  if (status != LOCKSTEP_OK)
    throw std::runtime_error(std::string("weights_open returned ") + status_name(status) + ": " + message);
  const int opened = model.session_open(weights_, &session_);
  if (opened == LOCKSTEP_OK) return;
  model.weights_close(weights_);
  throw std::runtime_error(std::string("session_open returned ") + status_name(opened));
}

OpenModel::~OpenModel() {
  model_.session_close(session_);
  model_.weights_close(weights_);
}

}  // namespace lockstep_test
