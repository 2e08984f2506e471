"""ahead: while a block of rows is computed, what the next one will read comes from far away.

The first pass over a row waits for memory while the later ones leave it idle: one of those fetches the next block's rows
into the nearest cache. A pass full of functions has time for the rows that are about to be written, too.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Iterator, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim, Expr
from .choices import Choices
from .memory import ITEM
from .nest import Apply, Buffer, Load, Nest, Reduced, Repeat, Scalar
from .shape import SHORT, best_reduce_axis, find, own_loads
from .traverse import INNER

NEAR = 1024             # elements: how far ahead a long row is fetched


def fetch_ahead(steps: Sequence[Any], choices: Choices) -> list[Any]:
    """The steps, in whose blocks of nests alone one pass fetches. Loops have been given their lanes."""
    result = []
    for step in steps:
        if isinstance(step, Repeat) and step.blocks and all(isinstance(one, Nest) for one in step.steps):
            step = replace(step, steps=_fetching(step.steps, step.axis, choices))
        else:
            inner = {name: tuple(fetch_ahead(getattr(step, name), choices)) for name in INNER if hasattr(step, name)}
            step = replace(step, **inner) if inner else step
        result.append(step)
    return result


@dataclass(frozen=True)
class _Pass:
    """How a nest walks its rows: lanes along an axis, computing a value of loads for every element, stored or folded."""

    nest: Nest
    axis: Axis
    value: Scalar

    @property
    def loads(self) -> list[Load]:
        return list(own_loads(self.value, self.nest.target))

    @property
    def stores(self) -> bool:
        return self.axis == self.nest.vector

    @property
    def functions(self) -> int:
        return sum(one.fn not in SHORT for one in find(self.value, Apply))


def _pass(nest: Nest) -> _Pass | None:
    if nest.vector is not None:
        return _Pass(nest, nest.vector, nest.value) if nest.transposed is None and nest.interleaved is None else None
    folds = find(nest.value, Reduced)
    axis = best_reduce_axis(folds[0]) if len(folds) == 1 else None
    return _Pass(nest, axis, folds[0].inner) if axis is not None else None


def _fetching(steps: tuple[Nest, ...], block: Axis, choices: Choices) -> tuple[Nest, ...]:
    """The pass with most functions fetches, or else a fold of rows that an earlier one has brought near."""
    passes, able = [_pass(nest) for nest in steps], []
    near: set[Buffer] = set()
    for place, one in enumerate(passes):
        read = {load.buffer for load in one.loads} if one else set()
        if one and (one.functions or not one.stores and read & near):
            able.append(place)
        near |= read
    if not able or not d.is_static(block.extent):
        return steps
    place = max(able, key=lambda k: (passes[k].functions, -k))
    chosen = passes[place]
    fetched = tuple(load for load in dict.fromkeys(_wanted(chosen, steps[place + 1:], block))
                    if _is_far(load, block, choices) and d.coefficient_of(load.offset, chosen.axis) == 1)
    return (*steps[:place], replace(chosen.nest, fetched=fetched), *steps[place + 1:])


def _wanted(chosen: _Pass, following: Sequence[Nest], block: Axis) -> Iterator[Load]:
    """What the pass reads of the next block; where it stores, also what it and the passes that follow are about to write."""
    nest = chosen.nest
    written = [Load(nest.target, nest.offset, nest.target.dtype)] if chosen.stores else []
    for one in (*chosen.loads, *written):
        yield replace(one, offset=_next(one.offset, block, chosen.axis))
    for later in following if chosen.stores else ():
        if [axis.extent for axis in later.axes] == [axis.extent for axis in nest.axes]:
            own = {theirs: Expr({(ours,): 1}) for theirs, ours in zip(later.axes, nest.axes)}
            yield Load(later.target, d.substitute(later.offset, own.get), later.target.dtype)


def _next(offset: Dim, block: Axis, row: Axis) -> Dim:
    """A place in the next block; in the last one, where there is no next, in itself. Where rows are long and follow one
    another in memory, a place a little further on: the nearest cache would not hold all that lies between."""
    if d.is_static(row.extent) and d.coefficient_of(offset, block) == row.extent > NEAR:
        return offset + NEAR
    after = d.minimum(Expr({(block,): 1}) + 1, block.extent - 1)
    return d.substitute(offset, {block: after}.get)


def _is_far(load: Load, block: Axis, choices: Choices) -> bool:
    """Whether each block has its own part of a buffer that is too large for the caches near by."""
    size = load.buffer.size
    return block in d.atoms(load.offset) and (not d.is_static(size) or size * ITEM[load.buffer.dtype] >= choices.next)
