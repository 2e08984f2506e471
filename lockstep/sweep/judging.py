"""Puts one question to PyTorch, to the interpreter and to the C++, and judges the answers within computed bounds."""
from __future__ import annotations

import time
import traceback
import warnings
from dataclasses import replace
from typing import Any, Sequence

import numpy as np
import torch
from torch.utils import _pytree as pytree

from ..api import Compiled, compile_opened, verdicts_of
from ..cases.truth import draws, flat
from ..errors import BadInput, Differs, LockstepError, Unsupported
from ..judge.models import OpenModel, open_model
from ..judge.verdict import example_of, judge
from . import chance
from .chance import interpreted
from .outcomes import ACCEPTED, CRASHED, OTHERWISE, REFUSED, RIGHT, UNANSWERED, WITH_REASON, WRONG, Outcome
from .samples import ERRORS, Call, Question, call_of


def ask(question: Question, through_cpp: bool) -> Outcome:
    """The outcome of a question. Whatever is raised on the way is an outcome too."""
    start = time.perf_counter()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state, stage, reason = (_refusal if question.kind == ERRORS else _answer)(question, through_cpp)
    return Outcome(state, stage, reason, through_cpp, round(time.perf_counter() - start, 3))


def _answer(question: Question, through_cpp: bool) -> tuple[str, str, str]:
    call, tensors = call_of(question)
    try:
        eager = pytree.tree_leaves(_eager(call, tensors))
    except Exception as failure:  # PyTorch's kernels raise many kinds; without its answer there is no question
        return UNANSWERED, "eager", said(failure)
    stage = "capture"
    try:
        written, (call, tensors) = tensors, call_of(question)
        call.writes = any(tensor.layout == torch.strided and not torch.equal(tensor, after)
                          for tensor, after in zip(tensors, written))
        opened = open_model(call, tensors or None, name="sample")
        stage = "interpreter"
        if question.operator in chance.UNINITIALISED:
            answer = chance.Shapes(opened)
        elif draws(opened.graph):
            answer = chance.Distribution(opened)
        else:
            answer = Values(opened, eager)
        answer.check_interpreter()
        if through_cpp:
            stage = "convert"
            compiled = compile_opened(opened)
            stage = "C++"
            answer.check_cpp(compiled)
    except (Unsupported, BadInput) as refusal:
        return (REFUSED if stage in ("capture", "convert") else WRONG), stage, said(refusal)
    except Differs as difference:
        return WRONG, stage, said(difference)
    except Exception as failure:  # anything else that is raised is a defect of Lockstep's, and is counted as one
        return CRASHED, stage, _located(failure)
    return RIGHT, "", ""


def _eager(call: Call, tensors: Sequence[torch.Tensor]) -> Any:
    with torch.no_grad():
        return call(*tensors)


class Values:
    """A deterministic program: truth and bounds as for any model, and PyTorch's answer to the tensors as they lie."""

    def __init__(self, opened: OpenModel, eager: list):
        self.opened, self.eager = opened, eager

    def check_interpreter(self) -> None:
        """Raises Differs unless PyTorch and the interpreter agree, on tensors and on everything else that is returned."""
        self.example = example_of(self.opened)
        self._check_rest(self.opened.unflatten([value for value, _, _ in self.example.outputs]))
        # what comes from inputs with gaps between their elements must be what comes from the same numbers without
        for name, array, answer, dense in zip(self.opened.graph.output_names, flat(self.eager), self.example.outputs,
                                              self.opened.reference(self.example.inputs)):
            verdict = judge(name, array, *answer)
            if not verdict.right and not np.array_equal(array, dense, equal_nan=array.dtype.kind in "fc"):
                raise Differs(f"output '{name}' depends on how the inputs lie in memory: {verdict.first}")

    def check_cpp(self, compiled: Compiled) -> None:
        """Raises Differs unless two runs, over inputs that lie backwards in memory, give the answer within its bounds."""
        inputs = [_backwards(array) for array in self.example.inputs]
        for verdict in verdicts_of(compiled, replace(self.example, inputs=inputs)):
            if not verdict.right:
                raise Differs(f"output '{verdict.name}' {verdict.first}")

    def _check_rest(self, ours: Any) -> None:
        """Numbers, strings and None that are fixed at capture must be PyTorch's exactly."""
        leaves = pytree.tree_leaves(ours)
        if len(leaves) != len(self.eager):
            raise Differs(f"the result has {len(leaves)} parts, PyTorch's {len(self.eager)}")
        for k, (mine, theirs) in enumerate(zip(leaves, self.eager)):
            if not isinstance(theirs, torch.Tensor) and (type(mine), repr(mine)) != (type(theirs), repr(theirs)):
                raise Differs(f"part {k} of the result is {mine!r}, PyTorch gives {theirs!r}")


def _backwards(array: np.ndarray) -> np.ndarray:
    """The same numbers with a negative stride along every dim."""
    return np.flip(np.ascontiguousarray(np.flip(array))) if array.ndim else array


def _refusal(question: Question, through_cpp: bool) -> tuple[str, str, str]:
    """Whether what PyTorch refuses is refused too, with PyTorch's reason."""
    try:
        call, tensors = call_of(question)
        _eager(call, tensors)
        return UNANSWERED, "eager", "PyTorch accepts it on the CPU"
    except Exception as failure:  # the error that OpInfo promises, of whatever kind
        theirs = said(failure)
    try:
        call, tensors = call_of(question)
        opened = open_model(call, tensors or None, name="sample")
    except (Unsupported, BadInput) as refusal:
        with_reason = theirs.partition(": ")[2].strip() in str(refusal)
        return (WITH_REASON if with_reason else OTHERWISE), "capture", f"{said(refusal)} | PyTorch: {theirs}"
    except Exception as failure:  # as above
        return CRASHED, "capture", _located(failure)
    try:
        interpreted(opened)
    except IndexError as stop:                   # an index that only the data shows stops the run, as it does in PyTorch
        return OTHERWISE, "run", f"{said(stop)} | PyTorch: {theirs}"
    return ACCEPTED, "capture", f"PyTorch: {theirs}"


def said(failure: BaseException) -> str:
    """An exception's first line; with its kind, where it is not Lockstep's own."""
    line = next((line.strip() for line in str(failure).splitlines() if line.strip()), "")
    return line if isinstance(failure, LockstepError) else f"{type(failure).__name__}: {line}"


def _located(failure: BaseException) -> str:
    """What was raised and the last line of Lockstep's that it went through."""
    frames = [frame for frame in traceback.extract_tb(failure.__traceback__) if "/lockstep/" in frame.filename]
    place = f" ({frames[-1].filename.rpartition('/lockstep/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(failure).__name__}: {str(failure).strip()[:300]}{place}"
