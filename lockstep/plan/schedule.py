"""Writes the steps of a plan in the order of the graph: the loop nest or kernel that fills each value that gets memory.

What is computed inside its consumer's nest, unless that would compute it twice or no nest inlines it, is decided in homes.py.
"""
from __future__ import annotations

from dataclasses import replace
from math import frexp
from typing import Any, Callable, Mapping, Sequence

from ..graph import dims as d
from ..graph.core import FLOATS, Graph, Measured, Node, Origin, Value, sizes_of
from ..graph.dims import Axis, Dim
from ..graph.interpret import measures_of
from ..graph.primitives.kernels import kernel_of
from . import borders, contractions, control, convolution
from .choices import Choices
from .homes import LEAVES, Homes, cheap, is_alone, substitute
from .memory import bytes_of
from .nest import (Apply, ArgReduced, Buffer, GatherLoad, Guarded, IndexValue, KernelCall, Literal, Load, Measure, Nest, Plan,
                   RandomBits, Reduced, ScanNest, ScatterNest, SortRows, plain, prepared_name)
from .settled import SETTLED, settle, settled_in


def schedule(graph: Graph, choices: Choices) -> tuple[Plan, "Names"]:
    """The plan of a graph that the passes are done with, before its memory is laid out, and the names that it uses."""
    inputs = _ports("input", graph.input_names, graph.inputs, graph.complex_inputs)
    outputs = _ports("output", graph.output_names, graph.outputs, graph.complex_outputs)
    names = Names(choices)
    scope = Scope(names, {id(v.node): buffer for v, buffer in zip(graph.inputs, inputs)}, {})
    kept = [names.kept(update.name, update.array) for update in graph.updates]
    # what a run may end early over is found before the outputs are touched
    held = [names.arena(b.dtype, b.dims) for b in (outputs if graph.measured else [])]
    following = [names.arena(b.dtype, b.dims) for b in kept]
    steps = scope.body(graph, [*(held or outputs), *following])
    delivery = [scope.buffer_copy(*pair) for pair in zip([*held, *following], [*(outputs if held else []), *kept])]
    prepared = tuple(name for name in names.measured if names.is_prepared(name))
    return Plan(tuple(inputs), tuple(outputs), tuple(names.weights.values()), tuple(steps), 0, tuple(names.buffers),
                dict(graph.symbols), graph.input_names, graph.output_names, graph.tree, tuple(delivery), prepared,
                tuple(names.measured), tuple(names.state.values()), choices=choices), names


def _ports(kind: str, names: Sequence[str], values: Sequence[Value], whole: frozenset[int]) -> list[Buffer]:
    return [Buffer(name, v.dtype, v.dims, kind, d.product(v.dims), complex=k in whole)
            for k, (name, v) in enumerate(zip(names, values))]


class Names:
    """The buffers, axes and measured extents of one plan, as they are made; weights in the order of first use."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.buffers: list[Buffer] = []
        self.weights: dict[Any, Buffer] = {}
        self.state: dict[str, tuple[Buffer, Buffer]] = {}
        self.measured: dict[str, Measured] = {}
        self.sizes: set[str] = set()         # extents that tensors have
        self.axes = 0

    @property
    def most(self) -> dict[str, Dim]:
        """How large each measured extent can be."""
        return {name: d.symbol(prepared_name(name)) if self.is_prepared(name) else one.most
                for name, one in self.measured.items() if one.most is not None or name in self.sizes}

    def is_prepared(self, name: str) -> bool:
        """Whether memory is as large as a measured extent that nothing bounds."""
        return self.measured[name].most is None and name in self.sizes

    def arena(self, dtype: str, dims: Sequence[Dim]) -> Buffer:
        buffer = Buffer(f"t{len(self.buffers)}", dtype, tuple(dims), "arena", d.product(dims))
        self.buffers.append(buffer)
        return buffer

    def weight(self, node: Node) -> Buffer:
        return self._weight(id(node), node.attrs["name"], node.attrs["array"])

    def _weight(self, key: Any, name: str, array: Any) -> Buffer:
        if key not in self.weights:
            self.weights[key] = Buffer(name, str(array.dtype), tuple(array.shape), "weight", array.size, array=array)
        return self.weights[key]

    def kept(self, name: str, array: Any) -> Buffer:
        """The memory of a buffer that is kept from run to run."""
        if name not in self.state:
            start = self._weight(name, name, array)
            offset = sum((int(bytes_of(before)) for before, _ in self.state.values()), 0)
            self.state[name] = (replace(start, kind="state", offset=offset, array=None), start)
        return self.state[name][0]

    def axis(self, extent: Dim) -> Dim:
        self.axes += 1
        return d.axis(f"i{self.axes}", extent)

    def counter(self, extent: Dim) -> Dim:
        """An axis that is looped over whatever its extent."""
        self.axes += 1
        return d.Expr({(Axis(f"i{self.axes}", extent),): 1})


def simplified(fn: str, args: tuple, dtype: str) -> Any:
    """The function of its arguments, in its cheapest form that gives the same: a counter that is known not to be negative
    needs no wrapping round, and a power of two, whose reciprocal is exact, does not divide."""
    if fn == "less" and isinstance(args[0], IndexValue) and isinstance(args[1], Literal) and args[1].value == 0 \
            and d.not_negative(args[0].expression):
        return Literal(False, dtype)
    if fn == "select" and isinstance(args[0], Literal):
        return args[1] if args[0].value else args[2]
    if fn == "divide" and dtype in FLOATS and isinstance(args[1], Literal) and _has_exact_reciprocal(args[1].value):
        return Apply("multiply", (args[0], Literal(1 / float(args[1].value), dtype)), dtype)
    return Apply(fn, args, dtype)


def _has_exact_reciprocal(value: Any) -> bool:
    """Whether a number is a power of two whose reciprocal is normal in every floating dtype."""
    return not isinstance(value, d.Expr) and abs(frexp(value)[0]) == 0.5 and 2 ** -14 <= abs(value) <= 2 ** 14


class Scope:
    """Plans one graph: the program itself, or the body of a loop inside it."""

    def __init__(self, names: Names, bound: dict[int, Any], given: Mapping[int, int]):
        self.names = names
        self.bound = bound                   # node id -> Buffer, or a function of an index that gives an expression
        self.given = given                   # node id -> what is known of it before a run
        self.memory: dict[tuple[int, int], Buffer] = {}
        self.steps: list[Any] = []
        self.inlined: set[Origin] = set()

    def body(self, graph: Graph, outputs: Sequence[Buffer]) -> list:
        """The steps that compute the graph's results into the given buffers."""
        self.known = settled_in(graph, self.given)
        self.homes = Homes(graph, self.known)
        self.names.measured.update(graph.measured)
        self.names.sizes |= sizes_of(graph)
        measures = measures_of(graph)
        written: set[tuple[int, int]] = set()
        for value, buffer in zip(graph.results, outputs):
            key = (id(value.node), value.index)
            if value.node.op not in LEAVES and key not in self.memory and value.node.op != "loop":
                self.memory[key] = buffer
                written.add(key)
        for node in graph.nodes:
            if node.op not in LEAVES and any((id(node), k) in self.homes.roots for k in range(len(node.types))):
                self._compute(node)
            for name, one in measures.get(id(node), ()):
                self.steps.append(Measure(name, self.buffer_of(one.value), one.least, self.names.most.get(name),
                                          self.names.is_prepared(name), node.origins))
        for value, buffer in zip(graph.results, outputs):
            key = (id(value.node), value.index)
            if key not in written or self.memory[key] is not buffer:
                self.copy(value, buffer)
        return self.steps

    # -- steps

    def copy(self, value: Value, target: Buffer) -> None:
        self._nest(target, value, value.node.origins)

    def _nest(self, target: Buffer, value: Value, origins: frozenset[Origin], offset: Dim = 0,
              strides: Sequence[Dim] | None = None) -> None:
        """target[offset + strides * axes] = value at the axes."""
        axes = [self.names.axis(n) for n in value.dims]
        place = sum((a * s for a, s in zip(axes, strides or target.strides)), offset)
        expression, inlined = self.lower_root(value, axes)
        self.steps.append(Nest(plain(axes), target, place, expression, origins=origins | inlined))

    def result(self, node: Node, k: int = 0) -> Buffer:
        key = (id(node), k)
        if key not in self.memory:
            self.memory[key] = self.names.arena(node.types[k].dtype, node.types[k].dims)
        return self.memory[key]

    def _compute(self, node: Node) -> None:
        handler = getattr(self, f"_compute_{node.op}", None)
        if handler is not None:
            handler(node)
            return
        box = borders.padding(node) if node.op == "reindex" and node.attrs["guard"] else None
        if box is not None:
            borders.write(self, node, self.result(node), box)
        else:
            self._nest(self.result(node), node.results[0], node.origins)

    def _compute_contract(self, node: Node) -> None:
        if not convolution.compute(self, node):
            contractions.compute(self, node)

    def _compute_concat(self, node: Node) -> None:
        target, start, axis = self.result(node), 0, node.attrs["axis"]
        for value in node.inputs:
            self._nest(target, value, node.origins, start * target.strides[axis], target.strides)
            start = start + value.dims[axis]

    def _compute_compact(self, node: Node) -> None:
        control.compact(self, node)

    def _compute_scatter(self, node: Node) -> None:
        base, updates, *tensors = node.inputs
        target = self.result(node)
        self._nest(target, base, node.origins)
        axes = [self.names.axis(n) for n in updates.dims]
        offset, places = self._places(node, target, base.dims, tensors, axes, {})
        value, inlined = self.lowered(updates, axes)
        self.steps.append(ScatterNest(plain(axes), target, offset, places, value, node.attrs["mode"],
                                      node.origins | inlined))

    def _compute_scan(self, node: Node) -> None:
        x, along = node.inputs[0], node.attrs["axis"]
        target = self.result(node)
        index_target = self.result(node, 1) if len(node.types) > 1 else None
        axes = [self.names.axis(n) for n in x.dims]
        offset = sum((a * s for a, s in zip(axes, target.strides)), 0)
        value, inlined = self.lowered(x, axes)
        outer = plain(axes[:along] + axes[along + 1:])
        row = plain([axes[along]])
        self.steps.append(ScanNest(outer, row[0] if row else None, node.attrs["monoid"], value, target, index_target, offset,
                                   node.origins | inlined))

    def _compute_sort(self, node: Node) -> None:
        x, along = node.inputs[0], node.attrs["axis"]
        source = self.buffer_of(x)
        values, indices = self.result(node), self.result(node, 1)
        axes = [self.names.axis(n) if k != along else 0 for k, n in enumerate(x.dims)]
        offset = sum((a * s for a, s in zip(axes, values.strides)), 0)
        extent = x.dims[along] if x.rank else 1
        first, stride = node.attrs.get("first"), values.strides[along] if x.rank else 1
        scratch = self.names.arena("int64", (extent * 2,)) if first is None else None
        self.steps.append(SortRows(plain(axes), extent, node.attrs["descending"], source, offset, stride, values, indices, offset,
                                   stride, scratch, node.origins, first))

    def _compute_kernel(self, node: Node) -> None:
        inputs = tuple(self.buffer_of(v) for v in node.inputs)
        outputs = tuple(self.result(node, k) for k in range(len(node.types)))
        arguments = {k: v for k, v in node.attrs.items() if k != "name"}
        room = kernel_of(node).scratch
        scratch = self.names.arena(node.inputs[0].dtype, (room(node),)) if room is not None else None
        self.steps.append(KernelCall(node.attrs["name"], kernel_of(node).header, inputs, outputs, arguments, scratch,
                                     node.origins))

    def _compute_branch(self, node: Node) -> None:
        control.branch(self, node)

    def _compute_loop(self, node: Node) -> None:
        control.loop(self, node)

    def inner(self, graph: Graph, given: Sequence[Any], captured: Sequence[Value]) -> "Scope":
        """A scope for a graph inside this one, its inputs bound to what is given; the last ones are captured values."""
        known = {id(inside.node): self.known[id(value.node)]
                 for inside, value in zip(reversed(graph.inputs), reversed(captured))}
        return Scope(self.names, {id(value.node): place for value, place in zip(graph.inputs, given)}, known)

    def is_settled(self, value: Value) -> bool:
        """Whether weights alone decide the value."""
        return settle(value.node, self.known) == SETTLED

    def buffer_copy(self, source: Buffer, target: Buffer, row: Dim = 0) -> Nest:
        axes = [self.names.axis(n) for n in source.dims]
        offset = sum((a * s for a, s in zip(axes, source.strides)), 0)
        return Nest(plain(axes), target, offset + row * source.size, Load(source, offset, source.dtype))

    # -- memory

    def buffer_of(self, value: Value) -> Buffer:
        """The memory of a value that has some."""
        key = (id(value.node), value.index)
        if key in self.memory:
            return self.memory[key]
        if id(value.node) in self.bound and isinstance(self.bound[id(value.node)], Buffer):
            return self.bound[id(value.node)]
        if value.node.op in ("weight", "state"):
            return self._stored_tensor(value.node)
        buffer = self.memory[key] = self.names.arena(value.dtype, value.dims)     # a leaf that must lie in memory
        self.copy(value, buffer) if value.node.op in LEAVES else None
        return buffer

    def _stored_tensor(self, node: Node) -> Buffer:
        return self.names.weight(node) if node.op == "weight" else self.names.kept(node.attrs["name"], node.attrs["array"])

    # -- expressions

    def lower_root(self, value: Value, axes: Sequence[Dim]) -> tuple[Any, frozenset]:
        """The expression that computes a value itself, even where it has memory already assigned to it."""
        key = (id(value.node), value.index)
        own = self.memory.get(key)
        if own is not None and is_alone(value.node):
            return Load(own, sum((a * s for a, s in zip(axes, own.strides)), 0), own.dtype), frozenset()
        computed = own is not None and any(getattr(s, "target", None) is own for s in self.steps)
        return self.gathering(lambda: self.lower(value, tuple(axes), {}, fresh=not computed))

    def lowered(self, value: Value, axes: Sequence[Dim]) -> tuple[Any, frozenset]:
        return self.gathering(lambda: self.lower(value, tuple(axes), {}))

    def gathering(self, lower: Callable[[], Any]) -> tuple[Any, frozenset[Origin]]:
        """What `lower` gives, and where the operators that are computed in it come from."""
        before, self.inlined = self.inlined, set()
        found = lower()
        inlined, self.inlined = frozenset(self.inlined), before
        return found, inlined

    def lower(self, value: Value, index: tuple, memo: dict, fresh: bool = False) -> Any:
        """What the value is at an index, as an expression over loads."""
        node, key = value.node, (id(value.node), value.index)
        if (key, index) in memo:
            return memo[key, index]
        if node.op == "constant":
            result = Literal(node.attrs["value"], value.dtype)
        elif node.op == "iota":
            result = IndexValue(index[0], value.dtype)
        elif node.op == "random":
            place = sum((i * s for i, s in zip(index, d.strides(value.dims))), 0)
            result = RandomBits(node.attrs["stream"], IndexValue(place, "int64"), value.dtype)
        elif node.op in ("weight", "state") or id(node) in self.bound:
            place = self.bound.get(id(node)) or self._stored_tensor(node)
            result = place(index) if callable(place) else self.load(place, index)
        elif not fresh and (key in self.memory or self.homes.is_root(value)):
            result = self.load(self.memory[key], index)
        else:
            result = self._inline(node, value, index, memo)
        memo[key, index] = result
        return result

    def load(self, buffer: Buffer, index: tuple) -> Load:
        return Load(buffer, sum((i * s for i, s in zip(index, buffer.strides)), 0), buffer.dtype)

    def _inline(self, node: Node, value: Value, index: tuple, memo: dict) -> Any:
        if not cheap(node):                  # a number that many operators share says nothing about where this comes from
            self.inlined |= node.origins
        if node.op == "map":
            return simplified(node.attrs["fn"], tuple(self.lower(x, index, memo) for x in node.inputs), value.dtype)
        if node.op == "reindex":
            place = {f"o{k}": i for k, i in enumerate(index)}
            inner = tuple(substitute(i, place) for i in node.attrs["index"])
            guards = tuple(g for g in (substitute(g, place) for g in node.attrs["guard"]) if not d.not_negative(g))
            result = self.lower(node.inputs[0], inner, memo)
            return Guarded(guards, result, Literal(node.attrs["fill"], value.dtype), value.dtype) if guards else result
        if node.op == "gather":
            buffer = self.buffer_of(node.inputs[0])
            offset, places = self._places(node, buffer, node.inputs[0].dims, node.inputs[1:], index, memo)
            return GatherLoad(buffer, offset, places, value.dtype) if places else Load(buffer, offset, value.dtype)
        if node.op == "reduce":
            axes = [self.names.axis(node.inputs[0].dims[k]) for k in node.attrs["axes"]]
            kept, folded = iter(index), iter(axes)
            inner = tuple(next(folded) if k in node.attrs["axes"] else next(kept) for k in range(node.inputs[0].rank))
            return Reduced(node.attrs["monoid"], plain(axes), self.lower(node.inputs[0], inner, memo),
                           value.dtype)
        if node.op == "arg_reduce":
            axis = self.names.axis(node.inputs[0].dims[node.attrs["axis"]])
            inner = (*index[:node.attrs["axis"]], axis, *index[node.attrs["axis"]:])
            alone = plain([axis])
            if not alone:
                return Literal(0, "int64")
            return ArgReduced(node.attrs["which"], alone[0], self.lower(node.inputs[0], inner, memo), value.dtype)
        if node.op == "contract":
            return contractions.in_place(self, node, index, memo)
        raise AssertionError(f"{node.op} is never computed inside another nest")

    def _places(self, node: Node, buffer: Buffer, extents: Sequence[Dim], tensors: Sequence[Value], index: Sequence[Dim],
                memo: dict) -> tuple[Dim, tuple]:
        axes = {f"o{k}": i for k, i in enumerate(index)}
        offset: Dim = 0
        places = []
        for place, stride, extent in zip(node.attrs["index"], buffer.strides, extents):
            if isinstance(place, tuple):
                found = self.lower(tensors[place[1]], tuple(index), memo)
                if isinstance(found, IndexValue) and d.not_negative(found.expression) and d.less(found.expression, extent):
                    offset = offset + found.expression * stride
                else:
                    places.append((found, stride, extent))
            else:
                offset = offset + substitute(place, axes) * stride
        return offset, tuple(places)
