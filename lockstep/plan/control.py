"""Branches, loops and what a mask picks out, as steps. A graph inside is planned by a scope of its own."""
from __future__ import annotations

from typing import Any

from ..graph import dims as d
from ..graph.core import Graph, Node
from ..graph.dims import Dim
from .nest import Apply, Buffer, Choose, Compact, IndexValue, Literal, Load, Nest, Repeat, plain
from .settled import written
from .traverse import parts, with_buffers


def branch(scope: Any, node: Node) -> None:
    """Both sides write into the branch's own results."""
    results = [scope.result(node, k) for k in range(len(node.types))]
    buffers, first = [scope.buffer_of(v) for v in node.inputs], node.attrs["captured"]
    sides = [tuple(scope.inner(node.attrs[side], buffers[part], node.inputs[part]).body(node.attrs[side], results))
             for side, part in (("then", slice(1, 1 + first)), ("otherwise", slice(1 + first, None)))]
    scope.steps.append(Choose(scope.load(buffers[0], ()), *sides, node.origins))


def loop(scope: Any, node: Node) -> None:
    """What is carried lies in the loop's results; a turn computes the next values beside them, then copies them over."""
    carried, slices, trip = node.attrs["carried"], node.attrs["slices"], node.attrs["trip"]
    body: Graph = node.attrs["body"]
    state = [scope.result(node, k) for k in range(carried)]
    for value, buffer in zip(node.inputs, state):
        scope.copy(value, buffer)
    step = scope.names.counter(trip) if node.attrs["while"] else scope.names.axis(trip)
    parts = [_row(scope.buffer_of(outer), step) for outer in node.inputs[carried:carried + slices]]
    outside = node.inputs[carried + slices:]
    captured = [scope.buffer_of(outer) for outer in outside]
    following = [scope.names.arena(b.dtype, b.dims) for b in state]
    rows = [scope.result(node, carried + k) for k in range(len(body.outputs) - carried)]
    fresh = [_same_as(v, body.outputs[:carried], following) or scope.names.arena(v.dtype, v.dims)
             for v in body.outputs[carried:]]
    inner = scope.inner(body, [lambda index: IndexValue(step, "int64"), *state, *parts, *captured], outside)
    steps = inner.body(body, following + fresh)
    steps += _stored(scope, node, step, tuple(scope.buffer_copy(one, row, step) for one, row in zip(fresh, rows)))
    for new, old in zip(following, state):
        steps = _kept_in_place(steps, new, old) or [*steps, scope.buffer_copy(new, old)]
    condition, turns = (state[0], scope.result(node, len(node.types) - 1)) if node.attrs["while"] else (None, None)
    axes = plain([step])
    scope.steps.append(Repeat(axes[0] if axes else None, tuple(steps), condition, turns, node.origins))


def _same_as(value: Any, others: Any, buffers: list[Buffer]) -> Buffer | None:
    """The buffer of the one among other values that is the same."""
    return next((buffer for one, buffer in zip(others, buffers)
                 if one.node is value.node and one.index == value.index and one.node.op not in ("input", "loop")), None)


def _kept_in_place(steps: list, new: Buffer, old: Buffer) -> list | None:
    """The steps with the next value written where the present one lies; None where that one is still needed then."""
    places = [k for k, step in enumerate(steps) if new in written(step)]
    if len(places) != 1 or not isinstance(steps[places[0]], Nest):
        return None
    writer, later = steps[places[0]], steps[places[0] + 1:]
    read = [part for part in parts(writer.value) if getattr(part, "buffer", None) is old]
    if any(not isinstance(load, Load) or load.offset != writer.offset for load in read) or \
            any(part is old for step in later for part in parts(step)):
        return None
    return list(with_buffers(tuple(steps), {new: old}))


def _row(buffer: Buffer, step: Dim) -> Any:
    """A loop's slice: the buffer's row at the loop's step."""
    return lambda index: Load(buffer, sum((i * s for i, s in zip((step, *index), buffer.strides)), 0), buffer.dtype)


def _stored(scope: Any, node: Node, step: Dim, copies: tuple) -> list:
    """Rows go where there is room for them; a loop that turns more often than was prepared for goes on to its end, so that
    the run can say for how many."""
    if not copies or not node.attrs["while"]:
        return list(copies)
    (count,) = d.atoms(node.types[-2].dims[0])
    if not scope.names.is_prepared(count.name):
        return list(copies)
    room = Apply("less", (IndexValue(step, "int64"), Literal(scope.names.most[count.name], "int64")), "bool")
    return [Choose(room, copies, ())]


def compact(scope: Any, node: Node) -> None:
    """The axis is looped over whatever its extent, and its positions are counted as they are found."""
    axis = scope.names.counter(node.inputs[0].dims[0])
    mask, inlined = scope.lowered(node.inputs[0], [axis])
    scope.steps.append(Compact(plain([axis])[0], mask, scope.result(node, 0), scope.result(node, 1),
                               node.origins | inlined))
