"""Programs whose numbers PyTorch itself does not fix: those that draw them, and those that leave memory as it was."""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch

from ..api import Compiled
from ..cases.truth import flat, run
from ..errors import Differs
from ..graph.interpret import bind_symbols, evaluate
from ..graph.world import World, as_complex, as_reals
from ..judge.models import OpenModel

# Operators that give memory as it was found: only dtype and shape can be judged.
UNINITIALISED = {"empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided"}

RUNS = 2_000                  # of PyTorch and of the C++, where numbers are drawn
INTERPRETED = 400             # ... and of the interpreter, which is slower
GRAIN = 2.0 ** -36            # of an element's largest: what differs by less is one value, computed in two ways
ROUNDING = 1e-4               # of the largest: numbers that differ by less are one number, computed twice
SIGNIFICANCE = 1e-6           # of each test: a thousand outputs raise a false alarm in one of five hundred sweeps


def _eager(opened: OpenModel) -> list[np.ndarray]:
    return flat(run(opened.module, opened.examples))


def interpreted(opened: OpenModel, draw: int = 0) -> list[np.ndarray]:
    """The interpreter's outputs in the graph's own dtypes. Raises FailedGuard where the C++ would stop."""
    graph, inputs = opened.graph, list(map(as_reals, opened.examples))
    world = World(False, bind_symbols(graph, [x.shape for x in inputs]), draw=draw)
    found = evaluate(graph, inputs, world)[:len(graph.outputs)]
    return [as_complex(x) if k in graph.complex_outputs else x for k, x in enumerate(found)]


class Shapes:
    """Judges dtypes and shapes, and nothing else."""

    def __init__(self, opened: OpenModel):
        self.opened, self.wanted = opened, _eager(opened)

    def check_interpreter(self) -> None:
        """Raises Differs where the interpreter's dtypes or shapes are not PyTorch's."""
        self._check(interpreted(self.opened))

    def check_cpp(self, compiled: Compiled) -> None:
        """Raises Differs where the C++'s dtypes or shapes are not PyTorch's."""
        self._check(compiled.library.run(list(self.opened.examples)))

    def _check(self, found: Sequence[np.ndarray]) -> None:
        for k, (mine, theirs) in enumerate(zip(found, self.wanted, strict=True)):
            if (mine.dtype, mine.shape) != (theirs.dtype, theirs.shape):
                raise Differs(f"output {k} is {mine.dtype}{list(mine.shape)}, PyTorch gives {theirs.dtype}"
                              f"{list(theirs.shape)}")


class Distribution(Shapes):
    """Judges dtypes, shapes and how the numbers are distributed: many runs of both sides, compared."""

    def check_interpreter(self) -> None:
        """Raises Differs where PyTorch's numbers and the interpreter's are hardly drawn from one distribution."""
        super().check_interpreter()
        self._compare([interpreted(self.opened, k) for k in range(INTERPRETED)])

    def check_cpp(self, compiled: Compiled) -> None:
        """Raises Differs where PyTorch's numbers and the C++'s are hardly drawn from one distribution."""
        super().check_cpp(compiled)
        self._compare([compiled.library.run(list(self.opened.examples)) for _ in range(RUNS)])

    def _compare(self, runs: list[list[np.ndarray]]) -> None:
        torch.default_generator.manual_seed(1)
        theirs = [_eager(self.opened) for _ in range(RUNS)]
        for k, (mine, other) in enumerate(zip(_gathered(runs), _gathered(theirs), strict=True)):
            check_alike(f"output {k}", mine, other)


def _gathered(runs: list[list[np.ndarray]]) -> list[np.ndarray]:
    """The numbers of all runs, float64 [runs, elements] an output."""
    return [np.stack(list(map(as_reals, each))).astype(np.float64).reshape(len(runs), -1) for each in zip(*runs)]


def check_alike(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Raises Differs unless two sets of runs (float64 [runs, elements]) may come from one distribution.

    By the two-sample Kolmogorov-Smirnov test of one element a run, because a run's own numbers may depend on each other
    (a permutation, whole channels dropped); and of each element by the distance of the two means and of the two mean
    distances from the median, whose significance the elements share.
    """
    from scipy import stats
    if ours.size == 0:
        return
    both = np.concatenate([ours, theirs])
    largest = np.max(np.abs(both), 0, initial=0.0, where=np.isfinite(both))
    grain = np.where(largest > 0, GRAIN * largest, 1.0)
    ours, theirs, both = (np.round(x / grain) * grain for x in (ours, theirs, both))
    with np.errstate(all="ignore"):
        varies = ~(np.ptp(both, 0) <= ROUNDING * np.abs(both).max())
    if not varies.any():                        # nothing drawn is left in the result: a sketch of a matrix of full rank
        return
    ours, theirs, both, grain = ours[:, varies], theirs[:, varies], both[:, varies], grain[varies]
    rng = np.random.default_rng(0)
    one, other = (np.nan_to_num(x[np.arange(len(x)), rng.integers(0, x.shape[1], len(x))], nan=np.inf)
                  for x in (ours, theirs))
    found = stats.ks_2samp(one, other, method="asymp")
    if found.pvalue < SIGNIFICANCE:
        raise Differs(f"{name}: the numbers drawn are not distributed as PyTorch's (Kolmogorov-Smirnov distance "
                      f"{found.statistic:.3g}, p = {found.pvalue:.2g})")
    middle = np.median(both, 0)
    for what, mine, other in (("", ours, theirs), (" from its median", np.abs(ours - middle), np.abs(theirs - middle))):
        with np.errstate(all="ignore"):
            apart = np.abs(mine.mean(0) - other.mean(0))
            deviation = np.sqrt(mine.var(0) / len(mine) + other.var(0) / len(other))
            limit = SIGNIFICANCE / mine.shape[1]
            wrong = (apart > grain) & ((deviation == 0) | (2 * stats.norm.sf(apart / deviation) < limit))
        if wrong.any():
            place = int(np.argmax(wrong))
            raise Differs(f"{name}: element {place} is {mine.mean(0)[place]:.4g}{what} on average, PyTorch's "
                          f"{other.mean(0)[place]:.4g}")
