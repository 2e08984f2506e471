"""select: one index of an axis, or a narrow range of it."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal

ALL = ("float32", "float64", "int64", "int32", "bool")


class Select(nn.Module):
    def __init__(self, dim: int, index: int):
        super().__init__()
        self.dim = dim
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        return x.select(self.dim, self.index)


class Narrow(nn.Module):
    def __init__(self, dim: int, start: int, length: int):
        super().__init__()
        self.dim = dim
        self.start = start
        self.length = length

    def forward(self, x: Tensor) -> Tensor:
        return x.narrow(self.dim, self.start, self.length)


def last_axis(x: Tensor) -> Tensor:
    return x[..., 1]


def from_the_end(x: Tensor) -> Tensor:
    return x[:, -1]


def one_element(x: Tensor) -> Tensor:
    return x[1, 2]


def corner_of_batches(x: Tensor) -> Tensor:
    return x[:, 0, -1] * x[:, -1, 0]


def diagonal_element(x: Tensor) -> Tensor:
    return x.diagonal(dim1=-2, dim2=-1)[..., 1]


def assigned(x: Tensor, y: Tensor) -> Tensor:
    z = x.clone()
    z[:, 2] = y
    return z


def added_in_place(x: Tensor) -> Tensor:
    y = x * 2
    y.select(1, -1).add_(1)
    y[0].zero_()
    return y


def scattered(x: Tensor, y: Tensor) -> Tensor:
    return torch.select_scatter(x, y, dim=-2, index=-1)


def narrow_copy(x: Tensor) -> Tensor:
    return torch.narrow_copy(x, 1, 1, 3)


def cases():
    yield case("first_axis", Select(0, 1), normal(3, 4), dtypes=ALL)
    yield case("negative_axis_and_index", Select(-2, -1), normal(2, 3, 4))
    yield case("of_vector", Select(0, 2), normal(5), because="the result has no axis left")
    yield case("last_axis", last_axis, normal(2, 3, 4), dtypes=ALL)
    yield case("from_the_end", from_the_end, normal(2, 5, 3))
    yield case("one_element", one_element, normal(3, 4))
    yield case("corner_of_batches", corner_of_batches, normal(4, 3, 2))
    yield case("diagonal_element", diagonal_element, normal(2, 3, 4))
    yield case("narrow", Narrow(1, 1, 3), normal(2, 6))
    yield case("narrow_negative", Narrow(-1, -3, 2), normal(2, 6))
    yield case("narrow_to_nothing", Narrow(0, 2, 0), normal(3, 2))
    yield case("narrow_copy", narrow_copy, normal(2, 5))
    yield case("assigned", assigned, normal(2, 4, 3), normal(2, 3))
    yield case("assigned_broadcast", assigned, normal(2, 4, 3), normal(3))
    yield case("added_in_place", added_in_place, normal(3, 4),
               because="a write through a selection changes the whole")
    yield case("scattered", scattered, normal(2, 3, 4), normal(2, 4))
    yield case("dynamic_batch", from_the_end, normal(3, 4, 2), dynamic={0: {0: "batch"}})
    yield case("dynamic_last_step", from_the_end, normal(2, 4, 3), dynamic={0: {0: "batch", 1: "sequence"}})
