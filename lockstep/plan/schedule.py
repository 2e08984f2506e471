"""Decides what is computed where: which values get memory, and the loop nest or kernel that fills each.

A value is computed inside its consumer's nest unless that would compute it twice, or unless it is what no nest inlines
(a product, a scan, a sort, a loop). `Homes` finds out by pushing index expressions from the outputs towards the inputs:
a value that is needed at one index of one nest lives there; one that is needed twice gets memory of its own.
"""
from __future__ import annotations

from typing import Any, Sequence

from ..graph import dims as d
from ..graph.build import axes_for
from ..graph.core import Graph, Node, Origin, Value
from ..graph.dims import Axis, Dim
from ..graph.primitives.kernels import kernel_of
from . import contractions
from .memory import assign
from .nest import (ArgReduced, Apply, Buffer, GatherLoad, Guarded, IndexValue, KernelCall, Literal, Load, Nest, Plan,
                   Reduced, Repeat, ScanNest, ScatterNest, SortRows)

LEAVES = ("input", "weight", "constant", "iota")
ALWAYS = ("contract", "scan", "sort", "scatter", "concat", "loop", "kernel")
NEEDS_MEMORY = {"gather": (0,), "scan": (0,), "sort": (0,)}       # which inputs must lie in memory as they are


def schedule(graph: Graph) -> Plan:
    """The plan of a graph that the passes are done with."""
    inputs = [Buffer(name, v.dtype, v.dims, "input", d.product(v.dims)) for name, v in zip(graph.input_names, graph.inputs)]
    outputs = [Buffer(name, v.dtype, v.dims, "output", d.product(v.dims)) for name, v in zip(graph.output_names, graph.outputs)]
    scope = Scope(Names(), {id(v.node): buffer for v, buffer in zip(graph.inputs, inputs)})
    steps = scope.body(graph, outputs)
    arena_buffers = scope.names.buffers
    arena = assign(steps, arena_buffers)
    weights = scope.names.weights.values()                       # in the order of first use
    return Plan(tuple(inputs), tuple(outputs), tuple(weights), tuple(steps), arena, tuple(arena_buffers),
                dict(graph.symbols), graph.input_names, graph.output_names, graph.tree)


class Names:
    """The buffers and axes of one plan, numbered as they are made."""

    def __init__(self) -> None:
        self.buffers: list[Buffer] = []
        self.weights: dict[int, Buffer] = {}
        self.axes = 0

    def arena(self, dtype: str, dims: Sequence[Dim]) -> Buffer:
        buffer = Buffer(f"t{len(self.buffers)}", dtype, tuple(dims), "arena", d.product(dims))
        self.buffers.append(buffer)
        return buffer

    def weight(self, node: Node) -> Buffer:
        if id(node) not in self.weights:
            type_ = node.types[0]
            self.weights[id(node)] = Buffer(node.attrs["name"], type_.dtype, type_.dims, "weight",
                                            d.product(type_.dims), array=node.attrs["array"])
        return self.weights[id(node)]

    def axis(self, extent: Dim) -> Dim:
        self.axes += 1
        return d.axis(f"i{self.axes}", extent)


class Homes:
    """For every value of a graph: the (nest, index) pairs that need it, and whether it gets memory."""

    def __init__(self, graph: Graph, forced: set[int]):
        self.uses: dict[tuple[int, int], set] = {}
        self.roots: set[tuple[int, int]] = set()
        self.forced = forced
        for k, value in enumerate(graph.outputs):
            self._force(value)
        for node in reversed(graph.nodes):
            self._place(node)

    def is_root(self, value: Value) -> bool:
        return (id(value.node), value.index) in self.roots

    def _force(self, value: Value) -> None:
        if value.node.op not in LEAVES:
            self.roots.add((id(value.node), value.index))
            self.uses.setdefault((id(value.node), value.index), set())

    def _need(self, value: Value, home: Any, index: tuple) -> None:
        self.uses.setdefault((id(value.node), value.index), set()).add((home, index))

    def _place(self, node: Node) -> None:
        if node.op in LEAVES:
            return
        keys = [(id(node), k) for k in range(len(node.types))]
        if node.op in ALWAYS:
            self.roots.update(keys)
        elif any(key in self.roots for key in keys) or (node.op != "reindex" and not cheap(node)
                                                        and len(self.uses.get(keys[0], ())) > 1):
            self.roots.update(keys)
        if any(key in self.roots for key in keys):
            homes = {(id(node), tuple(axes_for(node.types[0].dims)))}
        else:
            homes = self.uses.get(keys[0], set())
        for home, index in homes:
            self._push(node, home, index)

    def _push(self, node: Node, home: Any, index: tuple) -> None:
        place = {f"o{k}": i for k, i in enumerate(index)}
        if node.op == "map":
            for value in node.inputs:
                self._need(value, home, index)
        elif node.op == "reindex":
            x = node.inputs[0]
            if x.node.op not in LEAVES and not cheap(x.node) and _repeats(node):
                self._force(x)
            inner = tuple(_substitute(i, place) for i in node.attrs["index"])
            if node.attrs["guard"]:
                inner = inner + (("guard", id(node)),)
            self._need(x, home, inner)
        elif node.op in ("reduce", "arg_reduce"):
            gone = node.attrs["axes"] if node.op == "reduce" else (node.attrs["axis"],)
            kept = iter(index)
            inner = tuple(d.axis(f"r{k}_{id(node)}", n) if k in gone else next(kept)
                          for k, n in enumerate(node.inputs[0].dims))
            self._need(node.inputs[0], home, inner)
        elif node.op == "contract":
            for k, value in enumerate(node.inputs):
                self._need(value, (id(node), k), tuple(axes_for(value.dims)))
                self._force(contractions.view_source(value))
        else:
            for k, value in enumerate(node.inputs):
                self._need(value, (id(node), k), tuple(axes_for(value.dims)))
                if k in NEEDS_MEMORY.get(node.op, ()) or node.op in ("kernel",) or \
                        (node.op == "loop" and k >= node.attrs["carried"]):
                    self._force(value)


def cheap(node: Node) -> bool:
    """Worth computing again wherever it is needed: numbers, counters, and a cast or sign of such."""
    if node.op in ("constant", "iota"):
        return True
    if node.op in ("map", "reindex"):
        return all(cheap(value.node) for value in node.inputs) and node.op == "map" or \
            (node.op == "reindex" and cheap(node.inputs[0].node))
    return False


def _repeats(node: Node) -> bool:
    """True where several points of a reindex share an element: a broadcast, or windows that overlap."""
    index, axes = node.attrs["index"], [a for a in axes_for(node.types[0].dims) if not d.is_static(a)]
    used: set = set()
    for expression, extent in zip(index, node.inputs[0].dims):
        own = {atom for atom in d.atoms(expression) if isinstance(atom, Axis)}
        if len(own) > 1 and not d.opaque_atoms(expression) and d.less(extent, d.product(a.extent for a in own)):
            return True
        used |= own
    return any(not d.atoms(axis) <= used for axis in axes)


def _substitute(expression: Dim, place: dict) -> Dim:
    return d.substitute(expression, lambda atom: place.get(atom.name) if isinstance(atom, Axis) else None)


class Scope:
    """Plans one graph: the program itself, or the body of a loop inside it."""

    def __init__(self, names: Names, bound: dict[int, Any]):
        self.names = names
        self.bound = bound                   # node id -> Buffer, or a function of an index that gives an expression
        self.memory: dict[tuple[int, int], Buffer] = {}
        self.steps: list[Any] = []

    def body(self, graph: Graph, outputs: Sequence[Buffer]) -> list:
        """The steps that compute the graph's outputs into the given buffers."""
        self.homes = Homes(graph, set())
        written: set[tuple[int, int]] = set()
        for value, buffer in zip(graph.outputs, outputs):
            key = (id(value.node), value.index)
            if value.node.op not in LEAVES and key not in self.memory and value.node.op != "loop":
                self.memory[key] = buffer
                written.add(key)
        for node in graph.nodes:
            if node.op not in LEAVES and any((id(node), k) in self.homes.roots for k in range(len(node.types))):
                self._compute(node)
        done: set[tuple[int, int]] = set()
        for value, buffer in zip(graph.outputs, outputs):
            key = (id(value.node), value.index)
            if key in written and key not in done and self.memory.get(key) is buffer:
                done.add(key)
                continue
            self._copy(value, buffer)
        return self.steps

    # -- steps

    def _copy(self, value: Value, target: Buffer) -> None:
        self._nest(target, value, value.node.origins)

    def _nest(self, target: Buffer, value: Value, origins: frozenset[Origin], offset: Dim = 0,
              strides: Sequence[Dim] | None = None) -> None:
        """target[offset + strides * axes] = value at the axes."""
        axes = [self.names.axis(n) for n in value.dims]
        place = sum((a * s for a, s in zip(axes, strides or target.strides)), offset)
        expression, inlined = self.lower_root(value, axes)
        self.steps.append(Nest(_plain(axes), target, place, expression, origins=origins | inlined))

    def result(self, node: Node, k: int = 0) -> Buffer:
        key = (id(node), k)
        if key not in self.memory:
            self.memory[key] = self.names.arena(node.types[k].dtype, node.types[k].dims)
        return self.memory[key]

    def _compute(self, node: Node) -> None:
        handler = getattr(self, f"_compute_{node.op}", None)
        if handler is not None:
            handler(node)
        else:
            self._nest(self.result(node), node.results[0], node.origins)

    def _compute_contract(self, node: Node) -> None:
        contractions.compute(self, node)

    def _compute_concat(self, node: Node) -> None:
        target, start, axis = self.result(node), 0, node.attrs["axis"]
        for value in node.inputs:
            self._nest(target, value, node.origins, start * target.strides[axis], target.strides)
            start = start + value.dims[axis]

    def _compute_scatter(self, node: Node) -> None:
        base, updates, *tensors = node.inputs
        target = self.result(node)
        self._nest(target, base, node.origins)
        axes = [self.names.axis(n) for n in updates.dims]
        offset, places = self._places(node, target, base.dims, tensors, axes, {})
        value, inlined = self._lowered(updates, axes)
        self.steps.append(ScatterNest(_plain(axes), target, offset, places, value, node.attrs["mode"],
                                      node.origins | inlined))

    def _compute_scan(self, node: Node) -> None:
        x, along = node.inputs[0], node.attrs["axis"]
        target = self.result(node)
        index_target = self.result(node, 1) if len(node.types) > 1 else None
        axes = [self.names.axis(n) for n in x.dims]
        offset = sum((a * s for a, s in zip(axes, target.strides)), 0)
        value, inlined = self._lowered(x, axes)
        outer = _plain(axes[:along] + axes[along + 1:])
        row = _plain([axes[along]])
        self.steps.append(ScanNest(outer, row[0] if row else None, node.attrs["monoid"], value, target, index_target, offset,
                                   node.origins | inlined))

    def _compute_sort(self, node: Node) -> None:
        x, along = node.inputs[0], node.attrs["axis"]
        source = self.buffer_of(x)
        values, indices = self.result(node), self.result(node, 1)
        axes = [self.names.axis(n) if k != along else 0 for k, n in enumerate(x.dims)]
        offset = sum((a * s for a, s in zip(axes, values.strides)), 0)
        extent = x.dims[along] if x.rank else 1
        scratch = self.names.arena("int64", (extent * 2,))
        self.steps.append(SortRows(_plain(axes), extent, node.attrs["descending"], source, offset, values.strides[along] if x.rank else 1,
                                   values, indices, offset, values.strides[along] if x.rank else 1, scratch, node.origins))

    def _compute_kernel(self, node: Node) -> None:
        inputs = tuple(self.buffer_of(v) for v in node.inputs)
        outputs = tuple(self.result(node, k) for k in range(len(node.types)))
        arguments = {k: v for k, v in node.attrs.items() if k != "name"}
        room = kernel_of(node).scratch
        scratch = self.names.arena(node.inputs[0].dtype, (room(node),)) if room is not None else None
        self.steps.append(KernelCall(node.attrs["name"], kernel_of(node).header, inputs, outputs, arguments, scratch,
                                     node.origins))

    def _compute_loop(self, node: Node) -> None:
        carried, slices = node.attrs["carried"], node.attrs["slices"]
        body: Graph = node.attrs["body"]
        state = [self.result(node, k) for k in range(carried)]
        for value, buffer in zip(node.inputs, state):
            self._copy(value, buffer)
        step = self.names.axis(node.attrs["trip"])
        bound: dict[int, Any] = {id(body.inputs[0].node): lambda index: IndexValue(step, "int64")}
        for value, buffer in zip(body.inputs[1:], state):
            bound[id(value.node)] = buffer
        for value, outer in zip(body.inputs[1 + carried:], node.inputs[carried:carried + slices]):
            bound[id(value.node)] = self._row(self.buffer_of(outer), step)
        for value, outer in zip(body.inputs[1 + carried + slices:], node.inputs[carried + slices:]):
            bound[id(value.node)] = self.buffer_of(outer)
        inner = Scope(self.names, bound)
        following = [self.names.arena(b.dtype, b.dims) for b in state]
        rows = [self.result(node, k) for k in range(carried, len(node.types))]
        row_values = body.outputs[carried:]
        row_buffers = [self.names.arena(v.dtype, v.dims) for v in row_values]
        steps = inner.body(body, following + row_buffers)
        for buffer, row in zip(row_buffers, rows):
            steps.append(self._buffer_copy(buffer, row, step))
        for new, old in zip(following, state):
            steps.append(self._buffer_copy(new, old))
        self.steps.append(Repeat(_plain([step])[0] if _plain([step]) else None, tuple(steps), node.origins))

    def _row(self, buffer: Buffer, step: Dim):
        """A loop's slice: the buffer's row at the loop's step."""
        return lambda index: Load(buffer, sum((i * s for i, s in zip((step, *index), buffer.strides)), 0), buffer.dtype)

    def _buffer_copy(self, source: Buffer, target: Buffer, row: Dim = 0) -> Nest:
        axes = [self.names.axis(n) for n in source.dims]
        offset = sum((a * s for a, s in zip(axes, source.strides)), 0)
        return Nest(_plain(axes), target, offset + row * source.size, Load(source, offset, source.dtype))

    # -- memory

    def buffer_of(self, value: Value) -> Buffer:
        """The memory of a value that has some."""
        key = (id(value.node), value.index)
        if key in self.memory:
            return self.memory[key]
        if id(value.node) in self.bound and isinstance(self.bound[id(value.node)], Buffer):
            return self.bound[id(value.node)]
        if value.node.op == "weight":
            return self.names.weight(value.node)
        buffer = self.memory[key] = self.names.arena(value.dtype, value.dims)     # a leaf that must lie in memory
        self._copy(value, buffer) if value.node.op in LEAVES else None
        return buffer

    # -- expressions

    def lower_root(self, value: Value, axes: Sequence[Dim]) -> tuple[Any, frozenset]:
        """The expression that computes a value itself, even where it has memory already assigned to it."""
        self.inlined: set[Origin] = set()
        key = (id(value.node), value.index)
        own = self.memory.get(key)
        if own is not None and value.node.op in ALWAYS:
            return Load(own, sum((a * s for a, s in zip(axes, own.strides)), 0), own.dtype), frozenset()
        memo: dict = {}
        computed = own is not None and any(getattr(s, "target", None) is own for s in self.steps)
        expression = self.lower(value, tuple(axes), memo, fresh=not computed)
        return expression, frozenset(self.inlined)

    def _lowered(self, value: Value, axes: Sequence[Dim]) -> tuple[Any, frozenset]:
        self.inlined = set()
        return self.lower(value, tuple(axes), {}), frozenset(self.inlined)

    def lower(self, value: Value, index: tuple, memo: dict, fresh: bool = False) -> Any:
        """What the value is at an index, as an expression over loads."""
        node, key = value.node, (id(value.node), value.index)
        if (key, index) in memo:
            return memo[key, index]
        if node.op == "constant":
            result = Literal(node.attrs["value"], value.dtype)
        elif node.op == "iota":
            result = IndexValue(index[0], value.dtype)
        elif node.op == "weight" or id(node) in self.bound:
            place = self.bound.get(id(node)) or self.names.weight(node)
            result = place(index) if callable(place) else self._load(place, index)
        elif not fresh and (key in self.memory or self.homes.is_root(value)):
            result = self._load(self.memory[key], index)
        else:
            result = self._inline(node, value, index, memo)
        memo[key, index] = result
        return result

    def _load(self, buffer: Buffer, index: tuple) -> Load:
        return Load(buffer, sum((i * s for i, s in zip(index, buffer.strides)), 0), buffer.dtype)

    def _inline(self, node: Node, value: Value, index: tuple, memo: dict) -> Any:
        if not cheap(node):                  # a number that many operators share says nothing about where this comes from
            self.inlined |= node.origins
        if node.op == "map":
            return Apply(node.attrs["fn"], tuple(self.lower(x, index, memo) for x in node.inputs), value.dtype)
        if node.op == "reindex":
            place = {f"o{k}": i for k, i in enumerate(index)}
            inner = tuple(_substitute(i, place) for i in node.attrs["index"])
            guards = tuple(g for g in (_substitute(g, place) for g in node.attrs["guard"]) if not d.not_negative(g))
            result = self.lower(node.inputs[0], inner, memo)
            return Guarded(guards, result, Literal(node.attrs["fill"], value.dtype), value.dtype) if guards else result
        if node.op == "gather":
            buffer = self.buffer_of(node.inputs[0])
            offset, places = self._places(node, buffer, node.inputs[0].dims, node.inputs[1:], index, memo)
            return GatherLoad(buffer, offset, places, value.dtype)
        if node.op == "reduce":
            axes = [self.names.axis(node.inputs[0].dims[k]) for k in node.attrs["axes"]]
            kept, folded = iter(index), iter(axes)
            inner = tuple(next(folded) if k in node.attrs["axes"] else next(kept) for k in range(node.inputs[0].rank))
            return Reduced(node.attrs["monoid"], _plain(axes), self.lower(node.inputs[0], inner, memo),
                           value.dtype)
        if node.op == "arg_reduce":
            axis = self.names.axis(node.inputs[0].dims[node.attrs["axis"]])
            inner = (*index[:node.attrs["axis"]], axis, *index[node.attrs["axis"]:])
            plain = _plain([axis])
            if not plain:
                return Literal(0, "int64")
            return ArgReduced(node.attrs["which"], plain[0], self.lower(node.inputs[0], inner, memo), value.dtype)
        raise AssertionError(f"{node.op} is never computed inside another nest")

    def _places(self, node: Node, buffer: Buffer, extents: Sequence[Dim], tensors: Sequence[Value], index: Sequence[Dim],
                memo: dict) -> tuple[Dim, tuple]:
        substitute = {f"o{k}": i for k, i in enumerate(index)}
        offset: Dim = 0
        places = []
        for place, stride, extent in zip(node.attrs["index"], buffer.strides, extents):
            if isinstance(place, tuple):
                places.append((self.lower(tensors[place[1]], tuple(index), memo), stride, extent))
            else:
                offset = offset + _substitute(place, substitute) * stride
        return offset, tuple(places)


def _plain(axes: Sequence[Dim]) -> tuple[Axis, ...]:
    """The Axis atoms of axis expressions; an axis of extent 1 is the number 0 and needs no loop."""
    return tuple(atom for expression in axes if not d.is_static(expression) for atom in d.atoms(expression)
                 if isinstance(atom, Axis))
