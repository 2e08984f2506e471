"""The benchmark's driver, on tiny settings: what it writes, who is left out and why. Times are not judged."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))         # bench is no part of what is installed
from bench.job import LeftOut  # noqa: E402
from bench.process import Process  # noqa: E402
from bench.results import geometric_mean, means  # noqa: E402
from bench.sides import OURS  # noqa: E402
from bench.timing import Outcome, check  # noqa: E402
from bench.turns import Times, ratio, take_turns  # noqa: E402


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, root: Path) -> tuple[subprocess.CompletedProcess, dict]:
    """A run of one model, which a peer refuses: the finished driver and its JSON."""
    folder = tmp_path_factory.mktemp("bench")
    report = folder / "bench.json"
    done = subprocess.run([sys.executable, "-m", "bench", "gated_loop", "--peer=eager", "--peer=onnxruntime",
                           "--peer=aotinductor", "--rounds=1", "--seconds=0.005", f"--folder={folder}",
                           f"--report={report}"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done, json.loads(report.read_text())


def test_every_side_has_a_time(run):
    one = run[1]["models"]["gated_loop"]
    assert one["set"] == "anchors"
    assert one["ours"] > 0 and one["python"] > 0
    assert one["peers"]["eager"] > 0 and one["peers"]["onnxruntime"] > 0
    assert one["ratio"] > 0
    assert {"wall_min", "wall_median", "processor_min", "processor_median"} == set(one["times"]["ours"])
    assert one["building"]["ours"]["object_bytes"] > 0 and one["peak_memory_bytes"]["ours"] > 0


def test_a_peer_that_refuses_is_listed_with_its_reason(run):
    done, data = run
    assert set(data["models"]) == {"gated_loop"}
    reason = data["models"]["gated_loop"]["peers"]["aotinductor"]["left_out"]
    assert "data-dependent" in reason
    assert "gated_loop: AOTInductor is left out: " + reason in done.stdout


def outcome(model: str, of: str, theirs: float) -> Outcome:
    return Outcome(model, of, times={side: Times((us,), (us,)) for side, us in ((OURS, 1.0), ("eager", theirs))})


def test_means_leave_out_what_their_name_says():
    outcomes = [outcome("a", "anchors", 2), outcome("gated_loop", "anchors", 8), outcome("b", "extra", 4),
                outcome("add_one", "overhead", 1000), Outcome("refused", "anchors", left_out={OURS: "why"})]
    found = means(outcomes, "wall")
    assert found == {"anchors": {"ratio": pytest.approx(4), "models": 2},
                     "anchors without gated_loop": {"ratio": pytest.approx(2), "models": 1},
                     "anchors and extra": {"ratio": pytest.approx(4), "models": 3}}


def test_the_conditions_are_noted(run):
    data = run[1]
    assert data["threads"] == 1 and data["isa"] == "native" and data["clock"] == "processor"
    assert data["machine"]["peak_gflops"] > 0 and data["machine"]["processor"]
    assert {"eager", "onnxruntime"} <= set(data["versions"])


def test_an_unknown_model_is_refused(root: Path):
    done = subprocess.run([sys.executable, "-m", "bench", "no_such_model"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 2 and "no model no_such_model" in done.stderr


@pytest.mark.parametrize("found", [
    pytest.param(np.float32([1, 2.1]), id="value"), pytest.param(np.float32([1, np.nan]), id="nan"),
    pytest.param(np.float64([1, 2]), id="dtype"), pytest.param(np.float32([[1, 2]]), id="shape"),
])
def test_a_wrong_answer_is_left_out(found: np.ndarray):
    check([np.float32([1, 2.0001])], [np.float32([1, 2])])
    with pytest.raises(LeftOut, match="wrong"):
        check([found], [np.float32([1, 2])])


def process(code: str, log: Path, seconds: float = 60.0) -> Process:
    with open(log, "w") as file:
        return Process([sys.executable, "-c", code], {}, file, seconds)


@pytest.mark.parametrize("code, reason", [
    ("print('left out too old')", "too old"),
    ("raise SystemExit(3)", "exit code 3"),
])
def test_a_side_that_does_not_start_says_why(code: str, reason: str, tmp_path: Path):
    with pytest.raises(LeftOut, match=reason):
        process(code, tmp_path / "log.txt")


def test_a_silent_side_is_ended(tmp_path: Path):
    with pytest.raises(LeftOut, match="silent"):
        process("input()", tmp_path / "log.txt", seconds=0.2)


def test_all_sides_of_a_round_run_on_one_processor(tmp_path: Path):
    code = ("import os, threading\nother = threading.Thread(target=threading.Event().wait, daemon=True)\nother.start()\nprint('ready', flush=True)\n"
            "def mask(thread): return sum(1 << cpu for cpu in os.sched_getaffinity(thread))\n"
            "while n := input(): print(mask(0), mask(other.native_id), flush=True)")
    processors = sorted(os.sched_getaffinity(0))
    sides = {name: process(code, tmp_path / f"{name}.txt") for name in "ab"}
    times, lost = take_turns(sides, rounds=3, seconds=0.1, processors=processors)
    for side in sides.values():
        side.close()
    told = [float(1 << processors[turn % len(processors)]) for turn in range(3)]
    assert lost == {} and [[us * 1e-6 for us in one.of(clock)] for one in times.values() for clock in ("wall", "processor")] == [
        pytest.approx(told)] * 4


def test_a_side_that_ends_on_the_way_does_not_end_the_others(tmp_path: Path):
    answering = "print('ready', flush=True)\nwhile n := input(): print(2e-6 * int(n), 1e-6 * int(n), flush=True)"
    right, ending = process(answering, tmp_path / "a.txt"), process("print('ready 1')", tmp_path / "b.txt")
    times, lost = take_turns({"right": right, "ending": ending}, rounds=2, seconds=1e-3)
    right.close()
    assert list(times) == ["right"] and "exit code" in lost["ending"]
    assert times["right"].wall == pytest.approx((2, 2)) and times["right"].processor == pytest.approx((1, 1))


def test_ratios_are_medians_of_rounds_and_means_geometric():
    times = Times(wall=(2.0, 40.0, 3.0), processor=(1.0, 1.0, 1.0))
    assert ratio(times.wall, times.processor) == 3
    assert times.summary()["wall_min"] == 2
    assert geometric_mean([2, 8]) == pytest.approx(4) and geometric_mean([]) is None
