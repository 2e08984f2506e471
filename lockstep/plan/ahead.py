"""ahead: while a block of rows is computed, what the next one will read comes from far away.

The first pass over a row waits for memory while a pass full of functions leaves memory idle: such a pass fetches the
next block's rows, and those that are about to be written, into the nearest cache.
"""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim, Expr
from .choices import Choices
from .memory import ITEM
from .nest import Apply, Load, Nest, Repeat
from .shape import SHORT, find, own_loads
from .traverse import INNER


def fetch_ahead(steps: Sequence[Any], choices: Choices) -> list[Any]:
    """The steps, in whose blocks of nests alone the one with most functions fetches. Loops have been given their lanes."""
    result = []
    for step in steps:
        if isinstance(step, Repeat) and step.blocks and all(isinstance(one, Nest) for one in step.steps):
            step = replace(step, steps=_fetching(step.steps, step.axis, choices))
        else:
            inner = {name: tuple(fetch_ahead(getattr(step, name), choices)) for name in INNER if hasattr(step, name)}
            step = replace(step, **inner) if inner else step
        result.append(step)
    return result


def _fetching(steps: tuple[Nest, ...], block: Axis, choices: Choices) -> tuple[Nest, ...]:
    heaviest = max(range(len(steps)), key=lambda k: _functions(steps[k]))
    nest = steps[heaviest]
    if _functions(nest) == 0 or nest.vector is None or nest.transposed or nest.interleaved or not d.is_static(block.extent):
        return steps
    far = [Load(load.buffer, _next(load.offset, block), load.dtype) for load in own_loads(nest.value, nest.target)]
    for later in steps[heaviest + 1:]:
        if [axis.extent for axis in later.axes] == [axis.extent for axis in nest.axes]:
            place = {theirs: Expr({(own,): 1}) for theirs, own in zip(later.axes, nest.axes)}
            far.append(Load(later.target, d.substitute(later.offset, place.get), later.target.dtype))
    fetched = tuple(load for load in dict.fromkeys(far) if _is_far(load, block, choices) and d.coefficient_of(load.offset, nest.vector) == 1)
    return (*steps[:heaviest], replace(nest, fetched=fetched), *steps[heaviest + 1:])


def _functions(nest: Nest) -> int:
    return sum(one.fn not in SHORT for one in find(nest.value, Apply))


def _next(offset: Dim, block: Axis) -> Dim:
    """A place in the next block; in the last one, where there is no next, in itself."""
    after = d.minimum(Expr({(block,): 1}) + 1, block.extent - 1)
    return d.substitute(offset, {block: after}.get)


def _is_far(load: Load, block: Axis, choices: Choices) -> bool:
    """Whether each block has its own part of a buffer that is too large for the caches near by."""
    size = load.buffer.size
    return block in d.atoms(load.offset) and (not d.is_static(size) or size * ITEM[load.buffer.dtype] >= choices.next)
