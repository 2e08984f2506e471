"""index_select: whole slices of an axis picked by a vector of indices."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, permutation, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class IndexSelect(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        return torch.index_select(x, self.dim, index)


class FixedColumns(nn.Module):
    order: Tensor

    def __init__(self):
        super().__init__()
        self.register_buffer("order", torch.tensor([3, 0, 2]))

    def forward(self, x: Tensor) -> Tensor:
        return x.index_select(1, self.order)


def copied(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    return torch.index_copy(x, 1, index, source)


def filled(x: Tensor, index: Tensor) -> Tensor:
    return torch.index_fill(x, 0, index, 2.5)


def in_place(x: Tensor, index: Tensor) -> Tensor:
    y = x.clone()
    y.index_fill_(1, index, -1)
    return y


def cases():
    yield case("rows", IndexSelect(0), normal(4, 3), integers(6, low=0, high=4), dtypes=ALL)
    yield case("columns", IndexSelect(1), normal(3, 5, 2), integers(4, low=0, high=5), dtypes=ALL)
    yield case("negative_axis", IndexSelect(-1), normal(2, 3, 4), integers(2, low=0, high=4))
    yield case("one", IndexSelect(1), normal(2, 3), values([2], dtype="int64"))
    yield case("none", IndexSelect(0), normal(3, 2), integers(0, low=0, high=3))
    yield case("permutation", IndexSelect(0), normal(6, 2), permutation(6))
    yield case("narrow_index", IndexSelect(0), normal(4, 2), integers(5, low=0, high=4, dtype="int32"))
    yield case("fixed_columns", FixedColumns(), normal(2, 4), because="the index is a buffer of the module")
    yield case("copied", copied, normal(2, 4), values([3, 1], dtype="int64"), normal(2, 2),
               dtypes=("float32", "int64"))
    yield case("filled", filled, normal(4, 3), integers(2, low=0, high=4))
    yield case("in_place", in_place, normal(3, 4), integers(2, low=0, high=4))
    yield case("special_values", IndexSelect(0), special(25), permutation(25))
    yield case("dynamic_batch", IndexSelect(1), normal(3, 5), integers(4, low=0, high=5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_index", IndexSelect(0), normal(5, 2), integers(3, low=0, high=5),
               dynamic={1: {0: "count"}})
