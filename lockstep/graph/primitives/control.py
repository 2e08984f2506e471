"""branch, loop and compact: sub-graphs that run or do not, and run so many times; positions that a mask marks."""
from __future__ import annotations

import numpy as np

from .. import dims as d
from . import error, value


# ---- branch

def _side(node, condition, values):
    first = node.attrs["captured"]
    return (node.attrs["then"], values[:first]) if condition else (node.attrs["otherwise"], values[first:])


@value("branch")
def branch(node, inputs, world):
    from ..interpret import evaluate
    graph, values = _side(node, bool(inputs[0]), inputs[1:])
    return tuple(evaluate(graph, values, world))


@error("branch")
def branch_error(node, inputs, sigmas, outputs, world):
    """Of the side that runs; where the choice is too close to call, so is everything that it decides."""
    from ..error import propagate
    if np.isnan(sigmas[0]).any():
        return tuple(np.full(np.shape(out), np.nan) for out in outputs)
    graph, values = _side(node, bool(inputs[0]), inputs[1:])
    _, spread = _side(node, bool(inputs[0]), sigmas[1:])
    return tuple(propagate(graph, values, spread, world)[1])


# ---- loop

def _run(node, groups, world, turn):
    """Turns of the body: `turn(arrays)` gives, for each of the parallel `groups` of arrays, what the body gives.

    A group is (carried, slices, captured); the first is the values', which decide how often the loop turns. Gives each
    group's carried arrays and rows, and the number of turns.
    """
    trip = int(d.evaluate(node.attrs["trip"], world.symbols))
    count, turns = node.attrs["carried"], 0
    rows = [[] for _ in groups]
    carried = [list(group[0]) for group in groups]
    while turns < trip and not (node.attrs["while"] and not bool(carried[0][0])):
        here = [[*now, *(x[turns] for x in slices), *captured]
                for now, (_, slices, captured) in zip(carried, groups)]
        results = turn(turns, here)
        carried = [list(result[:count]) for result in results]
        for stacked, result in zip(rows, results):
            stacked.append(result[count:])
        turns += 1
    return carried, rows, turns


def _groups(node, arrays):
    first, second = node.attrs["carried"], node.attrs["carried"] + node.attrs["slices"]
    return list(arrays[:first]), arrays[first:second], list(arrays[second:])


def _stacked(node, rows, turns, world, empty):
    """Row by row results as arrays; where there was no turn, empty ones of the right shape."""
    first = node.attrs["carried"]
    count = len(node.types) - first - node.attrs["while"]
    if rows:
        return [np.stack([row[k] for row in rows]) for k in range(count)]
    shapes = [(0, *(int(d.evaluate(n, world.symbols)) for n in node.types[first + k].dims[1:])) for k in range(count)]
    return [empty(shape, node.types[first + k].dtype) for k, shape in enumerate(shapes)]


@value("loop")
def loop(node, inputs, world):
    from ..interpret import evaluate

    def turn(step, here):
        return [evaluate(node.attrs["body"], [np.asarray(step, np.int64), *here[0]], world)]

    (carried,), (rows,), turns = _run(node, [_groups(node, inputs)], world, turn)
    stacked = _stacked(node, rows, turns, world, lambda shape, dtype: np.zeros(shape, world.dtype(dtype)))
    return (*carried, *stacked, *([np.asarray(turns, np.int64)] if node.attrs["while"] else []))


@error("loop")
def loop_error(node, inputs, sigmas, outputs, world):
    """From turn to turn; where the end of the loop is too close to call, so is everything it gives."""
    from ..error import propagate
    unsure = False

    def turn(step, here):
        nonlocal unsure
        values, spread = here
        unsure |= node.attrs["while"] and np.isnan(spread[0]).any()
        return propagate(node.attrs["body"], [np.asarray(step, np.int64), *values], [np.zeros(()), *spread], world)

    (_, carried), (_, rows), turns = _run(node, [_groups(node, inputs), _groups(node, sigmas)], world, turn)
    stacked = _stacked(node, rows, turns, world, lambda shape, dtype: np.zeros(shape))
    found = (*carried, *stacked, *([np.zeros(())] if node.attrs["while"] else []))
    if unsure or node.attrs["while"] and np.isnan(carried[0]).any():
        return tuple(np.full(np.shape(out), np.nan) for out in outputs)
    return found


# ---- compact

@value("compact")
def compact(node, inputs, world):
    places = np.flatnonzero(inputs[0]).astype(np.int64)
    return places, np.asarray(len(places), np.int64)


@error("compact")
def compact_error(node, inputs, sigmas, outputs, world):
    """One element too close to call moves all the places."""
    unsure = np.isnan(sigmas[0]).any()
    return tuple(np.full(np.shape(out), np.nan if unsure else 0.0) for out in outputs)
