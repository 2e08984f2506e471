"""Models of other packages as modules that take tensors by position and return tensors alone."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

import torch


class ByName(torch.nn.Module):
    """Calls a model with its inputs by name and `always` besides; gives every tensor of its answer, in order.

    An answer may be a tensor, a sequence, or a mapping such as the dataclasses of the transformers package; what in it
    is no tensor (None, a cache) is left out.
    """

    def __init__(self, model: torch.nn.Module, names: Sequence[str], **always: Any):
        super().__init__()
        self.model, self.names, self.always = model, tuple(names), always

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(_tensors(self.model(**dict(zip(self.names, inputs, strict=True)), **self.always)))


def _tensors(answer: Any) -> list[torch.Tensor]:
    if isinstance(answer, torch.Tensor):
        return [answer]
    if isinstance(answer, Mapping):
        answer = answer.values()
    elif not isinstance(answer, (list, tuple)):
        return []
    return [tensor for part in answer for tensor in _tensors(part)]
