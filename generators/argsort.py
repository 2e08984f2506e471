"""argsort: the indices that would put an axis in order."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, special, values

NUMBERS = ("float32", "float64", "int64", "int32")


class ArgSort(nn.Module):
    def __init__(self, dim: int = -1, descending: bool = False):
        super().__init__()
        self.dim = dim
        self.descending = descending

    def forward(self, x: Tensor) -> Tensor:
        return torch.argsort(x, dim=self.dim, descending=self.descending)


class StableArgSort(nn.Module):
    def __init__(self, dim: int = -1, descending: bool = False):
        super().__init__()
        self.dim = dim
        self.descending = descending

    def forward(self, x: Tensor) -> Tensor:
        return torch.argsort(x, stable=True, dim=self.dim, descending=self.descending)


def inverse(order: Tensor) -> Tensor:
    return torch.argsort(torch.argsort(order, dim=-1), dim=-1)


def rows_by_first_column(x: Tensor) -> Tensor:
    return x[torch.argsort(x[:, 0])]


def cases():
    yield case("ascending", ArgSort(), distinct(2, 7), dtypes=NUMBERS)
    yield case("descending", ArgSort(descending=True), distinct(2, 7))
    yield case("first_axis", ArgSort(dim=0), distinct(6, 3))
    yield case("middle_axis", ArgSort(dim=-2, descending=True), distinct(2, 5, 3))
    yield case("one_element", ArgSort(), distinct(4, 1))
    yield case("empty", ArgSort(), distinct(3, 0))
    yield case("longer_row", ArgSort(), distinct(2, 100))
    yield case("stable_ties", StableArgSort(), integers(3, 20, low=0, high=4))
    yield case("stable_ties_descending", StableArgSort(descending=True),
               integers(3, 20, low=0, high=4, dtype="float32"))
    yield case("stable_ties_first_axis", StableArgSort(dim=0), integers(20, 2, low=0, high=3, dtype="int32"))
    yield case("nan_last", StableArgSort(),
               values([2.0, float("nan"), float("inf"), float("-inf"), float("nan"), 0.0]))
    yield case("special_values", StableArgSort(descending=True), special(25))
    yield case("ranks", inverse, distinct(3, 6))
    yield case("rows_by_first_column", rows_by_first_column, distinct(5, 3))
    yield case("dynamic_batch", ArgSort(), distinct(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", StableArgSort(dim=0), distinct(5, 2), dynamic={0: {0: "count"}})
