"""Truth, bounds and verdict for a user's model: what the suite does for its cases, for any model."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Sequence

import numpy as np

from ..emit.package import Example
from ..graph.core import FLOATS, Graph
from ..graph.world import as_complex, as_reals
from .models import OpenModel


@dataclass(frozen=True)
class Verdict:
    """One output's judgement: elements, how many are wrong or too close to call, the worst error over its bound."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    elements: int
    wrong: int
    undecided: int
    worst: float
    first: str | None = None

    @property
    def right(self) -> bool:
        return self.wrong == 0


@dataclass(frozen=True)
class Report:
    """What `verify` found, one verdict an output."""

    model: str
    outputs: tuple[Verdict, ...]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether every element is within its bound. Where all of them are too close to call, nothing was shown."""
        elements, undecided = sum(v.elements for v in self.outputs), sum(v.undecided for v in self.outputs)
        return all(v.right for v in self.outputs) and (elements == 0 or undecided < elements)

    def as_json(self) -> dict[str, Any]:
        return {"model": self.model, "right": self.right, "seconds": self.seconds,
                "outputs": [{**vars(v), "shape": list(v.shape), "right": v.right} for v in self.outputs]}


def example_of(opened: OpenModel, inputs: Sequence[np.ndarray] | None = None) -> Example:
    """Inputs with the original's answers, truths and bounds. Raises truth.Disputed where no truth can be agreed on."""
    inputs = list(opened.examples if inputs is None else inputs)
    if opened.program is not None and not _has_halves(opened.graph):
        from ..cases.truth import answers
        opened.reference(inputs)            # first: BadInput where the original itself does not run on these inputs
        found = answers(opened.program, opened.module, opened.graph, inputs)
        return Example(inputs, [(a.output, a.truth, a.bound) for a in found.outputs])
    return _without_export(opened, inputs)


def _has_halves(graph: Graph) -> bool:
    """Whether inputs or weights are 16-bit floats: the exported program cannot be run one precision wider, because it
    rounds to 16 bits on the way, as the interpreter does."""
    return any(node.op in ("input", "weight") and node.types[0].dtype in FLOATS[:2] for node in graph.nodes)


def _without_export(opened: OpenModel, inputs: list[np.ndarray]) -> Example:
    """The interpreter in float64 is the truth, confirmed by the original's answer within the bound."""
    from ..graph.error import bounds
    from ..graph.interpret import bind_symbols
    native, reals = _native(opened, inputs), list(map(as_reals, inputs))
    symbols = bind_symbols(opened.graph, [x.shape for x in reals])
    truth, limits, _ = bounds(opened.graph, reals, symbols)
    outputs = []
    for k, (value, exact, limit, answer) in enumerate(zip(opened.graph.results, truth, limits, map(as_reals, native))):
        if value.dtype not in FLOATS:
            open_ = np.isnan(limit).any()
            outputs.append((np.asarray(exact).astype(answer.dtype), answer.astype(np.float64) if open_ else None,
                            limit if open_ else None))
            continue
        with np.errstate(all="ignore"):
            settled = np.isfinite(answer.astype(np.float64))
            output = np.where(settled, np.asarray(exact, np.float64), answer.astype(np.float64))
            limit = np.where(np.isfinite(limit), limit, np.nan)
            rounded = output.astype(answer.dtype)
            outputs.append((as_complex(rounded) if k in opened.graph.complex_outputs else rounded, output,
                            np.where(settled, limit, 0.0)))
    _confirm(opened, native, outputs)
    return Example(inputs, outputs)


def _native(opened: OpenModel, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The original's outputs, and what its run leaves in the buffers that it updates."""
    answer = opened.reference(inputs)
    if not opened.graph.updates:
        return answer
    from ..cases.truth import results_of
    return results_of(opened.module, opened.graph, inputs)


def _confirm(opened: OpenModel, native: list[np.ndarray], outputs: list) -> None:
    from ..cases.truth import Disputed
    for name, answer, (value, truth, bound) in zip(opened.graph.result_names, native, outputs):
        verdict = judge(name, answer, value, truth, bound)
        if not verdict.right:
            raise Disputed(f"the original and the interpreter disagree on output '{name}': {verdict.first}")


def judge(name: str, got: np.ndarray, value: np.ndarray, truth: np.ndarray | None, bound: np.ndarray | None) -> Verdict:
    """Compares an output with its answer as the C++ harness does: bit by bit where there is no bound."""
    if got.shape != value.shape or got.dtype != value.dtype:
        return Verdict(name, str(got.dtype), got.shape, got.size, max(got.size, 1), 0, float("inf"),
                       f"got {got.dtype}{list(got.shape)}, expected {value.dtype}{list(value.shape)}")
    whole, got, value = got, as_reals(got), as_reals(value)          # of complex numbers each part has its own bound
    same = _same_bits(got, value)
    undecided = np.zeros(got.shape, bool)
    worst = 0.0
    right = same
    if bound is not None:
        with np.errstate(all="ignore"):
            undecided = np.isnan(bound)
            apart = np.abs(got.astype(np.float64) - truth)
            right = same | (apart <= bound) & (bound > 0) | undecided
            fractions = np.where((bound > 0) & np.isfinite(apart), apart / bound, 0.0)
            worst = float(np.max(fractions, initial=0.0))
    first = "every element is too close to call; give inputs that decide" if got.size and undecided.all() else None
    if not right.all():
        place = tuple(map(int, np.argwhere(~right)[0]))
        allowed = 0.0 if bound is None else float(bound[place])
        expected = value[place] if truth is None else truth[place]
        first = f"at {list(place)}: got {got[place]!r}, expected {expected!r}, allowed {allowed:.3g}"
    return Verdict(name, str(whole.dtype), whole.shape, whole.size, int((~right).sum()), int(undecided.sum()), worst, first)


def judge_twice(name: str, first: np.ndarray, second: np.ndarray, value: np.ndarray, truth: np.ndarray | None,
                bound: np.ndarray | None) -> Verdict:
    """`judge` of two runs over differently filled memory: an element that is never written differs between them."""
    if first.tobytes() == second.tobytes():
        return judge(name, first, value, truth, bound)
    unwritten = int((~_same_bits(first, second)).sum())
    return Verdict(name, str(first.dtype), first.shape, first.size, unwritten, 0, float("inf"),
                   f"{unwritten} elements are not written, or read before they are: two runs differ in them")


def _same_bits(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = as_reals(a), as_reals(b)
    if a.dtype.name not in FLOATS:
        return np.asarray(a == b)
    return ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))
