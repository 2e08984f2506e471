"""`python -m bench.building JOB`: converts a model, compiles it, links it to program.cpp; measures all that.

Writes built.json into the job's own folder: seconds and bytes, or why it is left out.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, Sequence

import lockstep
from lockstep.build.compiler import find_compiler

from .job import Job, LeftOut
from .models import MODELS
from .sides import LIMITS, limit_program
from .spent import processor_seconds

SOURCES = Path(__file__).resolve().parent
LIBRARIES = ("-lbenchmark", "-lpthread")


def compiled(arguments: Sequence[str | Path], job: Job) -> float:
    """Compiles at -O2 for the job's instruction set; gives the processor's seconds. Raises BuildError."""
    flags = ["-std=c++17", "-O2", f"-march={job.march}", *(["-fopenmp"] if job.threads > 1 else [])]
    start = processor_seconds()
    done = subprocess.run([find_compiler(), *flags, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise lockstep.BuildError(done.stderr[:4000])
    return processor_seconds() - start


def built(job: Job) -> dict[str, Any]:
    """Makes package/ and program in the job's own folder; gives the seconds and bytes of it."""
    module, inputs = MODELS[job.model].opened()
    shutil.rmtree(job.own / "package", ignore_errors=True)
    start = processor_seconds()
    package = lockstep.convert(module, inputs, out=job.own / "package", name="model", selftest=False)
    convert_seconds = processor_seconds() - start
    made, bare = job.own / "model.o", job.own / "stripped.o"
    compile_seconds = compiled(["-c", package / "model.cpp", "-o", made], job)
    subprocess.run(["strip", "--strip-unneeded", str(made), "-o", str(bare)], check=True)
    compiled([f"-I{package}", SOURCES / "program.cpp", made, *LIBRARIES, "-o", job.own / "program"], job)
    weights = package / "model.safetensors"
    return {"convert_seconds": convert_seconds, "compile_seconds": compile_seconds,
            "object_bytes": bare.stat().st_size,
            "weights_bytes": weights.stat().st_size if weights.exists() else 0}


def compile_limits(job: Job) -> None:
    """Compiles the programs that measure the machine for the job's instruction set. Raises BuildError."""
    for limit in LIMITS:
        program = limit_program(job, limit)
        program.parent.mkdir(parents=True, exist_ok=True)
        compiled([SOURCES / f"{limit}.cpp", *LIBRARIES, "-o", program], job)


def main() -> None:
    warnings.filterwarnings("ignore")
    job = Job.read(sys.argv[1])
    try:
        measured = built(job)
    except lockstep.LockstepError as refusal:
        measured = {"left_out": LeftOut.words(refusal)}
    scratch = job.own / "built.json.new"
    scratch.write_text(json.dumps(measured))
    os.replace(scratch, job.own / "built.json")


if __name__ == "__main__":
    main()
