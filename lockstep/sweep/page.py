"""docs/operators.json, what sweeps found in short, and docs/operators.md, the page that is made from it."""
from __future__ import annotations

import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, Mapping

from . import records
from .outcomes import REFUSED, RIGHT, UNANSWERED, Summary
from .samples import DTYPES


def read(root: Path) -> dict[str, Any]:
    """The committed record; an empty one where there is none.

    operators: {operator: {dtype: [state, samples right, samples, samples through C++, numbers of reasons]}}
    """
    path = root / "docs" / "operators.json"
    return json.loads(path.read_text()) if path.exists() else {"torch": "", "reasons": [], "operators": {}}


def no_longer_right(record: Mapping[str, Any], dtype: str, summaries: Mapping[str, Summary]) -> list[str]:
    """The operators that the record calls right in a dtype and a sweep does not."""
    return [name for name, one in summaries.items() if one.state != RIGHT
            and record["operators"].get(name, {}).get(dtype, [""])[0] == RIGHT]


def write(root: Path, found: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the record and the page from {dtype: {operator: a report's entry}}. Dtypes that were not swept stay."""
    summaries = _earlier(read(root))
    for dtype, entries in found.items():
        for name, entry in entries.items():
            summaries.setdefault(name, {})[dtype] = records.summary_of(entry)
    record = _record(summaries)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(cells)}" for name, cells in record["operators"].items())
    reasons = ",\n".join(f"  {json.dumps(reason)}" for reason in record["reasons"])
    records.write(root / "docs" / "operators.json",
                  f'{{"torch": {json.dumps(record["torch"])},\n"reasons": [\n{reasons}],\n"operators": {{\n{lines}}}}}\n')
    records.write(root / "docs" / "operators.md", text(record))


def _earlier(record: Mapping[str, Any]) -> dict[str, dict[str, Summary]]:
    """The record's entries as summaries, reasons without the samples that they were first seen in."""
    return {name: {dtype: _summary(cell, record["reasons"]) for dtype, cell in cells.items()}
            for name, cells in record["operators"].items()}


def _summary(cell: list, reasons: list[str]) -> Summary:
    state, right, samples, through_cpp, numbers = cell
    other = REFUSED if state == "partly" else state
    states = Counter({RIGHT: right} | ({other: samples - right} if samples > right else {}))
    return Summary(samples, states, through_cpp, tuple((other, reasons[k], "") for k in numbers))


def _record(summaries: Mapping[str, Mapping[str, Summary]]) -> dict[str, Any]:
    reasons = sorted({reason for cells in summaries.values() for one in cells.values() for _, reason, _ in one.reasons})
    number = {reason: k for k, reason in enumerate(reasons)}
    return {"torch": version("torch").partition("+")[0], "reasons": reasons, "operators": {
        name: {dtype: [one.state, one.states[RIGHT], one.samples, one.through_cpp,
                       sorted({number[reason] for _, reason, _ in one.reasons})]
               for dtype, one in sorted(summaries[name].items(), key=lambda item: DTYPES.index(item[0]))}
        for name in sorted(summaries, key=str.lower)}}


def text(record: Mapping[str, Any]) -> str:
    """The page."""
    operators = record["operators"]
    dtypes = [dtype for dtype in DTYPES if any(dtype in cells for cells in operators.values())]
    return "\n".join([
        "# Operators", "",
        f"Every operator of OpInfo, the database of operators and sample inputs that PyTorch {record['torch']} tests itself",
        "with, as Lockstep converts it. Each sample is captured, interpreted and compared with PyTorch within its computed",
        "bound ([judging](judging.md)); those that the table counts under C++ were compiled and run too. This page is made by",
        f"`ci/sweep opinfo {' '.join(f'--dtype {dtype}' for dtype in dtypes)}` and `ci/sweep report`.", "",
        "right: every sample is right. 3/5: three of five are right, the others refused. refused: no sample is converted, and",
        "the user is told why. -: PyTorch has no such kernel for the CPU. [n]: the reason below.", "",
        *_counts(operators, dtypes), "", "## By operator", "",
        f"| operator | {' | '.join(dtypes)} |", "|---" * (len(dtypes) + 1) + "|",
        *(f"| `{name}` | {' | '.join(_cell(cells.get(dtype)) for dtype in dtypes)} |"
          for name, cells in operators.items()),
        "", "## Reasons", "",
        *(f"{k + 1}. {_plain(reason)}" for k, reason in enumerate(record["reasons"])), ""])


def _counts(operators: Mapping[str, Any], dtypes: list[str]) -> list[str]:
    states = (RIGHT, "partly", REFUSED, "wrong", "crashed", "timed out")
    lines = [f"| dtype | operators | {' | '.join(states)} | samples | right | C++ |", "|---" * (len(states) + 5) + "|"]
    for dtype in dtypes:
        cells = [cells[dtype] for cells in operators.values() if dtype in cells and cells[dtype][0] != UNANSWERED]
        count = Counter(cell[0] for cell in cells)
        lines.append(f"| {dtype} | {len(cells)} | {' | '.join(str(count[state]) for state in states)} "
                     f"| {' | '.join(str(sum(cell[k] for cell in cells)) for k in (2, 1, 3))} |")
    return lines


def _cell(cell: list | None) -> str:
    if cell is None or cell[0] == UNANSWERED:
        return "-"
    state, right, samples, _, reasons = cell
    marks = "".join(f" [{k + 1}]" for k in reasons)
    return (f"{right}/{samples}" if state == "partly" else state) + marks


def _plain(reason: str) -> str:
    """A reason as Markdown shows it: no part of it is markup."""
    return "".join("\\" + c if c in "\\`*_[]<>|#" else c for c in reason)
