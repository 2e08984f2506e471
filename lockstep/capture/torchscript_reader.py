"""Reads a TorchScript graph by running it without data: numbers are computed, calls on tensors are recorded.

Calls of methods and functions are entered, so that every recorded call knows its module's path. What the graph decides
by numbers (branches, trip counts) is decided here; what depends on data is refused.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException
from torch.utils import _pytree as pytree

from ..errors import BadInput, LockstepError, Unsupported
from ..graph.core import Origin
from .exported import relative
from .recorder import Handle, Recorder, is_in_place, overload_name
from .torchscript_sizes import Sizes
from .torchscript_values import (CODE_OF, CONTAINERS, UNINITIALIZED, Datum, Function, Module, Number, Object,
                                 enum_argument, is_symbolic, is_tensor, leaves, number_operator, plain)

LONGEST = 10000       # iterations of one loop that are written out


@dataclass(frozen=True)
class Place:
    """Where the reading is: the module's path, and the source line that led here."""

    path: str = ""
    line: str = ""


class Reader:
    """One reading of one program. `kept` holds every tensor that was recorded, because weights are known by address."""

    def __init__(self, recorder: Recorder, sizes: Sizes):
        self.recorder, self.sizes = recorder, sizes
        self.kept: list[Any] = []
        self.attributes: dict[tuple[int, str], list] = {}      # (module, name) -> [module, value, as first read]
        self.written: dict[tuple[int, str], tuple[Any, Any, str]] = {}
        self.modules: dict[str, Module] = {}

    # -- graphs, blocks and nodes

    def run(self, graph: torch._C.Graph, arguments: list, place: Place) -> list:
        """The values of a graph's outputs for its inputs' values."""
        self.kept.append(graph)                                # its nodes live as long as it does
        env = {value.unique(): argument for value, argument in zip(graph.inputs(), arguments, strict=True)}
        self.block(graph, env, place)
        return [env[value.unique()] for value in graph.outputs()]

    def block(self, block: Any, env: dict, place: Place) -> None:
        """Every node of a graph or block, its values put into `env`."""
        for node in block.nodes():
            results = self.node(node, env, place)
            outputs = list(node.outputs())
            if len(outputs) != len(results):
                raise Unsupported(f"{self.origin(node, place)}: {len(results)} values where the graph has {len(outputs)}")
            env.update({value.unique(): result for value, result in zip(outputs, results)})

    def node(self, node: Any, env: dict, place: Place) -> list:
        """The values of one node's outputs."""
        place = Place(place.path, line_of(node, place.line))
        kind = node.kind()
        try:
            if kind in KINDS:
                return KINDS[kind](self, node, env, place)
            inputs = [settled(env[value.unique()]) for value in node.inputs()]
            result = self.operator(node, kind, inputs, place)
        except LockstepError as failure:
            raise located(failure, self.origin(node, place)) from failure
        return list(result) if node.outputsSize() != 1 and isinstance(result, (list, tuple)) else \
            [result][:node.outputsSize()]

    def origin(self, node: Any, place: Place) -> Origin:
        name, overload = schema_name(node)
        return Origin(f"{name.replace('::', '.')}{'.' + (overload or 'default') if name.startswith('aten') else ''}",
                      place.path or node.scopeName().removeprefix("__module."), place.line)

    # -- operators

    def operator(self, node: Any, kind: str, inputs: list, place: Place) -> Any:
        """An operator by what it is applied to: a tensor's properties, plain values, known numbers, or tensors."""
        name, overload = schema_name(node)
        short = name.split("::")[-1]
        if inputs and is_tensor(inputs[0]) and short in QUERIES:
            return QUERIES[short](self, *inputs)
        if short in CONTAINERS and inputs and isinstance(inputs[0], (list, dict, str)):
            return plain(name, overload, inputs)
        flat = leaves(inputs)
        for value in flat:
            if isinstance(value, Datum):
                raise Unsupported(f"it computes with a Python number that is read from a tensor ({value.kind}); keep "
                                  f"it a tensor")
        tensors = [value for value in flat if is_tensor(value)]
        if short in CREATORS and (not tensors or short in ("tensor", "as_tensor")):
            return CREATORS[short](self, node, inputs, place)
        if not tensors and not gives_tensor(node):
            return plain(name, overload, inputs)
        op = overload_of(name, overload)
        origin = self.origin(node, place)
        if tensors and all(isinstance(value, Number) for value in tensors) and not is_in_place(op):
            known = self.on_numbers(op, name, inputs)
            if known is not None:
                return known
        return self.call(op, inputs, origin)

    def on_numbers(self, op: torch._ops.OpOverload, name: str, inputs: list) -> Any:
        """An operator on tensors that are known numbers: PyTorch's own answer, or an extent; None where it is neither."""
        flat = leaves(inputs)
        if any(is_symbolic(value.value if isinstance(value, Number) else value) for value in flat):
            numbers = [value for value in flat if isinstance(value, Number)]
            if any(value.dtype != torch.int64 for value in numbers):
                return None
            found = number_operator(name, [x.value if isinstance(x, Number) else x for x in inputs])
            return None if found is None else Number(found, torch.int64)
        if torch.Tag.nondeterministic_seeded in op.tags:
            return None
        args, kwargs = bound(op, pytree.tree_map_only(Number, real, inputs))
        result = op(*args, **kwargs)
        return self.constant(result) if isinstance(result, torch.Tensor) else None

    def constant(self, tensor: torch.Tensor) -> Handle | Number:
        """A tensor that is known while reading: a number where it is one, else a weight."""
        if tensor.dim() == 0 and tensor.dtype in (torch.int64, torch.bool, torch.float32, torch.float64, torch.int32):
            return Number(tensor.item(), tensor.dtype)
        weight = self.weight(f"constant_{len(self.recorder.weights)}", tensor)
        return Handle(weight.name, weight.fake)

    def weight(self, path: str, tensor: torch.Tensor) -> Handle:
        self.kept.append(tensor)
        with self.sizes.mode:
            fake = torch.empty(tuple(tensor.shape), dtype=tensor.dtype) if tensor.layout == torch.strided else None
        return self.recorder.weight(path, tensor, fake)

    def call(self, op: torch._ops.OpOverload, inputs: list, origin: Origin) -> Any:
        """An operator on tensors: its result without data is computed, and the call is recorded."""
        if is_in_place(op) and inputs and isinstance(inputs[0], Number):
            inputs[0].handle = inputs[0] = self.tensor(inputs[0], [], origin)
        others = [value.fake for value in leaves(inputs) if isinstance(value, Handle)]
        inputs = [self.tensors(value, op, others, origin) for value in inputs]
        op, inputs = renamed(op, inputs)
        args, kwargs = bound(op, inputs)
        out = self.fakes(op, args, kwargs)
        if not any(isinstance(value, torch.Tensor) for value in leaves(out)):
            return out
        args, kwargs = without_defaults(op, args, kwargs)
        result = self.recorder.call(op, args, kwargs, out, origin)
        returns = op._schema.returns
        return list(result) if len(returns) == 1 and isinstance(result, (list, tuple)) else result

    def fakes(self, op: torch._ops.OpOverload, args: tuple, kwargs: dict) -> Any:
        """The result as tensors without data. Raises BadInput with PyTorch's message where the operands do not fit."""
        bare, named = pytree.tree_map_only(Handle, lambda h: h.fake, (args, kwargs))
        try:
            with self.sizes.mode:
                return op(*bare, **named)
        except (DataDependentOutputException, DynamicOutputShapeException) as failure:
            raise Unsupported("the result's size or value depends on data") from failure
        except NotImplementedError as failure:
            raise Unsupported(f"PyTorch cannot tell the result's type without data: {first_line(failure)}") from failure
        except Exception as failure:  # PyTorch raises RuntimeError, IndexError, TypeError, ValueError for misfits
            raise BadInput(f"PyTorch refuses these operands: {first_line(failure)}") from failure

    def tensors(self, value: Any, op: torch._ops.OpOverload, others: list, origin: Origin) -> Any:
        """An argument with every known number made what the operator takes."""
        if isinstance(value, list):
            return [self.tensors(x, op, others, origin) for x in value]
        if isinstance(value, Number):
            if value.wrapped and op._schema.name.split("::")[1].rstrip("_") in ARITHMETIC:
                return value.value
            return self.tensor(value, others, origin)
        if value is UNINITIALIZED or isinstance(value, (Module, Object, Function)):
            raise Unsupported(f"an argument is {type(value).__name__.lower()}, not a tensor or number")
        return value

    def tensor(self, number: Number, others: list, origin: Origin) -> Handle:
        """A known number as a tensor without dims; a Python number takes its dtype from the tensors it meets."""
        dtype = number.dtype
        if number.wrapped and others:
            dtype = torch.result_type(torch.empty([1] * others[0].dim(), dtype=others[0].dtype), number.value)
        if is_symbolic(number.value):
            return self.call(torch.ops.aten.scalar_tensor.default, [number.value, dtype, None, None, None], origin)
        weight = self.weight(f"constant_{len(self.recorder.weights)}", torch.tensor(number.value, dtype=dtype))
        return Handle(weight.name, weight.fake)

    # -- modules

    def attribute(self, owner: Module, name: str) -> Any:
        """An attribute of a module as a value; lists and dicts are the same object at every reading."""
        key = (owner.path, name)
        if key not in self.attributes:
            value = self.converted(owner.script.getattr(name), f"{owner.path}.{name}".lstrip("."))
            self.attributes[key] = [value, list(leaves(value))]
        return self.attributes[key][0]

    def converted(self, value: Any, path: str) -> Any:
        if isinstance(value, torch.Tensor):
            return self.weight(path, value)
        if isinstance(value, (torch._C.ScriptModule, torch._C.ScriptObject, torch.jit.ScriptModule)):
            script = getattr(value, "_c", value)
            if script._type().qualified_name().startswith("__torch__.torch.classes"):
                raise Unsupported(f"'{path}' is a {script._type().qualified_name()[10:]} object, which only PyTorch's "
                                  f"own C++ can use")
            return Module(script, path)
        if isinstance(value, (list, tuple)):
            return type(value)(self.converted(x, f"{path}.{k}") for k, x in enumerate(value)) \
                if not hasattr(value, "_fields") else tuple(self.converted(x, f"{path}.{k}") for k, x in enumerate(value))
        if isinstance(value, dict):
            return {k: self.converted(x, f"{path}.{k}") for k, x in value.items()}
        if isinstance(value, torch.dtype):
            return CODE_OF[value]
        return value

    def assign(self, owner: Module, name: str, value: Any) -> None:
        """A module's attribute is set: kept for this run, and refused at the end where the next run would read it."""
        if any(is_tensor(x) or isinstance(x, (Datum, Module, Object)) or is_symbolic(x) for x in leaves(value)):
            raise Unsupported(f"the model stores a tensor in its attribute '{owner.path}.{name}'".replace("'.", "'") +
                              "; return it instead")
        key = (owner.path, name)
        if key in self.attributes and key not in self.written:
            self.written[key] = self.attributes[key][0]
        else:
            self.written.setdefault(key, UNINITIALIZED)        # not read before: the next run sets it again
        self.attributes[key] = [value, list(leaves(value))]

    def refuse_state(self) -> None:
        """Raises Unsupported where a run leaves behind something that the next one reads."""
        for (path, name), first in self.written.items():
            if first is not UNINITIALIZED and first != self.attributes[path, name][0]:
                raise Unsupported(f"the model changes its attribute '{f'{path}.{name}'.lstrip('.')}' from {first} to "
                                  f"{self.attributes[path, name][0]}, so every run differs from the one before")
        for (path, name), (value, first) in self.attributes.items():
            now = leaves(value)
            if len(now) != len(first) or any(a is not b and a != b for a, b in zip(now, first)):
                raise Unsupported(f"the model changes the list or dict in its attribute "
                                  f"'{f'{path}.{name}'.lstrip('.')}'; make a copy first")
        for handle in self.recorder.weight_handles.values():
            if handle.version:
                raise Unsupported(f"the model writes to the buffer '{handle.name}' in place; clone it first")


# -- the prim:: kinds

KINDS: dict[str, Callable] = {}


def kind(*names: str) -> Callable:
    """Registers what nodes of these kinds give: a function of (reader, node, env, place) to the outputs' values."""
    def register(function: Callable) -> Callable:
        KINDS.update({name: function for name in names})
        return function
    return register


def inputs_of(node: Any, env: dict) -> list:
    return [settled(env[value.unique()]) for value in node.inputs()]


@kind("prim::Constant")
def _constant(reader: Reader, node: Any, env: dict, place: Place) -> list:
    output = node.output()
    if output.type().kind() == "FunctionType":
        return [Function(node.s("name"))]
    value = output.toIValue()
    if output.type().kind() == "TensorType" and isinstance(value, (bool, int, float)):
        dtype = torch.bool if isinstance(value, bool) else torch.int64 if isinstance(value, int) else torch.float64
        return [Number(value, dtype, wrapped=True)]
    if isinstance(value, torch.Tensor) and value.dim() == 0 and value.dtype in (torch.int64, torch.float64):
        return [Number(value.item(), value.dtype, wrapped=True)]      # TorchScript's executor takes these as Python's
    if isinstance(value, torch.Tensor):
        if value.dim() == 0 and value.dtype in (torch.float32, torch.bool, torch.int32):
            return [Number(value.item(), value.dtype)]
        return [reader.weight(f"constant_{len(reader.recorder.weights)}", value)]
    return [reader.converted(value, "constant")]


@kind("prim::ListConstruct")
def _list(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [inputs_of(node, env)]


@kind("prim::TupleConstruct")
def _tuple(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [tuple(inputs_of(node, env))]


@kind("prim::DictConstruct")
def _dict(reader: Reader, node: Any, env: dict, place: Place) -> list:
    flat = inputs_of(node, env)
    return [dict(zip(flat[::2], flat[1::2]))]


@kind("prim::ListUnpack", "prim::TupleUnpack")
def _unpack(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return list(inputs_of(node, env)[0])


@kind("prim::TupleIndex")
def _tuple_index(reader: Reader, node: Any, env: dict, place: Place) -> list:
    values, index = inputs_of(node, env)
    return [values[index]]


@kind("prim::TupleSlice")
def _tuple_slice(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [inputs_of(node, env)[0][node.i("beg"):node.i("end")]]


@kind("prim::GetAttr")
def _get_attribute(reader: Reader, node: Any, env: dict, place: Place) -> list:
    owner, name = inputs_of(node, env)[0], node.s("name")
    if isinstance(owner, Object):
        return [owner.attributes[name]]
    return [reader.attribute(owner, name)]


@kind("prim::SetAttr")
def _set_attribute(reader: Reader, node: Any, env: dict, place: Place) -> list:
    owner, value = inputs_of(node, env)
    if isinstance(owner, Object):
        owner.attributes[node.s("name")] = value
    else:
        reader.assign(owner, node.s("name"), value)
    return []


@kind("prim::CreateObject")
def _create_object(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [Object(node.output().type())]


@kind("prim::CallMethod")
def _call_method(reader: Reader, node: Any, env: dict, place: Place) -> list:
    owner, *arguments = inputs_of(node, env)
    if isinstance(owner, Module):
        graph = owner.script._get_method(node.s("name")).graph
        return reader.run(graph, [owner, *arguments], Place(owner.path, place.line))
    if isinstance(owner, Object) and is_no_grad(owner):
        return [None]
    return reader.run(body_of(node), [owner, *arguments], place)


@kind("prim::CallFunction")
def _call_function(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return reader.run(body_of(node), inputs_of(node, env)[1:], place)


@kind("prim::fork")
def _fork(reader: Reader, node: Any, env: dict, place: Place) -> list:
    results = reader.run(node.g("Subgraph"), inputs_of(node, env), place)
    return results if len(results) == 1 else [tuple(results)]


@kind("aten::wait", "prim::unchecked_cast", "prim::unchecked_unwrap_optional", "aten::_unwrap_optional",
      "prim::annotate", "prim::profile", "prim::profile_ivalue", "prim::BailOut", "aten::requires_grad_",
      "prim::Guard")
def _same(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return inputs_of(node, env)[:1]


@kind("prim::Print", "aten::warn", "prim::profile_ops", "aten::manual_seed")
def _nothing(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [None] * node.outputsSize()


@kind("prim::Enter", "prim::Exit")
def _context(reader: Reader, node: Any, env: dict, place: Place) -> list:
    owner = inputs_of(node, env)[0]
    if not (isinstance(owner, Object) and is_no_grad(owner)):
        raise Unsupported("a `with` block other than torch.no_grad() is not supported")
    return [None] * node.outputsSize()


@kind("prim::Uninitialized")
def _uninitialized(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [UNINITIALIZED]


@kind("prim::RaiseException")
def _raise(reader: Reader, node: Any, env: dict, place: Place) -> list:
    raise BadInput(f"the model raises an exception for these inputs: {inputs_of(node, env)[0]}")


@kind("prim::isinstance")
def _is_instance(reader: Reader, node: Any, env: dict, place: Place) -> list:
    value = inputs_of(node, env)[0]
    return [any(is_of(value, type_) for type_ in node.tys("types"))]


@kind("prim::NumToTensor")
def _number_to_tensor(reader: Reader, node: Any, env: dict, place: Place) -> list:
    value = inputs_of(node, env)[0]
    if isinstance(value, Datum):
        return [value.handle]
    dtype = torch.bool if isinstance(value, bool) else torch.int64 if isinstance(value, (int, torch.SymInt)) else \
        torch.float64
    return [Number(value, dtype)]


@kind("prim::If")
def _if(reader: Reader, node: Any, env: dict, place: Place) -> list:
    condition = env[node.inputsAt(0).unique()]
    if isinstance(condition, Datum):
        return branch(reader, node, condition, env, place)
    taken = list(node.blocks())[0 if condition else 1]
    reader.block(taken, env, place)
    return [env[value.unique()] for value in taken.outputs()]


def branch(reader: Reader, node: Any, condition: Datum, env: dict, place: Place) -> list:
    """A branch that data decides."""
    raise Unsupported("the branch depends on data; write it with torch.where, or export the module with torch.cond")


@kind("prim::Loop")
def _loop(reader: Reader, node: Any, env: dict, place: Place) -> list:
    trips, condition, *carried = inputs_of(node, env)
    body, = node.blocks()
    index, *inner = [value.unique() for value in body.inputs()]
    k = 0
    while True:
        if isinstance(condition, Datum) or is_symbolic(trips):
            return loop(reader, node, trips, condition, env, place)
        if not condition or k >= trips:
            return carried
        if k == LONGEST:
            raise Unsupported(f"the loop runs more than {LONGEST} times")
        env[index] = k
        env.update(zip(inner, carried))
        reader.block(body, env, place)
        condition, *carried = [env[value.unique()] for value in body.outputs()]
        k += 1


def loop(reader: Reader, node: Any, trips: Any, condition: Any, env: dict, place: Place) -> list:
    """A loop whose number of turns data or a varying extent decides."""
    why = "data" if isinstance(condition, Datum) else f"the size {trips}, which varies"
    raise Unsupported(f"the number of turns of the loop depends on {why}")


# -- what is asked of a tensor

def _shape(tensor: Handle | Number) -> list:
    return list(tensor.fake.shape) if isinstance(tensor, Handle) else []


def _dtype(tensor: Handle | Number) -> torch.dtype:
    return tensor.fake.dtype if isinstance(tensor, Handle) else tensor.dtype


def _size(reader: Reader, tensor: Any, *dim: int) -> Any:
    if dim and not -len(_shape(tensor)) <= dim[0] < len(_shape(tensor)):
        raise BadInput(f"dim {dim[0]} of a tensor of rank {len(_shape(tensor))} is asked for")
    return _shape(tensor)[dim[0]] if dim else _shape(tensor)


def _length(reader: Reader, tensor: Any) -> Any:
    if not _shape(tensor):
        raise BadInput("len() of a tensor without dims")
    return _shape(tensor)[0]


def _item(convert: Callable | None, what: str) -> Callable:
    def item(reader: Reader, tensor: Any, *_: Any) -> Any:
        if not isinstance(tensor, Number):
            return Datum(tensor, what)
        return tensor.value if convert is None else plain(f"aten::{what}", "", [tensor.value])
    return item


def _say(answer: Any) -> Callable:
    return lambda *_: answer


def _tolist(reader: Reader, *_: Any) -> Any:
    raise Unsupported("tolist() reads numbers from a tensor; keep it a tensor")


def _same_tensor(reader: Reader, tensor: Any, *others: Any) -> Any:
    if others and is_tensor(others[0]):
        raise Unsupported("whether two tensors are equal depends on data")
    return False


QUERIES: dict[str, Callable] = {
    "size": _size, "dim": lambda r, t: len(_shape(t)), "ndimension": lambda r, t: len(_shape(t)), "len": _length,
    "numel": lambda r, t: t.fake.numel() if isinstance(t, Handle) else 1,
    "stride": lambda r, t, *dim: list(t.fake.stride()) if not dim else t.fake.stride(*dim),
    "dtype": lambda r, t: CODE_OF[_dtype(t)], "device": _say(torch.device("cpu")), "layout": _say(0),
    "is_floating_point": lambda r, t: _dtype(t).is_floating_point, "is_complex": lambda r, t: _dtype(t).is_complex,
    "is_signed": lambda r, t: _dtype(t).is_signed, "element_size": lambda r, t: _dtype(t).itemsize,
    **{name: _say(False) for name in ("is_cuda", "is_xpu", "is_sparse", "is_sparse_csr", "is_mkldnn", "is_quantized",
                                      "is_meta", "is_mps", "is_ipu", "is_vulkan", "is_maia", "is_nested",
                                      "requires_grad", "is_conj", "is_neg", "is_inference", "is_mtia", "is_hpu")},
    "is_cpu": _say(True), "itemsize": lambda r, t: _dtype(t).itemsize, "nbytes": lambda r, t: t.fake.nbytes,
    "is_leaf": _say(True), "get_device": _say(-1), "cpu": lambda r, t: t, "grad": _say(None),
    "has_torch_function": _say(False), "tolist": _tolist, "__is__": lambda r, a, b: a is b,
    "__isnot__": lambda r, a, b: a is not b, "equal": _same_tensor, "allclose": _same_tensor, "data": lambda r, t: t,
    "item": _item(None, "item"), "Int": _item(int, "Int"), "Float": _item(float, "Float"), "Bool": _item(bool, "Bool"),
    "IntImplicit": _item(int, "Int"), "FloatImplicit": _item(float, "Float"), "ScalarImplicit": _item(None, "item"),
    "ImplicitTensorToNum": _item(None, "item"), "is_nonzero": _item(bool, "Bool")}


# -- tensors made of plain values

def _create(reader: Reader, node: Any, inputs: list, place: Place) -> Any:
    """torch.tensor and torch.as_tensor: of numbers a constant, of a tensor itself in another dtype."""
    data, dtype = inputs[0], None if inputs[1] is None else enum_argument(inputs[1], "ScalarType")
    if isinstance(data, (Handle, Number)):
        to = overload_of("aten::to", "dtype")
        return data if dtype is None else reader.operator_on(to, [data, dtype, False, False, None], reader.origin(node, place))
    if any(is_tensor(value) for value in leaves(data)):
        raise Unsupported("torch.tensor of a list of tensors; use torch.stack")
    if is_symbolic(data):
        return Number(data, dtype or torch.int64) if isinstance(data, torch.SymInt) else _symbolic_list()
    if any(is_symbolic(value) for value in leaves(data)):
        _symbolic_list()
    return reader.constant(torch.tensor(data, dtype=dtype))


def _symbolic_list() -> None:
    raise Unsupported("a tensor is made of sizes that vary; fix the dim")


CREATORS: dict[str, Callable] = {"tensor": _create, "as_tensor": _create}

ARITHMETIC = {"add", "sub", "rsub", "mul", "div", "pow", "floor_divide", "remainder", "fmod", "maximum", "minimum", "eq",
              "ne", "lt", "le", "gt", "ge", "true_divide", "divide", "multiply", "subtract"}


# -- small questions about nodes and operators

def settled(value: Any) -> Any:
    """A known number that was written to in place is the tensor it became."""
    return value.handle if isinstance(value, Number) and value.handle is not None else value


def schema_name(node: Any) -> tuple[str, str]:
    """An operator's name and overload: ("aten::add", "Tensor"); the node's kind where it has no schema."""
    found = re.match(r"([\w:]+)(?:\.(\w+))?\(", node.schema())
    return (found.group(1), found.group(2) or "") if found else (node.kind(), "")


def overload_of(name: str, overload: str) -> torch._ops.OpOverload:
    """The operator of a name. Raises Unsupported where PyTorch's dispatcher does not have it."""
    namespace, short = name.split("::")
    packet = getattr(getattr(torch.ops, namespace), short, None)
    op = getattr(packet, overload or "default", None)
    if op is None or namespace in ("mkldnn", "mkldnn_prepacked", "prim", "prepacked"):
        raise Unsupported(f"the operator {name} is not supported (is the model frozen, optimised or quantised? Convert "
                          f"it as it was before)")
    return op


def gives_tensor(node: Any) -> bool:
    return any("Tensor" in str(value.type()) or value.type().kind() == "TensorType" for value in node.outputs())


def renamed(op: torch._ops.OpOverload, inputs: list) -> tuple[torch._ops.OpOverload, list]:
    """Operators that only TorchScript writes, as the ones they stand for."""
    name = overload_name(op)
    if name in ("_convolution.default", "_convolution.deprecated"):
        return convolution(*inputs[:9])
    if name == "to.prim_dtype" and inputs[1] is not None:
        return torch.ops.aten.to.dtype, inputs
    return op, inputs


def convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    """The convolution that a traced graph spells without its rank, under the name torch.export gives it."""
    rank = weight.fake.dim() - 2
    if not transposed:
        op = getattr(torch.ops.aten, f"conv{rank}d").default
        return op, [x, weight, bias, stride, padding, dilation, groups]
    op = getattr(torch.ops.aten, f"conv_transpose{rank}d")
    return getattr(op, "default" if rank == 1 else "input"), [x, weight, bias, stride, padding, output_padding, groups,
                                                              dilation]


def bound(op: torch._ops.OpOverload, inputs: list) -> tuple[tuple, dict]:
    """Inputs in schema order as positional and keyword arguments, enumerations as PyTorch's objects."""
    arguments = op._schema.arguments
    values = [enum_argument(value, str(a.real_type)) for a, value in zip(arguments, inputs)]
    args = tuple(value for a, value in zip(arguments, values) if not a.kwarg_only)
    return args, {a.name: value for a, value in zip(arguments, values) if a.kwarg_only}


def without_defaults(op: torch._ops.OpOverload, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Arguments that say nothing but the default are left out, as torch.export leaves them out."""
    arguments = op._schema.arguments
    keep = len(args)
    while keep and is_default(arguments[keep - 1], args[keep - 1]):
        keep -= 1
    named = {a.name: a for a in arguments}
    return args[:keep], {k: value for k, value in kwargs.items() if not is_default(named[k], value)}


def is_default(argument: Any, value: Any) -> bool:
    if not argument.has_default_value() or is_tensor(value) or any(is_tensor(x) or is_symbolic(x) for x in leaves(value)):
        return False
    default = enum_argument(argument.default_value, str(argument.real_type))
    return type(default) is type(value) and default == value


def real(number: Number) -> Any:
    return number.value if number.wrapped else torch.tensor(number.value, dtype=number.dtype)


def is_no_grad(owner: Object) -> bool:
    return owner.type.qualified_name().rsplit(".", 1)[-1] in ("no_grad", "inference_mode", "enable_grad",
                                                              "set_grad_enabled")


_PYTHON = {"IntType": int, "FloatType": float, "BoolType": bool, "StringType": str, "ListType": list,
           "TupleType": tuple, "DictType": dict, "NoneType": type(None), "ComplexType": complex,
           "DeviceObjType": torch.device}


def is_of(value: Any, type_: Any) -> bool:
    """Whether a value is of a TorchScript type, as far as containers are not looked into."""
    kind_ = type_.kind()
    if kind_ == "TensorType":
        return is_tensor(value)
    if kind_ in ("OptionalType", "UnionType"):
        return any(is_of(value, one) for one in type_.containedTypes()) or (kind_ == "OptionalType" and value is None)
    if kind_ == "IntType":
        return isinstance(value, (int, torch.SymInt)) and not isinstance(value, bool)
    if kind_ == "NumberType":
        return isinstance(value, (int, float, complex, torch.SymInt)) and not isinstance(value, bool)
    if kind_ not in _PYTHON:
        raise Unsupported(f"isinstance with the type {type_.annotation_str} is not supported")
    return isinstance(value, _PYTHON[kind_])


def body_of(node: Any) -> torch._C.Graph:
    """What a called function does, as a graph of its arguments: the call alone in a graph, inlined by PyTorch."""
    graph = torch._C.Graph()
    known: dict[int, Any] = {}
    for value in node.inputs():
        if value.type().kind() == "FunctionType":
            copy = graph.appendNode(graph.createClone(value.node(), lambda v: v))
            known[value.unique()] = copy.output()
    inputs = []
    for value in list(node.inputs()):
        if value.type().kind() != "FunctionType":
            inputs.append(graph.addInput())
            inputs[-1].setType(value.type())
    order = iter(inputs)
    call = graph.create(node.kind(), [known[v.unique()] if v.unique() in known else next(order) for v in node.inputs()],
                        node.outputsSize())
    call.copyAttributes(node)
    for fresh, value in zip(call.outputs(), node.outputs()):
        fresh.setType(value.type())
        graph.registerOutput(fresh)
    graph.appendNode(call)
    torch._C._jit_pass_inline(graph)
    return graph


def line_of(node: Any, otherwise: str) -> str:
    """The user's source line of a node, else the line that led here."""
    text = node.sourceRange().split("Serialized")[0].split("torch/jit/_trace.py")[0]
    frames = re.findall(r'File "([^"]+)", line (\d+)', text) or re.findall(r"^(\S.*?)\((\d+)\):", text, re.M)
    outside = [frame for frame in frames if "/torch/" not in frame[0]]
    if outside or (frames and not otherwise):
        path, number = (outside or frames)[0]
        return f"{relative(path)}:{number}"
    return otherwise


def first_line(failure: Exception) -> str:
    return str(failure).strip().split("\n")[0] or type(failure).__name__


def located(failure: LockstepError, origin: Origin) -> LockstepError:
    """The same failure, its place in front; unchanged where it has one already."""
    if getattr(failure, "located", False):
        return failure
    fresh = failure if str(failure).startswith(str(origin)) else type(failure)(f"{origin}: {failure}")
    fresh.located = True
    return fresh
