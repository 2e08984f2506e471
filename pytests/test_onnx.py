"""The ONNX route: hand-made models read, defined and interpreted, bad files explained, and all of it without torch."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lockstep.capture import onnx_file
from lockstep.errors import BadInput, Unsupported
from lockstep.graph.dims import symbol
from lockstep.graph.interpret import bind_symbols, evaluate
from lockstep.graph.world import World
from lockstep.ops import onnx_definition
from lockstep.ops.define import define

ROOT = Path(__file__).parents[1]
RNG = np.random.default_rng(7)


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def model_of(nodes, inputs: dict, outputs: list, constants: dict | None = None, opset: int = 20,
             functions=()) -> onnx.ModelProto:
    """inputs: {name: dims} of float32, or {name: (TensorProto dtype, dims)}; outputs: names, their types left open."""
    typed = {name: dims if isinstance(dims, tuple) else (TensorProto.FLOAT, dims) for name, dims in inputs.items()}
    graph = helper.make_graph(
        nodes, "graph", [helper.make_tensor_value_info(name, *type_) for name, type_ in typed.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()])
    domains = {"": opset} | {function.domain: 1 for function in functions}
    return helper.make_model(graph, functions=list(functions), ir_version=10,
                             opset_imports=[helper.make_opsetid(d, v) for d, v in domains.items()])


def run(model: onnx.ModelProto, *arrays: np.ndarray, **options) -> list[np.ndarray]:
    graph = define(onnx_file.capture(model, onnx_definition, "model", **options))
    return evaluate(graph, arrays, World(False, bind_symbols(graph, [x.shape for x in arrays])))


def saved(model: onnx.ModelProto, folder: Path, external: bool = False) -> Path:
    path = folder / "model.onnx"
    onnx.save(model, str(path), save_as_external_data=external, location="model.data" if external else None,
              size_threshold=0)
    return path


A, B = floats(4, 3), floats(3)
AFFINE = [helper.make_node("Mul", ["x", "a"], ["ax"]), helper.make_node("Add", ["ax", "b"], ["output"])]


def affine_model() -> onnx.ModelProto:
    return model_of(AFFINE, {"x": [4, 3]}, ["output"], {"a": A, "b": B})


# ---- models by hand

def test_output_is_a_times_x_plus_b():
    x = floats(4, 3)
    np.testing.assert_array_equal(run(affine_model(), x)[0], A * x + B)


@pytest.mark.parametrize("external", [False, True])
def test_file_with_its_weights_inside_or_beside(tmp_path, external):
    x = floats(4, 3)
    model = onnx_file.load(saved(affine_model(), tmp_path, external))
    np.testing.assert_array_equal(run(model, x)[0], A * x + B)


def test_linear_with_gemm():
    x, w, b = floats(2, 3), floats(4, 3), floats(4)
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1, alpha=0.5)
    np.testing.assert_allclose(run(model_of([node], {"x": [2, 3]}, ["y"], {"w": w, "b": b}), x)[0], 0.5 * x @ w.T + b,
                               rtol=1e-6)


def test_convolution_pads_the_odd_element_where_auto_pad_says():
    x, w = np.arange(4, dtype=np.float32).reshape(1, 1, 4), np.ones((1, 1, 2), np.float32)
    for auto_pad, expected in (("SAME_UPPER", [1, 3, 5, 3]), ("SAME_LOWER", [0, 1, 3, 5]), ("VALID", [1, 3, 5])):
        node = helper.make_node("Conv", ["x", "w"], ["y"], auto_pad=auto_pad)
        y, = run(model_of([node], {"x": [1, 1, 4]}, ["y"], {"w": w}), x)
        assert y.ravel().tolist() == expected


@pytest.mark.parametrize("opset", [12, 13])
def test_softmax_before_version_13_takes_the_trailing_dims_as_one(opset):
    x = floats(2, 3, 4)
    y, = run(model_of([helper.make_node("Softmax", ["x"], ["y"], axis=1)], {"x": [2, 3, 4]}, ["y"], opset=opset), x)
    axes = (1, 2) if opset == 12 else 1
    e = np.exp(x - x.max(axes, keepdims=True))
    np.testing.assert_allclose(y, e / e.sum(axes, keepdims=True), rtol=1e-6)


def test_dropped_outputs_and_inputs_left_out():
    node = helper.make_node("Clip", ["x", "", "high"], ["y"])
    y, = run(model_of([node], {"x": [3]}, ["y"], {"high": np.float32(1)}), np.array([-5, 0, 5], np.float32))
    assert y.tolist() == [-5, 0, 1]


# ---- shapes as data

def chain(width: int) -> onnx.ModelProto:
    """reshape(x, [shape(x)[0], -1, width]) as exporters write it."""
    nodes = [helper.make_node("Shape", ["x"], ["shape"]),
             helper.make_node("Gather", ["shape", "zero"], ["batch"]),
             helper.make_node("Unsqueeze", ["batch", "axes"], ["row"]),
             helper.make_node("Concat", ["row", "rest"], ["new"], axis=0),
             helper.make_node("Reshape", ["x", "new"], ["y"])]
    return model_of(nodes, {"x": ["batch", 6]}, ["y"], {"zero": np.int64(0), "axes": np.array([0], np.int64),
                                                       "rest": np.array([-1, width], np.int64)})


def test_shape_chain_keeps_a_dynamic_batch():
    graph = define(onnx_file.capture(chain(2), onnx_definition, "chain"))
    assert graph.outputs[0].dims == (symbol("batch"), 3, 2) and graph.symbols == {"batch": (0, None)}
    for batch in (0, 1, 5):
        x = floats(batch, 6)
        np.testing.assert_array_equal(run(chain(2), x)[0], x.reshape(batch, 3, 2))


def test_dims_renamed_and_fixed_by_the_caller():
    renamed = onnx_file.capture(chain(2), onnx_definition, "chain", dynamic={0: {0: "rows"}})
    assert renamed.inputs[0][1].dims == (symbol("rows"), 6)
    fixed = onnx_file.capture(chain(2), onnx_definition, "chain", shapes={"x": (3, 6)})
    assert fixed.inputs[0][1].dims == (3, 6) and not fixed.symbols
    with pytest.raises(BadInput, match="dim 1 of input 'x' is 6 in the file, so it cannot be 7"):
        onnx_file.capture(chain(2), onnx_definition, "chain", shapes={"x": (3, 7)})


def test_arithmetic_on_shapes_decides_comparisons():
    """Expand to where(equal(s, -1), shape(x), s): the idiom of broadcast_to."""
    nodes = [helper.make_node("Shape", ["x"], ["own"]), helper.make_node("Equal", ["s", "minus"], ["keeps"]),
             helper.make_node("Where", ["keeps", "own", "s"], ["new"]), helper.make_node("Expand", ["x", "new"], ["y"])]
    model = model_of(nodes, {"x": ["n", 1]}, ["y"], {"s": np.array([-1, 4], np.int64), "minus": np.int64(-1)})
    assert define(onnx_file.capture(model, onnx_definition, "expand")).outputs[0].dims == (symbol("n"), 4)


def test_a_shape_that_depends_on_data_is_refused_by_name():
    model = model_of([helper.make_node("Reshape", ["x", "s"], ["y"], name="free")],
                     {"x": [4], "s": (TensorProto.INT64, [1])}, ["y"])
    with pytest.raises(Unsupported, match="Reshape in free: the shape of Reshape must be known before the run"):
        define(onnx_file.capture(model, onnx_definition, "free"))


# ---- functions

def test_function_operators_without_a_definition_are_expanded():
    x = floats(2, 3)
    model = model_of([helper.make_node("Softplus", ["x"], ["y"])], {"x": [2, 3]}, ["y"])
    program = onnx_file.capture(model, lambda name, version: name != "Softplus", "softplus")
    assert [call.target.split(".")[0] for call in program.calls] == ["Exp", "CastLike", "Add", "Log"]
    assert {call.origin.operator for call in program.calls} == {"Softplus"}
    y, = evaluate(define(program), [x], World())
    np.testing.assert_allclose(y, np.log(1 + np.exp(x)), rtol=1e-6)


def test_bodies_that_depend_on_types_are_expanded():
    x = floats(2, 3)
    model = model_of([helper.make_node("LogSoftmax", ["x"], ["y"], axis=0)], {"x": [2, 3]}, ["y"])
    y, = evaluate(define(onnx_file.capture(model, lambda name, version: name != "LogSoftmax", "m")), [x], World())
    np.testing.assert_allclose(y, x - np.log(np.exp(x).sum(0)), rtol=1e-5)


def test_functions_of_the_model_itself():
    nodes = [helper.make_node("Mul", ["v", "v"], ["square"]), helper.make_node("LeakyRelu", ["square"], ["w"])]
    nodes[1].attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    nodes.append(helper.make_node("Neg", ["w"], ["out"]))
    function = helper.make_function("mine", "Squash", ["v"], ["out"], nodes, [helper.make_opsetid("", 20)], ["slope"])
    calls = [helper.make_node("Squash", ["x"], ["mid"], domain="mine", slope=0.1),
             helper.make_node("Squash", ["mid"], ["y"], domain="mine", slope=0.2)]
    x = floats(5)
    y, = run(model_of(calls, {"x": [5]}, ["y"], functions=[function]), x)
    np.testing.assert_allclose(y, -(x * x) ** 2, rtol=1e-6)


def test_what_has_no_meaning_is_refused_by_name():
    model = model_of([helper.make_node("NonZero", ["x"], ["y"], name="find")], {"x": [3]}, ["y"])
    with pytest.raises(Unsupported, match="NonZero in find: .*the size of its result depends on data"):
        onnx_file.capture(model, onnx_definition, "m")
    model = model_of([helper.make_node("Twist", ["x"], ["y"], domain="acme")], {"x": [3]}, ["y"])
    model.opset_import.append(helper.make_opsetid("acme", 1))
    with pytest.raises(Unsupported, match="acme.Twist"):
        onnx_file.capture(model, onnx_definition, "m")


def test_origins_carry_module_and_source_line():
    model = affine_model()
    notes = {"pkg.torch.onnx.name_scopes": "['', 'block', 'block.scale', 'mul']", "pkg.torch.onnx.stack_trace":
             'File "/home/me/site-packages/pack/model.py", line 12, in forward\n  File "/x/torch/nn/f.py", line 3, in g'}
    for key, value in notes.items():
        model.graph.node[0].metadata_props.add(key=key, value=value)
    origin = onnx_file.capture(model, onnx_definition, "m").calls[0].origin
    assert str(origin) == "Mul in block.scale (pack/model.py:12)"


# ---- bad files

def test_files_that_are_missing_empty_or_no_model(tmp_path):
    path = tmp_path / "model.onnx"
    with pytest.raises(BadInput, match="is not there"):
        onnx_file.load(path)
    with pytest.raises(BadInput, match="is a folder"):
        onnx_file.load(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="is empty"):
        onnx_file.load(path)
    for content in (b"PK\x03\x04 not a model", b"\x00" * 100, b"\x08\x07"):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="not a readable .onnx file|holds no ONNX model"):
            onnx_file.load(path)


def test_a_file_cut_short_anywhere(tmp_path):
    path = saved(affine_model(), tmp_path)
    whole = path.read_bytes()
    for length in range(1, len(whole) - 1, 7):
        path.write_bytes(whole[:length])
        with pytest.raises((BadInput, Unsupported)):
            onnx_file.capture(onnx_file.load(path), onnx_definition, "m")


def test_external_data_that_is_missing_cut_or_outside(tmp_path):
    path = saved(affine_model(), tmp_path, external=True)
    data = tmp_path / "model.data"
    whole = data.read_bytes()
    data.write_bytes(whole[:10])
    with pytest.raises(BadInput, match="cut short"):
        onnx_file.load(path)
    data.unlink()
    with pytest.raises(BadInput, match="not beside the model"):
        onnx_file.load(path)
    (tmp_path / "inner").mkdir()
    moved = path.rename(tmp_path / "inner" / "model.onnx")
    data.write_bytes(whole)
    model = onnx.load(str(moved), load_external_data=False)
    for location in ("../model.data", str(data)):
        for tensor in model.graph.initializer:
            tensor.external_data[0].value = location
        moved.write_bytes(model.SerializeToString())
        with pytest.raises(BadInput, match="outside the model's folder"):
            onnx_file.load(moved)


def test_a_constant_that_lies_about_its_shape():
    model = affine_model()
    model.graph.initializer[0].dims[0] = 400
    with pytest.raises(BadInput, match="the constant 'a' does not hold what its shape"):
        onnx_file.capture(model, onnx_definition, "m")


def test_cycles_and_names_given_twice():
    nodes = [helper.make_node("Neg", ["b"], ["a"]), helper.make_node("Neg", ["a"], ["b"])]
    with pytest.raises(BadInput, match="not in order or has a cycle"):
        onnx_file.capture(model_of(nodes, {"x": [1]}, ["a"]), onnx_definition, "m")
    nodes = [helper.make_node("Neg", ["x"], ["a"])] * 2
    with pytest.raises(BadInput, match="the name 'a' to two values"):
        onnx_file.capture(model_of(nodes, {"x": [1]}, ["a"]), onnx_definition, "m")


def test_an_operator_set_that_is_too_old():
    with pytest.raises(BadInput, match="operator set 6, older than 7"):
        onnx_file.capture(model_of([helper.make_node("Neg", ["x"], ["y"])], {"x": [1]}, ["y"], opset=6), onnx_definition, "m")


# ---- without torch

def test_everything_works_where_torch_cannot_be_imported(tmp_path):
    path = saved(affine_model(), tmp_path)
    code = f"""
import sys
sys.modules["torch"] = None
import numpy as np
from lockstep.capture import onnx_file
from lockstep.graph.interpret import evaluate
from lockstep.ops import onnx_definition
from lockstep.ops.define import define
graph = define(onnx_file.capture(onnx_file.load({str(path)!r}), onnx_definition, "m"))
print(evaluate(graph, [np.ones((4, 3), np.float32)])[0].shape)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "(4, 3)", done.stderr
