"""A side's process: asked a number of calls, it answers with the seconds that they took."""
from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence, TextIO

from .job import LeftOut


@dataclass(frozen=True)
class Batch:
    """A number of calls, and what they took, in seconds."""

    calls: int
    wall: float
    processor: float


class Process:
    """One side, running. Raises LeftOut where it refuses, ends or is silent for too long."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: TextIO, seconds: float):
        self._limit, self._log = seconds, log
        self._process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            said = self._answer()
            if not said.startswith("ready"):
                raise LeftOut(said.removeprefix("left out").strip())
        except BaseException:
            self.close()
            raise
        self.version = said.removeprefix("ready").strip()

    def batch(self, calls: int) -> Batch:
        """What so many calls take."""
        with contextlib.suppress(BrokenPipeError):         # it has ended: its answer says so
            self._process.stdin.write(f"{calls}\n")
            self._process.stdin.flush()
        wall, processor = map(float, self._answer().split())
        return Batch(calls, wall, processor)

    def move_to(self, processor: int) -> None:
        """Has all of its threads run on one processor."""
        with contextlib.suppress(FileNotFoundError):       # it has ended, or a thread of it
            for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), {processor})

    def peak_bytes(self) -> int:
        """The most memory that it held so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> str:
        watch = threading.Timer(self._limit, self._process.kill)
        start = time.monotonic()
        watch.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if line:
            return line.strip()
        if time.monotonic() - start >= self._limit:
            raise LeftOut(f"was silent for {self._limit:g} seconds")
        code = self._process.wait()
        raise LeftOut(f"its process ended with exit code {code}; its words are in {self._log.name}")
