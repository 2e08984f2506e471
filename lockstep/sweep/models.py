"""`ci/sweep models`: the suites of the transformers package, then a long list of its architectures, each judged whole."""
from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import TimeoutError, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, Sequence

import click
from pebble import ProcessExpired, ProcessPool
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .architectures import ARCHITECTURES
from .outcomes import CRASHED, REFUSED, RIGHT, STATES, TIMED_OUT, WRONG, general

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "ci" / "requirements-models.txt"
REPORT = ROOT / "build" / "report" / "models.json"
PAGE = ROOT / "docs" / "models.md"
NOT_EXPORTED = "torch.export refuses"            # PyTorch has no program of it: nothing that could be converted
MOST_UNDECIDED = 0.01                            # of the elements; with more, an architecture proves too little
UNDECIDED = "too close to call"
COLUMNS = (*STATES[:1], NOT_EXPORTED, UNDECIDED, *STATES[1:])


@dataclass(frozen=True)
class Found:
    """What an architecture came to: its state, elements compared, the worst error over its bound, and why not right."""

    name: str
    model: str
    state: str
    elements: int = 0
    worst: float = 0.0
    seconds: float = 0.0
    reason: str = ""


@click.command()
@click.argument("names", nargs=-1)
@click.option("--suites/--no-suites", default=True, help="First the suites generators/transformers_*.py, with ci/conform.")
@click.option("--jobs", default=1, type=click.IntRange(1), help="Processes.")
@click.option("--seconds", default=600.0, help="The time that one architecture may take.")
def models(names: tuple[str, ...], suites: bool, jobs: int, seconds: float) -> None:
    """Converts small random models of the transformers package, all or those of NAMES, and judges them.

    Writes build/report/models.json and, where all were asked, docs/models.md. Exit code 1 where an answer is wrong, or
    too much of it is too close to call.
    """
    unknown = [name for name in names if name not in ARCHITECTURES]
    if unknown:
        raise click.BadParameter(f"no architecture {', '.join(unknown)}; there are {', '.join(ARCHITECTURES)}")
    install()
    green = not suites or subprocess.run([ROOT / "ci" / "conform", *suite_names()], cwd=ROOT).returncode == 0
    found = sorted(asked(names or tuple(ARCHITECTURES), jobs, seconds), key=lambda one: list(ARCHITECTURES).index(one.name))
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    print_table(found, Console(highlight=False))
    if not names:
        PAGE.write_text(page(found))
    sys.exit(0 if green and all(one.state in (RIGHT, REFUSED, NOT_EXPORTED) for one in found) else 1)


def suite_names() -> list[str]:
    return sorted(path.stem for path in (ROOT / "generators").glob("transformers_*.py"))


def install() -> None:
    """The package in the pinned version, by pip, where it is not there."""
    wanted = dict(line.split("==") for line in REQUIREMENTS.read_text().split())
    try:
        there = {name: importlib.metadata.version(name) for name in wanted}
    except importlib.metadata.PackageNotFoundError:
        there = {}
    if there != wanted:
        click.echo(f"sweep: installing the packages of ci/{REQUIREMENTS.name}", err=True)
        subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", REQUIREMENTS],
                       check=True)


def asked(names: Sequence[str], jobs: int, seconds: float) -> Iterator[Found]:
    """What each architecture came to, each in a process of its own: a crash or a hang is charged to it alone."""
    os.environ.update(OMP_NUM_THREADS="1", TORCH_CPP_LOG_LEVEL="ERROR", TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lockstep.sweep.preloaded", "transformers"])
    console = Console(stderr=True)
    with ProcessPool(max_workers=jobs, max_tasks=1, context=context) as pool, \
            Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("models", total=len(names))
        futures = {pool.schedule(judged, args=(name,), timeout=seconds): name for name in names}
        for future in as_completed(futures):
            yield _found(future, futures[future], seconds)
            progress.update(bar, advance=1, description=futures[future])


def _found(future, name: str, seconds: float) -> Found:
    model = ARCHITECTURES[name].model
    try:
        return future.result()
    except TimeoutError:
        return Found(name, model, TIMED_OUT, reason=f"not done in {seconds:g} seconds")
    except ProcessExpired as end:
        return Found(name, model, CRASHED, reason=f"the process ended with exit code {end.exitcode}")
    except Exception as failure:  # whatever a model or the converter raises is charged to this architecture
        return Found(name, model, CRASHED, reason=f"{type(failure).__name__}: {failure}")


def judged(name: str) -> Found:
    """One architecture, built, converted, compiled and compared with PyTorch."""
    import torch

    import lockstep

    from ..cases.rules import generator_for
    from ..cases.suites import to_torch
    architecture, start = ARCHITECTURES[name], time.perf_counter()
    arrays = [rule.array(generator_for(name, k), "float32") for k, rule in enumerate(architecture.inputs.values())]
    module = architecture.module()
    with torch.no_grad():
        module(*map(to_torch, arrays))                       # what does not run is an error in the table, and no refusal
    try:
        report = lockstep.verify(module, tuple(map(to_torch, arrays)))
    except lockstep.Unsupported as refusal:
        state = NOT_EXPORTED if str(refusal).startswith("torch.export refused") else REFUSED
        reason = general(str(refusal)).removeprefix(f"torch.export refused {type(module).__name__}: ")
        return Found(name, architecture.model, state, reason=reason)
    elements, undecided = (sum(getattr(v, what) for v in report.outputs) for what in ("elements", "undecided"))
    reason = next((f"{v.name} {v.first}" for v in report.outputs if v.first), "")
    state = WRONG if reason else RIGHT
    if state == RIGHT and undecided > MOST_UNDECIDED * elements:
        state, reason = UNDECIDED, f"{undecided} of {elements} elements, with random weights"
    return Found(name, architecture.model, state, elements,
                 float(max((v.worst for v in report.outputs), default=0.0)), round(time.perf_counter() - start, 1), reason)


def print_table(found: Sequence[Found], console: Console) -> None:
    """A line for each architecture that is not right, and how many there are of each state."""
    table = Table("architecture", "class", "state", "why", box=None, header_style="bold")
    for one in found:
        if one.state != RIGHT:
            table.add_row(one.name, one.model, one.state, one.reason)
    if table.row_count:
        console.print(table)
    console.print(counts(found))


def counts(found: Sequence[Found]) -> str:
    states = Counter(one.state for one in found)
    return f"{len(found)} architectures: " + ", ".join(f"{states[state]} {state}" for state in COLUMNS if states[state])


def page(found: Sequence[Found]) -> str:
    """docs/models.md."""
    pinned = REQUIREMENTS.read_text().strip().replace("==", " ")
    lines = ["# Models of the transformers package", "",
             f"Small configurations with random weights ({pinned}), wrapped so that they return tensors, with `use_cache=False`:",
             "each is exported, converted, compiled and compared with PyTorch, element by element within computed bounds.",
             "Made by `ci/sweep models`.", "", f"{counts(found)}.", "",
             "| architecture | class | result | elements | worst error / bound |", "|---|---|---|---|---|"]
    for one in found:
        worst = f"{one.worst:.2g}" if one.state == RIGHT else ""
        why = f": {one.reason}".replace("|", "\\|").replace("\n", " ") if one.reason else ""
        lines.append(f"| {one.name} | {one.model} | {one.state}{why} | {one.elements or ''} | {worst} |")
    return "\n".join(lines) + "\n"
