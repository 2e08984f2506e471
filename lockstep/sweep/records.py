"""What a sweep found, as JSON: one file a dtype in build/report, an entry an operator."""
from __future__ import annotations

import json
import os
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Mapping

from .outcomes import Outcome, Summary, summarise
from .samples import Question


def by_operator(outcomes: Mapping[Question, Outcome]) -> dict[str, Summary]:
    """The summary of every operator, its variants together, in the alphabet's order."""
    found: dict[str, list] = defaultdict(list)
    for question, outcome in outcomes.items():
        found[question.operator].append((question.place, outcome))
    return {name: summarise(found[name]) for name in sorted(found, key=str.lower)}


def totals(summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """How many operators are in which state, and how many samples."""
    samples: Counter = Counter()
    for one in summaries.values():
        samples.update(one.states)
    return {"operators": dict(Counter(one.state for one in summaries.values())), "samples": dict(samples)}


def merge(path: Path, summaries: Mapping[str, Summary], **about: Any) -> None:
    """Writes the operators' entries into a report; entries of operators that were not asked stay."""
    before = read(path) if path.exists() else {"operators": {}}
    entries = {**before["operators"], **{name: {**as_json(one), **about} for name, one in summaries.items()}}
    entries = {name: entries[name] for name in sorted(entries, key=str.lower)}
    whole = totals({name: summary_of(entry) for name, entry in entries.items()})
    write(path, json.dumps({"totals": whole, "operators": entries}, indent=1) + "\n")


def as_json(one: Summary) -> dict[str, Any]:
    return {"state": one.state, "samples": one.samples, "states": dict(one.states), "through_cpp": one.through_cpp,
            "reasons": [list(reason) for reason in one.reasons]}


def summary_of(entry: Mapping[str, Any]) -> Summary:
    return Summary(entry["samples"], Counter(entry["states"]), entry["through_cpp"],
                   tuple(tuple(reason) for reason in entry["reasons"]))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def write(path: Path, text: str) -> None:
    """The whole file or none of it: a reader never sees a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
