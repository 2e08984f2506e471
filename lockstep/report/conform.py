"""What a run of ctest came to: its tests joined with what the C++ harness measured, and the numbers per suite."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Sequence
from xml.etree import ElementTree

RUNTIME = "runtime"          # stands in for a suite: the tests of the runtime headers and of the harness itself

_ROW = re.compile(r"(?P<suite>\w+)\.(?P<case>.+)/(?P<route>\w+)")
_PROGRAM = re.compile(r"test_\w+(/.*)?")


@dataclass(frozen=True)
class Test:
    """One test as it ended. status is passed, failed or gap; worst is the largest error as a fraction of its bound."""

    suite: str
    case: str
    route: str
    status: str
    seconds: float
    dtype: str = ""
    worst: float = 0.0
    undecided: int = 0
    message: str = ""

    __test__ = False         # not a class for pytest to collect

    @property
    def name(self) -> str:
        """The name ctest knows it by."""
        return self.case if self.suite == RUNTIME else f"{self.suite}.{self.case}/{self.route}"


def read_tests(build: Path, suites: Sequence[str] = ()) -> list[Test]:
    """The tests of BUILD/report/ctest.xml (those of `suites` only, where named), in the order of their names.

    A test that ctest did not run, or whose program crashed, failed; a skipped one is a known gap.
    """
    root = ElementTree.parse(build / "report" / "ctest.xml").getroot()
    tests = [_test_of(element, build / "results") for element in root.iter("testcase")]
    chosen = [test for test in tests if not suites or test.suite in suites]
    return sorted(chosen, key=lambda test: (test.suite, test.case, test.route))


def _test_of(element: ElementTree.Element, results: Path) -> Test:
    name, seconds = element.get("name", ""), float(element.get("time", 0))
    status, message = _status_of(element)
    row = _ROW.fullmatch(name)
    if row is None or _PROGRAM.fullmatch(name):
        return Test(RUNTIME, name, "", status, seconds, message=message)
    measured = _measured(results / row["suite"] / f"{row['case']}.{row['route']}.json")
    if status == "failed" and measured.get("status") not in ("failed", "crashed"):
        measured = {}        # the file is of an earlier run: this one did not come so far as to write its own
    if status == "passed" and measured.get("status") == "gap":
        status = "gap"       # to ctest, a test that skips itself passes unless SKIP_REGULAR_EXPRESSION says otherwise
    return Test(row["suite"], row["case"], row["route"], status, seconds, measured.get("dtype", ""),
                measured.get("worst", 0.0), measured.get("undecided", 0),
                measured.get("message", message) if measured.get("status") != "crashed" else message)


def _status_of(element: ElementTree.Element) -> tuple[str, str]:
    """passed, failed or gap; and for a failure what ctest knows about it: the end of what the program printed."""
    skipped = element.find("skipped")
    if element.get("status") == "run":
        return "passed", ""
    if skipped is not None and skipped.get("message") == "SKIP_REGULAR_EXPRESSION_MATCHED":
        return "gap", ""
    if skipped is not None:
        return "failed", f"not run, for its program was not built ({skipped.get('message')})"
    printed = (element.findtext("system-out") or "").strip().splitlines()
    failure = element.find("failure")
    reason = failure.get("message", "") if failure is not None else ""
    return "failed", "\n".join([reason or "the program failed or crashed; it printed last:", *printed[-12:]])


def _measured(file: Path) -> dict:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def summarise(tests: Iterable[Test]) -> dict:
    """Numbers as conform.json holds them: totals and suites of the cases, and `runtime` apart from both."""
    by_suite: dict[str, list[Test]] = {}
    for test in tests:
        by_suite.setdefault(test.suite, []).append(test)
    runtime = by_suite.pop(RUNTIME, [])
    everything = [test for suite in by_suite.values() for test in suite]
    return {"totals": numbers(everything),
            "suites": [{"name": name, **numbers(own), "routes": routes(own)} for name, own in sorted(by_suite.items())],
            "runtime": numbers(runtime)}


def numbers(tests: Sequence[Test]) -> dict:
    """cases, tests, passed, failed, gaps, undecided (elements too close to call), seconds, worst (error / bound)."""
    counted = {status: sum(test.status == status for test in tests) for status in ("passed", "failed", "gap")}
    return {"cases": len({(test.suite, test.case) for test in tests}), "tests": len(tests),
            "passed": counted["passed"], "failed": counted["failed"], "gaps": counted["gap"],
            "undecided": sum(test.undecided for test in tests),
            "seconds": round(sum(test.seconds for test in tests), 3),
            "worst": max((test.worst for test in tests), default=0.0)}


def routes(tests: Iterable[Test]) -> dict[str, int]:
    """How many tests each route has."""
    counted: dict[str, int] = {}
    for test in tests:
        counted[test.route] = counted.get(test.route, 0) + 1
    return dict(sorted(counted.items()))


def write_json(summary: dict, file: Path) -> None:
    """conform.json."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(summary, indent=1) + "\n")
