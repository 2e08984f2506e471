"""fold: scalar arithmetic on constants is done now, in long double, so that only the last rounding is left.

Needs: nothing. Afterwards: no map of constants alone is left in the graph or in a graph inside it.
"""
from __future__ import annotations

import numpy as np

from ..graph import dims as d
from ..graph.build import constant
from ..graph.core import Graph, Node, Value, originating
from ..graph.primitives import VALUE
from ..graph.world import World
from .rewrite import rebuild, within


def fold(graph: Graph) -> Graph:
    return rebuild(graph, _rule)


def _rule(node: Node, inputs: tuple[Value, ...]):
    if (changed := within(node, inputs, fold)) is not None:
        return changed
    if node.op != "map" or node.types[0].dims or not all(_known(v) for v in inputs):
        return None
    world = _LongDouble()
    arguments = [VALUE["constant"](v.node, (), world)[0] for v in inputs]
    result, = VALUE["map"](Node("map", inputs, node.attrs, node.types), arguments, world)
    with originating(node.origins):
        return (constant(_number(result), node.types[0].dtype),)


def _known(value: Value) -> bool:
    return value.node.op == "constant" and not isinstance(value.node.attrs["value"], d.Expr)


class _LongDouble(World):
    """Floats of every width as long double: what is folded is rounded once, when it is used."""

    def __init__(self) -> None:
        super().__init__(True)

    def dtype(self, name: str) -> np.dtype:
        return np.dtype(np.longdouble) if name in ("float32", "float64", "float16", "bfloat16") else super().dtype(name)


def _number(x: np.ndarray):
    return x[()] if x.dtype == np.longdouble else x.item()
