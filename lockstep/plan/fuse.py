"""fuse: steps that walk the same rows run block by block of rows, so that what one leaves is near for the next.

A group of steps shares an axis (rows) where each of them, at one row, touches of every buffer that passes between them
only that row's own part: it then makes no difference whether a step runs for all rows first. What passes between the
steps of a group alone needs memory for one block only. This is how what follows a product becomes its epilogue, how
attention keeps its scores in the cache, and how a softmax walks its input once.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Iterable, Iterator, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim
from .choices import Choices
from .memory import ITEM
from .nest import Buffer, Convolve, Finish, Gemm, GatherLoad, ImageView, Load, Nest, PackColumns, Repeat
from .settled import written
from .shape import find, joined, rewrite_loads, replace_axis
from .traverse import flat, touched

SMALL = 1 << 15              # bytes: what stays in the nearest cache anyway gains nothing from blocks
FAR = 4 << 20                # bytes of weights that come from beyond the next cache again for every block of rows
UNKNOWN_ROWS = 16            # rows of a block, where a row's bytes are not known before the run


@dataclass(frozen=True)
class Part:
    """What one row touches of a buffer: from `low` to `high` beyond row * stride, in elements."""

    buffer: Buffer
    stride: Dim
    low: Dim
    high: Dim


@dataclass(frozen=True)
class Walk:
    """A step, and the axis along which it is cut: of its loops, or None for the rows of a product or of an image."""

    step: Any
    axis: Axis | None

    @property
    def extent(self) -> Dim:
        if self.axis is not None:
            return self.axis.extent
        return self.step.m if isinstance(self.step, Gemm) else self.step.shape.height


def fuse(steps: Sequence[Any], names: Any, later: Sequence[Any] = ()) -> list[Any]:
    """The steps with groups of them in blocks. `names` gives axes; `later` are steps that follow and stay as they are."""
    uses = Counter(buffer for step in flat([*steps, *later]) for buffer in touched(step))
    passing = sum((buffer.size * ITEM[buffer.dtype] for buffer, count in uses.items() if count > 1 and buffer.kind in ("arena", "input")), 0)
    return list(steps) if d.is_static(passing) and passing <= SMALL else _fused(steps, names, uses)


def _fused(steps: Sequence[Any], names: Any, uses: Counter) -> list[Any]:
    """`uses` counts the steps that touch each buffer."""
    result, left = [], [replace(s, steps=tuple(_fused(s.steps, names, uses))) if isinstance(s, Repeat) else s for s in steps]
    while left:
        group, before, count = max((_group(left, walk, names.choices) for walk in _walks(left[0])), key=lambda found: len(found[0]),
                                   default=([], [], 0))
        block = _block(group, names.choices)
        if block is None:
            result.append(left.pop(0))
            continue
        result += [*before, _in_blocks(group, block, names, uses)]
        left = left[count:]
    return result


# ---- groups

def _group(steps: Sequence[Any], first: Walk, choices: Choices) -> tuple[list[Walk], list[Any], int]:
    """(the walks that can share the first one's rows, steps between them to be done before, how many steps that are)."""
    group, between, best = [first], [], ([first], [], 1)
    for count, step in enumerate(steps[1:], 2):
        walk = next((one for one in _walks(step, first.extent) if one.extent == first.extent and _agree(group, one)
                     and _rows([*group, one], choices) is not None), None)
        if walk is not None and (isinstance(step, PackColumns) or _meet([one.step for one in group], step)):
            group = [*group, walk]
            best = (group, list(between), count)
        elif _meet([one.step for one in group], step):
            break
        else:
            between.append(step)
    return best


def _walks(step: Any, extent: Dim = 0) -> Iterator[Walk]:
    """The ways to cut a step: along an axis of its loops, several joined, or a product's rows; or along a part of an axis,
    where an extent to come to is given."""
    if isinstance(step, Gemm):
        yield from (Walk(step, axis) for axis in step.axes)
        yield Walk(step, None)
    elif isinstance(step, (PackColumns, Convolve)):
        yield from (Walk(step, axis) for axis in step.axes)
        yield from _parts_of_axes(step, extent)
    elif isinstance(step, Nest):
        yield from (Walk(step, axis) for axis in step.axes if not along_lanes(step, axis))
        yield from _parts_of_axes(step, extent)
        while len(step.axes) > 1 and joined(step, *step.axes[:2]):
            outer, inner = step.axes[:2]
            joint = d.axis(inner.name, outer.extent * inner.extent)
            (axis,) = d.atoms(joint)
            step = replace_axis(replace_axis(step, outer, (), 0), inner, (axis,), joint)
            if not along_lanes(step, axis):
                yield Walk(step, axis)


def _parts_of_axes(step: Any, extent: Dim) -> Iterator[Walk]:
    """Each axis in two, where its outer part has the extent."""
    for axis in step.axes:
        if d.is_static(extent) and d.is_static(axis.extent) and 1 < extent < axis.extent and axis.extent % extent == 0:
            inner = axis.extent // extent
            high, low = d.axis(axis.name + "h", extent), d.axis(axis.name + "l", inner)
            atoms = (*d.atoms(high), *d.atoms(low))
            yield Walk(with_axis(step, axis, atoms, high * inner + low), atoms[0])


def along_lanes(nest: Nest, axis: Axis) -> bool:
    """Whether memory lies along the axis: cutting it would leave nothing for the lanes."""
    for e in [nest.offset, *(load.offset for load in find(nest.value, Load))]:
        if not d.is_static(e) and d.coefficient_of(e, axis) == 1 and any(
                isinstance(atom, Axis) and atom != axis for atom in d.atoms(e)):
            return True
    return False


def _agree(group: Sequence[Walk], walk: Walk) -> bool:
    """Whether a step's rows touch the same parts of every buffer that passes between it and the group."""
    own = touched(walk.step)
    changed = {b for one in [*group, walk] for b in written(one.step)}
    for buffer in own & changed & set().union(*(touched(one.step) for one in group)):
        found = [part for one in [*group, walk] for part in _parts_of(one, buffer)]
        if any(part is None or part.stride != found[0].stride or not _within(part) for part in found):
            return False
    return True


def _within(part: Part) -> bool:
    return part.stride != 0 and d.not_negative(part.low) and d.not_negative(part.stride - 1 - part.high)


def _meet(some: Iterable[Any], step: Any) -> bool:
    """Whether the order of the step and some others matters."""
    own, changed = touched(step), set(written(step))
    return not isinstance(step, (Convolve, Gemm, Nest, PackColumns)) or \
        any(changed & touched(one) or own & set(written(one)) for one in some)


# ---- what a row touches

def _parts_of(walk: Walk, buffer: Buffer) -> Iterator[Part | None]:
    """Every access to the buffer; None for one that follows no rule."""
    step, axis = walk.step, walk.axis
    if isinstance(step, Nest):
        if step.target is buffer:
            yield _part(buffer, step.offset, axis)
        yield from (_part(buffer, load.offset, axis) for load in find(step.value, Load) if load.buffer is buffer)
        yield from (None for gather in find(step.value, GatherLoad) if gather.buffer is buffer)
        return
    if isinstance(step, Convolve):
        yield from (_part(buffer, view.offset, axis, reach) for view, reach in _views(step) if view.buffer is buffer)
        if step.packed is buffer:
            yield None
        return
    if isinstance(step, PackColumns):
        views = [(step.matrix, step.k, step.n)]
        panels, place = step.target, step.offset
    else:
        views = [(step.a, step.m, step.k), (step.c, step.m, step.n)]
        panels, place = step.packed, step.offset
    if panels is buffer:
        yield _part(buffer, place, axis, (step.n + 63) // 64 * 64 * step.k - 1) if axis is not None else None
    for view, rows, columns in views:
        if view.buffer is buffer and axis is None:
            yield Part(buffer, view.row, view.offset, view.offset + (columns - 1) * view.column)
        elif view.buffer is buffer:
            yield _part(buffer, view.offset, axis, (rows - 1) * view.row + (columns - 1) * view.column)


def _views(step: Convolve) -> list[tuple[Any, Dim]]:
    """The images of a convolution and what it finishes with, and how far each reaches from where it begins."""
    s, finish = step.shape, step.finish or Finish()
    rows = (s.height - 1) * s.stride_y + (s.kernel_height - 1) * s.dilation_y
    pixels = (s.width - 1) * s.stride_x + (s.kernel_width - 1) * s.dilation_x
    extents = [(step.x, s.inside, rows, pixels), (step.y, s.outside, s.height - 1, s.width - 1)]
    if finish.addend is not None:
        extents.append((finish.addend, s.outside, s.height - 1, s.width - 1))
    images = [(view, (channels // view.block - 1) * view.group + down * view.row + right * view.pixel
               + (view.block - 1) * view.channel) for view, channels, down, right in extents]
    return images + [(view, s.outside - 1) for view in (finish.scale, finish.shift) if view is not None]


def _part(buffer: Buffer, offset: Dim, axis: Axis, reach: Dim = 0) -> Part | None:
    stride = 0 if d.is_static(offset) else d.coefficient_of(offset, axis)
    if stride is None:
        return None
    rest = offset - stride * d.Expr({(axis,): 1})
    return Part(buffer, stride, rest, rest + reach)


# ---- blocks

def _block(group: Sequence[Walk], choices: Choices) -> Dim | None:
    """How many rows a block has; None where the group gains nothing from blocks."""
    if len(group) < 2 or not _passed(group):
        return None
    rows, extent, bytes_of_row = _rows(group, choices), greatest(group[0].extent), _bytes_of_row(group)
    if extent is None:
        return rows
    if extent <= rows or d.is_static(bytes_of_row) and extent * bytes_of_row <= SMALL:
        return None
    even = max(part for part in range(1, rows + 1) if extent % part == 0)
    return even if 2 * even > rows else rows


def greatest(extent: Dim) -> int | None:
    """The most that an extent can be, where that is known."""
    if d.is_static(extent):
        return extent
    limits = [side for atom in d.opaque_atoms(extent) if atom.op == "min" for side in (atom.a, atom.b) if d.is_static(side)]
    return min(limits, default=None)


def _rows(group: Sequence[Walk], choices: Choices) -> int | None:
    """The rows of a block, by the bytes that one row leaves; None where a block would be too large for its cache."""
    bytes_of_row = _bytes_of_row(group)
    products = [walk.step for walk in group if walk.axis is None]
    if not d.is_static(bytes_of_row):
        whole = any(not isinstance(walk.step, Nest) for walk in group)          # products for each row: one is enough
        return choices.rows if products else 1 if whole else UNKNOWN_ROWS
    if products:
        weights = sum((step.n * step.k * ITEM[step.packed.dtype] for step in products), 0)
        rows = choices.rows if bytes_of_row * choices.rows <= choices.next else None
        return 2 * rows if rows is not None and d.is_static(weights) and weights > FAR else rows
    return max(1, choices.near // max(bytes_of_row, 1))


def _bytes_of_row(group: Sequence[Walk]) -> Dim:
    """What a row leaves for the steps that follow, or what of it several of them read, whichever is more."""
    passed, readers = _passed(group), Counter(buffer for walk in group for buffer in touched(walk.step))
    read_again = [buffer for buffer, count in readers.items() if count > 1 and buffer not in passed]
    left, read = (sum((_row_of(buffer, group) for buffer in some), 0) for some in (passed, read_again))
    return max(left, read) if d.is_static(left) and d.is_static(read) else left


def _row_of(buffer: Buffer, group: Sequence[Walk]) -> Dim:
    """The bytes of a buffer from one row to the next; none where no rule tells which part of it is a row's."""
    part = next((part for walk in group for part in _parts_of(walk, buffer) if part is not None), None)
    return part.stride * ITEM[buffer.dtype] if part is not None else 0


def _passed(group: Sequence[Walk]) -> list[Buffer]:
    """The buffers that one step of the group writes and another reads."""
    changed = {buffer: walk for walk in group for buffer in written(walk.step)}
    return [b for b, writer in changed.items() if any(walk is not writer and b in touched(walk.step) for walk in group)]


def _in_blocks(group: Sequence[Walk], rows: int, names: Any, uses: Counter) -> Repeat:
    extent = group[0].extent
    axis, start, count = blocks_of(extent, rows, names)
    inside = [walk.step for walk in group]
    own = {buffer for buffer in _passed(group)
           if buffer.kind == "arena" and uses[buffer] == sum(buffer in touched(step) for step in inside)}
    strides = {}
    for buffer in own:
        strides[buffer] = next(part.stride for walk in group for part in _parts_of(walk, buffer))
    steps = [cut(walk, start, count, strides, names) for walk in group]
    for buffer, stride in strides.items():
        buffer.dims = (stride * rows,)
        buffer.size = stride * rows
    return Repeat(axis, tuple(_fused(steps, names, uses)), why=f"{rows} of {extent} rows at a time", blocks=True)


def blocks_of(extent: Dim, rows: int, names: Any) -> tuple[Axis, Dim, Dim]:
    """(the axis over blocks, where one begins, how many rows it has: the last one may have fewer)."""
    block = names.counter((extent + (rows - 1)) // rows)
    (axis,) = d.atoms(block)
    count = rows if d.mod(extent, rows) == 0 else d.minimum(rows, extent - block * rows)
    return axis, block * rows, count


def cut(walk: Walk, start: Dim, count: Dim, strides: dict[Buffer, Dim], names: Any) -> Any:
    """The step for `count` rows from `start` on; buffers of one block begin with it."""
    step, axis = walk.step, walk.axis

    def moved(buffer: Buffer, offset: Dim) -> Dim:
        return offset - strides[buffer] * start if buffer in strides else offset

    def view(one: Any) -> Any:
        return replace(one, offset=moved(one.buffer, one.offset))

    if axis is None and isinstance(step, Convolve):
        def below(one: Any) -> Any:
            by = step.shape.stride_y if one is step.x else 1
            return view(replace(one, offset=one.offset + one.row * by * start) if isinstance(one, ImageView) else one)
        return replace(step, shape=replace(step.shape, height=count)).with_views(below)
    if axis is None:
        a, c = (replace(one, offset=one.offset + one.row * start) for one in (step.a, step.c))
        return replace(step, m=count, a=view(a), c=view(c))
    row = names.axis(count)
    atoms = tuple(atom for atom in d.atoms(row) if isinstance(atom, Axis) and atom.extent == count) if not d.is_static(row) else ()
    step = with_axis(step, axis, atoms, row + start)
    if isinstance(step, Nest):
        value = rewrite_loads(step.value, lambda load: replace(load, offset=moved(load.buffer, load.offset)))
        return replace(step, offset=moved(step.target, step.offset), value=value)
    if isinstance(step, PackColumns):
        return replace(step, matrix=view(step.matrix), offset=moved(step.target, step.offset))
    if isinstance(step, Convolve):
        return step.with_views(view)
    return replace(step, a=view(step.a), c=view(step.c), offset=moved(step.packed, step.offset))


def with_axis(step: Any, axis: Axis, atoms: tuple[Axis, ...], value: Dim) -> Any:
    """The step with an axis of its loops replaced by others, whose value it has."""
    if isinstance(step, Nest):
        return replace_axis(step, axis, atoms, value)

    def at(offset: Dim) -> Dim:
        return d.substitute(offset, lambda atom: value if atom == axis else None)

    def view(one: Any) -> Any:
        return replace(one, offset=at(one.offset))

    axes = tuple(x for one in step.axes for x in (atoms if one == axis else (one,)))
    if isinstance(step, Convolve):
        return replace(step, axes=axes, offset=at(step.offset)).with_views(view)
    views = {name: view(getattr(step, name)) for name in ("matrix", "a", "c") if hasattr(step, name)}
    return replace(step, axes=axes, offset=at(step.offset), **views)
