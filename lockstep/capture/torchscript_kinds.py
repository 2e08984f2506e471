"""What the kinds of a TorchScript graph's nodes mean that are no calls of operators, and what is asked of a tensor."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import torch

from ..errors import BadInput, Unsupported
from . import torchscript_lists as lists
from . import torchscript_numbers as numbers
from .recorder import Handle, is_read
from .torchscript_branches import branch
from .torchscript_loops import ENDLESS, recorded
from .torchscript_nodes import body_of, located, overload_of
from .torchscript_state import Trial
from .torchscript_values import (CODE_OF, UNINITIALIZED, Datum, Function, Module, Number, Object, Place, enum_argument,
                                 is_symbolic, is_tensor, leaves, plain, settled)

if TYPE_CHECKING:
    from .torchscript_reader import Reader

LONGEST = 64          # turns of one loop that are written out
LARGEST = 3000        # calls that the turns of one loop are written out to
FURTHEST = 10000      # turns that are written out of a loop that cannot be recorded as one

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
    return lists.items_of(reader, inputs_of(node, env)[0], reader.here)


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


@kind("prim::Enter")
def _enter(reader: Reader, node: Any, env: dict, place: Place) -> list:
    owner = inputs_of(node, env)[0]
    if not (isinstance(owner, Object) and is_no_grad(owner)):
        raise Unsupported("a `with` block other than torch.no_grad() is not supported")
    reader.gradients.append(False)
    return [None] * node.outputsSize()


@kind("prim::Exit")
def _exit(reader: Reader, node: Any, env: dict, place: Place) -> list:
    reader.gradients.pop()
    return [None] * node.outputsSize()


@kind("aten::is_grad_enabled")
def _is_grad_enabled(reader: Reader, node: Any, env: dict, place: Place) -> list:
    """As outside torch.no_grad(): modules then take their plain way, not a fused one that exists only for inference."""
    return [reader.gradients[-1]]


@kind("aten::set_grad_enabled")
def _set_grad_enabled(reader: Reader, node: Any, env: dict, place: Place) -> list:
    reader.gradients[-1] = inputs_of(node, env)[0]
    return []


@kind("prim::PythonOp")
def _python(reader: Reader, node: Any, env: dict, place: Place) -> list:
    raise Unsupported("a Python function is called (@torch.jit.ignore), which only Python can run; script it, or take the "
                      "call out")


@kind("prim::Uninitialized")
def _uninitialized(reader: Reader, node: Any, env: dict, place: Place) -> list:
    return [UNINITIALIZED]


@kind("prim::RaiseException")
def _raise(reader: Reader, node: Any, env: dict, place: Place) -> list:
    if reader.depends_on_data:
        reader.require(reader.number_tensor(False, torch.bool, reader.here), reader.here)
        return []
    raise BadInput(f"the model raises an exception for these inputs: {inputs_of(node, env)[0]}")


@kind("prim::isinstance")
def _is_instance(reader: Reader, node: Any, env: dict, place: Place) -> list:
    value = inputs_of(node, env)[0]
    return [any(is_of(value, type_) for type_ in node.tys("types"))]


@kind("prim::NumToTensor")
def _number_to_tensor(reader: Reader, node: Any, env: dict, place: Place) -> list:
    value = inputs_of(node, env)[0]
    if isinstance(value, Datum):
        return [numbers.tensor_of(reader, value, value.handle.fake.dtype, reader.here)]
    dtype = torch.bool if isinstance(value, bool) else torch.int64 if isinstance(value, (int, torch.SymInt)) else \
        torch.float64
    return [Number(value, dtype)]


@kind("prim::If")
def _if(reader: Reader, node: Any, env: dict, place: Place) -> list:
    condition = env[node.inputsAt(0).unique()]
    if isinstance(condition, Datum) or isinstance(condition, torch.SymBool) and is_read(condition):
        return branch(reader, node, condition, env, place)
    taken = list(node.blocks())[0 if condition else 1]
    reader.block(taken, env, place)
    return [env[value.unique()] for value in taken.outputs()]


@kind("prim::Loop")
def _loop(reader: Reader, node: Any, env: dict, place: Place) -> list:
    """Few turns are written out. Where data or a varying extent decides how many there are, or they are many, it is a loop."""
    trips, condition, *carried = inputs_of(node, env)
    origin = reader.origin(node, place)

    def written(turns: int, calls: int) -> list | None:
        return Trial(reader, env, origin).of(
            lambda: _turns(reader, node, trips, condition, carried, env, place, turns, calls))

    is_open = any(isinstance(x, Datum) or is_symbolic(x) for x in (trips, condition))
    found = None if is_open or LONGEST < trips < ENDLESS else written(LONGEST, LARGEST)
    if found is not None:
        return found
    try:
        return recorded(reader, node, trips, condition, carried, env, place)
    except Unsupported as refusal:
        found = None if is_symbolic(trips) or isinstance(trips, Datum) else written(FURTHEST, 10 ** 9)
        if found is None:
            raise located(refusal, origin)
        return found


def _turns(reader: Reader, node: Any, trips: int, condition: Any, carried: list, env: dict, place: Place, turns: int,
           calls: int) -> list | None:
    """The carried values after every turn was read; None where data decides how many there are, or they are too many."""
    body, = node.blocks()
    index, *inner = [value.unique() for value in body.inputs()]
    k = 0
    while not isinstance(condition, Datum):
        if not condition or k >= trips:
            return carried
        if k == turns or len(reader.recorder.calls) > calls:
            return None
        env[index] = k
        env.update(zip(inner, carried))
        reader.block(body, env, place)
        condition, *carried = [env[value.unique()] for value in body.outputs()]
        k += 1
    return None


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


def _item(dtype: torch.dtype | None, what: str) -> Callable:
    def item(reader: Reader, tensor: Any, *_: Any) -> Any:
        if not isinstance(tensor, Number):
            return numbers.read(reader, tensor, dtype)
        return tensor.value if dtype is None else plain(f"aten::{what}", "", [tensor.value])
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
                                      "is_conj", "is_neg", "is_inference", "is_mtia", "is_hpu")},
    "requires_grad": lambda r, t: isinstance(t, Handle) and t.name in r.trained,
    "is_cpu": _say(True), "itemsize": lambda r, t: _dtype(t).itemsize, "nbytes": lambda r, t: t.fake.nbytes,
    "is_leaf": _say(True), "get_device": _say(-1), "cpu": lambda r, t: t, "grad": _say(None),
    "has_torch_function": _say(False), "tolist": _tolist, "equal": _same_tensor, "allclose": _same_tensor,
    "data": lambda r, t: t,
    "item": _item(None, "item"), "Int": _item(torch.int64, "Int"),
    "Float": _item(torch.float64, "Float"), "Bool": _item(torch.bool, "Bool"),
    "IntImplicit": _item(torch.int64, "Int"), "FloatImplicit": _item(torch.float64, "Float"),
    "ScalarImplicit": _item(None, "item"),
    "ImplicitTensorToNum": _item(None, "item"), "is_nonzero": _item(torch.bool, "Bool")}


# -- tensors made of plain values

def _create(reader: Reader, node: Any, inputs: list, place: Place) -> Any:
    """torch.tensor and torch.as_tensor: of numbers a constant, of a tensor itself in another dtype."""
    data, dtype = inputs[0], None if inputs[1] is None else enum_argument(inputs[1], "ScalarType")
    if any(isinstance(value, Datum) for value in leaves(data)):
        return numbers.tensor_of(reader, data, dtype, reader.origin(node, place))
    if isinstance(data, (Handle, Number)):
        to = overload_of("aten::to", "dtype")
        return data if dtype is None else reader.call(to, [data, dtype, False, False, None], reader.origin(node, place))
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


# -- small questions about values

def is_no_grad(owner: Object) -> bool:
    return owner.type.qualified_name().rsplit(".", 1)[-1] in ("no_grad", "inference_mode")


_PYTHON = {"IntType": int, "FloatType": float, "BoolType": bool, "StringType": str, "ListType": list,
           "TupleType": tuple, "DictType": dict, "NoneType": type(None), "ComplexType": complex,
           "DeviceObjType": torch.device}


def is_of(value: Any, type_: Any) -> bool:
    """Whether a value is of a TorchScript type, as far as containers are not looked into."""
    kind_ = type_.kind()
    if isinstance(value, Datum):
        own = {torch.int64: "IntType", torch.float64: "FloatType", torch.bool: "BoolType"}[value.handle.fake.dtype]
        inside = [one.kind() for one in type_.containedTypes()] if kind_ in ("OptionalType", "UnionType") else [kind_]
        return own in inside or "NumberType" in inside and own != "BoolType"
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
