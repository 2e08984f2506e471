"""Timing by turns: a round is one batch of every side, so that what else the machine does hits all alike."""
from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Mapping, Sequence

from .job import LeftOut
from .process import Batch, Process


@dataclass(frozen=True)
class Times:
    """Microseconds a call, a round each: on the wall's clock and on the processor's."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]

    @classmethod
    def of_batches(cls, batches: Sequence[Batch]) -> Times:
        return cls(tuple(1e6 * one.wall / one.calls for one in batches),
                   tuple(1e6 * one.processor / one.calls for one in batches))

    def of(self, clock: str) -> tuple[float, ...]:
        return self.wall if clock == "wall" else self.processor

    def summary(self) -> dict[str, float]:
        return {f"{clock}_{what.__name__}": significant(what(self.of(clock)))
                for clock in ("wall", "processor") for what in (min, statistics.median)}


def significant(number: float) -> float:
    """Four digits of a number."""
    return float(f"{number:.4g}")


def calls_for(process: Process, seconds: float) -> int:
    """How many calls take about that long; they warm the side up."""
    calls, batch = 1, process.batch(1)
    while batch.wall < seconds / 2:
        growth = min(10.0, seconds / max(batch.wall, 1e-9))
        calls = math.ceil(calls * growth)
        batch = process.batch(calls)
    return calls


def take_turns(processes: Mapping[str, Process], rounds: int, seconds: float, processors: Sequence[int] = ()
               ) -> tuple[dict[str, Times], dict[str, str]]:
    """The times of each process, `rounds` batches of about so many seconds; who ended on the way, and why. Where processors
    are given, all sides of a round run on one of them, and the next round on the next."""
    batches: dict[str, list[Batch]] = {}
    calls: dict[str, int] = {}
    lost: dict[str, str] = {}
    for turn in range(-1, rounds):                    # the first turn finds how many calls make a batch
        for side, process in processes.items():
            if side in lost:
                continue
            if processors:
                process.move_to(processors[turn % len(processors)])
            try:
                if turn < 0:
                    calls[side] = calls_for(process, seconds)
                else:
                    batches.setdefault(side, []).append(process.batch(calls[side]))
            except LeftOut as failure:
                lost[side] = str(failure)
    return {side: Times.of_batches(taken) for side, taken in batches.items() if side not in lost}, lost


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times as long they take: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))
