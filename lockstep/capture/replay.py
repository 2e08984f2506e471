"""Replays an fx graph through a recorder: the calls of operators, control flow, and arithmetic on sizes."""
from __future__ import annotations

import operator
from typing import Any

import torch
from torch.utils import _pytree as pytree

from ..errors import Unsupported
from ..graph.core import Origin
from ..graph.source import Call, SubProgram
from .nested import nested
from .recorder import Handle, Recorder


def replay(recorder: Recorder, module: torch.fx.GraphModule, inputs: list, origin: Origin) -> Any:
    """Records every call of a traced graph, its placeholders bound to `inputs`."""
    env: dict[torch.fx.Node, Any] = {}
    arguments = iter(inputs)
    for node in module.graph.nodes:
        if node.op == "placeholder":
            env[node] = next(arguments)
        elif node.op == "get_attr":
            env[node] = attribute(recorder, module, node.target)
        elif node.op == "call_function":
            env[node] = record_node(recorder, node, env, origin)
        elif node.op == "output":
            return pytree.tree_map_only(torch.fx.Node, env.__getitem__, node.args[0])
    raise AssertionError("a traced graph without an output")


def attribute(recorder: Recorder, module: torch.nn.Module, target: str) -> Any:
    """What a graph's get_attr gives: a constant, or a graph that control flow runs."""
    owner, _, leaf = target.rpartition(".")
    found = getattr(module.get_submodule(owner), leaf, None)
    return recorder.weight(f"constant_{len(recorder.weights)}", found) if isinstance(found, torch.Tensor) else found


def record_node(recorder: Recorder, node: torch.fx.Node, env: dict, origin: Origin) -> Any:
    """The value of one call_function node of an fx graph."""
    found = node.meta.get("val")
    name = getattr(node.target, "__name__", str(node.target))
    if isinstance(found, (torch.SymInt, torch.SymFloat)) and name.startswith(("item", "_local_scalar")) and \
            isinstance(env.get(node.args[0]), Handle):
        return recorder.number(env[node.args[0]], found, origin)
    if isinstance(found, (torch.SymInt, torch.SymFloat, torch.SymBool, int)) and not isinstance(found, bool):
        return found                                                     # arithmetic on sizes
    args, kwargs = pytree.tree_map_only(torch.fx.Node, env.__getitem__, (node.args, node.kwargs))
    if node.target is operator.getitem:
        return args[0][args[1]]
    if isinstance(node.target, torch._ops.HigherOrderOperator):
        return _higher_order(recorder, node, tuple(args), found, origin)
    if isinstance(node.target, torch._ops.OpOverload):
        kind = node.target._schema.name
        if kind in ("aten::_assert_scalar", "aten::_assert_async"):
            return _require(recorder, args[0], origin)
        if kind in _NOTHING:
            return None
        if kind == "aten::masked_select" and args[0].fake.shape != args[1].fake.shape:
            # PyTorch asserts that no more is selected than the first operand has, which broadcasting may exceed
            recorder.misjudged.update(found.shape[0].node.expr.free_symbols)
        return recorder.call(node.target, tuple(args), dict(kwargs), found, origin)
    return recorder.missing(name, "is not supported", found, origin)


_NOTHING = {"aten::_assert_tensor_metadata", "aten::sym_constrain_range_for_size", "aten::sym_constrain_range"}


def _require(recorder: Recorder, condition: Any, origin: Origin) -> None:
    """What the program asserts is checked at run time."""
    if isinstance(condition, torch.SymBool):
        if not condition.node.expr.is_Relational:
            raise Unsupported(f"{origin}: it asserts {condition}, which is no comparison of sizes; leave the assertion out")
        if condition.node.expr.lhs in recorder.misjudged:
            return
        condition = recorder.relation(condition, origin)
    if isinstance(condition, Handle):
        recorder.calls.append(Call("require", (recorder.read(condition, origin),), {}, (), (), origin))
    elif condition is not None and not condition:
        raise Unsupported(f"{origin}: the program asserts what does not hold for these sizes")


# ---- control flow

def _higher_order(recorder: Recorder, node: torch.fx.Node, args: tuple, found: Any, origin: Origin) -> Any:
    name = node.target.name() if callable(getattr(node.target, "name", None)) else str(node.target)
    if "set_grad_enabled" in name or "wrap_with_autocast" in name:
        place = next(k for k, a in enumerate(args) if isinstance(a, torch.fx.GraphModule))
        if "autocast" in name and args[1]:
            raise Unsupported(f"{origin}: autocast regions are not supported; convert the model in one dtype")
        return replay(recorder, args[place], list(args[place + 1:]), origin)
    if name not in recorder.defined:
        return recorder.missing(name, "(control flow) is not supported", found, origin)
    if name == "cond" and isinstance(args[0], bool):
        return replay(recorder, args[1 if args[0] else 2], list(args[3]), origin)
    return recorder.record(name, tuple(_control_argument(recorder, a, origin) for a in args), {}, found, origin)


def _control_argument(recorder: Recorder, a: Any, origin: Origin) -> Any:
    if isinstance(a, torch.fx.GraphModule):
        return _sub_program(recorder, a, origin)
    if isinstance(a, torch.SymBool):
        return recorder.relation(a, origin)
    return a


def _sub_program(recorder: Recorder, module: torch.fx.GraphModule, origin: Origin) -> SubProgram:
    """A graph that control flow runs. What it is given it may not write to: PyTorch's own rule."""
    fakes = [node.meta.get("val") for node in module.graph.nodes if node.op == "placeholder"]
    program, written = nested(recorder, fakes, lambda inputs: replay(recorder, module, inputs, origin), origin)
    if written:
        raise Unsupported(f"{origin}: the control flow writes in place to a tensor from outside; return the new value instead")
    return program
