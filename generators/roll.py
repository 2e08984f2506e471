"""roll: elements shifted along axes, those pushed out coming back at the other end."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Roll(nn.Module):
    def __init__(self, shifts: int, dim: int):
        super().__init__()
        self.shifts = shifts
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.roll(x, self.shifts, self.dim)


def flattened(x: Tensor) -> Tensor:
    return torch.roll(x, 4)


def two_axes(x: Tensor) -> Tensor:
    return torch.roll(x, shifts=(1, -2), dims=(0, 2))


def same_axis_twice(x: Tensor) -> Tensor:
    return torch.roll(x, shifts=(1, 2), dims=(1, 1))


def difference_to_previous(x: Tensor) -> Tensor:
    return x - x.roll(1, -1)


def cases():
    yield case("forwards", Roll(2, 1), normal(3, 5), dtypes=ALL)
    yield case("backwards", Roll(-1, 0), normal(4, 3))
    yield case("negative_axis", Roll(3, -2), normal(2, 5, 3))
    yield case("further_than_extent", Roll(7, 0), normal(5, 2))
    yield case("further_backwards", Roll(-13, 1), normal(2, 5))
    yield case("full_turn", Roll(4, 0), normal(4, 2))
    yield case("flattened", flattened, normal(2, 5),
               because="without an axis the elements roll in memory order")
    yield case("two_axes", two_axes, normal(3, 2, 5), dtypes=ALL)
    yield case("same_axis_twice", same_axis_twice, normal(2, 5), because="shifts of one axis add up")
    yield case("one_element", Roll(3, 0), normal(1, 2))
    yield case("empty", Roll(1, 1), normal(2, 0))
    yield case("difference_to_previous", difference_to_previous, normal(3, 6))
    yield case("special_values", Roll(5, 0), special(25))
    yield case("dynamic_batch", Roll(2, 1), normal(3, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", Roll(1, 0), normal(4, 3), dynamic={0: {0: "sequence"}})
