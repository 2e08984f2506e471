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

    def now(value: Value) -> Value:
        return made[id(value.node)][value.index]

    return replace(graph, inputs=tuple(map(now, graph.inputs)), outputs=tuple(map(now, graph.outputs)),
                   measured={name: replace(one, value=now(one.value)) for name, one in graph.measured.items()
                             if id(one.value.node) in made},
                   updates=tuple(replace(one, value=now(one.value)) for one in graph.updates))


def within(node: Node, inputs: tuple[Value, ...], change: Callable[[Graph], Graph]) -> Sequence[Value] | None:
    """The node's results with every graph inside it changed; None where there is none."""
    inner = {name: change(value) for name, value in node.attrs.items() if isinstance(value, Graph)}
    return Node(node.op, inputs, {**node.attrs, **inner}, node.types, node.origins).results if inner else None
