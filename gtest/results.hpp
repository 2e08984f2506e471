// Leaves one small JSON file per test, which `python -m lockstep.report` gathers.
#pragma once

#include <filesystem>
#include <string>

#include "harness.hpp"

namespace lockstep_test {

enum class Outcome { crashed, passed, failed, gap };

// Writes FOLDER/<suite>/<case>.<route>.json as a whole or not at all. `crashed` is written before a test begins, and
// stays if the process does not live to write another.
void write_result(const std::filesystem::path& folder, const Row& row, Outcome outcome, const Verdict& verdict,
                  double seconds);

// An error as a fraction of its bound, as text: three digits; infinity is written 1e308, which JSON can hold.
std::string ratio_text(double ratio);

}  // namespace lockstep_test
