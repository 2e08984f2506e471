// Reads a case's golden: inputs, PyTorch's outputs, the truth in float64 and the bound of every element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lockstep_test {

// Row-major and contiguous; dtype is one of abi.h's LOCKSTEP_FLOAT32, ...
struct Tensor {
  int dtype = 0;
  std::vector<std::int64_t> dims;
  std::vector<unsigned char> bytes;

  std::int64_t elements() const;
};

// What one output must be. Empty truth or bound: the output itself is the truth, or must be met bit by bit.
struct Answer {
  Tensor output;              // the truth rounded to the output's dtype
  std::vector<double> truth;  // of a complex output, for each real and each imaginary part; so the bound
  std::vector<double> bound;  // absolute; 0 is bit-exact, NaN is too close to call
};

struct DataSet {
  std::string name;  // test_data_set_0, ...
  std::vector<Tensor> inputs;
  std::vector<Answer> answers;
};

// The data sets of golden/<suite>/<case>, in order. Throws std::runtime_error that names the file and what is wrong.
std::vector<DataSet> read_golden(const std::filesystem::path& folder);

std::size_t item_size(int dtype);
// The dtype of a complex dtype's parts; any other dtype as it is.
int part_dtype(int dtype);
// A tensor's extents, of a complex one with the two parts as a last extent.
std::vector<std::int64_t> parts_dims(const Tensor& tensor);
const char* dtype_name(int dtype);
// [2,3] as text.
std::string dims_text(const std::vector<std::int64_t>& dims);

}  // namespace lockstep_test
