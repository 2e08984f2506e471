"""Rebuilding a graph node by node: what every pass is made of."""
from __future__ import annotations

from dataclasses import replace
from typing import Callable, Sequence

from ..graph.core import Graph, Node, Value

Rule = Callable[[Node, tuple[Value, ...]], "Sequence[Value] | None"]


def rebuild(graph: Graph, rule: Rule) -> Graph:
    """The graph with rule(node, its new inputs) in place of every node; None keeps the node (on its new inputs).

    Origins are kept: a rule that builds nodes does so under `originating(node.origins)`.
    """
    made: dict[int, Sequence[Value]] = {}
    for node in graph.nodes:
        inputs = tuple(made[id(v.node)][v.index] for v in node.inputs)
        new = rule(node, inputs)
        if new is None:
            same = all(a is b for a, b in zip(inputs, node.inputs))
            new = node.results if same else Node(node.op, inputs, node.attrs, node.types, node.origins).results
        made[id(node)] = new
    return replace(graph, inputs=tuple(made[id(v.node)][v.index] for v in graph.inputs),
                   outputs=tuple(made[id(v.node)][v.index] for v in graph.outputs))
