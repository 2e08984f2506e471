"""Lays the buffers of a plan into one arena: buffers that are never alive together share a place."""
from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Iterator, Mapping, Sequence

from ..graph import dims as d
from ..graph.dims import Dim
from .nest import Buffer, Plan, Repeat
from .traverse import INNER, counted, named

ALIGNMENT = 64          # bytes: a cache line, and the widest vector
SLIGHT, STACK = 256, 4096       # bytes: of a buffer that may lie on the stack, and of all of them
ITEM = {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4,
        "float32": 4, "int64": 8, "uint64": 8, "float64": 8}


def lay_out(plan: Plan, most: Mapping[str, Dim]) -> Plan:
    """The plan with every buffer in its place: what setup leaves for every run, what setup alone uses, the arena. `most`
    tells how large each measured extent can be."""
    setup, needed = lifetimes(plan.setup), set(lifetimes([*plan.steps, *plan.delivery]))
    derived = 0
    for buffer in setup:
        if buffer in needed:
            buffer.kind, buffer.offset = "derived", derived
            derived += int(bytes_of(buffer))
    local: Dim = 0
    everywhere = counted([*plan.steps, *plan.delivery])
    for region in _regions(plan.steps):
        inside = counted(region.steps)
        own = {buffer for buffer, count in inside.items() if buffer.kind == "arena" and everywhere[buffer] == count}
        for buffer in own:
            buffer.kind = "local"
        size = assign({buffer: span for buffer, span in lifetimes(region.steps, "local").items() if buffer in own}, most)
        local = d.maximum(local, size)
    _to_stack(plan)
    run = lifetimes([*plan.steps, *plan.delivery])
    own = {buffer: span for buffer, span in setup.items() if buffer.kind == "arena"}
    arena = assign(run, most)
    return replace(plan, arena=arena, local=local, derived=derived, setup_arena=int(assign(own, {})))


def _to_stack(plan: Plan) -> None:
    """Gives what the turns of a loop pass on to the compiler where it is little: it may then stay in registers."""
    room, later = STACK, counted(plan.delivery)
    for loop in (step for step in plan.steps if isinstance(step, Repeat) and not step.blocks):
        for buffer in lifetimes(loop.steps):
            size = bytes_of(buffer)
            if buffer not in later and d.is_static(size) and 0 < size <= min(SLIGHT, room):
                buffer.kind = "stack"
                room -= size


def _regions(steps: Sequence[Any]) -> Iterator[Repeat]:
    """The loops whose turns threads may share."""
    for step in steps:
        if isinstance(step, Repeat) and step.blocks and step.work != 0:
            yield step
        else:
            for name in INNER:
                yield from _regions(getattr(step, name, ()))


def assign(spans: Mapping[Buffer, tuple[int, int]], most: Mapping[str, Dim]) -> Dim:
    """Gives every buffer its offset in bytes; returns the size of all.

    Places are slots: a buffer takes the free slot that fits best, else a new one. A slot is as large as its largest
    buffer, and where sizes are expressions only buffers of equal size share one.
    """
    slots: list[tuple[Dim, int, list[Buffer]]] = []          # (bytes, free from step, buffers)
    for buffer in sorted(spans, key=lambda b: spans[b][0]):
        first, last = spans[buffer]
        size = bytes_of(buffer, most)
        fitting = [k for k, (have, free, _) in enumerate(slots) if free < first and _fits(have, size)]
        best = min(fitting, key=lambda k: _waste(slots[k][0], size), default=None)
        if best is None:
            slots.append((size, last, [buffer]))
        else:
            have, _, members = slots[best]
            slots[best] = (d.maximum(have, size) if d.is_static(have) and d.is_static(size) else have, last,
                           members + [buffer])
    offset: Dim = 0
    for size, _, members in slots:
        for buffer in members:
            buffer.offset = offset
        offset = offset + size
    return offset


def bytes_of(buffer: Buffer, most: Mapping[str, Dim] = MappingProxyType({})) -> Dim:
    """A buffer's room: as many elements as it can have, rounded up to whole cache lines."""
    size = at_most(buffer.size, most) * ITEM[buffer.dtype]
    return (size + (ALIGNMENT - 1)) // ALIGNMENT * ALIGNMENT


def at_most(size: Dim, most: Mapping[str, Dim]) -> Dim:
    """The largest value of an extent when each symbol of `most` is between 0 and the extent given there."""
    if d.is_static(size) or not most:
        return size
    total: Dim = 0
    for monomial, coefficient in size.terms.items():
        factors = [_most(atom, most) for atom in monomial]
        changing = [atom for atom, factor in zip(monomial, factors) if factor != d.Expr({(atom,): 1})]
        if coefficient > 0 or not changing:
            total = total + coefficient * d.product(factors)
    return total


def _most(atom: Any, most: Mapping[str, Dim]) -> Dim:
    if isinstance(atom, d.Opaque):
        a = at_most(atom.a, most)
        if atom.op == "floordiv":
            return a // atom.b
        if atom.op == "mod":
            return d.minimum(a, at_most(atom.b, most) - 1) if a != atom.a else d.mod(a, atom.b)
        return (d.minimum if atom.op == "min" else d.maximum)(a, at_most(atom.b, most))
    return at_most(most[atom.name], most) if atom.name in most else d.Expr({(atom,): 1})


def _fits(have: Dim, size: Dim) -> bool:
    return (d.is_static(have) and d.is_static(size)) or have == size


def _waste(have: Dim, size: Dim) -> int:
    return abs(have - size) if d.is_static(have) and d.is_static(size) else 0


def lifetimes(steps: Sequence[Any], kind: str = "arena") -> dict[Buffer, tuple[int, int]]:
    """(first, last) step that touches each buffer of a kind, steps inside others counted one by one.

    What a loop alone touches is written in a turn before it is read there; what is touched outside too lives as long as
    the loop.
    """
    touches: dict[Buffer, list[tuple[list[int], list]]] = {}
    _visit(steps, 0, [], touches)
    return {buffer: _span(found) for buffer, found in touches.items() if buffer.kind == kind}


def _visit(steps: Sequence[Any], position: int, loops: list, touches: dict) -> int:
    """Notes when each buffer is touched, as [first, last], and inside which loops."""
    for step in steps:
        place = [position, position]
        inside = [*loops, place] if isinstance(step, Repeat) else loops
        for name in INNER:
            position = _visit(getattr(step, name, ()), position, inside, touches)
        place[1] = position
        for buffer in named(step):
            touches.setdefault(buffer, []).append((place, loops))
        position += 1
    return position


def _span(found: Sequence[tuple[list[int], list]]) -> tuple[int, int]:
    shared = min(len(loops) for _, loops in found)
    while any(loops[k] is not found[0][1][k] for _, loops in found for k in range(shared)):
        shared -= 1
    spans = [loops[shared] if len(loops) > shared else place for place, loops in found]
    return min(first for first, _ in spans), max(last for _, last in spans)
