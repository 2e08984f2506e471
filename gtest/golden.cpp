#include "golden.hpp"

#include <cstring>
#include <fstream>
#include <stdexcept>

#include "lockstep/abi.h"
#include "onnx.pb.h"

namespace lockstep_test {
namespace {

namespace fs = std::filesystem;

struct Dtype {
  const char* name;
  std::size_t size;
  int onnx;
};

// In the order of abi.h.
const Dtype kDtypes[] = {
    {"bool", 1, onnx::TensorProto::BOOL},       {"int8", 1, onnx::TensorProto::INT8},
    {"int16", 2, onnx::TensorProto::INT16},     {"int32", 4, onnx::TensorProto::INT32},
    {"int64", 8, onnx::TensorProto::INT64},     {"uint8", 1, onnx::TensorProto::UINT8},
    {"uint16", 2, onnx::TensorProto::UINT16},   {"uint32", 4, onnx::TensorProto::UINT32},
    {"uint64", 8, onnx::TensorProto::UINT64},   {"float16", 2, onnx::TensorProto::FLOAT16},
    {"bfloat16", 2, onnx::TensorProto::BFLOAT16}, {"float32", 4, onnx::TensorProto::FLOAT},
    {"float64", 8, onnx::TensorProto::DOUBLE},  {"complex64", 8, onnx::TensorProto::COMPLEX64},
    {"complex128", 16, onnx::TensorProto::COMPLEX128},
};
static_assert(LOCKSTEP_COMPLEX128 == sizeof kDtypes / sizeof kDtypes[0] - 1, "one entry per dtype of abi.h");

[[noreturn]] void wrong(const fs::path& file, const std::string& what) {
  throw std::runtime_error("golden " + file.string() + ": " + what);
}

int dtype_of(int onnx_type, const fs::path& file) {
  for (int dtype = LOCKSTEP_BOOL; dtype <= LOCKSTEP_COMPLEX128; ++dtype)
    if (kDtypes[dtype].onnx == onnx_type) return dtype;
  wrong(file, "ONNX data type " + std::to_string(onnx_type) + " is not one the harness compares");
}

Tensor read_tensor(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) wrong(file, "cannot be read");
  onnx::TensorProto proto;
  if (!proto.ParseFromIstream(&stream)) wrong(file, "is not an ONNX TensorProto");
  Tensor tensor;
  tensor.dtype = dtype_of(proto.data_type(), file);
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  const std::size_t expected = static_cast<std::size_t>(tensor.elements()) * item_size(tensor.dtype);
  const std::string& raw = proto.raw_data();
  if (raw.size() != expected)
    wrong(file, "raw_data has " + std::to_string(raw.size()) + " bytes, should have " + std::to_string(expected));
  tensor.bytes.assign(raw.begin(), raw.end());
  return tensor;
}

// Truth or bound of an output: float64 of the extents of its parts; empty where there is no file.
std::vector<double> read_reals(const fs::path& file, const Tensor& output) {
  if (!fs::exists(file)) return {};
  const Tensor tensor = read_tensor(file);
  const std::vector<std::int64_t> dims = parts_dims(output);
  if (tensor.dtype != LOCKSTEP_FLOAT64 || tensor.dims != dims)
    wrong(file, "is " + std::string(dtype_name(tensor.dtype)) + dims_text(tensor.dims) + ", should be float64" +
                    dims_text(dims));
  std::vector<double> reals(static_cast<std::size_t>(tensor.elements()));
  if (!reals.empty()) std::memcpy(reals.data(), tensor.bytes.data(), tensor.bytes.size());
  return reals;
}

fs::path numbered(const fs::path& folder, const char* kind, std::size_t k) {
  return folder / (kind + std::string("_") + std::to_string(k) + ".pb");
}

DataSet read_data_set(const fs::path& folder) {
  DataSet set{folder.filename().string(), {}, {}};
  for (std::size_t k = 0; fs::exists(numbered(folder, "input", k)); ++k)
    set.inputs.push_back(read_tensor(numbered(folder, "input", k)));
  for (std::size_t k = 0; fs::exists(numbered(folder, "output", k)); ++k) {
    Answer answer{read_tensor(numbered(folder, "output", k)), {}, {}};
    answer.truth = read_reals(numbered(folder, "truth", k), answer.output);
    answer.bound = read_reals(numbered(folder, "bound", k), answer.output);
    for (double bound : answer.bound)
      if (bound < 0) wrong(numbered(folder, "bound", k), "has a negative bound");
    set.answers.push_back(std::move(answer));
  }
  if (set.answers.empty()) wrong(folder, "has no output_0.pb");
  return set;
}

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (std::int64_t extent : dims) count *= extent;
  return count;
}

int part_dtype(int dtype) {
  return dtype == LOCKSTEP_COMPLEX64 ? LOCKSTEP_FLOAT32 : dtype == LOCKSTEP_COMPLEX128 ? LOCKSTEP_FLOAT64 : dtype;
}

std::vector<std::int64_t> parts_dims(const Tensor& tensor) {
  std::vector<std::int64_t> dims = tensor.dims;
  if (part_dtype(tensor.dtype) != tensor.dtype) dims.push_back(2);
  return dims;
}

std::size_t item_size(int dtype) { return kDtypes[dtype].size; }

const char* dtype_name(int dtype) {
  return dtype >= LOCKSTEP_BOOL && dtype <= LOCKSTEP_COMPLEX128 ? kDtypes[dtype].name : "unknown dtype";
}

std::string dims_text(const std::vector<std::int64_t>& dims) {
  std::string text = "[";
  for (std::size_t k = 0; k < dims.size(); ++k) text += (k ? "," : "") + std::to_string(dims[k]);
  return text + "]";
}

std::vector<DataSet> read_golden(const fs::path& folder) {
  std::vector<DataSet> sets;
  for (;;) {
    const fs::path next = folder / ("test_data_set_" + std::to_string(sets.size()));
    if (!fs::exists(next)) break;
    sets.push_back(read_data_set(next));
  }
  if (sets.empty()) wrong(folder, "has no test_data_set_0; make it with `lockstep generate " +
                                      folder.parent_path().filename().string() + "`");
  return sets;
}

}  // namespace lockstep_test
