"""Finds the block sizes of a plan that are fastest on this machine, by measuring: a candidate beside the best so far, by
turns, in one process."""
from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Sequence

import numpy as np
from rich.console import Console
from rich.progress import Progress

from ..plan.choices import Choices
from .library import Library

CANDIDATES = {"near": (6 << 10, 12 << 10, 24 << 10, 48 << 10), "next": (192 << 10, 384 << 10, 768 << 10, 1536 << 10),
              "rows": (16, 32, 64, 128)}
LEAST_GAIN = 1.02           # less is noise
ROUNDS, SECONDS = 9, 0.05   # batches of each of two, and how long one takes


@dataclass(frozen=True)
class Trial:
    """A candidate, and how many times as fast as the best before it; None where the C++ is the same."""

    name: str
    value: int
    gain: float | None


def tune(compiled: Callable[[Choices], Any], inputs: Sequence[np.ndarray], start: Choices) -> tuple[Choices, list[Trial]]:
    """The fastest choices found from `start` on, one size after another, and every trial. `compiled` gives what holds the
    model's library with given choices; that is run on the inputs."""
    best, fastest, trials = start, compiled(start), []
    candidates = [(name, value) for name, values in CANDIDATES.items() for value in values if value != getattr(start, name)]
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        for name, value in progress.track(candidates, description="tune"):
            choices = replace(best, **{name: value})
            other = compiled(choices)
            gain = None if other.library.path == fastest.library.path else _gain(fastest.library, other.library, inputs)
            trials.append(Trial(name, value, gain))
            if gain is not None and gain >= LEAST_GAIN:
                best, fastest = choices, other
    return best, trials


def _gain(old: Library, new: Library, inputs: Sequence[np.ndarray]) -> float:
    calls = max(1, int(SECONDS / max(_seconds(old, inputs, 1), 1e-9)))
    return statistics.median(_seconds(old, inputs, calls) / _seconds(new, inputs, calls) for _ in range(ROUNDS))


def _seconds(model: Library, inputs: Sequence[np.ndarray], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        model.run(inputs)
    return time.process_time() - start
