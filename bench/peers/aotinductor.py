"""AOTInductor: exported, compiled to a package with frozen weights, loaded again.

`python -m bench.peers.aotinductor JOB` compiles, in a process of its own: its memory is not that of running.
"""
from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import Any, Callable, Iterator

import torch

from ..job import Job, LeftOut
from ..spent import processor_seconds
from .torch_modules import inference

DISTRIBUTION = "torch"


@contextlib.contextmanager
def opened(job: Job) -> Iterator[Callable[[], Any]]:
    measured = job.own / "aotinductor.json"
    if not measured.exists():
        code = subprocess.run([sys.executable, "-m", "bench.peers.aotinductor", job.text()],
                              stdin=subprocess.DEVNULL).returncode
        if code:
            raise LeftOut(f"compiling ended with exit code {code}; its words are in {job.own / 'log.txt'}")
    if refused := json.loads(measured.read_text()).get("left_out"):
        raise LeftOut(refused)
    run = torch._inductor.aoti_load_package(str(job.own / "aotinductor.pt2"))
    with inference(job) as (_, inputs):
        yield lambda: run(*inputs)


def compile_package(job: Job) -> dict[str, Any]:
    """Writes the package; gives the processor's seconds that compiling took, and the package's bytes."""
    settings: dict[str, Any] = {"freezing": True} | ({"cpp.simdlen": job.width} if job.width else {})
    package = job.own / "aotinductor.pt2"
    with inference(job) as (module, inputs):
        start = processor_seconds()
        program = torch.export.export(module, inputs)
        torch._inductor.aoti_compile_and_package(program, package_path=str(package), inductor_configs=settings)
    return {"compile_seconds": processor_seconds() - start, "package_bytes": package.stat().st_size}


def main() -> None:
    """Compiles, and writes aotinductor.json: what it took, or why PyTorch refuses."""
    job = Job.read(sys.argv[1])
    try:
        measured = compile_package(job)
    except Exception as failure:  # export and compilation raise whatever their stages raise
        measured = {"left_out": LeftOut.words(failure)}
    (job.own / "aotinductor.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
