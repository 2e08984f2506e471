"""The command line: `lockstep COMMAND`. Exit codes: 0 right, 1 differs, 2 bad input, 3 refused, 4 build or internal error."""
from __future__ import annotations

import sys
from pathlib import Path

import click

from .errors import LockstepError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Turns PyTorch models into C++17 and proves that both compute the same."""


def _places(build: str):
    from .cases.generate import Places
    root = Path.cwd()
    return Places(root / "generators", root / "golden", (root / build).resolve())


@cli.command()
@click.argument("suites", nargs=-1)
@click.option("--build", default="build", help="The build folder.")
@click.option("--fresh", is_flag=True, help="Ask PyTorch again and report answers that drifted from the goldens.")
@click.option("--with-onnx", is_flag=True, help="Also export model.onnx for goldens that lack one.")
@click.option("--jobs", default=2, help="Processes to work in.")
def generate(suites: tuple[str, ...], build: str, fresh: bool, with_onnx: bool, jobs: int) -> None:
    """Saves the models of SUITES (default: all) and the goldens that are missing."""
    from .cases.work import generate_all
    sys.exit(generate_all(_places(build), suites, fresh, with_onnx, jobs))


@cli.command()
@click.argument("suites", nargs=-1)
@click.option("--build", default="build", help="The build folder.")
@click.option("--jobs", default=2, help="Processes to work in.")
def emit(suites: tuple[str, ...], build: str, jobs: int) -> None:
    """Converts the saved cases of SUITES (default: all) to C++ for CMake."""
    from .cases.work import emit_all
    sys.exit(emit_all(_places(build), suites, jobs))


def main() -> None:
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(4)
    except LockstepError as failure:
        click.echo(f"lockstep: {failure}", err=True)
        sys.exit(failure.exit_code)


