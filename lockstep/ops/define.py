"""From a source program to a graph: every call replaced by what its operator means."""
from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Sequence

from ..errors import HOW_TO_DEFINE, LockstepError, Unsupported
from ..graph import build, control
from ..graph import dims as d
from ..graph.core import PARTS, Graph, Type, Update, originating
from ..graph.dims import Dim, Symbol
from ..graph.source import Call, Read, Ref, SourceProgram, SubProgram
from . import aten_definitions, onnx_definition
from . import complex as pairs
from .halves import rounded_once


def define(program: SourceProgram) -> Graph:
    """The graph of a source program. Raises Unsupported with the operator and its place where something has no meaning,
    and checks every result's type against what the source says of it."""
    known: dict[str, Any] = {}
    inputs = []
    for name, type_ in program.inputs:
        port = pairs.port(name, type_)
        known[name] = pairs.separated(port) if type_.dtype in PARTS else port
        inputs.append(port)
    for name, array in program.weights.items():
        known[name] = _stored(name, array, name in program.updates)
    meaning = _Meaning(program)
    with control.measuring(program.symbols) as measured:
        meaning.run(program.calls, known)
        outputs = [(name, meaning.value(value, known)) for name, value in program.outputs]
        updates = [Update(name, program.weights[name], _updated(name, known[name], meaning.value(value, known)))
                   for name, value in sorted(program.updates.items())]      # whichever way the program was captured
    for name, value in outputs:
        if isinstance(value, d.Expr):
            raise Unsupported(f"the model gives a size that varies ({value}) as its '{name}'; make it a tensor, or fix the size")
    kept = [(name, value) for name, value in outputs if isinstance(value, (build.Tensor, pairs.Complex))]
    return Graph(tuple(inputs), tuple(pairs.joined(v) if isinstance(v, pairs.Complex) else v for _, v in kept),
                 tuple(n for n, _ in program.inputs), tuple(n for n, _ in kept), dict(program.symbols), program.tree,
                 measured, tuple(updates), complex_inputs=_complex(type_.dtype for _, type_ in program.inputs),
                 complex_outputs=_complex(value.dtype for _, value in kept))


def _complex(dtypes: Iterable[str]) -> frozenset[int]:
    return frozenset(k for k, dtype in enumerate(dtypes) if dtype in PARTS)


def _stored(name: str, array: Any, kept: bool) -> Any:
    if array.dtype.kind != "c":
        return build.state(name, array) if kept else build.weight(name, array)
    if kept:
        raise Unsupported(f"the model updates '{name}', a buffer of complex numbers, which is not supported; keep it as reals")
    return pairs.weight(name, array)


def _updated(name: str, before: Any, after: Any) -> Any:
    if after.type != before.type:
        raise Unsupported(f"the model changes the buffer '{name}' from {before.type!r} to {after.type!r}; "
                          f"a buffer keeps its dtype and shape")
    return after


class _Meaning:
    """Calls replaced by what they mean; `extents` are those that the source names and a call finds, in our own names."""

    def __init__(self, program: SourceProgram):
        self.program = program
        self.extents: dict[str, Dim] = {}
        self.named = set(program.symbols)

    def run(self, calls: Sequence[Call], known: dict) -> None:
        for call in calls:
            with originating(frozenset([call.origin])):
                results = self._apply(call, known)
                for name, value, type_ in zip(call.results, results, call.types):
                    if isinstance(type_, Read):
                        self.extents[name] = control.extent(value, type_.most, type_.least)
                    elif name and value is not None:        # None: a result that this definition does not give
                        known[name] = value
                        self._find_extents(value, type_)
                        _check(call, value, type_)

    def _apply(self, call: Call, known: dict) -> tuple:
        definition = definition_of(self.program, call)
        try:
            args = [self.value(a, known) for a in call.args]
            kwargs = {k: self.value(v, known) for k, v in call.kwargs.items()}
            if self.program.dialect == "aten":
                return rounded_once(call.target, definition, args, kwargs, call.types)
            result = definition(*args, **kwargs)
        except Unsupported as reason:
            raise reason if str(call.origin) in str(reason) else Unsupported(f"{call.origin}: {reason}") from reason
        except LockstepError:
            raise
        except (TypeError, ValueError, LookupError, ArithmeticError) as mistake:    # arguments the definition cannot take
            raise Unsupported(f"{call.origin}: this use of {call.target} is not supported ({mistake})") from mistake
        return tuple(result) if isinstance(result, (tuple, list)) else (result,)

    def _find_extents(self, value: Any, type_: Type | None) -> None:
        """A new name in the source's type of a result is what the definition found there."""
        if type_ is None or not isinstance(value, (build.Tensor, pairs.Complex)):
            return
        for ours, theirs in zip(value.dims, type_.dims):
            new = self._new(theirs)
            if len(new) == 1:
                (name,) = new
                atom = next(a for a in d.atoms(theirs) if isinstance(a, Symbol) and a.name == name)
                factor = d.coefficient_of(theirs, atom)
                if factor in (1, -1):
                    rest = self.value(theirs - factor * d.Expr({(atom,): 1}), {})
                    self.extents[name] = (ours - rest) * factor

    def _new(self, expression: Dim) -> set[str]:
        """The names in an expression that nothing has given a meaning yet."""
        atoms = () if d.is_static(expression) else d.atoms(expression)
        return {atom.name for atom in atoms if isinstance(atom, Symbol)} - self.named - set(self.extents)

    def value(self, a: Any, known: Mapping[str, Any]) -> Any:
        """An argument as definitions take it: values for names, functions for sub-programs."""
        if isinstance(a, Ref):
            if a.name not in known:
                raise Unsupported(f"the value '{a.name}' is a result that the definition of its operator does not give")
            return known[a.name]
        if isinstance(a, SubProgram):
            return self._function(a, known)
        if isinstance(a, (list, tuple)):
            return [self.value(x, known) for x in a]
        if isinstance(a, d.Expr):
            if new := self._new(a):
                raise Unsupported(f"a size ({', '.join(sorted(new))}) depends on data in a way that cannot be followed")
            return d.substitute(a, lambda atom: self.extents.get(atom.name) if isinstance(atom, Symbol) else None)
        return a

    def _function(self, program: SubProgram, around: Mapping[str, Any]) -> Callable:
        def function(*values: Any) -> list:
            known = {**around, **dict(zip((name for name, _ in program.inputs), values, strict=True))}
            self.run(program.calls, known)
            return [self.value(output, known) for output in program.outputs]
        return function


def definition_of(program: SourceProgram, call: Call):
    """The function that defines a call's operator; Unsupported where there is none."""
    if program.dialect == "aten":
        found = aten_definitions().get(call.target)
    else:
        name, _, version = call.target.rpartition(".")
        found = onnx_definition(name, int(version))
    if found is None:
        raise Unsupported(f"{call.origin}: the operator {call.target} is not supported; {HOW_TO_DEFINE}")
    return found.function


def _check(call: Call, value: Any, type_: Type | None) -> None:
    """The source's own word on a result's type is an oracle: a definition that disagrees is wrong."""
    if type_ is None or not isinstance(value, (build.Tensor, pairs.Complex)):
        return
    if value.dtype != type_.dtype or len(value.dims) != len(type_.dims) or any(
            isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(value.dims, type_.dims)):
        raise Unsupported(f"{call.origin}: the definition of {call.target} gives {value.type!r}, the source says {type_!r}; "
                          f"this is an error in Lockstep")
