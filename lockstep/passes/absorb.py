"""absorb: the distribution function of a normal variable, (1 + erf(x / sqrt 2)) / 2, becomes one function.

Needs: fold. Afterwards: no float32 `erf` of x / sqrt 2, or of x times the root of a half, is added to 1. The exact GELU is x
times that function: two thirds of erf's instructions give it as accurately, and more so in its left tail, where the sum
cancels. The bound is that of the graph before the passes.
"""
from __future__ import annotations

import math
from typing import Iterator, Sequence

from ..graph import dims as d
from ..graph.build import apply
from ..graph.core import Graph, Node, Value, originating
from .rewrite import rebuild, within

NEAR = 1e-7             # how far a constant may be from the root, relatively: as a float32 that is rounded


def absorb(graph: Graph) -> Graph:
    return rebuild(graph, _rule)


def _rule(node: Node, inputs: tuple[Value, ...]) -> Sequence[Value] | None:
    if (changed := within(node, inputs, absorb)) is not None:
        return changed
    found = {"add": _sum, "multiply": _product}.get(node.attrs.get("fn"))
    if found is None or node.types[0].dtype != "float32":
        return None
    with originating(node.origins.union(*(value.node.origins for value in inputs))):
        result = found(inputs)
    return None if result is None else [result]


def _sum(inputs: tuple[Value, ...]) -> Value | None:
    """1 + erf(x / sqrt 2) as twice the function."""
    for erf in _beside(inputs, 1.0):
        if erf.node.attrs.get("fn") == "erf" and (x := _over_root_two(erf.node.inputs[0])) is not None:
            return apply("multiply", apply("normal_cdf", x), 2.0)
    return None


def _product(inputs: tuple[Value, ...]) -> Value | None:
    """Half of twice the function, and of its product with another factor."""
    for one, other in (inputs, inputs[::-1]):
        if other.node.attrs.get("fn") != "multiply":
            continue
        for function in _beside(other.node.inputs, 2.0):
            if function.node.attrs.get("fn") != "normal_cdf":
                continue
            if _number(one) == 0.5:
                return function
            if one.node.attrs.get("fn") == "multiply":
                for factor in _beside(one.node.inputs, 0.5):
                    return apply("multiply", factor, function)
    return None


def _over_root_two(value: Value) -> Value | None:
    fn, operands = value.node.attrs.get("fn"), value.node.inputs
    if fn == "multiply":
        return next(_beside(operands, math.sqrt(0.5)), None)
    return operands[0] if fn == "divide" and _is(operands[1], math.sqrt(2)) else None


def _beside(operands: Sequence[Value], number: float) -> Iterator[Value]:
    """What stands beside an operand that is that number."""
    for one, other in (operands, operands[::-1]):
        if _is(one, number):
            yield other


def _is(value: Value, number: float) -> bool:
    return math.isclose(_number(value), number, rel_tol=NEAR)


def _number(value: Value) -> float:
    """The constant that is everywhere in a tensor; NaN where it is none."""
    while value.node.op == "reindex" and not value.node.attrs["guard"]:
        value = value.node.inputs[0]
    known = value.node.op == "constant" and not isinstance(value.node.attrs["value"], d.Expr)
    return float(value.node.attrs["value"]) if known else math.nan
