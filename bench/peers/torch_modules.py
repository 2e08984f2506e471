"""What the peers that are PyTorch share."""
from __future__ import annotations

import contextlib
from typing import Iterator

import torch

from ..job import Job
from ..models import MODELS


@contextlib.contextmanager
def inference(job: Job) -> Iterator[tuple[torch.nn.Module, tuple[torch.Tensor, ...]]]:
    """The job's module and inputs, on so many threads, under inference_mode."""
    torch.set_num_threads(job.threads)
    module, inputs = MODELS[job.model].opened()
    with torch.inference_mode():
        yield module, inputs
