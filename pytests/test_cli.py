"""The command line where all is well: what the commands print, and that it is whole and plain when piped."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import absent  # noqa: F401  (registers its operators)

from lockstep.cli import cli
from lockstep.judge.names import package_name

pytestmark = pytest.mark.filterwarnings("ignore")

NAME = "an_output_whose_name_is_longer_than_a_narrow_terminal_is_wide"
COMMANDS = ["convert", "emit", "generate", "ops", "show", "verify"]
MODEL = f'''
import torch
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3, 2)

    def forward(self, x):
        return torch.relu(self.layer(x))


def small():
    return Small().eval(), (torch.linspace(-1, 1, 6).reshape(2, 3),)


def unbalanced():
    class Unbalanced(nn.Module):
        def forward(self, {NAME}):
            return torch.ops.absent.first({NAME})
    return Unbalanced().eval(), (torch.ones(2),)
'''


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "models.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return "models.py:small"


def lockstep(*arguments: str) -> str:
    """What a command prints, run in this process; it must succeed."""
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def piped(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """The real command with its output piped, in a terminal that claims 40 columns and colours."""
    return subprocess.run([sys.executable, "-m", "lockstep", *arguments], capture_output=True, text=True,
                          env={**os.environ, "COLUMNS": "40", "TERM": "xterm-256color", "OMP_NUM_THREADS": "1", **variables})


def test_help_lists_every_command():
    shown = lockstep("--help")
    assert [line.split()[0] for line in shown.partition("Commands:")[2].strip().splitlines()] == COMMANDS


@pytest.mark.parametrize("command, options", [
    ("convert", "--input --inputs --dynamic --name --ops --json --out --embed --no-selftest"),
    ("verify", "--input --inputs --dynamic --name --ops --json"),
    ("show", "--stage --input --inputs --dynamic --name --ops --json"),
    ("ops", "--input --inputs --dynamic --json"), ("generate", "--build --fresh --with-onnx --jobs"), ("emit", "--build --jobs")])
def test_help_of_a_command_lists_its_options(command, options):
    shown = lockstep(command, "--help")
    assert all(re.search(rf"{option}\b", shown) for option in options.split())


def test_convert_prints_the_package_and_its_files(model):
    shown = lockstep("convert", model, "-o", "package")
    files = sorted(p.name for p in Path("package").iterdir() if p.is_file())
    assert shown.splitlines()[0].startswith("small: ") and [line.strip() for line in shown.splitlines()[1:]] == files
    found = json.loads(lockstep("convert", model, "-o", "package", "--json", "--embed", "--no-selftest", "--name", "tiny"))
    assert found["package"] == "tiny" and found["files"] == sorted(p.name for p in Path("package").iterdir() if p.is_file())
    assert not [name for name in found["files"] if "safetensors" in name or "selftest" in name]


def test_the_same_model_gives_the_same_package(model):
    for folder in ("one", "two"):
        lockstep("convert", model, "-o", folder)
    names = sorted(str(p.relative_to("one")) for p in Path("one").rglob("*"))
    assert names == sorted(str(p.relative_to("two")) for p in Path("two").rglob("*"))
    assert [n for n in names if (p := Path("one", n)).is_file() and p.read_bytes() != Path("two", n).read_bytes()] == []


def test_inputs_come_from_a_file_by_name_or_in_order(model):
    np.savez("named.npz", x=np.ones((4, 3), np.float32))
    np.savez("ordered.npz", np.ones((4, 3), np.float32))
    for file in ("named.npz", "ordered.npz"):
        assert "float32[4, 3]" in lockstep("show", model, "--inputs", file)


def test_extents_that_vary_are_symbols(model):
    assert "x_0" in lockstep("show", "models.py:Small", "--input", "x:-1,3")
    assert "batch" in lockstep("show", "models.py:Small", "--input", "-1,3", "--dynamic", "x:0=batch")


@pytest.mark.parametrize("derived, name", [
    ("Small", "small"), ("My Net-2", "my_net_2"), ("3x3", "m3x3"), ("Index", "index_model"), ("round", "round_model"),
    ("int", "int_model"), ("std", "std_model"), ("size_t", "size_t_model"), ("Ünïcode", "n_code"), ("---", "value")])
def test_a_package_is_named_after_its_class_or_file(derived, name):
    assert package_name(derived) == name


@pytest.mark.parametrize("stage, marks", [
    ("graph", ["contract", "layer.weight"]), ("passes", ["contract", "layer.weight"]),
    ("plan", ["output", "from aten.linear.default in layer"]), ("cpp", ["namespace small {", "// aten.linear.default: layer"])])
def test_show_prints_a_stage(model, stage, marks):
    text = lockstep("show", model, "--stage", stage)
    assert [mark for mark in marks if mark not in text] == [], text
    assert json.loads(lockstep("show", model, "--stage", stage, "--json")) == {"stage": stage, "text": text[:-1]}


def test_ops_lists_definitions():
    names = lockstep("ops").splitlines()
    assert {"aten::softmax.int", "aten::conv2d.default"} <= set(names) and any(n.startswith("onnx::Softmax-") for n in names)
    assert json.loads(lockstep("ops", "--json")) == names


def test_ops_of_a_model(model):
    first, *names = lockstep("ops", model).splitlines()
    assert first.startswith("everything in models.py:small is supported") and "aten.linear.default" in names
    assert json.loads(lockstep("ops", model, "--json")) == {"supported": True, "operators": names}


def test_ops_of_a_model_that_is_not_supported(model):
    done = CliRunner().invoke(cli, ["ops", "models.py:unbalanced"])
    assert done.exit_code == 3 and "absent::first.default" in done.stdout and "models.py:" in done.stdout
    done = CliRunner().invoke(cli, ["ops", "models.py:unbalanced", "--json"])
    assert done.exit_code == 3 and json.loads(done.stdout)["supported"] is False


def test_verify_judges_and_prints_whole_names_when_piped(model):
    done = piped("verify", model)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and plain(done.stdout)
    title, *rows = done.stdout.splitlines()
    assert title.strip() == "small: right"
    row, = (row for row in rows if "float32" in row)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[:5] == ["output", "float32[2, 2]", "4", "0", "0"] and 0 <= float(cells[5]) < 1


def test_a_report_is_never_cut(capsys, monkeypatch):
    from lockstep.judge.commands import print_report
    from lockstep.judge.verdict import Report, Verdict
    monkeypatch.setenv("COLUMNS", "40")
    first = f"at [0]: got 1.0, expected 2.0, allowed 0.1 {'x' * 300}"
    print_report(Report("m", (Verdict(NAME * 4, "float32", (2,), 2, 1, 0, 9.5, first),)), False)
    shown = capsys.readouterr().out
    assert NAME * 4 in shown and first in shown and "m: differs" in shown and plain(shown)


def test_verify_as_json(model):
    found = json.loads(lockstep("verify", model, "--json"))
    assert found["model"] == "small" and found["right"] is True
    output, = found["outputs"]
    assert (output["name"], output["dtype"], output["shape"], output["wrong"]) == ("output", "float32", [2, 2], 0)


def test_show_is_whole_when_piped(model):
    done = piped("show", model, "--stage", "cpp")
    assert done.returncode == 0 and plain(done.stdout)
    assert max(map(len, done.stdout.splitlines())) > 40 and "…" not in done.stdout


def plain(text: str) -> bool:
    """No colour, no cursor movement, nothing shortened."""
    return "\x1b" not in text and "\r" not in text and "…" not in text


HEALTHY = '''"""{name}: relu."""
import torch

from lockstep.cases import case, normal


def cases():
    yield case("{case}", torch.relu, normal(2, 3))
'''


def test_generate_and_emit_in_a_folder_of_ones_own(tmp_path):
    name = f"suite_{NAME}"
    (tmp_path / "generators").mkdir()
    for suite, case in ((name, NAME), ("other", "basic")):
        (tmp_path / "generators" / f"{suite}.py").write_text(HEALTHY.format(name=suite, case=case))

    def run(*arguments: str) -> str:
        done = subprocess.run([sys.executable, "-m", "lockstep", *arguments], cwd=tmp_path, capture_output=True, text=True,
                              env={**os.environ, "COLUMNS": "40", "OMP_NUM_THREADS": "1"})
        assert done.returncode == 0 and done.stderr == "" and plain(done.stdout), done.stdout + done.stderr
        return done.stdout
    assert "generated 1 of 1 suites, 0 problems" in run("generate", "--jobs", "1", name)
    assert (tmp_path / "golden" / name / NAME / "test_data_set_0" / "output_0.pb").exists()
    assert not (tmp_path / "golden" / "other").exists()
    assert "emitted 2 of 2 suites, 0 conversions failed" in run("emit", "--jobs", "1")
    assert NAME in (tmp_path / "build" / "emitted" / name / "tests.cmake").read_text()
    assert "emitted 0 of 2 suites" in run("emit", "--jobs", "1"), "nothing changed: nothing is emitted again"
