"""Questions about the nodes of a TorchScript graph: which operator, with which arguments, from which line."""
from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from typing import Any, Iterator

import torch

from ..errors import LockstepError, Unsupported
from ..graph.core import Origin
from ..graph.source import relative
from .recorder import overload_name
from .torchscript_values import enum_argument, is_symbolic, is_tensor, leaves

ARITHMETIC = {"add", "sub", "rsub", "mul", "div", "pow", "floor_divide", "remainder", "fmod", "maximum", "minimum", "eq",
              "ne", "lt", "le", "gt", "ge", "true_divide", "divide", "multiply", "subtract"}


def schema_name(node: Any) -> tuple[str, str]:
    """An operator's name and overload: ("aten::add", "Tensor"); the node's kind where it has no schema."""
    found = re.match(r"([\w:]+)(?:\.(\w+))?\(", node.schema())
    return (found.group(1), found.group(2) or "") if found else (node.kind(), "")


def overload_of(name: str, overload: str) -> torch._ops.OpOverload:
    """The operator of a name. Raises Unsupported where PyTorch's dispatcher does not have it."""
    namespace, short = ("aten", "abs") if name == "prim::abs" else name.split("::")
    packet = getattr(getattr(torch.ops, namespace), short, None)
    op = getattr(packet, overload or "default", None)
    if op is None or "mkldnn" in short or namespace in ("mkldnn", "mkldnn_prepacked", "prim", "prepacked"):
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


@contextmanager
def quiet() -> Iterator[None]:
    """PyTorch logs a traceback for operands that do not fit; here they are an error message or a size that was tried."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def first_line(failure: Exception) -> str:
    return str(failure).strip().split("\n")[0] or type(failure).__name__


def located(failure: LockstepError, origin: Origin) -> LockstepError:
    """The same failure, its place in front; unchanged where it has one already."""
    if getattr(failure, "located", False):
        return failure
    fresh = failure if str(failure).startswith(str(origin)) else type(failure)(f"{origin}: {failure}")
    fresh.located = True
    return fresh
