"""TorchScript: traced (scripted, where a trace does not show what happens), frozen, optimised for inference."""
from __future__ import annotations

import contextlib
import warnings
from typing import Any, Callable, Iterator

import torch

from ..job import Job
from ..models import MODELS
from .torch_modules import inference

DISTRIBUTION = "torch"
PROFILED = 5                        # calls after which its executor has specialised the graph


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    warnings.filterwarnings("ignore")
    with inference(job) as (module, inputs):
        made = torch.jit.script(module) if MODELS[job.model].scripted else torch.jit.trace(module, inputs)
        made = torch.jit.optimize_for_inference(torch.jit.freeze(made))
        for _ in range(PROFILED):
            made(*inputs)
        yield lambda: made(*inputs)
