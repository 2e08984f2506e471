"""select: a branch of a little pointwise arithmetic becomes both of its sides and a choice between their elements.

Needs: nothing. Afterwards: every branch that is left has a side with more than LITTLE elements to compute, or with
something that costs more than arithmetic or that can fail.

A processor guesses which way a branch goes and pays some twenty cycles for a wrong guess, and the sides of a branch meet
in memory; a choice element by element has neither.
"""
from __future__ import annotations

from typing import Sequence

from ..graph import dims as d
from ..graph.build import Tensor, apply
from ..graph.core import Graph, Node, Value, originating
from .rewrite import rebuild, within

LITTLE = 256
MOVED, COMPUTED = ("input", "weight", "state", "constant", "iota", "reindex"), ("map",)


def select(graph: Graph) -> Graph:
    return rebuild(graph, _rule)


def _rule(node: Node, inputs: tuple[Value, ...]) -> Sequence[Value] | None:
    sides = [node.attrs[name] for name in ("then", "otherwise")] if node.op == "branch" else []
    if not sides or not all(map(_is_little, sides)):
        return within(node, inputs, select)
    condition, first = inputs[0], 1 + node.attrs["captured"]
    then, otherwise = (_inlined(side, given) for side, given in zip(sides, (inputs[1:first], inputs[first:])))
    with originating(node.origins):
        return [apply("select", condition, a, b) for a, b in zip(then, otherwise)]


def _is_little(side: Graph) -> bool:
    """Whether a side is pointwise arithmetic on few elements; division of integers can fail, so none is done in vain."""
    work: d.Dim = sum((d.product(one.dims) for one in side.outputs), 0)
    for node in side.nodes:
        if node.op not in MOVED + COMPUTED or any(one.dtype not in ("float32", "float64", "bool") for one in node.types):
            return False
        work += d.product(node.types[0].dims) if node.op in COMPUTED else 0
    return not side.measured and d.is_static(work) and work <= LITTLE


def _inlined(side: Graph, given: Sequence[Value]) -> list[Tensor]:
    """The side's outputs, computed from what the branch captured."""
    captured = {id(inner.node): outer for inner, outer in zip(side.inputs, given)}
    made = rebuild(side, lambda node, _: [captured[id(node)]] if id(node) in captured else None)
    return list(made.outputs)
