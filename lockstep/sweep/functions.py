"""`ci/sweep functions`: the runtime's float32 functions at every float32 argument, beside the rows of the ULP table."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Sequence

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ..build.compiler import find_compiler
from ..graph.ulp import ulp_of
from ..report.table import print_whole

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ("-std=c++17", "-O2", "-ffp-contract=fast")


@dataclass(frozen=True)
class Measured:
    """A function's largest error in ULP, the arguments where it is, and the value there beside the reference's."""

    name: str
    ulp: float
    arguments: str
    value: str
    reference: str

    @property
    def row(self) -> float:
        return ulp_of(self.name, "float32")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--every", default=1, type=click.IntRange(1), help="Only every N-th argument; default: all 2^32.")
@click.option("--arch", default="native", help="The -march to compile for; default: native.")
@click.option("--jobs", default=None, type=click.IntRange(1), help="Processes; default: one a core.")
def functions(names: tuple[str, ...], every: int, arch: str, jobs: int | None) -> None:
    """Measures the float32 functions of the runtime, all or those of NAMES, at every float32 argument.

    Exit code 1 where an error is larger than the function's row in lockstep/graph/ulp.py. An elementary function takes
    about a minute, a Bessel function an hour: --every 61 asks a sample.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(Path(folder), arch)
        known = subprocess.run([program, "--names"], capture_output=True, text=True, check=True).stdout.split()
        unknown = [name for name in names if name not in known]
        if unknown:
            raise click.BadParameter(f"no function {', '.join(unknown)}; there are {', '.join(known)}")
        found = list(measured(program, names or known, every, jobs or os.cpu_count() or 1))
    found.sort(key=lambda one: known.index(one.name))
    print_table(found, every, Console(highlight=False))
    sys.exit(0 if all(one.ulp <= one.row for one in found) else 1)


def compiled(folder: Path, arch: str) -> Path:
    """The program of gtest/sweep_math.cpp, compiled into a folder. Raises ClickException with the compiler's words."""
    program = folder / "sweep_math"
    command = [find_compiler(), *FLAGS, f"-march={arch}", f"-I{ROOT / 'lockstep' / 'runtime'}",
               ROOT / "gtest" / "sweep_math.cpp", "-o", program]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise click.ClickException(f"sweep_math.cpp does not compile:\n{done.stderr[:4000]}")
    return program


def measured(program: Path, names: Sequence[str], every: int, jobs: int) -> Iterator[Measured]:
    """What each function came to, as they come."""
    def measure(name: str) -> Measured:
        line = subprocess.run([program, str(every), name], capture_output=True, text=True, check=True).stdout
        name, ulp, arguments, value, reference = line.rstrip("\n").split("\t")
        return Measured(name, float(ulp), arguments, value, reference)

    console = Console(stderr=True)
    with ThreadPoolExecutor(jobs) as pool, Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("functions", total=len(names))
        for future in as_completed([pool.submit(measure, name) for name in names]):
            progress.update(bar, advance=1, description=future.result().name)
            yield future.result()


def print_table(found: Sequence[Measured], every: int, console: Console) -> None:
    """A line a function: the error, the row that it must not exceed, and where it is."""
    title = "float32 functions, every argument" if every == 1 else f"float32 functions, every {every}th argument"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("function")
    for heading in ("ULP", "row"):
        table.add_column(heading, justify="right")
    for heading in ("at", "value", "reference"):
        table.add_column(heading)
    for one in found:
        table.add_row(one.name, f"{one.ulp:.4f}", f"{one.row:g}", one.arguments, one.value, one.reference,
                      style=None if one.ulp <= one.row else "red")
    print_whole(table, console)
