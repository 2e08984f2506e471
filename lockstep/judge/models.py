"""A user's model in whatever form, with its example inputs, as a graph and a way to ask the original."""
from __future__ import annotations

import importlib.util
import inspect
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

import numpy as np

from ..errors import BadInput, Unsupported
from ..graph import dims as d
from ..graph.core import Graph
from ..ops import aten_definitions, onnx_definition
from ..ops.define import define
from ..plan.support import refuse_unknown
from .dynamic import is_of_torch, positions
from .examples import arguments_of, check_count, check_ports, example_arrays, varying
from .names import given_name, package_name


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
               dynamic: Any = None, name: str | None = None, input_names: Sequence[str] | None = None,
               output_names: Sequence[str] | None = None) -> OpenModel:
    """Reads an nn.Module, ScriptModule, ScriptFunction, ExportedProgram, or a path to .pt, .pt2 or .onnx.

    example_inputs: a tensor or array, a list or tuple of them, a dict by argument name, or None with `input` given as
    [(name, shape with -1 where the extent may vary, dtype), ...]. dynamic: {input name or position: {dim: name}}, or
    what torch.export takes as dynamic_shapes.
    Raises BadInput for what cannot be read or does not fit, Unsupported for what cannot be converted.
    """
    chosen = None if name is None else given_name(name)
    if isinstance(model, (str, Path)):
        opened = _open_path(Path(model), str(model), example_inputs, input, dynamic or {})
    else:
        opened = _open_object(model, example_inputs, input, dynamic or {},
                              f"the {type(model).__name__} given in Python")
    graph = opened.graph
    refuse_unknown(graph)
    if input_names:
        graph = replace(graph, input_names=_renamed(graph.input_names, input_names, "input"))
    if output_names:
        graph = replace(graph, output_names=_renamed(graph.output_names, output_names, "output"))
    return replace(opened, graph=graph, name=chosen or package_name(opened.name))


def _renamed(old: Sequence[str], new: Sequence[str], kind: str) -> tuple[str, ...]:
    if len(old) != len(new) or len(set(new)) != len(new):
        raise BadInput(f"{kind}_names must be {len(old)} different names (the model has {', '.join(old)})")
    return tuple(new)


# ---- files

FORMS = "a model is a .pt, .pt2 or .onnx file, or file.py:factory"


def _open_path(path: Path, text: str, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    if ":" in text and text.rpartition(":")[0].endswith(".py"):
        return _open_factory(text, example_inputs, input, dynamic)
    if not path.exists():
        raise BadInput(f"{path} does not exist; {FORMS}")
    if path.is_dir():
        raise BadInput(f"{path} is a folder; {FORMS}")
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
    raise BadInput(f"{path}: {FORMS}; " + (f"'{suffix}' is none of these" if suffix else "this name has no suffix"))


def _open_factory(text: str, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    """file.py:factory; the factory returns a module, or a module and example inputs."""
    file, _, factory = text.rpartition(":")
    loaded = _imported(file, text)
    if not hasattr(loaded, factory):
        there = [k for k, v in vars(loaded).items() if callable(v) and getattr(v, "__module__", "") == loaded.__name__]
        raise BadInput(f"{file} has no '{factory}'; it has {', '.join(there) or 'no function or class'}")
    made = getattr(loaded, factory)
    is_function = inspect.isfunction(made)
    if callable(made) and not hasattr(made, "forward") or inspect.isclass(made):
        try:
            made = made()
        except (Exception, SystemExit) as failure:  # a user's function may raise anything; it is named with its reason
            raise BadInput(f"{text} raises {type(failure).__name__}: {failure}") from failure
    if isinstance(made, tuple) and len(made) == 2:
        made, example = made
        example_inputs = example if example_inputs is None and input is None else example_inputs
    if not hasattr(made, "forward") and not hasattr(made, "graph"):
        raise BadInput(f"{text} gives a {type(made).__name__}; it must give an nn.Module, "
                       f"or a module and its example inputs")
    opened = _open_object(made, example_inputs, input, dynamic, f"{Path(file).name}:{factory}")
    return replace(opened, name=factory if is_function else type(made).__name__)


def _imported(file: str, text: str) -> Any:
    if not Path(file).is_file():
        raise BadInput(f"{file} does not exist; {FORMS}")
    spec = importlib.util.spec_from_file_location("lockstep_user_model", file)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded                          # dataclasses look their module up there
    try:
        spec.loader.exec_module(loaded)
    except (Exception, SystemExit) as failure:  # a user's file may raise anything; it is named with its reason
        raise BadInput(f"{text}: importing the file raises {type(failure).__name__}: {failure}") from failure
    return loaded


# ---- forms

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


def ask(original: Any, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The original's own answer as flat arrays. Raises BadInput with the original's reason where it does not run."""
    from ..cases.truth import flat
    return flat(_answer(original, arrays))


def _answer(original: Any, arrays: Sequence[np.ndarray]) -> Any:
    from ..cases.truth import run
    try:
        return run(original, arrays)
    except Exception as failure:  # a model may raise anything
        lines = [line for line in str(failure).splitlines() if line.strip()] or [""]
        reason = lines[-1 if "TorchScript" in lines[0] else 0].removeprefix(f"{type(failure).__name__}: ")
        shapes = ", ".join(f"{a.dtype}{list(a.shape)}" for a in arrays) or "none"
        raise BadInput(f"the model itself raises {type(failure).__name__} on its example inputs ({shapes}): {reason}; "
                       f"mend it, or give inputs that it takes") from failure


@contextmanager
def _examples_first(original: Any, arrays: Sequence[np.ndarray]) -> Iterator[None]:
    """Where a model is refused although it does not even run on its examples, the examples are the reason to show."""
    try:
        yield
    except Exception:  # what does not run may lead anywhere; what runs keeps its own reason
        _answer(original, arrays)
        raise


def _from_module(module: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    import torch

    from ..capture import exported
    from ..cases.suites import to_torch
    if module.training:
        warnings.warn(f"{type(module).__name__} is in training mode; it is converted as it is. "
                      f"Call .eval() for inference")
    names = arguments_of(module.forward)
    arrays, free = example_arrays(example_inputs, input, names)
    parameters = inspect.signature(module.forward).parameters
    required = sum(parameters[name].default is inspect.Parameter.empty for name in names)
    if names:
        check_count(arrays, names, required)
    tensors = tuple(to_torch(a) for a in arrays)
    if hasattr(dynamic, "dynamic_shapes"):                   # torch's ShapesCollection and AdditionalInputs
        dynamic = dynamic.dynamic_shapes(module, tensors)
    placed = varying(free, positions(dynamic, names, [a.ndim for a in arrays]), arrays)
    try:
        program = exported.export_module(module, tensors, placed, shapes=dynamic if is_of_torch(dynamic) else None)
    except Unsupported as refusal:
        _answer(module, arrays)
        return _script_instead(module, refusal, example_inputs, input, dynamic, source)
    _check_layout(program, example_inputs)
    with _examples_first(module, arrays):
        opened = _from_program(program, module, arrays, None, placed, source)
    return replace(opened, name=type(module).__name__) if isinstance(module, torch.nn.Module) else opened


def _check_layout(program: Any, example_inputs: Any) -> None:
    """Raises BadInput where the program reads memory by strides and an example is a view into other memory: the arrays
    that a C++ model is given hold their own elements and nothing else."""
    from torch.utils import _pytree as pytree
    if not any("as_strided" in str(node.target) for node in program.graph.nodes if node.op == "call_function"):
        return
    for x in pytree.tree_leaves(example_inputs):
        if hasattr(x, "storage_offset") and (not x.is_contiguous() or x.storage_offset()):
            raise BadInput("the model reads memory by strides (as_strided), and an example input is a view of other memory; "
                           "give x.clone(memory_format=torch.contiguous_format)")


def _script_instead(module: Any, refusal: Unsupported, example_inputs: Any, input: Any, dynamic: Mapping,
                    source: str) -> OpenModel:
    """A module that does not export is scripted where it scripts, and the user is told."""
    import torch
    try:
        scripted = torch.jit.script(module)
    except Exception:  # neither form exists: the export's own reason is the one to show
        raise refusal from None
    warnings.warn(f"{type(module).__name__} does not export ({refusal}); it is read as TorchScript instead")
    return replace(_from_script(scripted, example_inputs, input, dynamic, source), name=type(module).__name__)


def _from_program(program: Any, module: Any, example_inputs: Any, input: Any, dynamic: Mapping,
                  source: str) -> OpenModel:
    from torch.export.graph_signature import ConstantArgument
    from torch.utils import _pytree as pytree

    from ..capture import exported
    from ..capture.recorder import to_numpy
    users = [node.name for node in program.graph.nodes if node.op == "placeholder"
             and node.name in program.graph_signature.user_inputs]
    if example_inputs is None and input is None and program.example_inputs is not None:
        stored = pytree.tree_leaves(program.example_inputs)
        arrays, free = [to_numpy(x) for x in stored if hasattr(x, "dtype")], {}
    else:
        arrays, free = example_arrays(example_inputs, input, users)
    check_count(arrays, users, len(users))
    placed = varying(free, positions(dynamic, users, [a.ndim for a in arrays]), arrays)
    graph = define(exported.capture(program, list(aten_definitions()), "model", placed))
    callee = module if module is not None else program.module()
    check_ports(graph, arrays)

    leaves = [spec.arg.value if isinstance(spec.arg, ConstantArgument) else _TENSOR
              for spec in program.graph_signature.output_specs if spec.kind.name == "USER_OUTPUT"]
    return OpenModel(graph, "model", source, tuple(arrays), callee, program, lambda xs: ask(callee, xs),
                     _structured(program.call_spec.out_spec, leaves))


_TENSOR = object()


def _structured(spec: Any, leaves: Sequence) -> Callable[[list], Any]:
    """Flat results to the original's structure: `leaves` holds its numbers, strings and None, and _TENSOR elsewhere."""
    from torch.utils import _pytree as pytree

    def unflatten(results: list) -> Any:
        tensors = iter(results)
        whole = [next(tensors) if leaf is _TENSOR else leaf for leaf in leaves]
        return results if spec is None else pytree.tree_unflatten(whole, spec)
    return unflatten


def _from_script(module: Any, example_inputs: Any, input: Any, dynamic: Mapping, source: str) -> OpenModel:
    import torch
    from torch.utils import _pytree as pytree

    from ..capture import torchscript
    from ..cases.suites import to_torch
    function = isinstance(module, torch.jit.ScriptFunction)
    if not function and not hasattr(module, "forward"):
        raise BadInput(f"{source} has no forward; script or trace a module that has one")
    arguments = list(module.schema.arguments if function else module.forward.schema.arguments[1:])     # without self
    names = [a.name for a in arguments]
    arrays, free = example_arrays(example_inputs, input, names)
    check_count(arrays, names, sum(not a.has_default_value() for a in arguments))
    placed = varying(free, positions(dynamic, names, [a.ndim for a in arrays]), arrays)
    with _examples_first(module, arrays):
        tensors = tuple(to_torch(a) for a in arrays)
        graph = define(torchscript.capture(module, tensors, list(aten_definitions()), "model", placed))
    found, spec = pytree.tree_flatten(_answer(module, arrays))
    leaves = [_TENSOR if isinstance(leaf, torch.Tensor) else leaf for leaf in found]
    name = getattr(module, "original_name", getattr(module, "name", "model"))
    return OpenModel(graph, name, source, tuple(arrays), module, None, lambda xs: ask(module, xs),
                     _structured(spec, leaves))


def _open_onnx(path: Path, example_inputs: Any, input: Any, dynamic: Mapping) -> OpenModel:
    from ..capture import onnx_file
    loaded = onnx_file.load(path)
    stored = {tensor.name for tensor in loaded.graph.initializer}
    ports = {port.name: port.type.tensor_type for port in loaded.graph.input if port.name not in stored}
    names, arrays, free = list(ports), None, {}
    if example_inputs is not None or input is not None:
        arrays, free = example_arrays(example_inputs, input, names)
        check_count(arrays, names, len(names))
    unknown = {} if arrays is None else {name: a.shape for (name, port), a in zip(ports.items(), arrays)
                                         if not port.HasField("shape")}
    ranks = [len(unknown.get(name, port.shape.dim)) for name, port in ports.items()]
    placed = varying(free, positions(dynamic, names, ranks), arrays or [])
    graph = define(onnx_file.capture(loaded, onnx_definition, path.stem, placed, unknown))
    if arrays is None:
        sizes = {name: max(least, 3) for name, (least, _) in graph.symbols.items()}
        drawn = [(name, tuple(d.evaluate(n, sizes) for n in v.dims), v.dtype) for name, v in zip(names, graph.inputs)]
        arrays, _ = example_arrays(None, drawn, names) if drawn else ([], {})
    check_ports(graph, arrays)
    return OpenModel(graph, path.stem, path.name, tuple(arrays), None, None, lambda xs: _onnxruntime(path, xs),
                     lambda results: results[0] if len(results) == 1 else tuple(results))


def _onnxruntime(path: Path, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    try:
        import onnxruntime
    except ImportError as missing:
        raise BadInput("judging an .onnx model needs ONNX Runtime: pip install onnxruntime") from missing
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return session.run(None, dict(zip([i.name for i in session.get_inputs()], arrays)))
    except Exception as failure:  # ONNX Runtime raises classes of its own
        reason = str(failure).strip().splitlines() or [""]
        raise BadInput(f"ONNX Runtime, which judges {path.name}, does not run it: {reason[0]}") from failure
