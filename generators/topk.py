"""topk: the largest or smallest elements along an axis, and where they stood."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, values

NUMBERS = ("float32", "float64", "int64", "int32")


class TopK(nn.Module):
    def __init__(self, count: int, dim: int = -1, largest: bool = True):
        super().__init__()
        self.count = count
        self.dim = dim
        self.largest = largest

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.topk(x, self.count, dim=self.dim, largest=self.largest)


class TopKValues(nn.Module):
    def __init__(self, count: int, largest: bool):
        super().__init__()
        self.count = count
        self.largest = largest

    def forward(self, x: Tensor) -> Tensor:
        return torch.topk(x, self.count, largest=self.largest)[0]


def unsorted(x: Tensor) -> Tensor:
    return torch.topk(x, 3, sorted=False)[0].sum(-1)


def unsorted_places(x: Tensor) -> Tensor:
    return torch.topk(x, 3, sorted=False)[1].sort(-1)[0]


def kept_above_threshold(logits: Tensor) -> Tensor:
    smallest_kept = torch.topk(logits, 3, dim=-1)[0][..., -1:]
    return logits.masked_fill(logits < smallest_kept, float("-inf")).softmax(-1)


def routed(x: Tensor) -> Tensor:
    weight, place = torch.topk(torch.softmax(x, -1), 2, dim=-1)
    return torch.zeros_like(x).scatter(-1, place, weight / weight.sum(-1, keepdim=True))


def cases():
    yield case("largest", TopK(3), distinct(2, 7), dtypes=NUMBERS)
    yield case("smallest", TopK(2, largest=False), distinct(2, 7), dtypes=("float32", "int64"))
    yield case("first_axis", TopK(2, dim=0), distinct(5, 3))
    yield case("middle_axis", TopK(3, dim=-2), distinct(2, 6, 3))
    yield case("smallest_of_first_axis", TopK(4, dim=0, largest=False), distinct(6, 2))
    yield case("one", TopK(1), distinct(3, 5))
    yield case("all", TopK(5), distinct(2, 5), because="taking all of them is a sort")
    yield case("none", TopK(0), distinct(2, 3), because="k may be zero")
    yield case("of_scalar", TopK(1), distinct())
    yield case("unsorted", unsorted, distinct(3, 8),
               because="without order only the set is defined, so its sum is asked")
    yield case("unsorted_places", unsorted_places, distinct(3, 8))
    yield case("nan_is_largest", TopK(3), values([[1.0, float("nan"), 3.0, float("inf")],
                                                  [-1.0, 2.0, float("-inf"), 0.5]]))
    yield case("nan_is_not_smallest", TopK(2, largest=False),
               values([[1.0, float("nan"), 3.0, float("-inf")]]))
    yield case("ties", TopKValues(3, True), values([[2.0, 1.0, 2.0, 2.0, 1.0], [0.0, 0.0, 0.0, -1.0, 5.0]]),
               because="which of equal elements is taken is not defined, so only values are asked")
    yield case("kept_above_threshold", kept_above_threshold, distinct(2, 6))
    yield case("routed", routed, distinct(4, 5), because="mixtures of experts keep the two most likely")
    yield case("dynamic_batch", TopK(2), distinct(3, 6), dynamic={0: {0: "batch"}})
