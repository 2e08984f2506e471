"""Custom operators: the page docs/custom-operators.md, run as it stands, and what it promises besides."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import lockstep
from lockstep import ops
from lockstep.graph.build import Tensor
from lockstep.graph.functions import exp

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/custom-operators.md").read_text()
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.S))
COMMANDS = [(command, said) for block in re.findall(r"```console\n(.*?)```", PAGE, re.S)
            for command, said in re.findall(r"^\$ (.*)\n((?:[^$\n].*\n)*)", block, re.M)]


# ---- the page

def test_the_page_shows_the_files_of_the_example():
    folder = ROOT / "examples/custom_operator"
    assert set(FILES) == {path.name for path in folder.iterdir() if path.suffix in (".py", ".hpp", ".cpp")}
    for name, text in FILES.items():
        assert (folder / name).read_text() == text, f"{name} is not what the page shows"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("page") / "custom_operator"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[command for command, _ in COMMANDS])
def test_the_commands_of_the_page_say_what_it_shows(folder: Path, number: int):
    command, said = COMMANDS[number]
    program = command.replace("lockstep ", f"{sys.executable} -m lockstep ", 1) if command.startswith("lockstep ") else \
        command.replace("python ", f"{sys.executable} ", 1)
    done = subprocess.run(program.split(), capture_output=True, text=True, cwd=folder,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "TORCH_EXTENSIONS_DIR": str(folder / "extensions")})
    assert done.returncode == (3 if said.startswith("lockstep: ") else 0), done.stdout + done.stderr
    assert words(said) in words(done.stdout + done.stderr)


def test_the_page_has_commands():
    assert len(COMMANDS) >= 9 and all(command.split()[0] in ("lockstep", "cmake", "ctest", "python") for command, _ in COMMANDS)


# ---- define

@pytest.fixture(autouse=True)
def definitions_hold_for_one_test():
    with ops.separate():
        yield


class Module(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *tensors):
        return self.function(*tensors)


def test_a_users_definition_goes_before_ours_and_a_wrong_one_is_disputed():
    model, x = Module(torch.exp).eval(), torch.randn(3)
    assert lockstep.verify(model, x).right
    lockstep.define("aten::exp")(lambda x: exp(x) * 1.001)
    with pytest.raises(lockstep.Differs, match="disagree"):
        lockstep.verify(model, x)


def test_definitions_inside_separate_are_gone_behind_it():
    before = ops.aten_definitions()["exp.default"], ops.onnx_definition("Exp", 13)
    with ops.separate():
        lockstep.define("aten::exp", "onnx::Exp", since=13)(lambda x: x)
        assert ops.aten_definitions()["exp.default"] is not before[0]
        assert ops.onnx_definition("Exp", 13) is not before[1] and ops.onnx_definition("Exp", 12) is before[1]
    assert (ops.aten_definitions()["exp.default"], ops.onnx_definition("Exp", 13)) == before


@pytest.mark.parametrize("name", ["my_add", "my_lib.my_add", "my_lib::", "my lib::add"])
def test_a_name_of_another_form_is_bad_input(name: str):
    with pytest.raises(lockstep.BadInput, match="write NAMESPACE::OPERATOR"):
        lockstep.define(name)


def test_a_definition_of_another_type_than_pytorchs_is_refused():
    lockstep.define("aten::exp")(lambda x: x.cast("float64"))
    with pytest.raises(lockstep.Unsupported, match="gives float64"):
        lockstep.verify(Module(torch.exp).eval(), torch.randn(3))


def test_an_operator_that_writes_to_its_first_argument():
    library = torch.library.Library("lockstep_test_write", "DEF")
    library.define("double_(Tensor(a!) x) -> ()")

    def double_(x):
        x.mul_(2)
    library.impl("double_", double_, "CompositeExplicitAutograd")
    lockstep.define("lockstep_test_write::double_")(lambda x: x + x)

    def function(x):
        y = x + 1
        torch.ops.lockstep_test_write.double_(y[1:])
        return y
    assert lockstep.verify(Module(function).eval(), torch.randn(4)).right


def test_an_operator_that_writes_elsewhere_is_refused():
    library = torch.library.Library("lockstep_test_second", "DEF")
    library.define("into(Tensor x, Tensor(a!) y) -> ()")

    def into(x, y):
        y.copy_(x)
    library.impl("into", into, "CompositeExplicitAutograd")
    lockstep.define("lockstep_test_second::into")(lambda x, y: x)

    def function(x):
        y = x + 1
        torch.ops.lockstep_test_second.into(x, y)
        return y
    with pytest.raises(lockstep.Unsupported, match="into"):
        lockstep.verify(Module(function).eval(), torch.randn(4))


# ---- files

def test_a_file_is_read_again_only_where_it_changed(tmp_path: Path):
    file = tmp_path / "own.py"
    text = "import lockstep\nlockstep.define('own_{n}::op')(lambda x: x)\n"
    file.write_text(text.format(n=1))
    ops.load_file(file)
    first = ops.ATEN["own_1::op.default"]
    with ops.separate():
        ops.load_file(file)
        assert ops.ATEN["own_1::op.default"] is first
    file.write_text(text.format(n=2))
    ops.load_file(file)
    assert "own_2::op.default" in ops.ATEN


@pytest.mark.parametrize("text, message", [(None, "No such file"), ("1 / 0", "ZeroDivisionError"), ("exit(3)", "SystemExit")])
def test_a_file_that_fails_is_bad_input(tmp_path: Path, text: str | None, message: str):
    file = tmp_path / "broken.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(lockstep.BadInput, match=message):
        ops.load_file(file)


# ---- kernels

def halves(x):
    return x / 2


def test_a_kernel_without_its_header_is_bad_input():
    with pytest.raises(lockstep.BadInput, match="nowhere.hpp does not exist"):
        lockstep.kernel("nowhere.hpp")(halves)


def test_two_headers_of_one_name_are_bad_input(tmp_path: Path):
    for part in ("one", "two"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "halves_of_test.hpp").write_text("#pragma once\n")
    lockstep.kernel(tmp_path / "one/halves_of_test.hpp")(halves)
    with pytest.raises(lockstep.BadInput, match="rename one"):
        lockstep.kernel(tmp_path / "two/halves_of_test.hpp", name="other")(halves)


def test_a_wrong_kernel_differs(tmp_path: Path):
    """The C++ adds where the NumPy function divides: the definition agrees with PyTorch, the code does not."""
    header = tmp_path / "wrong_halves.hpp"
    header.write_text("#pragma once\nnamespace wrong {\ntemplate <class T>\n"
                      "bool halves(const T* x, T* y, lockstep::Index n) {\n"
                      "  for (lockstep::Index k = 0; k < n; ++k) y[k] = x[k] + T(1);\n  return true;\n}\n}\n")
    kernel = lockstep.kernel(header, name="wrong::halves")(lambda x, count: np.asarray(x) / 2)
    lockstep.define("aten::exp2")(lambda x: kernel([x], [x.type], count=x.dims[0]))
    model = Module(lambda x: torch.exp2(x))
    with pytest.raises(lockstep.Differs):
        lockstep.verify(model.eval(), torch.randn(3))
    lockstep.define("aten::div.Tensor")(lambda x, y: kernel([x], [x.type], count=x.dims[0]))
    assert not lockstep.verify(Module(lambda x: torch.ops.aten.div.Tensor(x, 2)).eval(), torch.randn(3)).right


def test_a_kernel_takes_named_extents_and_is_bounded(tmp_path: Path):
    header = tmp_path / "right_halves.hpp"
    header.write_text("#pragma once\nnamespace right {\ntemplate <class T>\n"
                      "bool halves(const T* x, T* y, lockstep::Index n, double by) {\n"
                      "  for (lockstep::Index k = 0; k < n; ++k) y[k] = x[k] / T(by);\n  return true;\n}\n}\n")
    kernel = lockstep.kernel(header, name="right::halves")(lambda x, count, by: x / by)

    @lockstep.define("aten::div.Tensor")
    def divide(x: Tensor, y):
        return kernel([x], [x.type], count=x.dims[0] * x.dims[1], by=float(y))
    model = Module(lambda x: torch.ops.aten.div.Tensor(x, 3.0).exp())
    assert lockstep.verify(model.eval(), torch.randn(3, 4), dynamic={0: {0: "batch"}}).right
    compiled = lockstep.compile(model.eval(), torch.randn(3, 4), dynamic={0: {0: "batch"}})
    x = torch.randn(5, 4)
    assert torch.allclose(compiled(x), (x / 3).exp())
