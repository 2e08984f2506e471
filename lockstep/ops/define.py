"""From a source program to a graph: every call replaced by what its operator means."""
from __future__ import annotations

from typing import Any

from ..errors import LockstepError, Unsupported
from ..graph import build
from ..graph.core import Graph, Type, originating
from ..graph.source import Call, Ref, SourceProgram
from . import aten_definitions, onnx_definition


def define(program: SourceProgram) -> Graph:
    """The graph of a source program. Raises Unsupported with the operator and its place where something has no meaning,
    and checks every result's type against what the source says of it."""
    known: dict[str, Any] = {}
    inputs = []
    for name, type_ in program.inputs:
        known[name] = build.placeholder(name, type_.dtype, type_.dims)
        inputs.append(known[name])
    for name, array in program.weights.items():
        known[name] = build.weight(name, array)
    for call in program.calls:
        with originating(frozenset([call.origin])):
            results = _apply(program, call, known)
        for name, value, type_ in zip(call.results, results, call.types):
            if name:
                _check(call, value, type_)
                known[name] = value
    outputs = [(name, _value(value, known)) for name, value in program.outputs]
    kept = [(name, value) for name, value in outputs if isinstance(value, build.Tensor)]
    return Graph(tuple(inputs), tuple(v for _, v in kept), tuple(n for n, _ in program.inputs),
                 tuple(n for n, _ in kept), dict(program.symbols), program.tree)


def _apply(program: SourceProgram, call: Call, known: dict) -> tuple:
    definition = definition_of(program, call)
    args = [_value(a, known) for a in call.args]
    kwargs = {k: _value(v, known) for k, v in call.kwargs.items()}
    try:
        result = definition(*args, **kwargs)
    except Unsupported as reason:
        raise Unsupported(f"{call.origin}: {reason}") from reason
    except LockstepError:
        raise
    except (TypeError, ValueError, LookupError, ArithmeticError) as mistake:    # arguments the definition cannot take
        raise Unsupported(f"{call.origin}: this use of {call.target} is not supported ({mistake})") from mistake
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def definition_of(program: SourceProgram, call: Call):
    """The function that defines a call's operator; Unsupported where there is none."""
    if program.dialect == "aten":
        found = aten_definitions().get(call.target)
    else:
        name, _, version = call.target.rpartition(".")
        found = onnx_definition(name, int(version))
    if found is None:
        raise Unsupported(f"{call.origin}: the operator {call.target} is not supported")
    return found.function


def _value(a: Any, known: dict) -> Any:
    if isinstance(a, Ref):
        if a.name not in known:
            raise Unsupported(f"the value '{a.name}' is a result that the definition of its operator does not give")
        return known[a.name]
    if isinstance(a, (list, tuple)):
        return [_value(x, known) for x in a]
    return a


def _check(call: Call, value: Any, type_: Type | None) -> None:
    """The source's own word on a result's type is an oracle: a definition that disagrees is wrong."""
    if type_ is None or not isinstance(value, build.Tensor):
        return
    if value.dtype != type_.dtype or len(value.dims) != len(type_.dims) or any(
            isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(value.dims, type_.dims)):
        raise Unsupported(f"{call.origin}: the definition of {call.target} gives {value.type!r}, the source says {type_!r}; "
                          f"this is an error in Lockstep")
