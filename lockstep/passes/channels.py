"""channels: convolutions give their channels in blocks that fill vector registers, and what follows keeps them so.

Needs: nothing. Afterwards: a convolution of floats contracts windows of [n, channels / block, y, x, block], whose blocks of
16 channels (or all of them, where they cannot be divided) lie side by side; pointwise functions, windows, pooling and
concatenation that follow work on that layout, and the channels come back into their place only where something else
reads them. All of it is movement: the values are the same.
"""
from __future__ import annotations

import re
from typing import Mapping, NamedTuple, Sequence

from ..graph import dims as d
from ..graph.build import Tensor, axes_for, contract, reindex
from ..graph.core import Graph, Node, Type, Value, originating
from .rewrite import rebuild, within

BLOCK = 16                  # channels that lie side by side: the lanes of the widest registers
LEAST_CHANNELS = 8          # a convolution to fewer than these leaves most lanes idle
CONVOLUTION = re.compile(r"ngc(x|xy)(u|uv),goc\2->ngo\1")


class Blocked(NamedTuple):
    """The same elements with the channels, dim `axis`, cut into blocks of `size`, which are the last dim."""

    value: Value
    axis: int
    size: int


def channels(graph: Graph) -> Graph:
    known: dict[tuple[int, int], Blocked] = {}

    def rule(node: Node, inputs: tuple[Value, ...]) -> Sequence[Value] | None:
        if (changed := within(node, inputs, channels)) is not None:
            return changed
        if node.op not in _RULES:
            return None
        with originating(node.origins):
            found = _RULES[node.op](node, inputs, known)
            if found is None:
                return None
            result = _together(found)
        known[_key(result)] = found
        return (result,)
    return rebuild(graph, rule)


def _key(value: Value) -> tuple[int, int]:
    return id(value.node), value.index


def _together(blocked: Blocked) -> Tensor:
    """The channels in their place again."""
    value, axis, size = blocked
    dims = [*value.dims[:-1]]
    dims[axis] = dims[axis] * size
    axes = axes_for(dims)
    place = axes[axis]
    return reindex(value, [*axes[:axis], place // size, *axes[axis + 1:], place % size], dims)


def _apart(value: Value, axis: int, size: int) -> Tensor:
    dims = [*value.dims, size]
    dims[axis] = dims[axis] // size
    axes = axes_for(dims)
    return reindex(value, [axes[k] * size + axes[-1] if k == axis else axes[k] for k in range(value.rank)], dims)


def _size(count: int) -> int:
    return BLOCK if count % BLOCK == 0 else count


# ---- convolutions

def _contract(node: Node, inputs: Sequence[Value], known: Mapping) -> Blocked | None:
    form = CONVOLUTION.fullmatch(node.attrs["equation"])
    if form is None or node.types[0].dtype not in ("float32", "float64"):
        return None
    patches, filters = inputs
    kept, groups, inside, outside = known.get(_key(patches)), *patches.dims[1:3], filters.dims[1]
    if groups == 1 and outside >= LEAST_CHANNELS and (kept is None or kept.axis == 2):
        return _dense(form, patches, kept, filters)
    if inside == outside == 1 and kept is not None and kept.axis == 1:
        return _depthwise(form, kept, filters)
    return None


def _dense(form: re.Match, patches: Value, kept: Blocked | None, filters: Value) -> Blocked:
    place, tap = form.groups()
    inside, outside = filters.dims[2], filters.dims[1]
    given, size = kept.size if kept else inside, _size(outside)
    dims = [patches.dims[0], inside // given, *patches.dims[3:], given]
    n, block, *extents, channel = axes_for(dims)
    patches = reindex(kept.value, [n, 0, block, *extents, channel], dims) if kept else \
        reindex(patches, [n, 0, channel, *extents], dims)
    shape = [outside // size, size, inside // given, given, *filters.dims[3:]]
    a = axes_for(shape)
    packed = reindex(filters, [0, a[0] * size + a[1], a[2] * given + a[3], *a[4:]], shape)
    return _with_unit_dim(contract(f"nb{place}{tap}c,dobc{tap}->nd{place}o", patches, packed), 1, Blocked(patches, 2, size))


def _depthwise(form: re.Match, kept: Blocked, filters: Value) -> Blocked:
    place, tap = form.groups()
    dims = [*kept.value.dims[:2], *kept.value.dims[3:]]
    n, block, *rest = axes_for(dims)
    patches = reindex(kept.value, [n, block, 0, *rest], dims)
    shape = [dims[1], *filters.dims[3:], kept.size]
    group, *taps, channel = axes_for(shape)
    packed = reindex(filters, [group * kept.size + channel, 0, 0, *taps], shape)
    return _with_unit_dim(contract(f"nb{place}{tap}c,b{tap}c->nb{place}c", patches, packed), 2, kept)


def _with_unit_dim(y: Value, at: int, like: Blocked) -> Blocked:
    """The convolution's definition has a dim of groups, or of channels in a group, which is 1 here."""
    dims = [*y.dims[:at], 1, *y.dims[at:]]
    axes = axes_for(dims)
    return like._replace(value=reindex(y, [*axes[:at], *axes[at + 1:]], dims))


# ---- what follows

def _map(node: Node, inputs: Sequence[Value], known: Mapping) -> Blocked | None:
    kept = next((known[_key(v)] for v in inputs if _key(v) in known), None)
    if kept is None:
        return None
    values = [known[_key(v)].value if _key(v) in known and known[_key(v)][1:] == kept[1:] else _apart(v, *kept[1:])
              for v in inputs]
    return Blocked(Node("map", tuple(values), node.attrs, (Type(node.types[0].dtype, values[0].dims),)).results[0], *kept[1:])


def _reindex(node: Node, inputs: Sequence[Value], known: dict) -> Blocked | None:
    """Movement that leaves the channels a dim of their own."""
    (value,) = inputs
    kept = known.get(_key(value))
    if kept is None:
        return None
    index, guard, dims = node.attrs["index"], node.attrs["guard"], node.types[0].dims
    axes = axes_for(dims)
    channel = index[kept.axis]
    if d.is_static(channel) or channel not in axes or dims[axes.index(channel)] != value.dims[kept.axis]:
        return None
    at = axes.index(channel)
    others = [e for k, e in enumerate(index) if k != kept.axis]
    if any(d.atoms(e) & d.atoms(channel) for e in (*others, *guard) if not d.is_static(e)):
        return None
    new = [*dims, kept.size]
    new[at] = kept.value.dims[kept.axis]
    inner = axes_for(new)
    place = [inner[at] if k == kept.axis else e for k, e in enumerate(index)]
    moved = Blocked(reindex(kept.value, [*place, inner[-1]], new, guard, node.attrs["fill"]), at, kept.size)
    if guard and len(dims) == value.rank and at == kept.axis:
        border = [e - axis for e, axis in zip(index, axes)]
        if all(map(d.is_static, border)):
            known[_key(value)] = _inside(kept, moved, border)
    return moved


def _inside(kept: Blocked, padded: Blocked, border: Sequence[int]) -> Blocked:
    """What is needed with a border is kept with it, and read inside of it by what needs none."""
    *axes, last = axes_for(kept.value.dims)
    place = [axis - b for axis, b in zip(axes, border)]
    return kept._replace(value=reindex(padded.value, [*place, last], kept.value.dims))


def _reduce(node: Node, inputs: Sequence[Value], known: Mapping) -> Blocked | None:
    kept = known.get(_key(inputs[0]))
    gone = node.attrs["axes"]
    if kept is None or kept.axis in gone:
        return None
    dims = tuple(n for k, n in enumerate(kept.value.dims) if k not in gone)
    value = Node("reduce", (kept.value,), node.attrs, (Type(node.types[0].dtype, dims),)).results[0]
    return Blocked(value, kept.axis - sum(k < kept.axis for k in gone), kept.size)


def _concat(node: Node, inputs: Sequence[Value], known: Mapping) -> Blocked | None:
    kept = [known.get(_key(v)) for v in inputs]
    first, axis = kept[0], node.attrs["axis"]
    if any(one is None or one[1:] != first[1:] for one in kept) or (axis == first.axis and first.size != BLOCK):
        return None
    dims = list(first.value.dims)
    dims[axis] = sum((one.value.dims[axis] for one in kept[1:]), dims[axis])
    value = Node("concat", tuple(one.value for one in kept), node.attrs, (Type(node.types[0].dtype, tuple(dims)),)).results[0]
    return first._replace(value=value)


_RULES = {"contract": _contract, "map": _map, "reindex": _reindex, "reduce": _reduce, "concat": _concat}
