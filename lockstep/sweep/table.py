"""The table that a sweep ends with: a line an operator, then the totals."""
from __future__ import annotations

from typing import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from ..report.table import print_whole
from .outcomes import RIGHT, UNANSWERED, WITH_REASON, Summary
from .records import totals


def print_summaries(title: str, states: Sequence[str], summaries: Mapping[str, Summary], console: Console) -> None:
    """A line an operator with its samples by state and its first reason; then the totals in samples and in operators."""
    whole = totals(summaries)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", show_footer=True,
                  footer_style="bold")
    table.add_column("operator", "samples")
    for state in states:
        table.add_column(state, str(whole["samples"].get(state, 0)), justify="right")
    table.add_column("first reason")
    for name, one in summaries.items():
        fine = not one.reasons
        reason = "" if fine else f"{one.reasons[0][0]} ({one.reasons[0][2]}): {one.reasons[0][1]}"
        table.add_row(name, *(str(one.states[state] or "") for state in states), _plain(reason),
                      style=None if fine else "yellow" if one.state in ("partly", "refused") else "red")
    print_whole(table, console)
    if RIGHT in states:
        counted = {state: n for state, n in whole["operators"].items() if state != UNANSWERED}
        console.print(f"{title}: {counted.get(RIGHT, 0)} of {sum(counted.values())} operators have every sample right ("
                      + ", ".join(f"{n} {state}" for state, n in sorted(counted.items())) + ")", markup=False)
    elif WITH_REASON in states:
        console.print(f"{title}: {whole['samples'].get(WITH_REASON, 0)} of {sum(whole['samples'].values())} error inputs "
                      f"are refused with PyTorch's reason", markup=False)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
