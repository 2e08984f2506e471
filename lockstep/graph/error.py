"""How far a correct implementation may be from the truth: propagated standard deviations and Monte Carlo arithmetic.

The bound of an output element is eight times the larger of two standard deviations: one propagated through the
primitives' error meanings, one measured over sixteen runs with every inexact intermediate result perturbed within its
last bits. Each covers what the other misses: propagation takes errors as independent and misses one error that is
amplified, broadcast and summed again; Monte Carlo misses poles.
"""
from __future__ import annotations

from typing import Sequence

import numpy as np

from ..errors import Differs
from .core import FLOATS, Graph
from .interpret import evaluate, measure, measures_of
from .primitives import ERROR, REACH, VALUE
from .world import World, held, spacing

RUNS = 16


class Undecided(Differs):
    """The shape of a result depends on something that rounding decides: these inputs have no one answer."""


def propagate(graph: Graph, inputs: Sequence[np.ndarray], sigmas: Sequence[np.ndarray],
              world: World) -> tuple[list, list]:
    """(results, their standard deviations), given the inputs and theirs. Raises Undecided where an extent depends on
    something that is too close to call."""
    world = world.within()
    known: dict[int, tuple] = {}
    spread: dict[int, tuple] = {}
    for value, array, sigma in zip(graph.inputs, inputs, sigmas):
        known[id(value.node)] = (np.asarray(array).astype(world.dtype(value.dtype), copy=False),)
        spread[id(value.node)] = (np.broadcast_to(sigma, np.shape(array)),)
    measures = measures_of(graph)
    for node in graph.nodes:
        if id(node) not in known:
            arguments = [known[id(value.node)][value.index] for value in node.inputs]
            deviations = [spread[id(value.node)][value.index] for value in node.inputs]
            known[id(node)] = VALUE[node.op](node, arguments, world)
            found = ERROR[node.op](node, arguments, deviations, known[id(node)], world)
            undecided = any(np.isnan(sigma).any() for sigma in deviations)
            spread[id(node)] = tuple(map(lambda value, sigma: _settled(value, sigma, undecided), known[id(node)], found))
        for name, one in measures.get(id(node), ()):
            if np.isnan(spread[id(node)][one.value.index]).any():
                raise Undecided(f"{min(map(str, node.origins), default=node.op)}: how many elements there are depends on "
                                f"values that are too close to call in this precision; choose inputs that are further apart")
            measure(name, one, known[id(node)][one.value.index], world)
    return ([known[id(v.node)][v.index] for v in graph.results], [spread[id(v.node)][v.index] for v in graph.results])


def _settled(value: np.ndarray, sigma: np.ndarray, undecided: bool) -> np.ndarray:
    """A NaN or an infinity that follows from decided operands is what every correct implementation gives: no error."""
    if np.asarray(value).dtype.kind != "f" or not np.any(sigma):
        return sigma
    return np.where(np.isfinite(value) | (np.isnan(sigma) if undecided else False), sigma, 0.0)


def perturbation(seed: int):
    """A noise for `World`: uniform within the operation's ULPs, or Gaussian of a given deviation."""
    rng = np.random.Generator(np.random.Philox(key=seed))

    def noise(dtype: str, result: np.ndarray, deviation, ulp: float) -> np.ndarray:
        result = np.asarray(result)
        with np.errstate(all="ignore"):
            if deviation is not None:
                # the final rounding of the sum itself is at least half an ULP
                moved = result + rng.standard_normal(result.shape) * deviation
                moved = moved + rng.uniform(-0.5, 0.5, result.shape) * spacing(result, dtype) * (np.asarray(deviation) > 0)
                exact = np.asarray(deviation) == 0
            else:
                moved = result + rng.uniform(-1, 1, result.shape) * ulp * spacing(result, dtype)
                exact = np.zeros(result.shape, bool)
            exact = exact | ((result == held(result, dtype)) & (deviation is None))     # what it holds is not lost
        return np.where(exact | ~np.isfinite(result), result, moved).astype(result.dtype)
    return noise


def monte_carlo(graph: Graph, inputs: Sequence[np.ndarray], truth: Sequence[np.ndarray], symbols, seed: int) -> list:
    """The root mean square distance from the truth of perturbed runs, an output element each (float outputs only)."""
    totals, kept = [np.zeros(np.shape(t)) for t in truth], {}
    for run in range(RUNS):
        results = evaluate(graph, inputs, World(True, symbols, perturbation(seed + run), kept=kept))
        for k, (result, exact) in enumerate(zip(results, truth)):
            if np.shape(result) != np.shape(exact):
                raise Undecided("how many elements a result has depends on rounding; choose inputs that are further apart")
            with np.errstate(all="ignore"):
                distance = (np.asarray(result) - np.asarray(exact)) if np.asarray(exact).dtype.kind == "f" else 0.0
                distance = np.where(np.isfinite(distance), np.asarray(distance, np.float64), 0.0)
            totals[k] = np.hypot(totals[k], distance)           # whose square might vanish
    return [total / np.sqrt(RUNS) for total in totals]


def bounds(graph: Graph, inputs: Sequence[np.ndarray], symbols, seed: int = 0) -> tuple[list, list, list]:
    """(truth, bound, ratio) of every result: float64 bounds, one an output element; 0 demands bit equality, NaN is too close to call.

    ratio is, per output, the larger of the two deviations over the smaller at their medians: above 3 is worth a look.
    """
    world = World(True, symbols)
    truth, sigma = propagate(graph, inputs, [np.zeros(np.shape(x)) for x in inputs], world)
    if all(_moves_only(graph, k) for k in range(len(graph.results))):
        measured = [np.zeros(np.shape(t)) for t in truth]
    else:
        measured = monte_carlo(graph, inputs, truth, symbols, seed)
    limits, ratios = [], []
    for value, exact, propagated, sampled in zip(graph.results, truth, sigma, measured):
        propagated = np.broadcast_to(propagated, np.shape(exact)).astype(np.float64)
        if value.dtype not in FLOATS:
            limits.append(np.where(np.isnan(propagated), np.nan, 0.0))
            ratios.append(1.0)
            continue
        with np.errstate(all="ignore"):
            larger = np.fmax(propagated, sampled)
            limit = REACH * np.where(np.isnan(propagated), np.nan, larger)
            limit = np.where(larger > 0, np.maximum(limit, spacing(exact, value.dtype)), limit)     # NaN stays
            both = (propagated > 0) & (sampled > 0) & np.isfinite(propagated)
            ratios.append(float(np.median(np.maximum(propagated, sampled)[both] / np.minimum(propagated, sampled)[both]))
                          if both.any() else 1.0)
        limits.append(np.where(np.isfinite(np.asarray(exact, np.float64)), limit, 0.0))
    return truth, limits, ratios


def _moves_only(graph: Graph, k: int) -> bool:
    """True where the output is reached through movement, comparison and counting alone."""
    from .core import reachable
    from .ulp import ulp_of
    for node in reachable([graph.results[k].node], graph.measured):
        if node.op in ("contract", "kernel", "loop", "branch"):
            return False
        dtype = node.types[0].dtype
        if dtype in FLOATS and (node.op == "reduce" and node.attrs["monoid"] in ("sum", "prod")
                                or node.op in ("scan", "scatter")
                                or node.op == "map" and node.attrs["fn"] == "cast"
                                or node.op == "map" and ulp_of(node.attrs["fn"], dtype) > 0):
            return False
    return True
