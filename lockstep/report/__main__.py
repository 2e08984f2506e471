"""`python -m lockstep.report --build build [SUITE...]`: prints the table of the last ctest run and writes its files."""
from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from .conform import read_tests, summarise, write_json
from .junit import write_junit
from .table import print_failures, print_skipped, print_table


@click.command()
@click.option("--build", type=click.Path(path_type=Path), default=Path("build"), help="The CMake build folder.")
@click.argument("suites", nargs=-1)
def main(build: Path, suites: tuple[str, ...]) -> None:
    """Exit code 1 if a test failed, or if there was none."""
    if not (build / "report" / "ctest.xml").exists():
        raise click.ClickException(f"{build}/report/ctest.xml is not there: run ci/conform first")
    tests = read_tests(build, suites)
    summary = summarise(tests)
    write_json(summary, build / "report" / "conform.json")
    write_junit(tests, build / "report" / "junit.xml")
    console = Console(highlight=False, soft_wrap=True)
    print_table(summary, console)
    print_skipped(tests, console)
    print_failures(tests, console)
    sys.exit(0 if tests and not any(test.status == "failed" for test in tests) else 1)


if __name__ == "__main__":
    main()
