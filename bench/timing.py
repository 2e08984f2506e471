"""One model: its files made, its sides started, their answers compared with PyTorch's, their times taken."""
from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence, TextIO

import numpy as np

from .job import Job, LeftOut
from .process import Process
from .sides import (COPY, COPY_BYTES, INSTRUCTION_SETS, LIMITS, OURS, PEAK, PEAK_OPERATIONS, PEERS,
                    PYTHON, ROOT, InstructionSet, command, compiler_cache, environment, make)
from .turns import Times, ratio, take_turns

NEAR = 1 << 20                      # bytes that a core's own caches may hold from call to call
TOLERANCE = 1e-3                    # of the largest element: what differs more computes something else
FOLDER = ROOT / "build" / "bench"
PATIENCE = 1800.0                   # seconds that a side may take to be ready, or to answer


@dataclass(frozen=True)
class Settings:
    """How it is timed: threads, instruction set, rounds, seconds a batch, peers; and where files are kept."""

    threads: int = 1
    isa: str = "native"
    rounds: int = 7
    seconds: float = 0.15
    peers: tuple[str, ...] = PEERS
    folder: Path = FOLDER

    @property
    def clock(self) -> str:
        """The clock of the table.

        The processor's, which counts nothing of what else the machine does; with more threads, the wall's.
        """
        return "processor" if self.threads == 1 else "wall"

    @property
    def processors(self) -> tuple[int, ...]:
        """Those that the rounds go over: with one thread all sides of a round run on the same one, for they may differ."""
        return tuple(sorted(os.sched_getaffinity(0))) if self.threads == 1 else ()

    @property
    def limits(self) -> InstructionSet:
        return INSTRUCTION_SETS[self.isa]

    def job(self, model: str) -> Job:
        """The model's job, in a folder that changes with what the files in it depend on."""
        parts = [path.read_bytes() for path in sorted((ROOT / "bench").rglob("*.py"))
                 if path.stem in ("models", "networks", "prepare", "aotinductor")]
        parts += [importlib.metadata.version(name).encode() for name in ("torch", "onnx", "onnxscript")]
        key = hashlib.sha256(b"".join(parts)).hexdigest()[:12]
        return Job(model, self.folder / key / model, self.threads, self.limits.march, self.limits.width)


@dataclass
class Outcome:
    """What a model came to: the times of each side, why others are left out, the figures of building it."""

    model: str
    of: str
    operations: int = 0
    bytes: int = 0                      # of inputs, outputs and weights, each once
    times: dict[str, Times] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    building: dict[str, Any] = field(default_factory=dict)

    def us(self, side: str, clock: str) -> float | None:
        """The best round of a side, in microseconds a call."""
        return min(self.times[side].of(clock)) if side in self.times else None

    def ratio(self, clock: str) -> float | None:
        """The best peer's time over ours: the smallest of the peers' ratios."""
        if OURS not in self.times:
            return None
        ours = self.times[OURS].of(clock)
        theirs = (times.of(clock) for side, times in self.times.items() if side in PEERS)
        return min((ratio(one, ours) for one in theirs), default=None)

    def peak(self) -> float | None:
        """Operations a second that one core did at best, beside this model."""
        best = self.us(PEAK, "processor")
        return PEAK_OPERATIONS / (best * 1e-6) if best else None

    def bandwidth(self) -> float | None:
        """Bytes a second, read and written, that one core copied at best, beside this model."""
        best = self.us(COPY, "processor")
        return COPY_BYTES / (best * 1e-6) if best else None

    def share_of_memory(self, clock: str, threads: int) -> float | None:
        """What the model has to read and write as a part of what the cores can copy, where no near cache holds it."""
        ours, bandwidth = self.us(OURS, clock), self.bandwidth()
        if not (ours and bandwidth and self.bytes > NEAR):
            return None
        return self.bytes / (ours * 1e-6) / (bandwidth * threads)

    def share_of_peak(self, clock: str, threads: int) -> float | None:
        """The model's arithmetic as a part of what the cores can do."""
        ours, peak = self.us(OURS, clock), self.peak()
        if not (ours and peak and self.operations):
            return None
        return self.operations / (ours * 1e-6) / (peak * threads)


def timed(model: str, of: str, settings: Settings, afresh: bool, say: Callable[[str], None]) -> Outcome:
    """Everything about one model. afresh: AOTInductor compiles again. say: told what is being done."""
    job, outcome = settings.job(model), Outcome(model, of)
    job.own.mkdir(parents=True, exist_ok=True)
    if afresh:
        (job.own / "aotinductor.json").unlink(missing_ok=True)
    try:
        if not (job.folder / "prepared.json").exists():
            say("answers of PyTorch")
            make("bench.prepare", job, settings.limits, PATIENCE)
        outcome.operations = json.loads((job.folder / "prepared.json").read_text())["operations"]
    except LeftOut as failure:
        outcome.left_out = dict.fromkeys((OURS, PYTHON, *settings.peers), str(failure))
        return outcome
    say("conversion")
    _build(job, settings, outcome)
    outcome.bytes = sum(array.nbytes for array in (*job.inputs(), *job.answers())) + \
        outcome.building.get(OURS, {}).get("weights_bytes", 0)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(job.own / "log.txt", "w"))
        running = dict(_started(job, settings, outcome, log, stack, say))
        shutil.rmtree(compiler_cache(job), ignore_errors=True)          # the packages hold what they need
        say("turns")
        outcome.times, lost = take_turns(running, settings.rounds, settings.seconds, settings.processors)
        outcome.left_out |= lost
        outcome.memory = {side: running[side].peak_bytes() for side in outcome.times}
    return outcome


def _build(job: Job, settings: Settings, outcome: Outcome) -> None:
    try:
        make("bench.building", job, settings.limits, PATIENCE)
        outcome.building[OURS] = json.loads((job.own / "built.json").read_text())
    except LeftOut as failure:
        (job.own / "built.json").write_text(json.dumps({"left_out": str(failure)}))


def _started(job: Job, settings: Settings, outcome: Outcome, log: TextIO, stack: contextlib.ExitStack,
             say: Callable[[str], None]) -> Iterator[tuple[str, Process]]:
    """The processes that are ready and right; the others are noted in the outcome."""
    for side in (OURS, PYTHON, *settings.peers, *LIMITS):
        say(side)
        try:
            if reason := settings.limits.reason_without(side):
                raise LeftOut(reason)
            process = Process(command(side, job), environment(job, settings.limits), log, PATIENCE)
            stack.callback(process.close)
            if side not in LIMITS:
                check(answers_of(side, job), job.answers())
        except LeftOut as reason:
            outcome.left_out[side] = str(reason)
            continue
        outcome.versions[side] = process.version
        measured = job.own / f"{side}.json"
        if measured.exists():
            outcome.building[side] = json.loads(measured.read_text())
        yield side, process


def answers_of(side: str, job: Job) -> list[np.ndarray]:
    """What a side computed when it was started."""
    if side != OURS:
        return [np.load(job.own / f"{side}_{k}.npy") for k in range(len(job.answers()))]
    return [np.fromfile(job.own / f"ours_{k}.bin", answer.dtype, answer.size).reshape(answer.shape)
            for k, answer in enumerate(job.answers())]


def check(found: Sequence[np.ndarray], answers: Sequence[np.ndarray]) -> None:
    """Raises LeftOut where a result is further from PyTorch's than TOLERANCE: another program's time."""
    for one, answer in zip(found, answers, strict=True):
        if one.shape != answer.shape or one.dtype != answer.dtype:
            raise LeftOut(f"wrong: gives {one.dtype}{list(one.shape)} for {answer.dtype}{list(answer.shape)}")
        off = np.abs(one.astype(float) - answer).max() / np.abs(answer).max()
        if not off <= TOLERANCE:
            raise LeftOut(f"wrong: {off:.1e} of the largest element from PyTorch's eager answer")
