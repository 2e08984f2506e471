#include "results.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>

namespace lockstep_test {
namespace {

namespace fs = std::filesystem;

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    case Outcome::gap: return "gap";
    default: return "crashed";
  }
}

// A text as a JSON string. Bytes from 128 on pass as they are: texts are UTF-8.
// (Not `quoted`: a std::string argument would find std::quoted.)
std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 32) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string ratio_text(double ratio) {
  if (!std::isfinite(ratio)) return "1e308";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", ratio);
  return text;
}

void write_result(const fs::path& folder, const Row& row, Outcome outcome, const Verdict& verdict, double seconds) {
  std::string message;
  for (const std::string& failure : verdict.failures) message += (message.empty() ? "" : "\n") + failure;
  char time[32];
  std::snprintf(time, sizeof time, "%.6f", seconds);
  const fs::path file = folder / row.suite / (std::string(row.name) + "." + row.route + ".json");
  const fs::path part = file.string() + "." + std::to_string(::getpid());
  std::error_code ignored;  // a report that cannot be written must not fail the test
  fs::create_directories(file.parent_path(), ignored);
  std::ofstream(part) << "{\"suite\": " << json_string(row.suite) << ", \"case\": " << json_string(row.name)
                      << ", \"route\": " << json_string(row.route) << ", \"dtype\": " << json_string(row.dtype)
                      << ", \"status\": \"" << outcome_name(outcome) << "\", \"worst\": " << ratio_text(verdict.worst)
                      << ", \"undecided\": " << verdict.undecided << ", \"seconds\": " << time
                      << ", \"message\": " << json_string(message) << "}\n";
  fs::rename(part, file, ignored);
}

}  // namespace lockstep_test
