"""loop: a body run a number of times, carrying values, taking slices and stacking rows."""
from __future__ import annotations

import numpy as np

from .. import dims as d
from . import error, value
from .movement import shape_of


def _steps(node, world):
    return int(d.evaluate(node.attrs["trip"], world.symbols))


def _groups(node, arrays):
    carried, slices = node.attrs["carried"], node.attrs["slices"]
    return list(arrays[:carried]), arrays[carried:carried + slices], list(arrays[carried + slices:])


@value("loop")
def loop(node, inputs, world):
    from ..interpret import evaluate
    carried, slices, captured = _groups(node, inputs)
    rows: list[list] = [[] for _ in range(len(node.types) - len(carried))]
    for step in range(_steps(node, world)):
        here = [np.asarray(step, np.int64), *carried, *(x[step] for x in slices), *captured]
        results = evaluate(node.attrs["body"], here, world)
        carried = list(results[:len(carried)])
        for row, result in zip(rows, results[len(carried):]):
            row.append(result)
    return (*carried, *_stack(node, rows, len(carried), world))


def _stack(node, rows, first, world):
    for k, row in enumerate(rows):
        shape = shape_of(node, world, first + k)
        yield np.stack(row) if row else np.zeros(shape, world.dtype(node.types[first + k].dtype))


@error("loop")
def loop_error(node, inputs, sigmas, outputs, world):
    from ..error import propagate
    carried, slices, captured = _groups(node, inputs)
    s_carried, s_slices, s_captured = _groups(node, sigmas)
    rows: list[list] = [[] for _ in range(len(node.types) - len(carried))]
    for step in range(_steps(node, world)):
        here = [np.asarray(step, np.int64), *carried, *(x[step] for x in slices), *captured]
        spread = [np.zeros(()), *s_carried, *(x[step] for x in s_slices), *s_captured]
        results, deviations = propagate(node.attrs["body"], here, spread, world)
        carried, s_carried = list(results[:len(carried)]), list(deviations[:len(carried)])
        for row, deviation in zip(rows, deviations[len(carried):]):
            row.append(deviation)
    stacked = [np.stack(row) if row else np.zeros(shape_of(node, world, len(carried) + k)) for k, row in enumerate(rows)]
    return (*s_carried, *stacked)
