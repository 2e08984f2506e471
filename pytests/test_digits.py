"""The digits example from training to C++: every held-out digit gets the class that PyTorch gives it."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def example(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that examples/digits/run filled, and what it printed."""
    folder = tmp_path_factory.mktemp("digits")
    done = subprocess.run([root / "examples/digits/run", folder], capture_output=True, text=True,
                          env={**os.environ, "PYTHON": sys.executable})
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def numbers(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()]


def labels(folder: Path) -> list[int]:
    return [int(line.rpartition(",")[2]) for line in (folder / "held_out.csv").read_text().splitlines()]


def confusion(printed: str) -> list[list[int]]:
    """The rows under `label \\ class`, without their labels."""
    table = printed.split("label \\ class", 1)[1].splitlines()[1:11]
    rows = [[int(n) for n in line.split()] for line in table]
    assert [row[0] for row in rows] == list(range(10))
    return [row[1:] for row in rows]


def test_every_digit_gets_pytorchs_class(example):
    folder, _ = example
    classes = numbers(folder / "classes.txt")
    assert len(classes) == 599 == len(labels(folder))
    assert classes == numbers(folder / "pytorch_classes.txt")


def test_the_accuracy_is_pytorchs_and_above_97_percent(example):
    folder, printed = example
    truth, classes = labels(folder), numbers(folder / "pytorch_classes.txt")
    right = sum(a == b for a, b in zip(truth, classes))
    found = dict(re.findall(r"^(PyTorch|C\+\+): (\d+ of \d+ held-out digits right \([\d.]+%\))$", printed, re.M))
    accuracy = right / len(truth)
    assert found["C++"] == found["PyTorch"] == f"{right} of {len(truth)} held-out digits right ({accuracy:.2%})"
    assert accuracy > 0.97


def test_the_confusion_table_counts_every_digit(example):
    folder, printed = example
    table, truth, classes = confusion(printed), labels(folder), numbers(folder / "classes.txt")
    assert [sum(row) for row in table] == [truth.count(digit) for digit in range(10)]
    assert [sum(column) for column in zip(*table)] == [classes.count(digit) for digit in range(10)]
    assert sum(table[digit][digit] for digit in range(10)) == sum(a == b for a, b in zip(truth, classes))


def test_the_build_has_no_warnings(example):
    folder, _ = example
    assert "warning" not in (folder / "build.log").read_text()


@pytest.mark.parametrize("damage, message", [
    (lambda data: data[:-4], "expected size"), (lambda data: b"", "expected size"),
    (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum")])
def test_damaged_weights_are_refused(example, tmp_path, damage, message):
    folder, _ = example
    weights = tmp_path / "digits.safetensors"
    weights.write_bytes(damage((folder / "package/digits.safetensors").read_bytes()))
    done = subprocess.run([folder / "build/classify", weights, folder / "held_out.csv", tmp_path / "classes.txt"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("classify: ") and message in done.stderr
    assert str(weights) in done.stderr, done.stderr
    assert not (tmp_path / "classes.txt").exists()


def test_a_line_without_a_label_is_named(example, tmp_path):
    folder, _ = example
    lines = (folder / "held_out.csv").read_text().splitlines()
    short = tmp_path / "short.csv"
    short.write_text("\n".join([lines[0], lines[1].rpartition(",")[0]]))
    done = subprocess.run([folder / "build/classify", folder / "package/digits.safetensors", short, tmp_path / "classes.txt"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and "short.csv, line 2: expected 64 pixels and a label" in done.stderr
