"""Choices of a plan: recorded in the package, read back from it, and found by measuring."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

import lockstep
from lockstep import Choices
from lockstep.build import tune
from lockstep.cli import cli

MODEL = '''
import torch


def softmax():
    return torch.nn.Softmax(1)
'''


@dataclass
class Fake:
    """Stands for a library: which C++ it is, and how long a call takes."""

    path: str
    seconds: float

    @property
    def library(self) -> "Fake":
        return self


def made(choices: Choices) -> Fake:
    """Fastest with blocks of 24 KiB and 64 rows; `next` makes no difference to the C++."""
    return Fake(f"{choices.near} {choices.rows}", 1 + abs(choices.near - (24 << 10)) / (1 << 14) + abs(choices.rows - 64) / 100)


def test_the_fastest_sizes_are_found_one_after_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tune, "_seconds", lambda model, inputs, calls: model.seconds * calls)
    best, trials = tune.tune(made, [], Choices())
    assert best == Choices(near=24 << 10, rows=64)
    assert {trial.name for trial in trials if trial.gain is None} == {"next"}
    assert [trial.value for trial in trials if trial.name == "rows" and trial.gain > tune.LEAST_GAIN] == [64]


def test_gains_within_the_noise_change_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tune, "_seconds", lambda model, inputs, calls: calls * (1 + model.seconds / 1000))
    assert tune.tune(made, [], Choices())[0] == Choices()


def test_a_package_is_made_again_from_what_it_records(tmp_path: Path):
    (tmp_path / "model.py").write_text(MODEL)
    model = [f"{tmp_path / 'model.py'}:softmax", "--input", "600,100"]

    def converted(folder: str, *options: str) -> str:
        done = CliRunner().invoke(cli, ["convert", *model, "-o", str(tmp_path / folder), "--no-selftest", *options])
        assert done.exit_code == 0, done.output
        return (tmp_path / folder / "softmax.cpp").read_text()
    lockstep.convert(nn.Softmax(1), torch.randn(600, 100), out=tmp_path / "wide", name="softmax", choices=Choices(near=48 << 10))
    manifest = json.loads((tmp_path / "wide" / "package.json").read_text())
    assert manifest["choices"] == {"fast_conv": False, "near": 48 << 10, "next": 768 << 10, "rows": 32}
    again, plain = converted("again", "--choices", str(tmp_path / "wide" / "package.json")), converted("plain")
    assert "120 of 600 rows at a time" in again and "30 of 600 rows at a time" in plain


def test_convert_measures_and_says_what_it_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.setattr(tune, "CANDIDATES", {"near": (12 << 10, 48 << 10), "rows": (64,)})
    monkeypatch.setattr(tune, "_seconds", lambda library, inputs, calls: calls * library.path.stat().st_mtime_ns / 1e30)
    done = CliRunner().invoke(cli, ["convert", f"{tmp_path / 'model.py'}:softmax", "--input", "600,100", "-o", str(tmp_path / "out"),
                                    "--tune", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.output.splitlines()[-1])
    assert [(trial["name"], trial["value"], trial["gain"] is None) for trial in said["trials"]] == \
        [("near", 48 << 10, False), ("rows", 64, True)]
    assert said["choices"] == json.loads((tmp_path / "out" / "package.json").read_text())["choices"]


@pytest.mark.parametrize("found, said", [
    (None, "holds no choices of a plan"), ({"speed": 3}, "holds no choices"), ({"near": 0}, "near must be a number from 1"),
    ({"near": True}, "near must be a number from 1, not True"), ({"fast_conv": 1}, "fast_conv must be true or false")])
def test_what_is_no_choice_is_refused_by_name(found: object, said: str):
    with pytest.raises(lockstep.BadInput, match=said):
        Choices.read(found, "package.json")
