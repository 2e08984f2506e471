"""ONNX Runtime, on the model as torch.onnx exports it."""
from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

import onnxruntime

from ..job import Job
from .exported import named_inputs, onnx_file

DISTRIBUTION = "onnxruntime"


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = job.threads, 1
    session = onnxruntime.InferenceSession(onnx_file(job), options, providers=["CPUExecutionProvider"])
    feed = named_inputs(job, [one.name for one in session.get_inputs()])
    yield lambda: session.run(None, feed)
