"""The interpreter: a graph's values in NumPy, primitive by primitive. It says what a graph means."""
from __future__ import annotations

from typing import Callable, Sequence

import numpy as np

from . import dims as d
from .core import Graph, Node
from .primitives import VALUE
from .world import World


def evaluate(graph: Graph, inputs: Sequence[np.ndarray], world: World | None = None,
             watch: Callable[[Node, tuple], None] | None = None) -> list[np.ndarray]:
    """The outputs for given inputs (arrays of the inputs' shapes; float inputs are widened as the world says).

    `watch` is called with every node and its results. Raises IndexError where an index leaves its extent.
    """
    world = world or World()
    known: dict[int, tuple] = {}
    for value, array in zip(graph.inputs, inputs):
        known[id(value.node)] = (np.asarray(array).astype(world.dtype(value.dtype), copy=False),)
    for node in graph.nodes:
        if id(node) in known:
            continue
        arguments = [known[id(value.node)][value.index] for value in node.inputs]
        known[id(node)] = VALUE[node.op](node, arguments, world)
        if watch is not None:
            watch(node, known[id(node)])
    return [known[id(value.node)][value.index] for value in graph.outputs]


def bind_symbols(graph: Graph, shapes: Sequence[Sequence[int]]) -> dict[str, int]:
    """The value of every named extent, from the inputs' shapes; ValueError names the input and dim that disagrees."""
    bound: dict[str, int] = {}
    for value, name, shape in zip(graph.inputs, graph.input_names, shapes):
        if len(shape) != value.rank:
            raise ValueError(f"input '{name}' has rank {len(shape)}, but the model was converted for rank {value.rank}")
        for axis, (extent, actual) in enumerate(zip(value.dims, shape)):
            if isinstance(extent, d.Expr) and len(extent.terms) == 1 and len(d.atoms(extent)) == 1:
                (atom,) = d.atoms(extent)
                if extent == d.symbol(atom.name, atom.least):
                    bound.setdefault(atom.name, int(actual))
    for value, name, shape in zip(graph.inputs, graph.input_names, shapes):
        for axis, (extent, actual) in enumerate(zip(value.dims, shape)):
            expected = d.evaluate(extent, bound)
            if expected != actual:
                raise ValueError(f"input '{name}' has extent {actual} along dim {axis}, expected {extent} = {expected}")
    return bound
