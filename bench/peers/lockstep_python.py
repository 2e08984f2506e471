"""The emitted C++ through `lockstep.compile`: tensors in and out. One thread."""
from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

import lockstep

from ..job import Job
from .torch_modules import inference

DISTRIBUTION = "torch-lockstep"


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    with inference(job) as (module, inputs):
        compiled = lockstep.compile(module, inputs)
        yield lambda: compiled(*inputs)
