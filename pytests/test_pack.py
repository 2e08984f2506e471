"""A packed suite builds and runs without Python; and the harness tells right, wrong, crashed and known gaps apart."""
from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from fake_suite import NAME, FakeSuite
from lockstep.report.conform import read_tests


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Its output; AssertionError with that output if it fails."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.skipif(shutil.which("ninja") is None, reason="needs the tools that ci/setup installs")
def test_a_pack_builds_and_judges(root: Path, fake_suite: FakeSuite, tmp_path: Path):
    said = run(root / "ci" / "pack", tmp_path / "suite.tar", NAME, cwd=root, BUILD=str(tmp_path),
               GOLDEN=str(tmp_path / "golden"))
    assert "LOCKSTEP_USE_EMITTED=ON" in said
    with tarfile.open(tmp_path / "suite.tar") as tar:
        tar.extractall(tmp_path / "other machine", filter="data")
    folder = tmp_path / "other machine" / "lockstep-conform"
    build = folder / "build"
    run("cmake", "-S", folder, "-B", build, "-G", "Ninja", "-DLOCKSTEP_USE_EMITTED=ON", "-DLOCKSTEP_PYTHON=/nonexistent",
        cwd=folder)
    run("cmake", "--build", build, "--target", NAME, cwd=folder)
    (build / "report").mkdir()
    subprocess.run(["ctest", "--test-dir", str(build), "-L", f"^{NAME}$", "--output-junit", "report/ctest.xml"],
                   stdout=subprocess.DEVNULL, check=False)
    tests = {test.case: test for test in read_tests(build)}
    assert {case: test.status for case, test in tests.items()} == {
        "right": "passed", "wrong": "failed", "crash": "failed", "gap_open": "gap", "gap_closed": "failed",
        "no_model": "gap", "broken": "failed"}
    assert "4.00199986, should be 4 +- 2.38e-07, at [2]" in tests["wrong"].message
    assert tests["wrong"].worst > 1e3 and tests["right"].worst == 0
    assert tests["gap_closed"].message.startswith("the gap is closed: remove gaps=")
    assert tests["no_model"].message == "no loops yet"
    assert tests["broken"].message == "aten.foo is not supported"
