"""Where each value of a graph is computed: in the nest that needs it, or in memory of its own.

Index expressions are pushed from the outputs towards the inputs: a value that is needed at one index of one nest lives there;
one that is needed twice gets memory of its own.
"""
from __future__ import annotations

from typing import Any, Mapping

from ..graph import dims as d
from ..graph.build import axes_for
from ..graph.core import Graph, Node, Value
from ..graph.dims import Axis, Dim
from . import contractions, convolution
from .settled import SETTLED
from .views import view_source

LEAVES = ("input", "weight", "state", "constant", "iota", "random")
ALWAYS = ("contract", "scan", "sort", "scatter", "concat", "loop", "branch", "compact", "kernel")
NEEDS_MEMORY = {"gather": (0,), "scan": (0,), "sort": (0,)}       # which inputs must lie in memory as they are


class Homes:
    """For every value of a graph: the (nest, index) pairs that need it, and whether it gets memory."""

    def __init__(self, graph: Graph, known: Mapping[int, int]):
        self.uses: dict[tuple[int, int], set] = {}
        self.roots: set[tuple[int, int]] = set()
        self.known = known
        for value in graph.results:
            self._force(value)
        for one in graph.measured.values():
            self._force(one.value)
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
        if is_alone(node):
            self.roots.update(keys)
        elif any(key in self.roots for key in keys) or (node.op != "reindex" and not cheap(node) and not slight(node)
                                                        and len(self.uses.get(keys[0], ())) > 1):
            self.roots.update(keys)
        if any(key in self.roots for key in keys):
            homes = {(id(node), tuple(axes_for(node.types[0].dims)))}
        else:
            homes = self.uses.get(keys[0], set())
        for home, index in homes:
            self._push(node, home, index)

    def _keep_settled(self, value: Value) -> None:
        """What weights alone decide gets memory where it meets what they do not: it is then computed once for all runs."""
        while value.node.op == "reindex":
            value = value.node.inputs[0]
        if self.known[id(value.node)] == SETTLED and value.node.op in ("map", "reduce"):
            self._force(value)

    def _push(self, node: Node, home: Any, index: tuple) -> None:
        if self.known[id(node)] != SETTLED:
            for value in node.inputs:
                self._keep_settled(value)
        place = {f"o{k}": i for k, i in enumerate(index)}
        if node.op == "map":
            for value in node.inputs:
                self._need(value, home, index)
        elif node.op == "reindex":
            x = node.inputs[0]
            if x.node.op not in LEAVES and not cheap(x.node) and _repeats(node):
                self._force(x)
            inner = tuple(substitute(i, place) for i in node.attrs["index"])
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
            rows = convolution.rows_source(node)
            for k, value in enumerate(node.inputs if rows is None else (rows[0], node.inputs[1])):
                self._need(value, (id(node), k), tuple(axes_for(value.dims)))
                self._force(view_source(value))
        else:
            for k, value in enumerate(node.inputs):
                self._need(value, (id(node), k), tuple(axes_for(value.dims)))
                if k in NEEDS_MEMORY.get(node.op, ()) or node.op in ("kernel", "branch") or \
                        (node.op == "loop" and k >= node.attrs["carried"]):
                    self._force(value)


def is_alone(node: Node) -> bool:
    """Whether a node is never computed inside another nest."""
    return node.op in ALWAYS and not (node.op == "contract" and contractions.is_little(node))


def cheap(node: Node) -> bool:
    """Worth computing again wherever it is needed: numbers, counters, and a cast or sign of such."""
    if node.op in ("constant", "iota") or node.attrs.get("counter"):
        return True
    if node.op in ("map", "reindex"):
        return all(cheap(value.node) for value in node.inputs) and node.op == "map" or \
            (node.op == "reindex" and cheap(node.inputs[0].node))
    return False


def slight(node: Node) -> bool:
    """One sum, difference or product of a tensor with what is the same for many of its elements: to compute it again costs less
    than to store it and to load it."""
    if node.op != "map" or node.attrs["fn"] not in ("add", "subtract", "multiply"):
        return False
    whole = [value.node for value in node.inputs if not cheap(value.node) and not (value.node.op == "reindex" and _repeats(value.node))]
    return len(whole) == 1 < len(node.inputs) and not slight(whole[0])


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


def substitute(expression: Dim, place: dict) -> Dim:
    return d.substitute(expression, lambda atom: place.get(atom.name) if isinstance(atom, Axis) else None)
