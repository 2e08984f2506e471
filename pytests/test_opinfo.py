"""OpInfo samples spread over the operators that docs/operators.json calls right, and that record itself."""
from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from lockstep.errors import Differs
from lockstep.sweep import page
from lockstep.sweep.chance import RUNS, check_alike
from lockstep.sweep.judging import ask
from lockstep.sweep.outcomes import RIGHT, UNANSWERED, general
from lockstep.sweep.samples import DTYPES, evenly, opinfos, questions

ROOT = Path(__file__).resolve().parent.parent
RECORD = page.read(ROOT)
PICKS = 5                                   # the samples of an OpInfo that `ci/sweep opinfo` asks

# One in so many of the record's right (operator, dtype) pairs, chosen by name: the choice does not move when others come.
THROUGH_INTERPRETER = {"float32": 3, "float64": 16, "int64": 12, "bool": 12, "float16": 16, "bfloat16": 16}
THROUGH_CPP = {"float32": 24}


def chosen(one_in: dict[str, int]) -> list[tuple[str, str]]:
    """(operator, dtype) pairs."""
    return [(name, dtype) for name, cells in RECORD["operators"].items() for dtype, step in one_in.items()
            if cells.get(dtype, [""])[0] == RIGHT and zlib.crc32(f"{name} {dtype}".encode()) % step == 0]


def check(operator: str, dtype: str, through_cpp: bool) -> None:
    """Asks one of the samples that the record stands for."""
    asked = questions([operator], dtype, PICKS)
    question = asked[zlib.crc32(operator.encode()) % len(asked)]
    outcome = ask(question, through_cpp)
    assert outcome.state in (RIGHT, UNANSWERED), f"{question.title}: {outcome.state} ({outcome.stage}): {outcome.reason}"


@pytest.mark.parametrize("operator, dtype", chosen(THROUGH_INTERPRETER))
def test_the_interpreter_gives_what_pytorch_gives(operator: str, dtype: str):
    check(operator, dtype, through_cpp=False)


@pytest.mark.parametrize("operator, dtype", chosen(THROUGH_CPP))
def test_the_cpp_gives_what_pytorch_gives(operator: str, dtype: str):
    check(operator, dtype, through_cpp=True)


def test_the_record_adds_up():
    used = set()
    for name, cells in RECORD["operators"].items():
        for dtype, (state, right, samples, through_cpp, reasons) in cells.items():
            assert 0 <= right <= samples and 0 <= through_cpp <= samples, (name, dtype)
            assert (state == RIGHT) == (right == samples > 0), (name, dtype)
            assert (state == UNANSWERED) == (samples == 0), (name, dtype)
            assert bool(reasons) == (state not in (RIGHT, UNANSWERED)), (name, dtype)
            used |= set(reasons)
    assert used == set(range(len(RECORD["reasons"])))
    assert RECORD["reasons"] == sorted(set(RECORD["reasons"]))


def test_the_record_is_whole():
    asked = {dtype for cells in RECORD["operators"].values() for dtype in cells}
    assert "float32" in asked and asked <= set(DTYPES)
    for dtype in asked:
        there = {name for (name, _), op in opinfos().items() if getattr(torch, dtype) in op.supported_dtypes("cpu")}
        assert {name for name, cells in RECORD["operators"].items() if dtype in cells} == there, dtype


def test_the_page_is_made_from_the_record():
    assert (ROOT / "docs" / "operators.md").read_text() == page.text(RECORD), "run ci/sweep report"


# ---- the parts of the sweep

def test_samples_are_spread_evenly():
    assert evenly(3, 5) == [0, 1, 2]
    assert evenly(9, 5) == [0, 2, 4, 6, 8]
    assert evenly(7, None) == list(range(7))
    assert evenly(0, 5) == []


def test_reasons_are_told_without_what_one_sample_has():
    said = "aten.add.Tensor in (torch/x.py:24): input 'x' of shape [2, 3] is 4.5 off [1]"
    assert general(said) == "aten.add.Tensor: input 'x' of shape [...] is N off [...]"
    assert general("aten.conv2d.default takes float32") == "aten.conv2d.default takes float32"


def drawn(seed: int, kind: str) -> np.ndarray:
    """RUNS runs of six numbers."""
    rng = np.random.default_rng(seed)
    return {"normal": rng.standard_normal((RUNS, 6)), "shifted": rng.standard_normal((RUNS, 6)) + [0, 0, 0, 0, 0, 0.3],
            "wider": rng.standard_normal((RUNS, 6)) * 1.3, "coins": rng.integers(0, 2, (RUNS, 6)).astype(float),
            "one coin": np.repeat(rng.integers(0, 2, (RUNS, 1)), 6, 1).astype(float)}[kind]


@pytest.mark.parametrize("one, other", [("normal", "normal"), ("coins", "coins"), ("coins", "one coin")])
def test_numbers_of_one_distribution_pass(one: str, other: str):
    for seed in range(5):
        check_alike("output", drawn(seed, one), drawn(100 + seed, other))


@pytest.mark.parametrize("other", ["shifted", "wider", "coins"])
def test_numbers_of_another_distribution_do_not(other: str):
    with pytest.raises(Differs, match="output"):
        check_alike("output", drawn(0, other), drawn(100, "normal"))
