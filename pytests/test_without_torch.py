"""Without PyTorch: the ONNX route converts from the goldens' own models, builds, and passes."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUITES = ("softmax", "conv2d", "lenet")
BLOCKED = """
import sys
sys.modules["torch"] = None
from lockstep.cli import main
sys.argv[1:] = {arguments!r}
main()
"""


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder into which suites were emitted with torch blocked from import."""
    build = tmp_path_factory.mktemp("without") / "build"
    code = BLOCKED.format(arguments=["emit", *SUITES, "--build", str(build), "--jobs", "1"])
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 conversions failed" in done.stdout, done.stdout
    return build


def test_the_onnx_route_builds_and_passes(emitted: Path) -> None:
    proto = next(Path(sys.prefix).glob("lib/python3*/site-packages/onnx/onnx.proto"))
    configure = ["cmake", "-S", str(ROOT), "-B", str(emitted), "-G", "Ninja", "-DLOCKSTEP_USE_EMITTED=ON",
                 f"-DLOCKSTEP_ONNX_PROTO={proto}", f"-DLOCKSTEP_EMITTED_DIR={emitted / 'emitted'}"]
    subprocess.run(configure, check=True, capture_output=True)
    subprocess.run(["cmake", "--build", str(emitted), "--target", *SUITES], check=True, capture_output=True)
    for suite in SUITES:
        done = subprocess.run([emitted / "bin" / suite, "--gtest_brief=1"], capture_output=True, text=True,
                              env={**os.environ, "LOCKSTEP_RESULTS_DIR": str(emitted / "results")})
        assert done.returncode == 0, done.stdout[-3000:]
        assert "PASSED" in done.stdout
        rows = (emitted / "emitted" / suite / "tests.cmake").read_text()
        assert rows and all(" onnx " in line for line in rows.splitlines())
