"""Questions from OpInfo, PyTorch's database of operators and sample inputs, and each question as a module with tensors."""
from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Sequence

import numpy as np
import torch
from torch.testing._internal import common_methods_invocations as invocations
from torch.testing._internal.common_utils import noncontiguous_like
from torch.testing._internal.opinfo.core import OpInfo, SampleInput
from torch.utils import _pytree as pytree

from ..errors import BadInput

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool", "float16", "bfloat16", "complex64")
SAMPLES, ERRORS = "sample", "error input"


def unseeded(op: Callable, *args: Any, **kwargs: Any) -> Any:
    """The call alone: OpInfo sets a seed inside its random operators' calls, which no program can hold."""
    return op(*args, **kwargs)


invocations.wrapper_set_seed = unseeded


@dataclass(frozen=True)
class Question:
    """One sample of one OpInfo: `number` counts the samples (or the error inputs) of its operator, variant and dtype."""

    operator: str
    variant: str
    dtype: str
    number: int
    kind: str = SAMPLES

    @property
    def place(self) -> str:
        """What tells it from the operator's other samples of the same dtype."""
        return f"{self.variant} {self.number}".strip()

    @property
    def title(self) -> str:
        return f"{self.operator} {self.dtype} {self.kind} {self.place}"


class Call(torch.nn.Module):
    """An OpInfo's operator with everything but its tensors fixed; `process` is applied to what it gives.

    writes  whether the operator writes to its tensors (cauchy_, ...): a model may not, so it gets clones
    """

    def __init__(self, operator: Callable, arguments: tuple, keywords: dict, process: Callable):
        super().__init__()
        leaves, self.structure = pytree.tree_flatten((arguments, keywords))
        self.operator, self.process, self.writes = operator, process, False
        self.places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)]
        self.fixed = [None if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        self.eval()

    def forward(self, *tensors: torch.Tensor) -> Any:
        leaves = list(self.fixed)
        for place, tensor in zip(self.places, tensors):
            leaves[place] = tensor.clone() if self.writes else tensor
        arguments, keywords = pytree.tree_unflatten(leaves, self.structure)
        return self.process(self.operator(*arguments, **keywords))


@lru_cache(maxsize=1)
def opinfos() -> dict[tuple[str, str], OpInfo]:
    """Every OpInfo by name and variant."""
    return {(op.name, op.variant_test_name): op for op in invocations.op_db}


def named(names: Sequence[str]) -> list[OpInfo]:
    """Every variant of the operators named, all OpInfos for none. Raises BadInput for a name that is not there."""
    unknown = set(names) - {operator for operator, _ in opinfos()}
    if unknown:
        raise BadInput(f"OpInfo has no operator {', '.join(sorted(unknown))}")
    return [op for (operator, _), op in opinfos().items() if not names or operator in names]


def questions(names: Sequence[str], dtype: str, count: int | None) -> list[Question]:
    """Up to `count` evenly spaced samples of each OpInfo that has the dtype; all for None."""
    found = []
    for op in named(names):
        if getattr(torch, dtype) in op.supported_dtypes("cpu"):
            total = len(samples(op.name, op.variant_test_name, dtype))
            found += [Question(op.name, op.variant_test_name, dtype, k) for k in evenly(total, count)]
    return found


def error_questions(names: Sequence[str]) -> list[Question]:
    """Every error input of the OpInfos."""
    return [Question(op.name, op.variant_test_name, "float32", k, ERRORS) for op in named(names)
            for k in range(len(error_inputs(op.name, op.variant_test_name)))]


def evenly(total: int, count: int | None) -> list[int]:
    """`count` numbers below `total`, evenly spaced, the first and the last among them."""
    if count is None or total <= count:
        return list(range(total))
    return sorted({round(k * (total - 1) / max(count - 1, 1)) for k in range(count)})


def _seed() -> None:
    torch.default_generator.manual_seed(0)          # torch.manual_seed also notes it, with a traceback, for every device
    np.random.seed(0)
    random.seed(0)


# Operators that read memory by strides: they ask how their inputs lie, and a C++ model's inputs lie without gaps.
OF_LAYOUT = {"as_strided", "as_strided_copy", "as_strided_scatter"}


@lru_cache(maxsize=4)
def samples(operator: str, variant: str, dtype: str) -> list[SampleInput]:
    """An OpInfo's samples, the same at every call. The second of every three is laid out with gaps between its elements."""
    _seed()
    given = opinfos()[operator, variant].sample_inputs("cpu", getattr(torch, dtype), requires_grad=False, set_seed=False)
    return [one.transform(_with_gaps) if k % 3 == 1 and operator not in OF_LAYOUT else one
            for k, one in enumerate(given)]


def _with_gaps(leaf: Any) -> Any:
    return noncontiguous_like(leaf) if isinstance(leaf, torch.Tensor) and leaf.layout == torch.strided else leaf


@lru_cache(maxsize=4)
def error_inputs(operator: str, variant: str) -> list[SampleInput]:
    """The samples that an OpInfo says PyTorch refuses."""
    _seed()
    op = opinfos()[operator, variant]
    return [] if op.error_inputs_func is None else [one.sample_input for one in op.error_inputs("cpu", set_seed=False)]


def _reconstructed(result: Any) -> Any:
    """Q and R up to the phases of Q's columns, and their product."""
    q, r = result
    return q.abs(), r.abs(), q @ r


# Decompositions whose factors are only unique up to signs, phases or order: what is unique of them is judged. A function
# of the result; None: the one that OpInfo gives with the sample.
FREE = {"svd": None, "linalg.svd": None, "svd_lowrank": None, "pca_lowrank": None, "linalg.eig": None, "linalg.eigh": None,
        "linalg.qr": _reconstructed, "qr": _reconstructed}


def _whole(result: Any) -> Any:
    return result


def call_of(question: Question) -> tuple[Call, tuple[torch.Tensor, ...]]:
    """The question's call as a module, and its tensors as OpInfo lays them out (views and strides kept), anew each time."""
    name = question.operator, question.variant
    taken = error_inputs(*name) if question.kind == ERRORS else samples(*name, question.dtype)
    sample = taken[question.number]
    process = _whole
    if question.operator in FREE and question.kind == SAMPLES:
        process = FREE[question.operator] or sample.output_process_fn_grad
    call = Call(opinfos()[name].op, (sample.input, *sample.args), dict(sample.kwargs), process)
    leaves = pytree.tree_leaves(((sample.input, *sample.args), sample.kwargs))
    return call, tuple(_anew(leaf.detach()) for leaf in leaves if isinstance(leaf, torch.Tensor))


def _anew(tensor: torch.Tensor) -> torch.Tensor:
    """A copy with its whole storage, strides and offset; of a sparse tensor, which has no storage, a clone."""
    return copy.deepcopy(tensor) if tensor.layout == torch.strided else tensor.clone()
