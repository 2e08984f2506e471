"""The tests as JUnit XML, one <testsuite> per suite, errors against their bounds as properties."""
from __future__ import annotations

import itertools
from pathlib import Path
from typing import Iterable, Sequence
from xml.etree import ElementTree

from .conform import Test, numbers


def write_junit(tests: Sequence[Test], file: Path) -> None:
    """Writes FILE. A known gap is <skipped>, as readers of JUnit files expect."""
    root = ElementTree.Element("testsuites", _counts(tests))
    for suite, own in itertools.groupby(sorted(tests, key=lambda test: test.suite), key=lambda test: test.suite):
        _add_suite(root, suite, list(own))
    ElementTree.indent(root)
    file.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _counts(tests: Sequence[Test]) -> dict[str, str]:
    counted = numbers(tests)
    return {"tests": str(counted["tests"]), "failures": str(counted["failed"]), "skipped": str(counted["gaps"]),
            "time": str(counted["seconds"])}


def _add_suite(root: ElementTree.Element, suite: str, tests: Iterable[Test]) -> None:
    tests = list(tests)
    parent = ElementTree.SubElement(root, "testsuite", {"name": suite, **_counts(tests)})
    for test in tests:
        name = f"{test.case}/{test.route}" if test.route else test.case
        element = ElementTree.SubElement(parent, "testcase", name=name, classname=suite, time=f"{test.seconds:.6f}")
        properties = ElementTree.SubElement(element, "properties")
        for key, value in (("worst", f"{test.worst:.3g}"), ("undecided", str(test.undecided)), ("dtype", test.dtype)):
            ElementTree.SubElement(properties, "property", name=key, value=value)
        if test.status == "gap":
            ElementTree.SubElement(element, "skipped", message=_printable(test.message))
        elif test.status == "failed":
            first, _, _ = test.message.partition("\n")
            failure = ElementTree.SubElement(element, "failure", message=_printable(first))
            failure.text = _printable(test.message)


def _printable(text: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(c if c in "\t\n" or c.isprintable() else "?" for c in text)
