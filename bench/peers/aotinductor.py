"""AOTInductor: exported, compiled to a package with frozen weights, loaded again."""
from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import torch

from ..job import Job
from .torch_modules import inference

DISTRIBUTION = "torch"


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    with inference(job) as (module, inputs):
        package = job.own / "aotinductor.pt2"
        if not package.exists():
            compile_package(module, inputs, package, job.width)
        run = torch._inductor.aoti_load_package(str(package))
        yield lambda: run(*inputs)


def compile_package(module: torch.nn.Module, inputs: tuple, package: Path, width: int) -> None:
    """Writes the package, and aotinductor.json beside it: seconds of compiling and bytes of the package."""
    settings: dict[str, Any] = {"freezing": True} | ({"cpp.simdlen": width} if width else {})
    start = time.perf_counter()
    program = torch.export.export(module, inputs)
    torch._inductor.aoti_compile_and_package(program, package_path=str(package), inductor_configs=settings)
    measured = {"compile_seconds": time.perf_counter() - start, "package_bytes": package.stat().st_size}
    package.with_suffix(".json").write_text(json.dumps(measured))
