"""`ci/sweep opinfo` and `ci/sweep report`."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Sequence

import click
from rich.console import Console

from ..errors import BadInput
from . import page, records
from .outcomes import ERROR_STATES, RIGHT, STATES, UNANSWERED, Outcome
from .samples import DTYPES, Question, error_questions, questions
from .table import print_summaries
from .work import ask_all, digest

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build" / "report"
REMEMBERED = ROOT / "build" / "sweep"
EVERY_SAMPLE_THROUGH_CPP = "float32"


def sample_count(context: click.Context, parameter: click.Parameter, text: str) -> int | None:
    """A number of samples; None for all."""
    if text == "all":
        return None
    if not text.isdigit() or int(text) < 1:
        raise click.BadParameter("a number from 1, or all")
    return int(text)


@click.command()
@click.option("--dtype", "dtypes", multiple=True, type=click.Choice(DTYPES), help="Repeat for several; default: float32.")
@click.option("--op", "names", multiple=True, metavar="NAME", help="Only this operator; repeat for several.")
@click.option("--samples", default="5", callback=sample_count, metavar="N|all", help="Evenly spaced samples an OpInfo; 5.")
@click.option("--cpp/--interpreter", "through_cpp", default=None,
              help="Every sample through C++, or none. Default: every one for float32, one an operator for other dtypes.")
@click.option("--errors", is_flag=True, help="Ask the inputs that PyTorch refuses: they must be refused too.")
@click.option("--jobs", default=None, type=click.IntRange(1), help="Processes; default: one a core.")
@click.option("--seconds", default=120.0, help="The time that one sample may take.")
@click.option("--fresh", is_flag=True, help="Ask again what is remembered of the same sources.")
def opinfo(dtypes: tuple[str, ...], names: tuple[str, ...], samples: int | None, through_cpp: bool | None, errors: bool,
           jobs: int | None, seconds: float, fresh: bool) -> None:
    """Asks PyTorch's operator database, through the interpreter and through C++.

    Writes build/report/opinfo-DTYPE.json. Exit code 1 where an answer is wrong, or not right any more.
    """
    import os
    console, good = Console(highlight=False, soft_wrap=True), True

    def asked(wanted: Sequence[tuple[Question, bool]]) -> dict[Question, Outcome]:
        return ask_all(wanted, REMEMBERED, jobs or os.cpu_count() or 1, seconds, fresh)
    try:
        for dtype in () if errors else dtypes or ("float32",):
            good &= _sweep(dtype, questions(names, dtype, samples), through_cpp, asked, console)
        if errors:
            good = _sweep_errors(error_questions(names), asked, console)
    except BadInput as failure:
        raise click.ClickException(str(failure)) from failure
    sys.exit(0 if good else 1)


def _sweep(dtype: str, wanted: Sequence[Question], through_cpp: bool | None, asked, console: Console) -> bool:
    every = dtype == EVERY_SAMPLE_THROUGH_CPP if through_cpp is None else through_cpp
    outcomes = asked([(question, every) for question in wanted])
    if through_cpp is None and not every:
        outcomes |= asked([(question, True) for question in _one_right_each(outcomes)])
    summaries = records.by_operator(outcomes)
    records.merge(REPORTS / f"opinfo-{dtype}.json", summaries, sources=digest())
    print_summaries(dtype, STATES, summaries, console)
    lost = page.no_longer_right(page.read(ROOT), dtype, summaries)
    if lost:
        console.print(f"{dtype}: no longer right: {', '.join(lost)}", style="red", markup=False)
    return not lost and not any(one.state in STATES[2:] for one in summaries.values())


def _one_right_each(outcomes: dict[Question, Outcome]) -> list[Question]:
    """The first right sample of every operator."""
    first: dict[str, Question] = {}
    for question, outcome in outcomes.items():
        if outcome.state == RIGHT:
            first.setdefault(question.operator, question)
    return list(first.values())


def _sweep_errors(wanted: Sequence[Question], asked, console: Console) -> bool:
    outcomes = asked([(question, False) for question in wanted])
    summaries = records.by_operator({question: one for question, one in outcomes.items() if one.state != UNANSWERED})
    records.merge(REPORTS / "opinfo-errors.json", summaries, sources=digest())
    print_summaries("errors", ERROR_STATES, summaries, console)
    return not any(one.states[state] for one in summaries.values() for state in ERROR_STATES[2:])


@click.command()
def report() -> None:
    """Writes docs/operators.json and docs/operators.md from the sweeps in build/report."""
    found = {dtype: records.read(REPORTS / f"opinfo-{dtype}.json")["operators"] for dtype in DTYPES
             if (REPORTS / f"opinfo-{dtype}.json").exists()}
    if not found:
        raise click.ClickException("build/report has no sweep: run ci/sweep opinfo first")
    page.write(ROOT, found)
