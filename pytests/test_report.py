"""The report: what it makes of ctest's XML and the harness's result files, and that nothing is cut from its table."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from rich.console import Console

from lockstep.report.__main__ import main
from lockstep.report.conform import Test, read_tests, summarise
from lockstep.report.table import print_failures, print_skipped, print_table, ratio, run_again

CTEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="7" failures="3">
  <testcase name="softmax.last_axis/exported" time="0.5" status="run"><system-out>fine</system-out></testcase>
  <testcase name="softmax.last_axis/onnx" time="0.25" status="notrun">
    <skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>gap</system-out></testcase>
  <testcase name="softmax.large/exported" time="0.25" status="fail">
    <failure message=""/><system-out>much</system-out></testcase>
  <testcase name="relu.one/traced" time="0" status="notrun"><skipped message="Unable to find executable"/></testcase>
  <testcase name="relu.two/traced" time="1" status="fail">
    <failure message=""/><system-out>[ RUN ] relu.two/traced</system-out></testcase>
  <testcase name="test_math/Math.Exp" time="0.125" status="run"/>
  <testcase name="test_harness_NOT_BUILT" time="0" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder after ctest; the result of relu.one is of an earlier run, relu.two crashed."""
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "ctest.xml").write_text(CTEST)

    def result(suite: str, test: str, **facts) -> None:
        (tmp_path / "results" / suite).mkdir(parents=True, exist_ok=True)
        (tmp_path / "results" / suite / f"{test}.json").write_text(json.dumps({"dtype": "float32", **facts}))
    result("softmax", "last_axis.exported", status="passed", worst=0.25, undecided=1, message="")
    result("softmax", "last_axis.onnx", status="gap", worst=0, undecided=0, message="opset too old")
    result("softmax", "large.exported", status="failed", worst=1e308, undecided=0, message="was nan\nshould be 1")
    result("relu", "one.traced", status="passed", worst=0.5, undecided=0, message="")
    result("relu", "two.traced", status="crashed", worst=0, undecided=0, message="the test did not end")
    return tmp_path


def test_statuses_and_measurements_are_joined(build):
    tests = {test.name: test for test in read_tests(build)}
    assert {name: test.status for name, test in tests.items()} == {
        "softmax.last_axis/exported": "passed", "softmax.last_axis/onnx": "gap", "softmax.large/exported": "failed",
        "relu.one/traced": "failed", "relu.two/traced": "failed", "test_math/Math.Exp": "passed",
        "test_harness_NOT_BUILT": "failed"}
    assert tests["softmax.last_axis/exported"].worst == 0.25
    assert tests["softmax.last_axis/onnx"].message == "opset too old"
    assert tests["softmax.large/exported"].message == "was nan\nshould be 1"


def test_a_result_of_an_earlier_run_says_nothing(build):
    one, = (test for test in read_tests(build) if test.case == "one")
    assert (one.worst, one.message) == (0.0, "not run, for its program was not built (Unable to find executable)")


def test_a_crash_shows_what_was_printed(build):
    two, = (test for test in read_tests(build) if test.case == "two")
    assert "crashed" in two.message and "[ RUN ] relu.two/traced" in two.message


def test_numbers(build):
    summary = summarise(read_tests(build))
    assert summary["totals"] == {"cases": 4, "tests": 5, "passed": 1, "failed": 3, "gaps": 1, "undecided": 1,
                                 "seconds": 2.0, "worst": 1e308}
    assert [suite["name"] for suite in summary["suites"]] == ["relu", "softmax"]
    assert summary["suites"][1]["routes"] == {"exported": 2, "onnx": 1}
    assert summary["runtime"]["failed"] == 1


def test_only_the_suites_asked_for(build):
    assert {test.suite for test in read_tests(build, ["relu"])} == {"relu"}


@pytest.mark.parametrize("width", [20, 80, 300])
def test_the_table_is_never_cut(build, width):
    console = Console(width=width, record=True, soft_wrap=True)
    print_table(summarise(read_tests(build)), console)
    print_failures(read_tests(build), console)
    text = console.export_text()
    assert "…" not in text
    softmax, = (line for line in text.splitlines() if line.startswith("softmax "))
    assert softmax.split() == ["softmax", "2", "3", "1", "1", "1", "infinite", "1.0", "exported", "2", "onnx", "1"]
    assert "  again: ctest --test-dir build --output-on-failure -R '^softmax\\.large/exported$'" in text.splitlines()


def test_files_and_exit_code(build):
    outcome = CliRunner().invoke(main, ["--build", str(build)])
    assert outcome.exit_code == 1
    assert json.loads((build / "report" / "conform.json").read_text())["totals"]["tests"] == 5
    suites = ElementTree.parse(build / "report" / "junit.xml").getroot().findall("testsuite")
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in suites] == [
        ("relu", "2", "2", "0"), ("runtime", "2", "1", "0"), ("softmax", "3", "1", "1")]
    worst = suites[2].find("testcase[@name='last_axis/exported']/properties/property[@name='worst']")
    assert worst is not None and worst.get("value") == "0.25"


def test_tests_that_failed_alike_are_told_once(build):
    lost = Test("relu", "one", "traced", "failed", 0.0, message="not run")
    console = Console(width=80, record=True, soft_wrap=True)
    print_failures([lost, replace(lost, route="onnx")], console)
    assert console.export_text().splitlines() == [
        "", "2 failed", "", "relu.one/traced", "  not run", "  so did relu.one/onnx",
        "  again: ctest --test-dir build --output-on-failure -R '^relu\\.one/traced$'"]


def test_no_test_at_all_is_a_failure(build):
    (build / "report" / "ctest.xml").write_text("<testsuite/>")
    assert CliRunner().invoke(main, ["--build", str(build)]).exit_code == 1


def test_ratio():
    assert [ratio(0), ratio(0.12345), ratio(1e308)] == ["", "0.123", "infinite"]


def test_the_command_matches_nothing_else(build):
    softmax = next(test for test in read_tests(build) if test.name == "softmax.large/exported")
    assert run_again(softmax).endswith(r"-R '^softmax\.large/exported$'")


def test_a_skipped_suite_is_told_with_its_reason():
    told = Console(record=True, width=200)
    print_skipped([Test("absent", "generator", "exported", "gap", 0.0, message="not asked here: the package x is not installed"),
                   Test("softmax", "one", "onnx", "gap", 0.0, message="known gap")], told)
    assert told.export_text().split() == "1 suite skipped absent not asked here: the package x is not installed".split()
