"""Asks many questions in guarded processes: in parallel, resumable, a crash or a hang charged to its question alone."""
from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from concurrent.futures import TimeoutError, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Sequence

import torch
from diskcache import Cache
from pebble import ProcessExpired, ProcessPool
from rich.console import Console
from rich.progress import Progress

from .outcomes import CRASHED, TIMED_OUT, Outcome
from .samples import Question

PACKAGE = Path(__file__).resolve().parent.parent
# what outcomes do not depend on
APART = ("report/", "cli.py", *(f"sweep/{name}.py" for name in ("work", "table", "page", "records", "commands", "__main__")))
DAYS = 24 * 3600.0
TASKS = 250                  # questions a process serves before it makes room: a loaded library stays in memory


def digest() -> str:
    """A hash of PyTorch's version and of every source that an outcome depends on."""
    total = hashlib.sha256(torch.__version__.encode())
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(PACKAGE).as_posix()
        if path.suffix in (".py", ".hpp", ".h", ".jinja") and not name.startswith(APART):
            total.update(name.encode() + path.read_bytes())
    return total.hexdigest()[:16]


def ask_all(asked: Sequence[tuple[Question, bool]], folder: Path, jobs: int, seconds: float,
            fresh: bool) -> dict[Question, Outcome]:
    """The outcome of every (question, whether it goes through C++).

    What `folder` remembers of the same sources is not asked again unless `fresh`; every outcome is kept as it comes, so
    a sweep that is stopped goes on where it was.
    """
    os.environ.update(OMP_NUM_THREADS="1", TORCH_CPP_LOG_LEVEL="ERROR")      # the processes' own: before they start
    os.environ["LOCKSTEP_CACHE"] = str(folder / "libraries")
    sources = digest()
    with Cache(str(folder / "outcomes")) as kept:
        keys = {question: json.dumps([sources, *asdict(question).values(), cpp]) for question, cpp in asked}
        outcomes = {} if fresh else {question: Outcome(**json.loads(kept[key])) for question, key in keys.items()
                                     if key in kept}
        missing = [(question, cpp) for question, cpp in asked if question not in outcomes]
        for question, outcome in _asked(missing, jobs, seconds):
            outcomes[question] = outcome
            kept.set(keys[question], json.dumps(asdict(outcome)), expire=30 * DAYS)
    return {question: outcomes[question] for question, _ in asked}


def _asked(missing: Sequence[tuple[Question, bool]], jobs: int, seconds: float):
    """(question, outcome) as they come."""
    if not missing:
        return
    context = multiprocessing.get_context("forkserver")      # a new process starts at once: PyTorch is imported there
    context.set_forkserver_preload(["lockstep.sweep.preloaded"])
    console = Console(stderr=True)
    with ProcessPool(max_workers=min(jobs, len(missing)), max_tasks=TASKS, context=context) as pool, \
            Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("asked", total=len(missing))
        futures = {pool.schedule(_ask, args=task, timeout=seconds): task for task in missing}
        try:
            for future in as_completed(futures):
                question, through_cpp = futures[future]
                yield question, _outcome(future, through_cpp, seconds)
                progress.update(bar, advance=1, description=question.operator)
        except BaseException:
            pool.stop()                                      # the questions that wait must not be asked any more
            raise


def _ask(question: Question, through_cpp: bool) -> Outcome:
    from .judging import ask
    return ask(question, through_cpp)


def _outcome(future, through_cpp: bool, seconds: float) -> Outcome:
    try:
        return future.result()
    except TimeoutError:
        return Outcome(TIMED_OUT, "", f"not done in {seconds:g} seconds", through_cpp, seconds)
    except ProcessExpired as end:
        return Outcome(CRASHED, "", f"the process ended with exit code {end.exitcode}", through_cpp)
    except Exception as failure:  # an outcome that does not travel between processes is a failure too
        return Outcome(CRASHED, "", f"{type(failure).__name__}: {failure}", through_cpp)
