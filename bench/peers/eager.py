"""PyTorch as it is: the module is called."""
from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

from ..job import Job
from .torch_modules import inference

DISTRIBUTION = "torch"


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    with inference(job) as (module, inputs):
        yield lambda: module(*inputs)
