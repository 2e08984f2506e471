// Classifies digits with the C++ that `lockstep convert` made of digits.pt, and counts how many are right.
//
//   classify digits.safetensors held_out.csv classes.txt
//
// The CSV has 64 pixels (0..16) and the label a line. Prints the accuracy and a confusion table; writes one class a line.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "digits.hpp"

namespace {

constexpr std::int64_t kPixels = 64, kClasses = 10, kBatch = 100;

struct Images {
  std::vector<float> pixels;  // kPixels an image
  std::vector<int> labels;
};

Images read_csv(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + " cannot be read");
  Images images;
  for (std::string line; std::getline(file, line);) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream numbers(line);
    float pixel;
    for (std::int64_t k = 0; k < kPixels && numbers >> pixel; ++k) images.pixels.push_back(pixel);
    int label = -1;
    if (!(numbers >> label) || label < 0 || label >= kClasses)
      throw std::runtime_error(path + ", line " + std::to_string(images.labels.size() + 1) + ": expected 64 pixels and a label");
    images.labels.push_back(label);
  }
  return images;
}

// The class with the highest score for each image, a batch at a time; the last batch may be smaller.
std::vector<int> classify(const char* weights_path, const Images& images) {
  digits::Weights weights(weights_path);
  digits::Session session(weights);
  session.prepare(kBatch);  // all memory that run needs
  std::vector<float> scores(kBatch * kClasses);
  std::vector<int> classes;
  const std::int64_t count = static_cast<std::int64_t>(images.labels.size());
  for (std::int64_t first = 0; first < count; first += kBatch) {
    const std::int64_t batch = std::min(kBatch, count - first);
    digits::Inputs inputs{{images.pixels.data() + first * kPixels, batch, 1, 8, 8}};
    digits::Outputs outputs{{scores.data(), batch * kClasses}};
    if (session.run(inputs, outputs) != digits::Status::ok) throw std::runtime_error(session.message());
    for (std::int64_t k = 0; k < batch; ++k) {
      const float* row = scores.data() + k * kClasses;
      classes.push_back(static_cast<int>(std::max_element(row, row + kClasses) - row));
    }
  }
  return classes;
}

void print_result(const std::vector<int>& labels, const std::vector<int>& classes) {
  int confusion[kClasses][kClasses] = {}, right = 0;
  for (std::size_t k = 0; k < labels.size(); ++k) {
    ++confusion[labels[k]][classes[k]];
    right += labels[k] == classes[k];
  }
  std::printf("C++: %d of %zu held-out digits right (%.2f%%)\n\nlabel \\ class", right, labels.size(),
              100.0 * right / static_cast<double>(labels.size()));
  for (int c = 0; c < kClasses; ++c) std::printf("%4d", c);
  for (int label = 0; label < kClasses; ++label) {
    std::printf("\n%13d", label);
    for (int c = 0; c < kClasses; ++c) std::printf("%4d", confusion[label][c]);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: classify digits.safetensors held_out.csv classes.txt\n");
    return 2;
  }
  try {
    const Images images = read_csv(argv[2]);
    if (images.labels.empty()) throw std::runtime_error(std::string(argv[2]) + " holds no digits");
    const std::vector<int> classes = classify(argv[1], images);
    std::ofstream file(argv[3]);
    for (int one : classes) file << one << '\n';
    file.close();
    if (!file) throw std::runtime_error(std::string(argv[3]) + " cannot be written");
    print_result(images.labels, classes);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "classify: %s\n", failure.what());
    return 1;
  }
  return 0;
}
