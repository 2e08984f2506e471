"""sort: the elements of an axis in order, and where each stood before."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, special, values

NUMBERS = ("float32", "float64", "int64", "int32")


class Sort(nn.Module):
    def __init__(self, dim: int = -1, descending: bool = False):
        super().__init__()
        self.dim = dim
        self.descending = descending

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.sort(x, dim=self.dim, descending=self.descending)


class StableSort(nn.Module):
    def __init__(self, dim: int = -1, descending: bool = False):
        super().__init__()
        self.dim = dim
        self.descending = descending

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.sort(x, stable=True, dim=self.dim, descending=self.descending)


def values_only(x: Tensor) -> Tensor:
    return torch.sort(x, dim=1)[0]


def by_most_significant(x: Tensor) -> Tensor:
    return torch.msort(x)


def ranks(x: Tensor) -> Tensor:
    return torch.sort(torch.sort(x, dim=-1)[1], dim=-1)[1]


def cases():
    yield case("ascending", Sort(), distinct(2, 7), dtypes=NUMBERS)
    yield case("descending", Sort(descending=True), distinct(2, 7), dtypes=("float32", "int64"))
    yield case("first_axis", Sort(dim=0), distinct(5, 3))
    yield case("middle_axis", Sort(dim=-2, descending=True), distinct(2, 4, 3))
    yield case("one_element", Sort(), distinct(3, 1))
    yield case("empty", Sort(dim=0), distinct(0, 3))
    yield case("scalar", Sort(dim=0), distinct())
    yield case("longer_row", Sort(), distinct(2, 100),
               because="long rows take another algorithm than short ones")
    yield case("stable_ties", StableSort(), integers(3, 20, low=0, high=4, dtype="int32"))
    yield case("stable_ties_descending", StableSort(descending=True),
               integers(3, 20, low=0, high=4, dtype="int64"),
               because="equal elements keep their order here too: it is no ascending sort reversed")
    yield case("stable_ties_first_axis", StableSort(dim=0), integers(12, 2, low=-2, high=2, dtype="float32"))
    yield case("stable_booleans", StableSort(), integers(2, 9, low=0, high=2, dtype="bool"))
    yield case("nan_last", StableSort(),
               values([[1.0, float("nan"), -1.0, float("inf"), float("nan"), float("-inf")]]))
    yield case("nan_first_descending", StableSort(descending=True),
               values([[1.0, float("nan"), -1.0, float("inf"), float("nan"), float("-inf")]]))
    yield case("special_values", StableSort(), special(2, 25),
               because="-0 and +0 are equal and keep their order")
    yield case("values_only", values_only, integers(3, 9, low=0, high=4, dtype="float32"))
    yield case("by_most_significant", by_most_significant, distinct(5, 3))
    yield case("ranks", ranks, distinct(3, 6))
    yield case("dynamic_batch", Sort(), distinct(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", StableSort(dim=0), distinct(5, 2), dynamic={0: {0: "count"}})
