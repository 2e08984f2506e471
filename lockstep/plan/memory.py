"""Lays the buffers of a plan into one arena: buffers that are never alive together share a place."""
from __future__ import annotations

from types import MappingProxyType
from typing import Any, Iterable, Mapping, Sequence

from ..graph import dims as d
from ..graph.dims import Dim
from .nest import Buffer, parts

ALIGNMENT = 64          # bytes: a cache line, and the widest vector
ITEM = {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4,
        "float32": 4, "int64": 8, "uint64": 8, "float64": 8}


def assign(steps: Sequence[Any], buffers: Sequence[Buffer], most: Mapping[str, Dim]) -> Dim:
    """Gives every arena buffer its offset in bytes; returns the arena's size. `most` tells how large each measured extent
    can be.

    Places are slots: a buffer takes the free slot that fits best, else a new one. A slot is as large as its largest
    buffer, and where sizes are expressions only buffers of equal size share one.
    """
    spans = lifetimes(steps)
    slots: list[tuple[Dim, int, list[Buffer]]] = []          # (bytes, free from step, buffers)
    for buffer in sorted((b for b in buffers if b in spans), key=lambda b: spans[b][0]):
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


def lifetimes(steps: Sequence[Any]) -> dict[Buffer, tuple[int, int]]:
    """(first, last) step that touches each arena buffer; what a loop touches lives as long as the loop."""
    spans: dict[Buffer, tuple[int, int]] = {}
    for position, step in enumerate(steps):
        for buffer in touched(step):
            if buffer.kind == "arena":
                first, _ = spans.get(buffer, (position, position))
                spans[buffer] = (first, position)
    return spans


def touched(item: Any) -> Iterable[Buffer]:
    """Every buffer that a step or expression mentions."""
    return (part for part in parts(item) if isinstance(part, Buffer))
