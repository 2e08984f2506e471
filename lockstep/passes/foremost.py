"""foremost: a sort of which only the first elements are read puts only these in order.

Needs: nothing. Afterwards: a sort says by `first` how many elements of its rows are read, where these are at most FEW; the others
are undefined. The k largest of a row are such a sort.
"""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import axes_for
from ..graph.core import Graph, Node, Value
from .rewrite import rebuild, within

FEW = 64                    # more are found sooner by sorting all


def foremost(graph: Graph) -> Graph:
    read: dict[int, int] = {}               # id of a sort -> how many elements of a row are read
    for node in graph.nodes:
        for value in node.inputs:
            if value.node.op == "sort":
                read[id(value.node)] = max(read.get(id(value.node), 0), _read(node, value))
    for value in (*graph.results, *(one.value for one in graph.measured.values())):
        read[id(value.node)] = FEW + 1

    def rule(node: Node, inputs: tuple[Value, ...]):
        if (changed := within(node, inputs, foremost)) is not None:
            return changed
        if node.op != "sort" or not 0 < read[id(node)] <= FEW or not node.types[0].dims:
            return None
        return Node("sort", inputs, {**node.attrs, "first": read[id(node)]}, node.types, node.origins).results
    return rebuild(graph, rule)


def _read(user: Node, sorted_: Value) -> int:
    """How many elements of a row a node reads; more than a few where it cannot be told."""
    along = sorted_.node.attrs["axis"]
    if user.op != "reindex" or not sorted_.dims:
        return FEW + 1
    place = user.attrs["index"][along]
    if d.is_static(place):
        return place + 1
    return next((n for n, axis in zip(user.types[0].dims, axes_for(user.types[0].dims)) if axis == place and d.is_static(n)), FEW + 1)
