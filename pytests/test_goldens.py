"""Goldens on disk: their layout, their size, and that ONNX's own backend runner can run them with another backend."""
from __future__ import annotations

import json
import os
import re
import unittest
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner

from lockstep.cases import goldens

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "golden"
RUN_BY_ONNXRUNTIME = ("softmax", "linear", "conv2d", "transpose", "relu", "lenet", "sofie_example")


class OnnxRuntime:
    """The smallest ONNX backend: ONNX Runtime on the CPU."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **_):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 4
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        prepared = cls()
        prepared.run = lambda inputs: session.run(None, dict(zip([i.name for i in session.get_inputs()], inputs)))
        return prepared

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device == "CPU"


class GoldenRunner(Runner):
    """ONNX's runner over our goldens instead of its own cases."""

    def __init__(self, data: Path):
        self.backend = OnnxRuntime
        self._parent_module = __name__
        self._include_patterns, self._exclude_patterns, self._xfail_patterns = set(), set(), set()
        self._test_kwargs = {}
        self._test_items = defaultdict(dict)
        for kind in sorted(os.listdir(data)):
            for case in load_model_tests(str(data), kind):
                self._add_model_test(case, kind)


def test_another_backend_runs_our_goldens(tmp_path: Path) -> None:
    """Each suite is one "kind" of ONNX's loader; a case's folder is what its runner expects."""
    for suite in RUN_BY_ONNXRUNTIME:
        for case in sorted(p.parent for p in (GOLDEN / suite).glob("*/model.onnx")):
            (tmp_path / suite).mkdir(exist_ok=True)
            (tmp_path / suite / f"test_{suite}_{case.name}").symlink_to(case)
    runner = GoldenRunner(tmp_path)
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in runner.test_cases.values())
    result = unittest.TestResult()
    suite.run(result)
    ran = result.testsRun - len(result.skipped)
    assert ran >= 10, f"only {ran} goldens were run"
    assert not result.failures and not result.errors, (result.failures + result.errors)[0]


def test_all_goldens_are_under_40_megabytes() -> None:
    total = sum(path.stat().st_size for path in GOLDEN.rglob("*") if path.is_file())
    assert 0 < total < 40e6


@pytest.mark.parametrize("suite", ["softmax", "lenet", "sort"])
def test_a_golden_holds_what_its_manifest_says(suite: str) -> None:
    for manifest in (GOLDEN / suite).glob("*/manifest.json"):
        facts = json.loads(manifest.read_text())
        assert (facts["suite"], facts["case"]) == (suite, manifest.parent.name)
        data_sets = sorted(manifest.parent.glob("test_data_set_*"))
        assert len(data_sets) == (3 if facts["dynamic"] else 1)
        for folder in data_sets:
            outputs = sorted(folder.glob("output_*.pb"))
            assert outputs
            for path in outputs:
                number = re.search(r"\d+", path.stem).group()
                bound, truth = folder / f"bound_{number}.pb", folder / f"truth_{number}.pb"
                assert bound.exists() == truth.exists()
                if bound.exists():
                    assert goldens.read(bound).shape == goldens.read(truth).shape == goldens.read(path).shape
                    assert goldens.read(bound).dtype == np.float64


def test_eager_float32_lies_within_nearly_all_bounds() -> None:
    """PyTorch's own float32 is no truth, but a bound that it breaks often is no bound."""
    facts = [json.loads(path.read_text()) for path in GOLDEN.glob("*/*/manifest.json")]
    outside = [f"{f['suite']}.{f['case']}" for f in facts if f["eager"] > 1]
    assert len(outside) <= 0.005 * len(facts), outside


def test_a_gap_of_the_exporter_is_seen_by_onnx_runtime_too() -> None:
    """A known gap of the onnx route is the file's fault: ONNX Runtime refuses it, or misses the same bound."""
    seen = 0
    for path in GOLDEN.glob("*/*/manifest.json"):
        folder, facts = path.parent, json.loads(path.read_text())
        if "onnx" not in facts["gaps"] or not (folder / "model.onnx").exists():
            continue
        seen += 1
        place = folder / "test_data_set_0"
        inputs = [goldens.read(place / f"input_{k}.pb") for k in range(len(list(place.glob("input_*.pb"))))]
        try:
            results = OnnxRuntime.prepare(onnx.load(folder / "model.onnx")).run(inputs)
        except Exception:  # whatever ONNX Runtime raises on it: the file is refused
            continue
        assert not all(right(result, place, k) for k, result in enumerate(results)), f"{folder} is right in ONNX Runtime"
    assert seen >= 5


def right(result: np.ndarray, place: Path, k: int) -> bool:
    from lockstep.judge.verdict import judge
    output = goldens.read(place / f"output_{k}.pb")
    bounded = (place / f"bound_{k}.pb").exists()
    truth, bound = (goldens.read(place / f"{name}_{k}.pb") if bounded else None for name in ("truth", "bound"))
    return judge("output", result, output, truth, bound).right
