"""`python -m bench [MODEL...]`, which ci/bench calls."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from lockstep.errors import LockstepError

from .building import compile_limits
from .job import LeftOut
from .models import MODELS
from .results import as_data, console_for_results, show, show_building, write
from .sides import INSTRUCTION_SETS, PEERS, ROOT, python_of
from .timing import FOLDER, Outcome, Settings, timed

REPORT = ROOT / "build" / "report" / "bench.json"
PICTURE = ROOT / "docs" / "bench.svg"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@click.option("--threads", default=1, type=click.IntRange(1), help="Threads of every side.")
@click.option("--isa", default="native", type=click.Choice(list(INSTRUCTION_SETS)), help="Instruction set.")
@click.option("--rounds", default=7, type=click.IntRange(1), help="Batches of every side.")
@click.option("--seconds", default=0.15, type=click.FloatRange(0, min_open=True), help="A batch, about.")
@click.option("--peer", "peers", multiple=True, type=click.Choice(PEERS), help="Only these peers.")
@click.option("--set", "sets", multiple=True, type=click.Choice(("anchors", "extra", "overhead")),
              help="Only models of these sets; may be repeated.")
@click.option("--build", is_flag=True, help="Also times converting and compiling, AOTInductor's afresh.")
@click.option("--picture", is_flag=True, help="Also draws docs/bench.svg.")
@click.option("--folder", default=FOLDER, type=click.Path(path_type=Path), help="Where files are kept.")
@click.option("--report", default=REPORT, type=click.Path(path_type=Path), help="The JSON that is written.")
def cli(names: tuple[str, ...], threads: int, isa: str, rounds: int, seconds: float, peers: tuple[str, ...],
        sets: tuple[str, ...], build: bool, picture: bool, folder: Path, report: Path) -> None:
    """Times the emitted C++ and its peers on the same models, by turns: all models, or those named.

    Writes build/report/bench.json. Exit code 1 where a model is not converted, or wrongly.
    """
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise click.BadParameter(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}")
    settings = Settings(threads, isa, rounds, seconds, peers or PEERS, folder)
    chosen = [name for name in names or MODELS if not sets or MODELS[name].of in sets]
    try:
        compile_limits(settings.job("limits"))
    except LockstepError as failure:
        raise click.ClickException(f"bench/peak.cpp or bench/copy.cpp was not compiled: {failure}") from failure
    outcomes: list[Outcome] = []
    watching = Console(stderr=True)
    with Progress(console=watching, disable=not watching.is_terminal) as progress:
        bar = progress.add_task("models", total=len(chosen))
        for name in chosen:
            outcomes.append(timed(name, MODELS[name].of, settings, build,
                                  lambda what: progress.update(bar, description=f"{name}: {what}")))
            progress.update(bar, advance=1)
            write(as_data(outcomes, settings), report)
    console = console_for_results()
    show(outcomes, settings, console)
    if build:
        show_building(outcomes, console)
    if picture:
        draw(report)
    sys.exit(1 if any("ours" in one.left_out for one in outcomes) else 0)


def draw(report: Path) -> None:
    """docs/bench.svg, by the environment that has matplotlib. Raises ClickException where there is none."""
    try:
        python = python_of("picture")
    except LeftOut as reason:
        raise click.ClickException(f"no picture: {reason}") from reason
    subprocess.run([python, ROOT / "bench" / "picture.py", report, PICTURE], check=True)


if __name__ == "__main__":
    cli(prog_name="ci/bench")
