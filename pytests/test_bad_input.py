"""Bad input gets one clear message and the right exit code, and leaves nothing half-written.

Every refusal goes through the command line, in this process or (a handful) as the real command. `refused` checks what holds
for all of them: the exit code, no traceback, no output folder, nothing new beside it.
"""
from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import absent  # noqa: F401  (registers its operators)
import lockstep
from lockstep import cli

pytestmark = pytest.mark.filterwarnings("ignore")
BAD, REFUSED, BUILD = 2, 3, 4

MODELS = '''
import sys
import torch
from torch import nn


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x):
        return self.layer(x)


class Sum(nn.Module):
    def forward(self, x, y):
        return x + y


class Optional(nn.Module):
    def forward(self, x, y=None, z=None):
        return x if z is None else x + 2 * z


class Scaled(nn.Module):
    def forward(self, x, n: int):
        return x * n


class Raises(nn.Module):
    def forward(self, x):
        raise RuntimeError("the forward is broken")


class Branch(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x * 2
        return x - 1


class Loop(nn.Module):
    def forward(self, x):
        while x.sum() < 100:
            x = x * 2 + 1
        return x


class Unscriptable(Branch):
    def forward(self, x):
        return super().forward(x) + len(sys.argv)


class Inner(nn.Module):
    def forward(self, x):
        return torch.ops.absent.first(x) + torch.ops.absent.second(x) + torch.ops.absent.third(x)


class Undefined(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Inner()

    def forward(self, x):
        return self.block(x)


class Sparse(nn.Module):
    def forward(self, x):
        return x.to_sparse()


class Float8(nn.Module):
    def forward(self, x):
        return x.to(torch.float8_e4m3fn)


class Quantised(nn.Module):
    def forward(self, x):
        return torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)


class Weight(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.register_buffer("weight", weight)

    def forward(self, x):
        return x @ self.weight.to_dense().to(torch.float32)


class Fixed(nn.Module):
    def forward(self, x):
        return x.reshape(2, 6)


class Embedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 3)

    def forward(self, tokens):
        return self.table(tokens)


def with_example(x):
    return lambda: (Linear().eval(), (x,))


sparse_weight = lambda: Weight(torch.eye(3).to_sparse()).eval()
float8_weight = lambda: Weight(torch.eye(3).to(torch.float8_e4m3fn)).eval()
a_number = lambda: (Scaled().eval(), (torch.zeros(2, 3), 3))
a_text = with_example("text")
sparse_example = with_example(torch.zeros(2, 3).to_sparse())
quantised_example = with_example(torch.quantize_per_tensor(torch.zeros(2, 3), 0.1, 0, torch.qint8))
float8_example = with_example(torch.zeros(2, 3).to(torch.float8_e4m3fn))
complex_example = with_example(torch.zeros(2, 3, dtype=torch.complex32))
nothing = lambda: None


def raises():
    raise ValueError("no weights here")


def leaves():
    sys.exit(0)
'''


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x):
        return self.layer(x)


class Undefined(nn.Module):
    def forward(self, x):
        return torch.ops.absent.first(x) + torch.ops.absent.second(x)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A folder with models in every form, whole and broken."""
    folder = tmp_path_factory.mktemp("files")
    module, x = Linear().eval(), torch.zeros(2, 3)
    (folder / "models.py").write_text(MODELS)
    (folder / "broken.py").write_text("import nothing_of_that_name\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(module, x), str(folder / "whole.pt"))
        torch.jit.save(torch.jit.script(module), str(folder / "scripted.pt"))
        torch.jit.save(torch.jit.trace(Undefined(), x), str(folder / "undefined_traced.pt"))
        torch.jit.save(torch.jit.script(Undefined()), str(folder / "undefined_scripted.pt"))
        torch.export.save(torch.export.export(module, (x,)), folder / "whole.pt2")
        torch.save(module, folder / "pickled.pt")
    torch.save(module.state_dict(), folder / "state.pt")
    torch.save(module.state_dict(), folder / "state.pt2")
    torch.save([1, 2], folder / "list.pt")
    write_onnx(folder / "whole.onnx")
    for suffix in ("pt", "pt2", "onnx"):
        data = (folder / f"whole.{suffix}").read_bytes()
        (folder / f"empty.{suffix}").touch()
        (folder / f"truncated.{suffix}").write_bytes(data[:len(data) * 2 // 3])
        (folder / f"text.{suffix}").write_text("this is a text, not a model\n" * 20)
        (folder / f"folder.{suffix}").mkdir()
    for suffix, inside in (("pt", module.layer.weight), ("pt2", module.layer.weight)):
        (folder / f"corrupt.{suffix}").write_bytes(flipped((folder / f"whole.{suffix}").read_bytes(),
                                                            inside.detach().numpy().tobytes()))
    (folder / "corrupt.onnx").write_bytes(b"\xff" * 40 + (folder / "whole.onnx").read_bytes()[40:])
    for old, new in (("whole.pt2", "exported_as.pt"), ("whole.pt", "script_as.pt2"), ("whole.pt", "script_as.onnx"),
                     ("whole.onnx", "onnx_as.pt"), ("whole.onnx", "onnx_as.pt2")):
        shutil.copy(folder / old, folder / new)
    for name in ("model.h5", "model"):
        (folder / name).write_text("x")
    return folder


def write_onnx(path: Path) -> None:
    """y = relu(x @ w), as PyTorch's exporter would write it, without needing it."""
    from onnx import TensorProto, checker, helper, numpy_helper
    weight = numpy_helper.from_array(np.ones((3, 2), np.float32), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["t"]), helper.make_node("Relu", ["t"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def flipped(data: bytes, inside: bytes) -> bytes:
    """The data with one bit flipped where `inside` lies: a weight that changed on the way."""
    place = data.index(inside)
    return data[:place] + bytes([data[place] ^ 64]) + data[place + 1:]


@pytest.fixture
def here(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own; `models.py:NAME` and the files are reached by MODELS and FILES."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(arguments: list, capsys, monkeypatch) -> tuple[int, str, str]:
    """The command line in this process, as __main__ calls it; what it sets for the process is put back."""
    monkeypatch.setattr(sys, "argv", ["lockstep", *map(str, arguments)])
    before = logging.root.manager.disable
    try:
        with warnings.catch_warnings(), pytest.raises(SystemExit) as ended:
            cli.main()
            raise SystemExit(0)
    finally:
        logging.disable(before)
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


@pytest.fixture
def refused(here: Path, files: Path, capsys, monkeypatch):
    """refused(code, model, *options): what `convert` says; checks everything that holds for every refusal."""
    def check(code: int, model: str, *options: str, out: str = "out", command: str = "convert") -> str:
        before = sorted(here.rglob("*"))
        target = ["-o", out] if command == "convert" else []
        found, printed, said = run([command, files / model, *options, *target], capsys, monkeypatch)
        assert found == code, f"exit code {found}: {printed}{said}"
        assert "Traceback" not in said and 'File "' not in said and "internal error" not in said, said
        assert printed == "" and sorted(here.rglob("*")) == before, "something was left behind"
        *told, last = said.strip().splitlines()
        assert all(line.startswith("lockstep: warning: ") for line in told), said
        assert last.startswith("lockstep: "), said
        return said.replace(f"{files}/", "")
    return check


SHAPE = ("--input", "2,3")


# ---- files

@pytest.mark.parametrize("suffix", ["pt", "pt2", "onnx"])
@pytest.mark.parametrize("kind, message", [
    ("missing", "does not exist"), ("empty", "empty"), ("folder", "is a folder"),
    ("truncated", "truncated|cut short"), ("corrupt", "damaged"), ("text", "save")])
def test_a_broken_file_is_named(refused, kind, suffix, message):
    said = refused(BAD, f"{kind}.{suffix}", *SHAPE)
    assert f"{kind}.{suffix}" in said and re.search(message, said)


@pytest.mark.parametrize("file, message", [
    ("pickled.pt", "pickled module.*torch.jit.script"), ("state.pt", "state dict.*load_state_dict"),
    ("list.pt", "a list saved with torch.save"), ("state.pt2", "torch.save.*torch.export.save"),
    ("exported_as.pt", "exported program; name it .pt2"), ("script_as.pt2", "TorchScript; name it .pt"),
    ("script_as.onnx", "zip archive of another format.*name it .pt"),
    ("onnx_as.pt", "no TorchScript file; save one with torch.jit.save"),
    ("onnx_as.pt2", "no exported program; save one with torch.export.save"),
    ("model.h5", "'.h5' is none of these"), ("model", "no suffix"), ("models.py", "file.py:factory")])
def test_a_file_of_another_kind_is_told_what_to_do(refused, file, message):
    said = refused(BAD, file, *SHAPE)
    assert file in said and re.search(message, said)


@pytest.mark.parametrize("model, message", [
    ("models.py:raises", "models.py:raises raises ValueError: no weights here"),
    ("models.py:leaves", "models.py:leaves raises SystemExit"),
    ("models.py:nothing", "gives a NoneType; it must give an nn.Module"),
    ("models.py:absent", "models.py has no 'absent'; it has Linear, Sum"),
    ("models.py:Weight", "models.py:Weight raises TypeError: .*weight"),
    ("broken.py:f", "broken.py:f: importing the file raises ModuleNotFoundError: .*nothing_of_that_name"),
    ("absent.py:f", "absent.py does not exist")])
def test_a_factory_that_fails_is_named(refused, model, message):
    assert re.search(message, refused(BAD, model, *SHAPE))


def test_a_file_that_is_not_onnx_inside_is_named(refused, files):
    (files / "nothing_inside.onnx").write_bytes(b"\x08\x0a")
    assert "nothing_inside.onnx holds no ONNX model" in refused(BAD, "nothing_inside.onnx")


# ---- what has no meaning

@pytest.mark.parametrize("model, place", [
    ("models.py:Undefined", r"in block \(.*models.py:\d+\)"), ("undefined_traced.pt", r"\(.*test_bad_input.py:\d+\)"),
    ("undefined_scripted.pt", r"\(.*test_bad_input.py:\d+\)")])
def test_an_operator_without_definition_is_named_with_its_place(refused, model, place):
    said = refused(REFUSED, model, *SHAPE)
    assert re.search(rf"absent.first.*{place}", said), said
    assert "absent::second.default" in said and "--ops" in said
    assert re.search("2 other operators are missing too|1 other operator is missing too", said)


@pytest.mark.parametrize("model, message", [
    ("models.py:Sparse", "to_sparse.default in .*models.py:\\d+"),
    ("models.py:Float8", "models.py:\\d+.*float8_e4m3fn"),
    ("models.py:Quantised", "quantize_per_tensor.default in .*models.py:\\d+"),
    ("models.py:sparse_weight", "weight 'weight'.*layout torch.sparse_coo.*to_dense"),
    ("models.py:float8_weight", "weight 'weight'.*dtype torch.float8_e4m3fn")])
def test_what_cannot_be_converted_is_named(refused, model, message):
    assert re.search(message, refused(REFUSED, model, *SHAPE))


@pytest.mark.parametrize("model, message", [
    ("models.py:sparse_example", "input 'x' is sparse or quantised.*to_dense"),
    ("models.py:quantised_example", "input 'x' is sparse or quantised.*dequantize"),
    ("models.py:float8_example", "input 'x' has the dtype float8_e4m3fn"),
    ("models.py:complex_example", "input 'x' has the dtype complex32.*complex64, complex128")])
def test_an_example_of_a_kind_without_meaning_is_refused(refused, model, message):
    assert re.search(message, refused(REFUSED, model))


@pytest.mark.parametrize("model", ["Branch", "Loop"])
def test_control_flow_on_data_is_read_as_torchscript_and_the_user_is_told(files, model):
    """torch.export refuses it; it is never baked in."""
    done = subprocess.run([sys.executable, "-m", "lockstep", "verify", f"models.py:{model}", *SHAPE], cwd=files,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{model} does not export (torch.export refused {model}: Could not guard on data-dependent" in done.stderr
    assert "read as TorchScript instead" in done.stderr


def test_what_neither_exports_nor_scripts_shows_the_reason_of_export(refused):
    said = refused(REFUSED, "models.py:Unscriptable", *SHAPE)
    assert "torch.export refused Unscriptable: Could not guard on data-dependent" in said and "as TorchScript" not in said


@pytest.mark.parametrize("model", ["models.py:Fixed", "fixed.onnx"])
def test_a_dynamic_dim_that_the_model_fixes_is_named(refused, files, model):
    from onnx import TensorProto, helper, numpy_helper
    graph = helper.make_graph([helper.make_node("Reshape", ["x", "s"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 6])],
                              [numpy_helper.from_array(np.array([2, 6]), "s")])
    (files / "fixed.onnx").write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)],
                                                         ir_version=10).SerializeToString())
    said = refused(REFUSED, model, "--input", "4,3", "--dynamic", "x:0=rows")
    assert "rows" in said


def test_a_dynamic_dim_that_the_exported_program_fixes_is_named(refused):
    assert "dim 0 of input 'x' was to vary as 'batch', but the model fixes it to 2" in \
        refused(REFUSED, "whole.pt2", "--dynamic", "x:0=batch")


# ---- example inputs

@pytest.mark.parametrize("model", ["models.py:Linear", "whole.pt", "scripted.pt", "whole.pt2", "whole.onnx"])
@pytest.mark.parametrize("options, message", [
    (["2,3", "2,3"], "the model takes 1 inputs \\(x\\), got 2"), (["q:2,3"], "no input q; it takes x"),
    (["x:2,3", "x:2,3"], "input x is given twice"),
    (["2,4"], "float32\\[2, 4\\]|extent 4 along dim 1, the model takes 3"),
    (["6"], "float32\\[6\\]|rank 1, the model takes rank 2"),
    (["2,3:int64"], "int64\\[2, 3\\]|dtype int64, the model takes float32")])
def test_examples_that_do_not_fit_are_named(refused, model, options, message):
    said = refused(BAD, model, *[part for one in options for part in ("--input", one)])
    assert re.search(message, said), said


@pytest.mark.parametrize("model, options, message", [
    ("models.py:Linear", [], "the model takes x: give example inputs.*--input x:"),
    ("whole.pt", [], "the model takes x: give example inputs"),
    ("models.py:Sum", ["2,3"], "no example input for y; the model takes 2 inputs \\(x, y\\), got 1"),
    ("models.py:Sum", ["y:2,3"], "no example input for x"),
    ("models.py:Optional", ["x:2,3", "z:2,3"], "no example input for y; the model takes x, y, z"),
    ("models.py:Sum", ["x:2,3", "y:2,4"], "the model itself raises RuntimeError.*float32\\[2, 3\\], float32\\[2, 4\\]"),
    ("models.py:a_number", [], "input 'n' is the number 3; numbers are fixed in the model"),
    ("models.py:a_text", [], "input 'x' is a str; give a tensor or an array"),
    ("models.py:Raises", ["2,3"], "the model itself raises RuntimeError on its example inputs.*the forward is broken")])
def test_examples_that_are_missing_or_no_tensors_are_named(refused, model, options, message):
    said = refused(BAD, model, *[part for one in options for part in ("--input", one)])
    assert re.search(message, said), said


def test_an_index_outside_its_table_is_the_models_own_error(refused, here):
    np.savez("tokens.npz", tokens=np.array([1, 99]))
    said = refused(BAD, "models.py:Embedding", "--inputs", "tokens.npz")
    assert "the model itself raises IndexError" in said and "int64[2]" in said


# ---- options

@pytest.mark.parametrize("option", ["2x3", "2,,3", "2,3,", "--2,3", "x:y:2,3", "2,3:float32:7", "x:2;3"])
def test_wrong_input_syntax_shows_the_right_one(refused, option):
    said = refused(BAD, "models.py:Linear", "--input", option)
    assert f"--input {option}: write [NAME:]1,3,10,10[:DTYPE]" in said


@pytest.mark.parametrize("options, message", [
    (["--input", "2,3:float99"], "dtype float99 is none of float16, bfloat16, float32"),
    (["--input", "2000000000,3000000000"], "\\[2000000000, 3000000000\\] does not fit into memory"),
    (["--input", "2,-3"], "\\[2, -3\\]; extents are at least 0, or -1"),
    ([*SHAPE, "--inputs", "absent.npz"], "--input and --inputs are both given"),
    (["--inputs", "absent.npz"], "absent.npz: there is no such file"),
    ([*SHAPE, "--name", "9 bad"], "'9 bad' is not for C\\+\\+"), ([*SHAPE, "--name", "int"], "'int' means something in C"),
    ([*SHAPE, "--name", "index"], "'index' means something in C"), ([*SHAPE, "--name", ""], "'' is not for C\\+\\+"),
    ([*SHAPE, "--ops", "absent.py"], "--ops absent.py: No such file")])
def test_wrong_options_are_named(refused, options, message):
    assert re.search(message, refused(BAD, "models.py:Linear", *options))


@pytest.mark.parametrize("option", ["x", "x:0", "x=batch", "x:0=", ":0=batch", "x:zero=batch", "x:0=a=b"])
def test_wrong_dynamic_syntax_shows_the_right_one(refused, option):
    said = refused(BAD, "models.py:Linear", *SHAPE, "--dynamic", option)
    assert f"--dynamic {option}: write INPUT:DIM=NAME, for instance x:0=batch" in said


@pytest.mark.parametrize("model", ["models.py:Linear", "whole.pt", "whole.pt2", "whole.onnx"])
@pytest.mark.parametrize("option, message", [
    ("q:0=batch", "names the input 'q', but the model takes x"), ("3:0=batch", "names the input '3'"),
    ("x:7=batch", "dim 7 of input 'x', which has the dims 0, 1"), ("x:-1=batch", "dim -1 of input 'x'"),
    ("x:0=a b", "'a b'; a name is letters, digits and _"),
    ("x:0=n,x:1=n", "called 'n', but the example inputs have 2 and 3")])
def test_a_dynamic_dim_that_is_not_there_is_named(refused, model, option, message):
    assert message in refused(BAD, model, *SHAPE, "--dynamic", option)


@pytest.mark.parametrize("make, message", [
    (lambda: np.savez("x.npz", q=np.zeros((2, 3), np.float32)), "no input q; it takes x"),
    (lambda: np.savez("x.npz", x=np.zeros((2, 3), np.float32), y=np.zeros(2)), "no input y; it takes x"),
    (lambda: np.savez("x.npz", x=np.array([None])), "cannot be read as .npz of plain arrays.*numpy.savez"),
    (lambda: np.savez("x.npz", x=np.zeros((2, 3), complex)), "complex128"),
    (lambda: Path("x.npz").write_text("text"), "cannot be read as .npz"),
    (lambda: np.savez("x.npz", np.zeros((2, 3), np.float32), np.zeros(2)), "takes 1 inputs \\(x\\), got 2")])
def test_a_file_of_inputs_that_does_not_fit_is_named(refused, here, make, message):
    make()
    assert re.search(message, refused(BAD, "models.py:Linear", "--inputs", "x.npz"))


def test_a_stage_that_is_none_is_refused_by_the_command_line(here, files, capsys, monkeypatch):
    code, _, said = run(["show", files / "models.py:Linear", "--stage", "assembler"], capsys, monkeypatch)
    assert code == BAD and "'assembler' is not one of 'graph', 'passes', 'plan', 'cpp'" in said


# ---- where it is written

def test_an_output_folder_that_cannot_be_written_is_left_alone(refused, here):
    Path("file").write_text("mine")
    Path("foreign").mkdir()
    Path("foreign/notes.txt").write_text("mine")
    assert "file exists and is not a package" in refused(BAD, "models.py:Linear", *SHAPE, out="file")
    assert "foreign exists and is not a package" in refused(BAD, "models.py:Linear", *SHAPE, out="foreign")
    for below in ("file/below", "file/far/below"):
        said = refused(BAD, "models.py:Linear", *SHAPE, out=below)
        assert re.search(f"{below} cannot be written: .*/file is not a folder", said)
    assert "exists and is not a package" in refused(BAD, "models.py:Linear", *SHAPE, out=".")
    assert Path("file").read_text() == Path("foreign/notes.txt").read_text() == "mine"


def test_the_current_folder_is_not_replaced_from_inside(refused, here, monkeypatch):
    Path("empty").mkdir()
    monkeypatch.chdir("empty")
    assert "is the current folder" in refused(BAD, "models.py:Linear", *SHAPE, out=".")
    assert "is the current folder" in refused(BAD, "models.py:Linear", *SHAPE, out="../empty")


def test_a_package_survives_a_conversion_that_fails(refused, here, files, capsys, monkeypatch):
    assert run(["convert", files / "models.py:Linear", *SHAPE, "-o", "out"], capsys, monkeypatch)[0] == 0
    before = {p: p.read_bytes() for p in here.rglob("*") if p.is_file()}
    refused(REFUSED, "models.py:Undefined", *SHAPE)
    assert {p: p.read_bytes() for p in here.rglob("*") if p.is_file()} == before


def test_a_package_is_replaced_whole(here, files, capsys, monkeypatch):
    for model, name in (("Linear", "linear"), ("Optional", "optional")):
        assert run(["convert", files / f"models.py:{model}", *SHAPE, "-o", "out"], capsys, monkeypatch)[0] == 0
        assert {p.stem for p in Path("out").glob("*.hpp")} == {name}
    assert os.listdir(".") == ["out"]


# ---- packages and weights

@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "linear"
    return lockstep.convert(Linear().eval(), torch.zeros(2, 3), out=folder, selftest=False)


@pytest.mark.parametrize("damage, message", [
    (lambda path: path.unlink(), "linear.safetensors"), (lambda path: path.write_bytes(b""), "expected size"),
    (lambda path: path.write_bytes(path.read_bytes()[:-4]), "expected size"),
    (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x7f"), "checksum")])
def test_damaged_weights_beside_a_package_are_refused(package, tmp_path, damage, message):
    copy = tmp_path / "copy"
    shutil.copytree(package, copy)
    damage(copy / "linear.safetensors")
    with pytest.raises(lockstep.BadInput, match=message):
        lockstep.load(copy)


@pytest.mark.parametrize("damage", [
    lambda folder: (folder / "package.json").unlink(), lambda folder: (folder / "package.json").write_text("{"),
    lambda folder: (folder / "package.json").write_text("[]"), lambda folder: shutil.rmtree(folder)])
def test_a_folder_that_is_no_package_is_refused(package, tmp_path, damage):
    copy = tmp_path / "copy"
    shutil.copytree(package, copy)
    damage(copy)
    with pytest.raises(lockstep.BadInput, match="copy is not a package that Lockstep wrote"):
        lockstep.load(copy)


# ---- the compiler

@pytest.mark.parametrize("compiler, message", [
    ("/nonexistent", "no C\\+\\+ compiler: /nonexistent \\(from CXX\\) is not there; .*set CXX"),
    ("", "no C\\+\\+ compiler: neither g\\+\\+ nor clang\\+\\+ is installed; install one"),
    ("false", "false refused .*exit code 1")])
def test_a_compiler_that_is_missing_or_fails_is_named(here, files, capsys, monkeypatch, compiler, message):
    monkeypatch.setenv("LOCKSTEP_CACHE", str(here / "cache"))
    monkeypatch.setenv("CXX", compiler)
    if compiler != "false":
        monkeypatch.setenv("PATH", str(here))
    code, printed, said = run(["verify", files / "models.py:Linear", *SHAPE], capsys, monkeypatch)
    assert (code, printed) == (BUILD, "") and re.search(message, said) and "Traceback" not in said
    assert [p for p in here.rglob("*") if p.is_file()] == []


# ---- the real command

@pytest.mark.parametrize("code, arguments, message", [
    (BAD, ["convert", "missing.pt", "-o", "out"], "missing.pt does not exist"),
    (BAD, ["convert", "FILES/truncated.pt2", "-o", "out"], "truncated"),
    (BAD, ["nonsense"], "No such command 'nonsense'"),
    (REFUSED, ["convert", "FILES/models.py:Sparse", *SHAPE, "-o", "out"], "to_sparse.default in"),
    (BUILD, ["verify", "FILES/models.py:Linear", *SHAPE], "no C++ compiler: /nonexistent")])
def test_the_real_command(here, files, code, arguments, message):
    done = subprocess.run([sys.executable, "-m", "lockstep", *[a.replace("FILES", str(files)) for a in arguments]],
                          capture_output=True, text=True, cwd=here,
                          env={**os.environ, "CXX": "/nonexistent", "LOCKSTEP_CACHE": str(here / "cache"),
                               "OMP_NUM_THREADS": "1"})
    assert done.returncode == code and message in done.stderr and done.stdout == "", done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "File \"" not in done.stderr and len(done.stderr.strip().splitlines()) < 5
    assert [p for p in here.rglob("*") if p.is_file()] == [] and not (here / "out").exists()


def test_an_error_of_lockstep_itself_is_one_line_unless_debugged(here, files, capsys, monkeypatch):
    def broken(*_, **__):
        raise KeyError("a bug")
    monkeypatch.setattr("lockstep.judge.models._open_object", broken)
    code, printed, said = run(["convert", files / "whole.pt", *SHAPE, "-o", "out"], capsys, monkeypatch)
    assert code == BUILD and printed == "" and said.startswith("lockstep: internal error: KeyError: 'a bug'\n")
    assert "report it" in said and "LOCKSTEP_DEBUG=1" in said and "Traceback" not in said
    monkeypatch.setenv("LOCKSTEP_DEBUG", "1")
    code, _, said = run(["convert", files / "whole.pt", *SHAPE, "-o", "out"], capsys, monkeypatch)
    assert code == BUILD and "Traceback" in said and "internal error: KeyError" in said
    assert os.listdir(here) == []


# ---- generators

HEAD = '"""A generator."""\nimport os\nimport sys\n\nimport torch\n\nfrom lockstep.cases import case, normal\n\n\n'
GENERATORS = {                       # name: (body, what is said of it)
    "healthy": ("def cases():\n    yield case('basic', torch.relu, normal(2, 3))\n", None),
    "at_import": ("raise RuntimeError('no such thing')\n", "failed (line 10): RuntimeError: no such thing"),
    "in_cases": ("def cases():\n    yield case('first', torch.relu, normal(2))\n    raise KeyError('lost')\n",
                 "failed (line 12): KeyError: 'lost'"),
    "nothing": ("def cases():\n    return iter(())\n", "yields no case"),
    "without": ("x = 1\n", "yields no case; `cases()` must be there"),
    "twice": ("def cases():\n    yield case('same', torch.relu, normal(2))\n    yield case('same', torch.abs, normal(2))\n",
              "yields two cases named same"),
    "no_rule": ("def cases():\n    yield case('plain', torch.relu, torch.zeros(2))\n",
                "failed (line 11): ValueError: case plain: input 0 is Tensor, not a rule such as normal(2, 3)"),
    "no_case": ("def cases():\n    yield 5\n", "yields a int; yield what case(...) gives"),
    "leaves": ("sys.exit(3)\n", "failed (line 10): SystemExit: 3"),
    "syntax": ("def cases(:\n", "failed (line 10): SyntaxError"),
    "raises": ("def fail(x):\n    raise ValueError('cannot')\n\n\ndef cases():\n    yield case('bad', fail, normal(2))\n"
               "    yield case('good', torch.relu, normal(2))\n", "Unsupported: torch.export refused Function: cannot")}


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> tuple[Path, str, str]:
    """A folder of generators, most of them broken: what generating and emitting them printed."""
    folder = tmp_path_factory.mktemp("generators")
    (folder / "generators").mkdir()
    for name, (body, _) in GENERATORS.items():
        (folder / "generators" / f"{name}.py").write_text(HEAD + body)
    printed = []
    for stage in ("generate", "emit"):
        done = subprocess.run([sys.executable, "-m", "lockstep", stage, "--jobs", "1"], cwd=folder, capture_output=True,
                              text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
        printed.append(done.stdout)
    return folder, *printed


@pytest.mark.parametrize("name", [name for name, (_, message) in GENERATORS.items() if message])
def test_a_broken_generator_is_named_and_becomes_a_failing_test(generated, name):
    folder, generating, emitting = generated
    message = GENERATORS[name][1]
    for printed in (generating, emitting.rpartition("generated ")[2]):       # emitting first generates what is missing
        line, = (line for line in printed.splitlines() if line.startswith(name))
        assert message in line
    source = (folder / "build/emitted" / name / f"{name}.cpp").read_text()
    assert f'"{name}", ' in source and message[:20] in source
    assert name in (folder / "build/emitted" / name / "tests.cmake").read_text()


def test_the_other_generators_still_run(generated):
    folder, generating, emitting = generated
    broken = sum(message is not None for _, message in GENERATORS.values())
    assert f"generated {len(GENERATORS)} of {len(GENERATORS)} suites, {broken} problems" in generating
    assert f"emitted {len(GENERATORS)} of {len(GENERATORS)} suites, {broken} conversions failed" in emitting
    for suite, case in (("healthy", "basic"), ("raises", "good")):
        assert (folder / "golden" / suite / case / "test_data_set_0" / "output_0.pb").exists()
        assert f'"{suite}", "{case}", "exported"' in (folder / "build/emitted" / suite / f"{suite}.cpp").read_text()


def test_a_suite_that_is_not_there_is_named(generated, capsys, monkeypatch):
    folder, *_ = generated
    monkeypatch.chdir(folder)
    for stage in ("generate", "emit"):
        code, _, said = run([stage, "nosuch"], capsys, monkeypatch)
        assert code == BAD and "no generator nosuch; there are at_import, healthy" in said
