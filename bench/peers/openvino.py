"""OpenVINO, on the model as torch.onnx exports it: compiled for latency, called with arrays."""
from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

import openvino

from ..job import Job
from .exported import named_inputs, onnx_file

DISTRIBUTION = "openvino"
# float32 as everybody else: on processors with bfloat16 products it would compute in that
SETTINGS = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    settings = {**SETTINGS, "INFERENCE_NUM_THREADS": job.threads}
    compiled = openvino.Core().compile_model(onnx_file(job), "CPU", settings)
    feed = named_inputs(job, [one.get_any_name() for one in compiled.inputs])
    yield lambda: compiled(feed)
