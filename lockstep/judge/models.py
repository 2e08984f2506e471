"""A user's model in whatever form, with its example inputs, as a graph and a way to ask the original."""
from __future__ import annotations

import importlib.util
import inspect
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from ..errors import BadInput, Unsupported
from ..graph import dims as d
from ..graph.core import Graph
from ..ops import aten_definitions
from ..ops.define import define


@dataclass(frozen=True)
class OpenModel:
    """A model that has been read.

    graph      before any pass
    name       an identifier for the package
    source     what it was read from, in words
    examples   the example inputs as arrays, one a graph input
    module     the nn.Module or ScriptModule to ask, None for ONNX
    program    the ExportedProgram, where there is one
    reference  the original's own answer for arrays, as a flat list of arrays
    unflatten  flat outputs to the original's structure
    """

    graph: Graph
    name: str
    source: str
    examples: tuple[np.ndarray, ...]
    module: Any
    program: Any
    reference: Callable[[Sequence[np.ndarray]], list[np.ndarray]]
    unflatten: Callable[[list], Any]


def open_model(model: Any, example_inputs: Any = None, *, input: Sequence[tuple] | None = None,
               dynamic: Mapping | None = None, name: str | None = None, input_names: Sequence[str] | None = None,
               output_names: Sequence[str] | None = None) -> OpenModel:
    """Reads an nn.Module, ScriptModule, ScriptFunction, ExportedProgram, or a path to .pt, .pt2 or .onnx.

    example_inputs: a tensor or array, a list or tuple of them, a dict by argument name, or None with `input` given as
    [(name, shape with -1 where the extent may vary, dtype), ...]. dynamic: {input name or position: {dim: symbol}}.
    Raises BadInput for what cannot be read or does not fit, Unsupported for what cannot be converted.
    """
    opened = _open(model, example_inputs, input, dynamic or {}, name)
    graph = opened.graph
    if input_names:
        graph = replace(graph, input_names=_renamed(graph.input_names, input_names, "input"))
    if output_names:
        graph = replace(graph, output_names=_renamed(graph.output_names, output_names, "output"))
    return replace(opened, graph=graph, name=_identifier(name or opened.name))


def _renamed(old: Sequence[str], new: Sequence[str], kind: str) -> tuple[str, ...]:
    if len(old) != len(new) or len(set(new)) != len(new):
        raise BadInput(f"{kind}_names must be {len(old)} different names (the model has {', '.join(old)})")
    return tuple(new)


def _identifier(name: str) -> str:
    plain = re.sub(r"\W+", "_", name).strip("_").lower() or "model"
    return "m" + plain if plain[0].isdigit() else plain


def _open(model: Any, example_inputs: Any, input: Sequence[tuple] | None, dynamic: Mapping, name: str | None) -> OpenModel:
    if isinstance(model, (str, Path)):
        return _open_path(Path(model), str(model), example_inputs, input, dynamic)
    return _open_object(model, example_inputs, input, dynamic, f"the {type(model).__name__} given in Python")


def _open_path(path: Path, text: str, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    if ":" in text and text.rpartition(":")[0].endswith(".py"):
        return _open_factory(text, example_inputs, input, dynamic)
    if not path.exists():
        raise BadInput(f"{path} does not exist")
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return _open_onnx(path, example_inputs, input, dynamic)
    if suffix == ".pt2":
        from ..capture import exported
        opened = _open_object(exported.load(str(path)), example_inputs, input, dynamic, path.name)
        return replace(opened, name=path.stem)
    if suffix in (".pt", ".pth", ".ts", ".torchscript"):
        from ..capture import torchscript
        opened = _open_object(torchscript.load(str(path)), example_inputs, input, dynamic, path.name)
        return replace(opened, name=path.stem)
    raise BadInput(f"{path}: a model is a .pt, .pt2 or .onnx file, or file.py:factory; '{suffix}' is none of these")


def _open_factory(text: str, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    """file.py:factory; the factory returns a module, or a module and example inputs."""
    file, _, factory = text.rpartition(":")
    if not Path(file).exists():
        raise BadInput(f"{file} does not exist")
    spec = importlib.util.spec_from_file_location("lockstep_user_model", file)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(loaded)
        made = getattr(loaded, factory)
        made = made() if callable(made) and not hasattr(made, "forward") else made
    except Exception as failure:  # a user's file may raise anything; it is named with its reason
        raise BadInput(f"{text}: {type(failure).__name__}: {failure}") from failure
    if isinstance(made, tuple):
        made, example_inputs = made[0], example_inputs if example_inputs is not None else made[1]
    opened = _open_object(made, example_inputs, input, dynamic, f"{Path(file).name}:{factory}")
    return replace(opened, name=factory if inspect.isfunction(getattr(loaded, factory)) else type(made).__name__)


def _open_object(model: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    import torch
    if isinstance(model, torch.export.ExportedProgram):
        return _from_program(model, None, example_inputs, input, dynamic, source)
    if isinstance(model, (torch.jit.ScriptModule, torch.jit.ScriptFunction)):
        return _from_script(model, example_inputs, input, dynamic, source)
    if isinstance(model, torch.nn.Module):
        return _from_module(model, example_inputs, input, dynamic, source)
    raise BadInput(f"a model is an nn.Module, ScriptModule, ScriptFunction, ExportedProgram or a path, not "
                   f"{type(model).__name__}")


# ---- examples

def arguments_of(forward: Callable) -> list[str]:
    """The names of a forward's positional parameters; [] where it takes *args."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(forward).parameters.values() if p.kind in kinds]


def example_arrays(example_inputs: Any, input: Sequence[tuple] | None, names: Sequence[str]) -> tuple[list[np.ndarray], dict]:
    """(arrays in order, {position: {dim: symbol}} from -1 extents). Raises BadInput where names or numbers do not fit."""
    if example_inputs is None and input is not None:
        return _drawn(input, names)
    if example_inputs is None:
        if names:
            raise BadInput(f"the model takes {', '.join(names)}: give example inputs, or their shapes and dtypes")
        return [], {}
    if isinstance(example_inputs, Mapping):
        unknown = [k for k in example_inputs if names and k not in names]
        if unknown:
            raise BadInput(f"the model has no input {', '.join(unknown)}; it takes {', '.join(names)}")
        ordered = [example_inputs[k] for k in names if k in example_inputs] if names else list(example_inputs.values())
    elif isinstance(example_inputs, (list, tuple)):
        ordered = list(example_inputs)
    else:
        ordered = [example_inputs]
    return [_array(x, k) for k, x in enumerate(ordered)], {}


def _array(x: Any, position: int) -> np.ndarray:
    if isinstance(x, np.ndarray):
        return x
    if type(x).__module__.startswith("torch") or hasattr(x, "detach"):
        from ..capture.recorder import to_numpy
        if x.layout.__repr__() != "torch.strided" or x.is_quantized:
            raise BadInput(f"example input {position} is sparse or quantised; only dense tensors are converted")
        return to_numpy(x)
    if isinstance(x, (bool, int, float)):
        raise BadInput(f"example input {position} is the number {x}; numbers are fixed in the model: bind it before converting")
    raise BadInput(f"example input {position} is a {type(x).__name__}; give a tensor or an array")


def _drawn(input: Sequence[tuple], names: Sequence[str]) -> tuple[list[np.ndarray], dict]:
    """Arrays for (name, shape, dtype) triples; an extent of -1 becomes a symbol, drawn as 3."""
    from ..cases.rules import generator_for, integers, normal
    listed = [((*entry, "float32") if len(entry) == 2 else tuple(entry)) for entry in input]
    by_name = {entry[0]: entry for entry in listed if entry[0]}
    unknown = [k for k in by_name if names and k not in names]
    if unknown:
        raise BadInput(f"the model has no input {', '.join(unknown)}; it takes {', '.join(names)}")
    ordered = [by_name[k] for k in names if k in by_name] if names and len(by_name) == len(listed) else listed
    arrays, dynamic = [], {}
    for position, (name, shape, dtype) in enumerate(ordered):
        label = name or (names[position] if position < len(names) else f"input{position}")
        free = {axis: f"{label}_{axis}" for axis, n in enumerate(shape) if n == -1}
        if free:
            dynamic[position] = free
        concrete = tuple(3 if n == -1 else n for n in shape)
        dtype = str(dtype).replace("torch.", "")
        whole = dtype.startswith(("int", "uint"))
        rule = integers(*concrete, low=0, high=2, dtype=dtype) if whole else normal(*concrete, dtype=dtype)
        arrays.append(rule.array(generator_for(label, shape, dtype), dtype))
    return arrays, dynamic


def dynamic_positions(dynamic: Mapping, names: Sequence[str]) -> dict[int, dict[int, str]]:
    """{input name or position: {dim: symbol}} by position. Raises BadInput for a name that is no input."""
    placed = {}
    for key, dims in dynamic.items():
        if isinstance(key, str) and key not in names:
            raise BadInput(f"dynamic names the input '{key}', but the model takes {', '.join(names) or 'none'}")
        placed[names.index(key) if isinstance(key, str) else int(key)] = {int(a): str(s) for a, s in dims.items()}
    return placed


def _check_count(arrays: Sequence, names: Sequence[str], required: int) -> None:
    if names and not required <= len(arrays) <= len(names):
        raise BadInput(f"the model takes {len(names)} inputs ({', '.join(names)}), got {len(arrays)}")


# ---- forms

def _from_module(module: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    import torch

    from ..capture import exported
    from ..cases.suites import to_torch
    if module.training:
        warnings.warn(f"{type(module).__name__} is in training mode; it is converted as it is. Call .eval() for inference")
    names = arguments_of(module.forward)
    arrays, free = example_arrays(example_inputs, input, names)
    required = sum(p.default is inspect.Parameter.empty for n, p in inspect.signature(module.forward).parameters.items()
                   if n in names)
    _check_count(arrays, names, required)
    placed = {**free, **dynamic_positions(dynamic, names)}
    tensors = tuple(to_torch(a) for a in arrays)
    try:
        program = exported.export_module(module, tensors, placed)
    except Unsupported as refusal:
        return _script_instead(module, refusal, example_inputs, input, dynamic, source)
    opened = _from_program(program, module, arrays, None, placed, source)
    return replace(opened, name=type(module).__name__) if isinstance(module, torch.nn.Module) else opened


def _script_instead(module: Any, refusal: Unsupported, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    """A module that does not export is scripted where it scripts, and the user is told."""
    import torch
    try:
        scripted = torch.jit.script(module)
    except Exception:  # neither form exists: the export's own reason is the one to show
        raise refusal from None
    warnings.warn(f"{type(module).__name__} does not export ({refusal}); it is converted as TorchScript instead")
    return replace(_from_script(scripted, example_inputs, input, dynamic, source), name=type(module).__name__)


def _from_program(program: Any, module: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    from torch.utils import _pytree as pytree

    from ..capture import exported
    from ..capture.recorder import to_numpy
    from ..cases.truth import flat, run
    users = [node.name for node in program.graph.nodes if node.op == "placeholder"
             and node.name in program.graph_signature.user_inputs]
    if example_inputs is None and input is None and program.example_inputs is not None:
        stored = pytree.tree_leaves(program.example_inputs)
        arrays, free = [to_numpy(x) for x in stored if hasattr(x, "dtype")], {}
    else:
        arrays, free = example_arrays(example_inputs, input, users)
    _check_count(arrays, users, len(users))
    graph = define(exported.capture(program, list(aten_definitions()), "model", {**free, **dynamic_positions(dynamic, users)}))
    callee = module if module is not None else program.module()
    _check_ports(graph, arrays)

    def unflatten(results: list) -> Any:
        return pytree.tree_unflatten(results, program.call_spec.out_spec) if program.call_spec.out_spec else results
    return OpenModel(graph, "model", source, tuple(arrays), callee, program, lambda xs: flat(run(callee, xs)), unflatten)


def _from_script(module: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    from torch.utils import _pytree as pytree

    from ..capture import torchscript
    from ..cases.suites import to_torch
    from ..cases.truth import flat, run
    schema = module.schema if hasattr(module, "schema") and not hasattr(module, "forward") else module.forward.schema
    names = [a.name for a in schema.arguments if a.name != "self"]
    required = sum(not a.has_default_value() for a in schema.arguments if a.name != "self")
    arrays, free = example_arrays(example_inputs, input, names)
    _check_count(arrays, names, required)
    placed = {**free, **dynamic_positions(dynamic, names)}
    tensors = tuple(to_torch(a) for a in arrays)
    program = torchscript.capture(module, tensors, list(aten_definitions()), "model", placed)
    graph = define(program)
    spec = pytree.tree_structure(run(module, arrays))
    return OpenModel(graph, getattr(module, "original_name", getattr(module, "name", "model")), source, tuple(arrays), module,
                     None, lambda xs: flat(run(module, xs)), lambda results: pytree.tree_unflatten(results, spec))


def _open_onnx(path: Path, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    from ..capture import onnx_file
    loaded = onnx_file.load(path)
    graph = define(onnx_file.capture(loaded, path.stem))
    if example_inputs is None and input is None:
        sizes = {name: max(least, 3) for name, (least, _) in graph.symbols.items()}
        input = [(name, tuple(d.evaluate(n, sizes) for n in v.dims), v.dtype) for name, v in zip(graph.input_names, graph.inputs)]
    arrays, _ = example_arrays(example_inputs, input, list(graph.input_names))
    _check_count(arrays, graph.input_names, len(graph.input_names))
    _check_ports(graph, arrays)
    return OpenModel(graph, path.stem, path.name, tuple(arrays), None, None, lambda xs: _onnxruntime(path, graph, xs),
                     lambda results: results[0] if len(results) == 1 else tuple(results))


def _onnxruntime(path: Path, graph: Graph, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    try:
        import onnxruntime
    except ImportError as missing:
        raise BadInput("judging an .onnx model needs ONNX Runtime: pip install onnxruntime") from missing
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip([i.name for i in session.get_inputs()], arrays)))


def _check_ports(graph: Graph, arrays: Sequence[np.ndarray]) -> None:
    """The examples' dtypes and ranks against the model's. Raises BadInput with the input's name."""
    for name, value, array in zip(graph.input_names, graph.inputs, arrays):
        if array.dtype.name != value.dtype:
            raise BadInput(f"input '{name}' has dtype {array.dtype}, the model takes {value.dtype}")
        if array.ndim != value.rank:
            raise BadInput(f"input '{name}' has rank {array.ndim}, the model takes rank {value.rank}")
        for axis, (have, want) in enumerate(zip(array.shape, value.dims)):
            if d.is_static(want) and have != want:
                raise BadInput(f"input '{name}' has extent {have} along dim {axis}, the model takes {want}")
