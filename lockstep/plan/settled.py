"""What is settled before any run: values that depend on weights and constants alone, and the steps that compute them."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterable, Iterator, Mapping, Sequence

from ..graph import dims as d
from ..graph.core import Graph, Node
from ..graph.dims import Axis
from .nest import Buffer, Choose, GatherLoad, Convolve, Gemm, Nest, PackColumns, PackFilters, RandomBits, Repeat
from .traverse import INNER, flat, parts

PURE = ("map", "reindex", "reduce", "contract", "concat")
UNKNOWN, CONSTANT, SETTLED = range(3)
MOST_GROWTH, FREE = 4, 4096      # what is kept may be this many times what it is made of, and this many elements more


def settled_in(graph: Graph, given: Mapping[int, int]) -> dict[int, int]:
    """For every node: UNKNOWN before a run, CONSTANT, or SETTLED where weights decide it too. `given` says it of inputs."""
    known = dict(given)
    for node in graph.nodes:
        settle(node, known)
    return known


def settle(node: Node, known: dict[int, int]) -> int:
    if id(node) not in known:
        if node.op in ("weight", "constant"):
            known[id(node)] = SETTLED if node.op == "weight" else CONSTANT
        else:
            inside = [settle(value.node, known) for value in node.inputs] if node.op in PURE else [UNKNOWN]
            known[id(node)] = max(inside) if inside and min(inside) else UNKNOWN
    return known[id(node)]


def lift(steps: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """(what can be done once when the weights are opened, what is left for every run), both in order.

    A step is lifted where all it reads is weights or lifted itself, and where it alone, or lifted ones beside it, write a
    buffer of the arena: what a loop changes, or a branch decides, is written in several places.
    """
    writers: dict[Buffer, list[Any]] = {}
    places: dict[Buffer, set[int]] = {}
    for place, step in _with_places(steps):
        for buffer in written(step):
            writers.setdefault(buffer, []).append(step)
            places.setdefault(buffer, set()).add(place)
    made: set[Buffer] = set()
    lifted: set[int] = set()
    for step in flat(steps):
        if isinstance(step, (Nest, PackColumns, PackFilters, Gemm)) and _liftable(step, made):
            (target,) = written(step)
            lifted.add(id(step))
            if all(id(one) in lifted for one in writers[target]) and len(places[target]) == 1:
                made.add(target)
    kept = {id(step) for step in flat(steps) if id(step) in lifted and all(b in made for b in written(step))}
    return [step for step in flat(steps) if id(step) in kept], _without(steps, kept)


def _with_places(steps: Sequence[Any], place: int = 0) -> Iterator[tuple[int, Any]]:
    """Every step with a number for the list that it stands in."""
    for step in steps:
        yield place, step
        for k, name in enumerate(INNER):
            yield from _with_places(getattr(step, name, ()), 3 * id(step) + k)


def _without(steps: Sequence[Any], gone: set[int]) -> list[Any]:
    left = []
    for step in steps:
        if isinstance(step, Repeat):
            step = replace(step, steps=tuple(_without(step.steps, gone)))
        elif isinstance(step, Choose):
            step = replace(step, then=tuple(_without(step.then, gone)), otherwise=tuple(_without(step.otherwise, gone)))
        if id(step) not in gone:
            left.append(step)
    return left


def _liftable(step: Any, made: set[Buffer]) -> bool:
    inside = list(parts(step))
    (target,) = written(step)
    read = {part for part in inside if isinstance(part, Buffer)} - {target}
    if target.kind != "arena" or any(isinstance(part, (GatherLoad, RandomBits)) for part in inside) or \
            any(getattr(part, "buffer", None) is target for part in parts(getattr(step, "value", ()))):
        return False
    if not all(buffer.kind == "weight" or buffer in made for buffer in read) or not d.is_static(target.size):
        return False
    return target.size <= MOST_GROWTH * sum(buffer.size for buffer in read) + FREE and not _free(step, inside)


def _free(step: Any, inside: Sequence[Any]) -> bool:
    """Whether the step depends on a loop around it, or on an extent."""
    own = set(step.axes) | {axis for part in inside for axis in getattr(part, "axes", ())} | \
        {part.axis for part in inside if hasattr(part, "axis")}
    used = {atom for e in dims_of(step) for atom in d.atoms(e)}
    return any(not d.is_static(axis.extent) for axis in own) or any(not isinstance(atom, Axis) or atom not in own for atom in used)


def dims_of(item: Any) -> Iterable[d.Expr]:
    """Every index expression of a step that is no number."""
    for part in parts(item):
        if isinstance(part, Buffer):
            continue
        for value in vars(part).values():
            for one in value if isinstance(value, tuple) else (value,):
                for inner in one if isinstance(one, tuple) else (one,):
                    if isinstance(inner, d.Expr):
                        yield inner


def written(step: Any) -> tuple[Buffer, ...]:
    """The buffers that a step itself writes."""
    if isinstance(step, (Gemm, Convolve)):
        scratch = getattr(step, "scratch", None)
        return ((step.c if isinstance(step, Gemm) else step.y).buffer, *([scratch] if scratch else []))
    names = ("target", "index_target", "values", "indices", "scratch", "places", "found", "turns")
    own = [getattr(step, name, None) for name in names]
    return tuple(buffer for buffer in own if isinstance(buffer, Buffer)) + tuple(getattr(step, "outputs", ()))
