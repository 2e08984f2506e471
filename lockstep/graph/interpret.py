"""The interpreter: a graph's values in NumPy, primitive by primitive. It says what a graph means."""
from __future__ import annotations

from typing import Callable, Sequence

import numpy as np

from . import dims as d
from .core import Graph, Measured, Node
from .primitives import VALUE
from .primitives.kernels import FailedGuard
from .world import World


def evaluate(graph: Graph, inputs: Sequence[np.ndarray], world: World | None = None,
             watch: Callable[[Node, tuple], None] | None = None) -> list[np.ndarray]:
    """The outputs for given inputs (arrays of the inputs' shapes; float inputs are widened as the world says), then what
    the run leaves in each buffer that it updates.

    `watch` is called with every node and its results. Raises FailedGuard where an index leaves its extent, or a measured
    extent its range.
    """
    world = (world or World()).within()
    known: dict[int, tuple] = {}
    for value, array in zip(graph.inputs, inputs):
        known[id(value.node)] = (np.asarray(array).astype(world.dtype(value.dtype), copy=False),)
    measures = measures_of(graph)
    for node in graph.nodes:
        if id(node) not in known:
            arguments = [known[id(value.node)][value.index] for value in node.inputs]
            known[id(node)] = VALUE[node.op](node, arguments, world)
        for name, one in measures.get(id(node), ()):
            measure(name, one, known[id(node)][one.value.index], world)
        if watch is not None:
            watch(node, known[id(node)])
    return [known[id(value.node)][value.index] for value in graph.results]


def measures_of(graph: Graph) -> dict[int, list[tuple[str, Measured]]]:
    """The extents that each node measures, by the node's id."""
    found: dict[int, list[tuple[str, Measured]]] = {}
    for name, one in graph.measured.items():
        found.setdefault(id(one.value.node), []).append((name, one))
    return found


def measure(name: str, one: Measured, value: np.ndarray, world: World) -> None:
    """Binds a measured extent in the world. Raises FailedGuard where it is less or more than it can be."""
    extent = int(value)
    most = None if one.most is None else d.evaluate(one.most, world.symbols)
    if one.least is not None and extent < one.least or most is not None and extent > most:
        raise FailedGuard(f"the extent {name} is found to be {extent}, not between {one.least} and {most}")
    world.symbols[name] = extent


def bind_symbols(graph: Graph, shapes: Sequence[Sequence[int]]) -> dict[str, int]:
    """The value of every named extent, from the inputs' shapes; ValueError names the input and dim that disagrees."""
    bound: dict[str, int] = {}
    for value, name, shape in zip(graph.inputs, graph.input_names, shapes):
        if len(shape) != value.rank:
            raise ValueError(f"input '{name}' has rank {len(shape)}, but the model was converted for rank {value.rank}")
        for extent, actual in zip(value.dims, shape):
            if (found := d.solve(extent)) is not None:
                symbol, factor, rest = found
                bound.setdefault(symbol, (int(actual) - rest) // factor)
    for value, name, shape in zip(graph.inputs, graph.input_names, shapes):
        for axis, (extent, actual) in enumerate(zip(value.dims, shape)):
            expected = d.evaluate(extent, bound)
            if expected != actual:
                raise ValueError(f"input '{name}' has extent {actual} along dim {axis}, expected {extent} = {expected}")
    return bound
