"""Programs whose numbers PyTorch itself does not fix: those that draw them, and those that leave memory as it was."""
from __future__ import annotations

from typing import Callable, Sequence

import numpy as np
import torch

from ..api import Compiled
from ..cases.truth import flat, run
from ..errors import Differs
from ..graph.interpret import bind_symbols, evaluate
from ..graph.world import World
from ..judge.models import OpenModel

# Operators that give memory as it was found: only dtype and shape can be judged.
UNINITIALISED = {"empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided"}

RUNS = 2_000                  # of each side, where numbers are drawn
SIGNIFICANCE = 1e-6           # of each test: a thousand outputs raise a false alarm in one of five hundred sweeps


def is_drawn(opened: OpenModel) -> bool:
    """Whether the program draws numbers: a seeded operator is in it, and two runs give two answers."""
    if opened.program is None or not any(
            torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()) for node in opened.program.graph.nodes):
        return False
    torch.default_generator.manual_seed(1)
    first, second = _eager(opened), _eager(opened)
    return any(not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") for a, b in zip(first, second))


def _eager(opened: OpenModel) -> list[np.ndarray]:
    return flat(run(opened.module, opened.examples))


class Shapes:
    """Judges dtypes and shapes, and nothing else."""

    def __init__(self, opened: OpenModel):
        self.opened, self.wanted = opened, _eager(opened)

    def check_interpreter(self) -> None:
        """Raises Differs where the interpreter's dtypes or shapes are not PyTorch's."""
        symbols = bind_symbols(self.opened.graph, [x.shape for x in self.opened.examples])
        self._check(evaluate(self.opened.graph, self.opened.examples, World(False, symbols)))

    def check_cpp(self, compiled: Compiled) -> None:
        """Raises Differs where the C++'s dtypes or shapes are not PyTorch's."""
        self._check(compiled.library.run(list(self.opened.examples)))

    def _check(self, found: Sequence[np.ndarray]) -> None:
        for k, (mine, theirs) in enumerate(zip(found, self.wanted, strict=True)):
            if (mine.dtype, mine.shape) != (theirs.dtype, theirs.shape):
                raise Differs(f"output {k} is {mine.dtype}{list(mine.shape)}, PyTorch gives {theirs.dtype}"
                              f"{list(theirs.shape)}")


class Distribution(Shapes):
    """Judges dtypes and shapes, and of the C++ how its numbers are distributed: many runs of both sides, compared."""

    def check_cpp(self, compiled: Compiled) -> None:
        """Raises Differs where PyTorch's numbers and the C++'s are hardly drawn from one distribution."""
        super().check_cpp(compiled)
        torch.default_generator.manual_seed(1)
        theirs = _gathered(lambda: _eager(self.opened))
        ours = _gathered(lambda: compiled.library.run(list(self.opened.examples)))
        for k, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            check_alike(f"output {k}", mine, other)


def _gathered(draw: Callable[[], list[np.ndarray]]) -> list[np.ndarray]:
    """The numbers of all runs, float64 [runs, elements] an output."""
    return [np.stack(each).astype(np.float64).reshape(RUNS, -1) for each in zip(*(draw() for _ in range(RUNS)))]


def check_alike(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Raises Differs unless two sets of runs (float64 [runs, elements]) may come from one distribution.

    By the two-sample Kolmogorov-Smirnov test of one element a run, because a run's own numbers may depend on each other
    (a permutation, whole channels dropped); and of each element by the distance of the two means, whose significance
    the elements share.
    """
    from scipy import stats
    if ours.shape[1] == 0:
        return
    which = np.random.default_rng(0).integers(0, ours.shape[1], len(ours))
    one, other = (np.nan_to_num(x[np.arange(len(x)), which], nan=np.inf) for x in (ours, theirs))
    found = stats.ks_2samp(one, other, method="asymp")
    if found.pvalue < SIGNIFICANCE:
        raise Differs(f"{name}: the numbers drawn are not distributed as PyTorch's (Kolmogorov-Smirnov distance "
                      f"{found.statistic:.3g}, p = {found.pvalue:.2g})")
    with np.errstate(all="ignore"):
        apart = np.abs(ours.mean(0) - theirs.mean(0))
        deviation = np.sqrt((ours.var(0) + theirs.var(0)) / len(ours))
        wrong = np.where(deviation > 0, 2 * stats.norm.sf(apart / deviation) < SIGNIFICANCE / ours.shape[1], apart > 0)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise Differs(f"{name}: element {place} is {ours.mean(0)[place]:.4g} on average, PyTorch's "
                      f"{theirs.mean(0)[place]:.4g}")
