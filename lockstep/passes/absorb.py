"""absorb: 1 + erf(x) becomes one function.

Needs: nothing. Afterwards: no float32 `erf` is added to 1. The exact GELU is such a sum: two thirds of erf's instructions give
it as accurately, and more so in its left tail, where the sum cancels. The bound is that of the graph before the passes.
"""
from __future__ import annotations

from typing import Sequence

from ..graph.build import apply
from ..graph.core import Graph, Node, Value, originating
from .rewrite import rebuild, within


def absorb(graph: Graph) -> Graph:
    return rebuild(graph, _rule)


def _rule(node: Node, inputs: tuple[Value, ...]) -> Sequence[Value] | None:
    if (changed := within(node, inputs, absorb)) is not None:
        return changed
    if node.attrs.get("fn") != "add" or node.types[0].dtype != "float32":
        return None
    for one, other in (inputs, inputs[::-1]):
        if _is_one(one) and other.node.attrs.get("fn") == "erf":
            with originating(node.origins | other.node.origins):
                return [apply("one_plus_erf", other.node.inputs[0])]
    return None


def _is_one(value: Value) -> bool:
    while value.node.op == "reindex" and not value.node.attrs["guard"]:
        value = value.node.inputs[0]
    return value.node.op == "constant" and value.node.attrs["value"] == 1
