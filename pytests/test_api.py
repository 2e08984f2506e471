"""convert, compile, verify and load: every form of a model and of its inputs, and what comes back."""
from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lockstep
from helpers_package import own_cache

__all__ = ["own_cache"]      # a fixture
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Two(nn.Module):
    """y = tanh(x W) + scale: two inputs, one output."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.weight = nn.Parameter(torch.randn(3, 4))

    def forward(self, x: Tensor, scale: Tensor) -> Tensor:
        return torch.tanh(x @ self.weight) + scale


X, SCALE = torch.linspace(-1, 1, 6).reshape(2, 3), torch.tensor([0.5, -1.0, 2.0, 0.0])
TWO = Two().eval()


def close(got, want) -> None:
    np.testing.assert_allclose(np.asarray(got), np.asarray(want.detach()), rtol=2e-6, atol=1e-6)


@pytest.fixture(scope="module")
def two():
    return lockstep.compile(TWO, (X, SCALE))


# ---- forms of the inputs

EXAMPLES = {
    "a tuple": (X, SCALE),
    "a list": [X, SCALE],
    "arrays": (X.numpy(), SCALE.numpy()),
    "both kinds": (X, SCALE.numpy()),
    "a dict by name": {"x": X, "scale": SCALE},
    "a dict in another order": {"scale": SCALE, "x": X},
    "a non-contiguous tensor": (X.T.contiguous().T, SCALE.repeat(2)[:4]),
}


@pytest.mark.parametrize("form", EXAMPLES)
def test_form_of_example_inputs(form: str):
    from lockstep.judge.models import open_model
    opened = open_model(TWO, EXAMPLES[form])
    assert list(opened.graph.input_names) == ["x", "scale"]
    for array, tensor in zip(opened.examples, (X, SCALE)):
        np.testing.assert_array_equal(array, tensor.numpy())
    assert [v.dims for v in opened.graph.inputs] == [(2, 3), (4,)]


@pytest.mark.parametrize("example", [X, X.numpy(), [X], (X,), {"input": X}], ids=["tensor", "array", "list", "tuple", "dict"])
def test_one_input(example):
    compiled = lockstep.compile(nn.ReLU().eval(), example, name="relu")
    assert torch.equal(compiled(X), torch.relu(X))


def test_inputs_described_without_an_example():
    compiled = lockstep.compile(TWO, input=[("x", (-1, 3), "float32"), ("scale", (4,))])
    assert compiled.library.inputs[0].dims == (-1, 3)
    close(compiled(X, SCALE), TWO(X, SCALE))
    close(compiled(X[:1], SCALE), TWO(X[:1], SCALE))


def test_inputs_described_in_any_order_and_dtype():
    from lockstep.judge.models import open_model
    opened = open_model(TWO, input=[("scale", (4,), torch.float32), ("x", (2, 3), np.dtype("float32").name)])
    assert [(v.dims, v.dtype) for v in opened.graph.inputs] == [((2, 3), "float32"), ((4,), "float32")]


class Constant(nn.Module):
    def forward(self):
        return torch.arange(3) * 2


def test_model_without_inputs():
    compiled = lockstep.compile(Constant().eval())
    assert compiled.library.inputs == []
    assert np.asarray(compiled()).tolist() == [0, 2, 4]


# ---- forms of the model

def scripted_function():
    @torch.jit.script
    def twice(x: Tensor, scale: Tensor) -> Tensor:
        return torch.tanh(x.sum(1, keepdim=True)) + scale
    return twice


def saved(folder: Path, how: str) -> Path:
    path = folder / f"two{how}"
    if how == ".pt2":
        torch.export.save(torch.export.export(TWO, (X, SCALE)), path)
    elif how == ".pt":
        torch.jit.save(torch.jit.script(TWO), str(path))
    else:
        pytest.importorskip("lockstep.capture.onnx_file", reason="capture of .onnx is not there")
        pytest.importorskip("onnxruntime", reason="judging an .onnx model needs ONNX Runtime")
        pytest.importorskip("onnxscript", reason="writing .onnx needs onnxscript")
        torch.onnx.export(TWO, (X, SCALE), str(path), dynamo=True, verbose=False, external_data=False)
    return path


FORMS = {
    "module": lambda _: TWO,
    "traced": lambda _: torch.jit.trace(TWO, (X, SCALE)),
    "scripted": lambda _: torch.jit.script(TWO),
    "scripted function": lambda _: scripted_function(),
    "exported program": lambda _: torch.export.export(TWO, (X, SCALE)),
    ".pt": lambda folder: saved(folder, ".pt"),
    ".pt2": lambda folder: saved(folder, ".pt2"),
    ".onnx": lambda folder: saved(folder, ".onnx"),
    "path as text": lambda folder: str(saved(folder, ".pt")),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_of_the_model(tmp_path: Path, form: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = FORMS[form](tmp_path)
        report = lockstep.verify(model, (X, SCALE))
    assert report.right and report.outputs[0].elements == 8
    assert report.outputs[0].shape == (2, 4)


@pytest.mark.parametrize("form", ["exported program", ".pt2"])
def test_exported_program_brings_its_own_example(tmp_path: Path, form: str):
    assert lockstep.verify(FORMS[form](tmp_path)).right


def test_factory_in_a_file(tmp_path: Path):
    (tmp_path / "mine.py").write_text("import torch\nfrom torch import nn\n\ndef head():\n"
                                      "    return nn.Linear(3, 2).eval(), torch.ones(1, 3)\n")
    compiled = lockstep.compile(f"{tmp_path / 'mine.py'}:head")
    assert compiled.name == "head" and compiled(torch.ones(1, 3)).shape == (1, 2)


@pytest.mark.parametrize("model, reason", [("no_such.pt", "does not exist"), (3, "not int"), ([TWO], "not list"),
                                           (torch.tanh, "a model is")])
def test_what_is_no_model(model, reason: str):
    with pytest.raises(lockstep.BadInput, match=reason):
        lockstep.compile(model, X)


def test_file_that_is_no_model(tmp_path: Path):
    for suffix in (".pt", ".pt2", ".onnx", ".txt"):
        (tmp_path / f"broken{suffix}").write_bytes(b"not a model")
        with pytest.raises(lockstep.BadInput, match=re.escape(f"broken{suffix}")):
            lockstep.compile(tmp_path / f"broken{suffix}", X)


# ---- what comes back

def test_tensors_for_tensors_and_arrays_for_arrays(two):
    want = TWO(X, SCALE)
    from_torch, from_numpy = two(X, SCALE), two(X.numpy(), SCALE.numpy())
    assert isinstance(from_torch, Tensor) and isinstance(from_numpy, np.ndarray)
    assert torch.equal(from_torch, torch.from_numpy(from_numpy))
    close(from_torch, want)
    assert isinstance(two(X.numpy(), SCALE), Tensor)


def test_inputs_by_name(two):
    assert torch.equal(two(scale=SCALE, x=X), two(X, SCALE))
    assert torch.equal(two(X, scale=SCALE), two(X, SCALE))


def test_non_contiguous_inputs(two):
    wide = torch.arange(24.0).reshape(4, 6)
    assert torch.equal(two(wide[::2, ::2], SCALE.flip(0)), two(wide[::2, ::2].contiguous(), SCALE.flip(0).contiguous()))
    array = np.asfortranarray(X.numpy())
    np.testing.assert_array_equal(two(array, SCALE.numpy()[::-1]), two(X.numpy(), np.ascontiguousarray(SCALE.numpy()[::-1])))


def test_parameters_and_views_are_taken(two):
    assert torch.equal(two(nn.Parameter(X.clone()), SCALE), two(X, SCALE))


def test_results_belong_to_the_caller(two):
    first = two(X, SCALE)
    before = first.clone()
    two(X * 2, SCALE)
    assert torch.equal(first, before)


class Nested(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Dict[str, Tensor]]:
        return x + 1, {"double": x * 2, "shifted": x - 3}


class Lists(nn.Module):
    def forward(self, x):
        return [x * 2, (x, x + 1)], x.sum()


@pytest.mark.parametrize("model", [Nested(), torch.jit.script(Nested()), Lists()], ids=["exported", "scripted", "lists"])
def test_nested_outputs_come_back(model):
    from torch.utils import _pytree as pytree
    model.eval()
    got, want = lockstep.compile(model, X, name="nested")(X), model(X)
    assert pytree.tree_structure(got) == pytree.tree_structure(want)
    for one, other in zip(pytree.tree_leaves(got), pytree.tree_leaves(want)):
        close(one, other)


class Unusual(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.tensor([1.5, -0.0]))

    def forward(self, x):
        y = x * 2
        return x, y, y, self.kept, torch.ones(2, dtype=torch.int64), x.view(3, 2)


def test_outputs_that_are_inputs_constants_or_the_same(tmp_path: Path):
    compiled = lockstep.compile(Unusual().eval(), X)
    for got, want in zip(compiled(X), Unusual()(X)):
        assert got.dtype == want.dtype and torch.equal(got, want)
    assert np.signbit(np.asarray(compiled(X)[3])[1])
    assert lockstep.verify(Unusual().eval(), X).right


def test_scalars_go_in_and_out():
    compiled = lockstep.compile(Plus().eval(), (torch.tensor(2.0), torch.tensor(3.0)))
    result = compiled(torch.tensor(1.0), torch.tensor(-4.0))
    assert result.shape == () and result.item() == -3.0
    assert compiled(np.float32(1.0).reshape(()), np.array(2.0, np.float32)).shape == ()


class Plus(nn.Module):
    def forward(self, x, y):
        return x + y


def test_empty_tensor():
    nothing = torch.ones(0, 3), torch.ones(3)
    assert lockstep.compile(Plus().eval(), nothing, name="nothing")(*nothing).shape == (0, 3)


# ---- names

def test_names_given_and_names_of_the_model(two):
    assert [p.name for p in two.library.inputs] == ["x", "scale"]
    named = lockstep.compile(TWO, (X, SCALE), name="other", input_names=["image", "gain"], output_names=["score"])
    assert named.name == "other"
    assert ([p.name for p in named.library.inputs], [p.name for p in named.library.outputs]) == (["image", "gain"], ["score"])
    assert torch.equal(named(image=X, gain=SCALE), two(X, SCALE))
    assert two.name == "two"


@pytest.mark.parametrize("names", [{"input_names": ["one"]}, {"input_names": ["a", "a"]}, {"output_names": ["a", "b"]}], ids=str)
def test_names_that_do_not_fit(names: dict):
    with pytest.raises(lockstep.BadInput, match=f"{next(iter(names))} must be"):
        lockstep.compile(TWO, (X, SCALE), **names)


# ---- load

def test_load_gives_the_same_bits(two, tmp_path: Path):
    folder = lockstep.convert(TWO, (X, SCALE), out=tmp_path / "two")
    loaded = lockstep.load(folder)
    assert loaded.name == "two" and torch.equal(loaded(X, SCALE), two(X, SCALE))
    assert torch.equal(lockstep.load(str(folder))(scale=SCALE, x=X), two(X, SCALE))


def test_load_of_several_outputs_and_free_extents(tmp_path: Path):
    loaded = lockstep.load(lockstep.convert(Growing().eval(), X, out=tmp_path / "growing", dynamic={"x": {0: "rows"}}))
    for rows in (1, 2, 5):
        x = torch.arange(rows * 3.0).reshape(rows, 3)
        got = loaded(x)
        assert isinstance(got, tuple) and [t.shape for t in got] == [(2 * rows, 3), (rows, 3)]
        assert all(map(torch.equal, got, Growing()(x)))


class Growing(nn.Module):
    def forward(self, x):
        return torch.cat([x, x + 1]), x * 2


@pytest.mark.parametrize("what", ["nothing", "an empty folder", "an npm project"])
def test_load_of_what_is_no_package(tmp_path: Path, what: str):
    folder = tmp_path / "folder"
    if what != "nothing":
        folder.mkdir()
    if what == "an npm project":
        (folder / "package.json").write_text('{"name": "shop", "version": "1.0.0"}')
    with pytest.raises(lockstep.BadInput, match="is not a package that Lockstep wrote"):
        lockstep.load(folder)


# ---- free extents

@pytest.fixture(scope="module")
def batched():
    return lockstep.compile(TWO, (X, SCALE), dynamic={"x": {0: "batch"}}, name="batched")


@pytest.mark.parametrize("rows", [2, 1, 0, 17, 3, 100])
def test_batch_of_any_size(batched, rows: int):
    x = torch.linspace(-2, 2, rows * 3).reshape(rows, 3)
    got = batched(x, SCALE)
    assert got.shape == (rows, 4)
    close(got, TWO(x, SCALE))


def test_two_inputs_that_share_an_extent():
    compiled = lockstep.compile(Plus().eval(), (X, X), dynamic={0: {0: "n"}, 1: {0: "n"}}, name="shared")
    x = torch.ones(5, 3)
    assert torch.equal(compiled(x, x), x + x)
    with pytest.raises(lockstep.BadInput, match="input y: the extent of dim 0 must be n"):
        compiled(x, torch.ones(4, 3))


def test_dynamic_of_an_input_that_is_not_there():
    with pytest.raises(lockstep.BadInput, match="'z'"):
        lockstep.compile(TWO, (X, SCALE), dynamic={"z": {0: "batch"}})


# ---- what does not fit

MISFITS = {
    "too few": ((X,), r"two takes 2 inputs \(x, scale\), got 1"),
    "too many": ((X, SCALE, X), r"two takes 2 inputs \(x, scale\), got 3"),
    "dtype": ((X.double(), SCALE), "input 'x' has dtype float64, the model takes float32"),
    "integer": ((X, SCALE.long()), "input 'scale' has dtype int64, the model takes float32"),
    "rank": ((X, SCALE[None]), "input 'scale' has rank 2, the model takes rank 1"),
    "extent": ((torch.ones(2, 5), SCALE), "input x: the extent of dim 1 must be 3"),
    "batch": ((torch.ones(3, 3), SCALE), "input x: the extent of dim 0 must be 2"),
}


@pytest.mark.parametrize("what", MISFITS)
@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_inputs_that_do_not_fit(two, what: str, kind: str):
    inputs, reason = MISFITS[what]
    with pytest.raises(lockstep.BadInput, match=reason):
        two(*(inputs if kind == "torch" else [x.numpy() for x in inputs]))


def test_names_that_are_not_inputs(two):
    with pytest.raises(lockstep.BadInput, match="two has no input gain; it takes x, scale"):
        two(X, gain=SCALE)
    with pytest.raises(lockstep.BadInput, match="twice"):
        two(X, SCALE, x=X)
    for alone in ({"x": X}, {"scale": SCALE}):
        with pytest.raises(lockstep.BadInput, match="got 1"):
            two(**alone)


EXAMPLE_MISFITS = {
    "none": (None, r"the model takes x, scale"),
    "too few": ((X,), r"x, scale.*got 1"),
    "unknown name": ({"x": X, "gain": SCALE}, "no input gain"),
    "a number": ((X, 2.0), "example input 'scale' is the number 2.0"),
    "text": ((X, "scale"), "example input 'scale' is a str"),
    "sparse": ((X.to_sparse(), SCALE), "sparse"),
}


@pytest.mark.parametrize("what", EXAMPLE_MISFITS)
def test_examples_that_do_not_fit(what: str):
    inputs, reason = EXAMPLE_MISFITS[what]
    with pytest.raises(lockstep.Unsupported if what == "sparse" else lockstep.BadInput, match=reason):
        lockstep.compile(TWO, inputs)


def test_index_out_of_range_is_bad_input():
    compiled = lockstep.compile(nn.Embedding(4, 2).eval(), torch.tensor([0, 3]), name="table_rows")
    assert compiled(torch.tensor([1, 2])).shape == (2, 2)
    for index in (4, -1):
        with pytest.raises(lockstep.BadInput, match="failed_guard"):
            compiled(torch.tensor([0, index]))


def test_training_mode_is_said(two):
    with pytest.warns(UserWarning, match="training mode"):
        lockstep.compile(Two().train(), (X, SCALE), name="two")


def test_compiler_that_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(lockstep.BuildError, match="no-such-compiler"):
        lockstep.compile(TWO, (X, SCALE))


class WithNumbers(nn.Module):
    """A tensor beside what is fixed at capture: a size, None, a string."""

    def forward(self, x: Tensor):
        return {"twice": 2 * x, "rows": x.shape[0], "none": None, "name": "x"}


def test_what_is_fixed_comes_back_beside_the_tensors():
    compiled = lockstep.compile(WithNumbers().eval(), X, name="with_numbers")
    result = compiled(X)
    close(result.pop("twice"), 2 * X)
    assert result == {"rows": 2, "none": None, "name": "x"}
    assert lockstep.verify(WithNumbers().eval(), X, name="with_numbers").right


class Size(nn.Module):
    def forward(self, x: Tensor):
        return 2 * x, x.shape[0]


class Item(nn.Module):
    def forward(self, x: Tensor):
        return 2 * x, x.sum().item()


@pytest.mark.parametrize("form", [lambda module: module, torch.jit.script], ids=["exported", "scripted"])
def test_numbers_that_vary_are_refused_as_results(form):
    with pytest.raises(lockstep.Unsupported, match="a size that varies"):
        lockstep.compile(form(Size().eval()), X, dynamic={0: {0: "rows"}})
    with pytest.raises(lockstep.Unsupported, match="read from a tensor; return the tensor"):
        lockstep.compile(form(Item().eval()), X)
