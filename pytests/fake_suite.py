"""A suite written by hand, as `lockstep emit` would leave it: y = 2 x, right in one case and wrong in others."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import numpy_helper

NAME = "doubling"
#        case: (model, failure, gap)
ROWS = {
    "right": ("&right", None, None),
    "wrong": ("&wrong", None, None),
    "crash": ("&crash", None, None),
    "gap_open": ("&wrong", None, "not yet"),
    "gap_closed": ("&right", None, "not yet"),
    "no_model": ("nullptr", None, "no loops yet"),
    "broken": ("nullptr", "aten.foo is not supported", None),
}

_PROGRAM = """#include <cstdlib>

#include "suite.hpp"

namespace {

const int64_t kAnyLength[] = {-1};
const lockstep_port kInput = {"x", LOCKSTEP_FLOAT32, 1, kAnyLength}, kOutput = {"y", LOCKSTEP_FLOAT32, 1, kAnyLength};
const char* const kSymbols[] = {"n"};

int weights_open(const char*, void** weights, char*, size_t) { return *weights = nullptr, LOCKSTEP_OK; }
void weights_close(void*) {}
int session_open(const void*, void** session) { return *session = nullptr, LOCKSTEP_OK; }
void session_close(void*) {}
int symbols_of(const lockstep_input* inputs, int64_t* symbols) { return symbols[0] = inputs[0].dims[0], LOCKSTEP_OK; }
int prepare(void*, const int64_t*) { return LOCKSTEP_OK; }
const char* message(const void*) { return "fine"; }
void needed(const void*, int64_t*) {}
void reset(void*) {}

enum Kind { kRight, kWrong, kCrash };

template <Kind kind>
int run(void*, const lockstep_input* inputs, lockstep_output* outputs) {
  const float* x = static_cast<const float*>(inputs[0].data);
  float* y = static_cast<float*>(outputs[0].data);
  if (kind == kCrash) std::abort();
  for (int64_t k = 0; k < inputs[0].dims[0]; ++k) y[k] = (kind == kWrong && k > 1 ? 2.001f : 2.0f) * x[k];
  outputs[0].dims[0] = inputs[0].dims[0];
  return LOCKSTEP_OK;
}

template <Kind kind>
const lockstep_model kModel = {"doubling", 1, 1, 1, 0, &kInput, &kOutput, nullptr, kSymbols, weights_open, weights_close,
                               session_open, session_close, symbols_of, prepare, run<kind>, message,
                               needed, reset, nullptr, nullptr};
const lockstep_model &right = kModel<kRight>, &wrong = kModel<kWrong>, &crash = kModel<kCrash>;

const lockstep_test::Row kRows[] = {
ROWS};

}  // namespace

const lockstep_test::Row* lockstep_test::suite_rows(std::size_t* count) {
  *count = sizeof kRows / sizeof kRows[0];
  return kRows;
}
"""


@dataclass(frozen=True)
class FakeSuite:
    """FOLDER/emitted/doubling and FOLDER/golden/doubling."""

    folder: Path

    def write(self) -> None:
        emitted = self.folder / "emitted" / NAME
        emitted.mkdir(parents=True)
        rows = "".join(f'    {{"{NAME}", "{case}", "exported", "float32", {model}, nullptr, {_text(failure)}, {_text(gap)}}},\n'
                       for case, (model, failure, gap) in ROWS.items())
        (emitted / f"{NAME}.cpp").write_text(_PROGRAM.replace("ROWS", rows))
        (emitted / "tests.cmake").write_text("".join(f"lockstep_test({NAME} {case} exported float32)\n" for case in ROWS))
        for case in ROWS:
            for number, length in enumerate((3, 1, 7)):
                self._write_data_set(case, number, np.linspace(-1, 2, length, dtype=np.float32))

    def _write_data_set(self, case: str, number: int, x: np.ndarray) -> None:
        folder = self.folder / "golden" / NAME / case / f"test_data_set_{number}"
        folder.mkdir(parents=True)
        arrays = {"input_0": x, "output_0": 2 * x, "truth_0": 2 * x.astype(np.float64),
                  "bound_0": np.full(x.shape, 2.0**-22)}
        for name, array in arrays.items():
            (folder / f"{name}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())


def _text(text: str | None) -> str:
    return "nullptr" if text is None else f'"{text}"'
