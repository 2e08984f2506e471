"""Who takes part: the emitted C++, the same through Python, the peers, the machine's limits; instruction sets."""
from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from .job import Job, LeftOut

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / "build" / "bench" / "environments"
OURS, PYTHON = "ours", "lockstep_python"
PEAK, COPY = "peak", "copy"                      # programs of one source file each: arithmetic and memory
LIMITS = (PEAK, COPY)
PEERS = ("eager", "torchscript", "aotinductor", "onnxruntime", "openvino")
TITLES = {OURS: "C++", PYTHON: "Python", "eager": "eager", "torchscript": "TorchScript",
          "aotinductor": "AOTInductor", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
PEAK_OPERATIONS = 38_400_000                     # of one call of peak.cpp
COPY_BYTES = 8 << 20                             # read and written by one call of copy.cpp


@dataclass(frozen=True)
class InstructionSet:
    """What C++ is compiled for, a vector's bits, what the environment tells libraries.

    unlimited: who knows no limit, which matters where the processor has what lies `beyond`, as Linux calls it.
    """

    march: str
    width: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    unlimited: Mapping[str, str] = field(default_factory=dict)
    beyond: str = ""

    def reason_without(self, side: str) -> str | None:
        """Why a side cannot be held to this set, or None."""
        flags = Path("/proc/cpuinfo").read_text().split() if Path("/proc/cpuinfo").exists() else [self.beyond]
        return self.unlimited.get(side) if self.beyond in flags else None


INSTRUCTION_SETS = {
    "native": InstructionSet("native"),
    "v3": InstructionSet("x86-64-v3", 256, {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
                                            "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
                         {"onnxruntime": "uses every instruction set it finds; no setting limits it"}, "avx512f"),
}


def python_of(peer: str) -> Path:
    """The Python that has the peer: its own environment, else the project's where that has what the peer pins.

    Raises LeftOut where neither does.
    """
    pinned = ROOT / "bench" / f"requirements-{peer}.txt"
    if not pinned.exists():
        return Path(sys.executable)
    folder = ENVIRONMENTS / peer
    stamp = folder / "lockstep-made-of"
    if stamp.exists() and stamp.read_text() == pinned.read_text():
        return folder / "bin" / "python"
    try:
        if all(importlib.metadata.version(name) == version
               for name, version in (line.split("==") for line in pinned.read_text().split())):
            return Path(sys.executable)
    except importlib.metadata.PackageNotFoundError:
        pass
    raise LeftOut(f"its environment is not there: pip could not install bench/{pinned.name}")


def command(side: str, job: Job) -> list[str]:
    """The process of a side. Raises LeftOut where it cannot take part."""
    if side in LIMITS:
        return [str(limit_program(job, side))]
    if side != OURS:
        return [str(python_of(side)), "-m", "bench.worker", side, job.text()]
    measured = json.loads((job.own / "built.json").read_text())
    if "left_out" in measured:
        raise LeftOut(measured["left_out"])
    weights = job.own / "package" / "model.safetensors"
    inputs = [job.own / f"input_{k}.bin" for k in range(len(job.inputs()))]
    for path, array in zip(inputs, job.inputs(), strict=True):
        path.write_bytes(array.tobytes())
    outputs = [job.own / f"ours_{k}.bin" for k in range(len(job.answers()))]
    parts = [job.own / "program", *inputs, "--", *outputs, *(["--", weights] if weights.exists() else [])]
    return [str(part) for part in parts]


def limit_program(job: Job, limit: str) -> Path:
    """The compiled peak.cpp or copy.cpp, one for all models."""
    return job.folder.parent / f"{limit}-{job.march}"


def compiler_cache(job: Job) -> Path:
    """Where AOTInductor keeps what it compiles: the job's own, so that no compilation finds another's."""
    return job.own / "inductor"


def environment(job: Job, limits: InstructionSet) -> dict[str, str]:
    """The environment of every process: its threads, its instruction set, and where AOTInductor compiles."""
    threads = {name: str(job.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    return {**os.environ, **threads, **limits.environment, "LOCKSTEP_ARCH": job.march,
            "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "TORCHINDUCTOR_COMPILE_THREADS": "1",
            "TORCHINDUCTOR_CACHE_DIR": str(compiler_cache(job))}


def make(module: str, job: Job, limits: InstructionSet, seconds: float) -> None:
    """Runs a module of this package, in a process of its own. Raises LeftOut where it fails."""
    try:
        done = subprocess.run([sys.executable, "-m", module, job.text()], env=environment(job, limits),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as failure:
        raise LeftOut(f"{module} was not done in {seconds:g} seconds") from failure
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise LeftOut(f"{module} failed: {lines[-1][:300]}")
