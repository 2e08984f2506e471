"""Times three models in one run: the emitted C++, PyTorch eager and ONNX Runtime, one thread each; prints ratios.

    python bench/compare.py [MODEL...]

Microseconds a call, the best of seven batches. The machine is shared: read the ratios, not the times.
"""
from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Callable

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lockstep  # noqa: E402
from lockstep.build.compiler import find_compiler  # noqa: E402
from lockstep.cases.onnx_export import export  # noqa: E402

BATCHES, SECONDS = 7, 0.15


class LeNet(torch.nn.Module):
    """The classic: two convolutions with pooling, three linear layers, on 28 x 28."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.features = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5),
                                      nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def mlp() -> tuple[torch.nn.Module, torch.Tensor]:
    sizes = [7, 64, 64, 64, 64, 1]
    layers = [part for a, b in zip(sizes, sizes[1:]) for part in (torch.nn.Linear(a, b), torch.nn.ReLU())][:-1]
    return torch.nn.Sequential(*layers), torch.randn(1, 7)


def encoder() -> tuple[torch.nn.Module, torch.Tensor]:
    layer = torch.nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True, norm_first=True)
    return torch.nn.TransformerEncoder(layer, 4, enable_nested_tensor=False), torch.randn(1, 128, 256)


MODELS: dict[str, Callable] = {"mlp": mlp, "lenet": lambda: (LeNet(), torch.randn(1, 1, 28, 28)), "encoder": encoder}

DRIVER = r"""
#include <chrono>
#include <cstdio>
#include <vector>
#include "model.hpp"
extern "C" double time_model(const char* weights_path, const void* input, double seconds) {
  void *weights = nullptr, *session = nullptr;
  char message[512];
  const lockstep_model* model = model_model();
  if (model->weights_open(weights_path, &weights, message, sizeof message)) return std::puts(message), -1;
  if (model->session_open(weights, &session)) return -1;
  std::vector<float> out(model::kOutputSize);
  lockstep_input from[] = {{input, nullptr}};
  lockstep_output to[] = {{out.data(), model::kOutputSize, nullptr}};
  using Clock = std::chrono::steady_clock;
  long calls = 0;
  const auto start = Clock::now();
  double spent = 0;
  do {
    for (int k = 0; k < 8; ++k) model->run(session, from, to);
    calls += 8;
    spent = std::chrono::duration<double>(Clock::now() - start).count();
  } while (spent < seconds);
  model->session_close(session);
  model->weights_close(weights);
  return spent / double(calls) * 1e6;
}
"""


def emitted(module: torch.nn.Module, x: torch.Tensor, folder: Path) -> Callable[[], float]:
    """A function that times one batch of calls of the emitted C++."""
    package = lockstep.convert(module, x, out=folder / "package", name="model", output_names=["output"], selftest=False)
    (package / "driver.cpp").write_text(DRIVER)
    library = folder / "driver.so"
    subprocess.run([find_compiler(), "-std=c++17", "-O2", "-march=native", "-fPIC", "-shared", f"-I{package}",
                    str(package / "driver.cpp"), str(package / "model.cpp"), "-o", str(library)], check=True)
    call = ctypes.CDLL(str(library)).time_model
    call.restype, call.argtypes = ctypes.c_double, [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_double]
    return lambda: call(str(package / "model.safetensors").encode(), x.data_ptr(), SECONDS)


def python_call(function: Callable[[], object]) -> Callable[[], float]:
    """A function that times one batch of calls of a Python callable."""
    def batch() -> float:
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            function()
            calls += 1
        return (time.perf_counter() - start) / calls * 1e6
    return batch


def main() -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    results = {}
    for name in sys.argv[1:] or MODELS:
        module, x = MODELS[name]()
        module.eval()
        with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
            folder = Path(scratch)
            refused = export(module, (x,), None, folder / "model.onnx")
            assert refused is None, refused
            session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            feed = {session.get_inputs()[0].name: x.numpy()}
            sides = {"ours": emitted(module, x, folder), "eager": python_call(lambda: module(x)),
                     "onnxruntime": python_call(lambda: session.run(None, feed))}
            best = {side: min(batch() for _ in range(BATCHES)) for side, batch in sides.items()}
        results[name] = {**{side: round(us, 2) for side, us in best.items()},
                         "ratio": round(min(best["eager"], best["onnxruntime"]) / best["ours"], 3)}
        print(name, json.dumps(results[name]), flush=True)


if __name__ == "__main__":
    main()
