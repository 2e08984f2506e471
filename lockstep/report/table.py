"""The table that ci/conform ends with: a line per suite, and what failed with the command that runs it again."""
from __future__ import annotations

import re
from typing import Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from .conform import RUNTIME, Test

_INFINITE = 1e300            # the harness writes 1e308 for an infinite ratio


def print_table(summary: dict, console: Console) -> None:
    """One line a suite, and the totals."""
    print_whole(_table(summary), console)


def print_whole(table: Table, console: Console) -> None:
    """Every column in full, however narrow the terminal or the pipe: a line that is too long is the terminal's to fold."""
    needed = Measurement.get(console, console.options.update(width=10_000), table).maximum
    console.width = max(console.width, needed)
    console.print(table, crop=False)


def _table(summary: dict) -> Table:
    totals, runtime = summary["totals"], summary["runtime"]
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("suite", "total")
    for title, key in (("cases", "cases"), ("tests", "tests"), ("passed", "passed"), ("failed", "failed"), ("gaps", "gaps")):
        table.add_column(title, str(totals[key]), justify="right")
    table.add_column("error/bound", ratio(totals["worst"]), justify="right")
    table.add_column("seconds", f"{totals['seconds']:.1f}", justify="right")
    table.add_column("routes", _suites(len(summary["suites"])))
    for suite in summary["suites"]:
        table.add_row(*_line(suite["name"], suite),
                      " ".join(f"{route} {count}" for route, count in suite["routes"].items()),
                      style="red" if suite["failed"] else None)
    if runtime["tests"]:
        table.add_section()
        table.add_row(*_line(RUNTIME, {**runtime, "cases": ""}), "headers and harness, not in the total",
                      style="red" if runtime["failed"] else "dim")
    return table


def _suites(count: int) -> str:
    return "1 suite" if count == 1 else f"{count} suites"


def _line(name: str, of: dict) -> list[str]:
    return [name, *(str(of[key]) for key in ("cases", "tests", "passed", "failed", "gaps")), ratio(of["worst"]),
            f"{of['seconds']:.1f}"]


def ratio(worst: float) -> str:
    """An error as a fraction of its bound; nothing where every element was exact."""
    return "" if worst == 0 else "infinite" if worst >= _INFINITE else f"{worst:.3g}"


def print_failures(tests: Sequence[Test], console: Console) -> None:
    """Each failed test: its name, why, and how to run it again. Tests of a suite that failed alike are told once."""
    failed = [test for test in tests if test.status == "failed"]
    if failed:
        console.print(f"\n[bold red]{len(failed)} failed[/]")
    alike: dict[tuple[str, str], list[Test]] = {}
    for test in failed:
        alike.setdefault((test.suite, test.message), []).append(test)
    for same in alike.values():
        console.print(f"\n{same[0].name}", style="bold", markup=False)
        console.print("  " + (same[0].message or "failed").replace("\n", "\n  "), markup=False)
        if len(same) > 1:
            console.print("  so did " + " ".join(test.name for test in same[1:]), markup=False)
        console.print(f"  again: {run_again(same[0])}", markup=False)


def print_skipped(tests: Sequence[Test], console: Console) -> None:
    """The suites that were not asked, because a package of theirs is not installed."""
    skipped = [test for test in tests if test.status == "gap" and test.case == "generator"]
    if skipped:
        console.print(f"\n[bold]{_suites(len(skipped))} skipped[/]")
    for test in skipped:
        console.print(f"  {test.suite} {test.message}", markup=False)


def run_again(test: Test) -> str:
    """The command that runs one test again."""
    pattern = re.sub(r"([.+*?()\[\]^$\\|])", r"\\\1", test.name)
    return f"ctest --test-dir build --output-on-failure -R '^{pattern}$'"
