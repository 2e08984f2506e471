"""flip: the order of elements along axes reversed, and quarter turns made of it."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Flip(nn.Module):
    def __init__(self, *dims: int):
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return torch.flip(x, self.dims)


class QuarterTurns(nn.Module):
    def __init__(self, turns: int, first: int, second: int):
        super().__init__()
        self.turns = turns
        self.first = first
        self.second = second

    def forward(self, x: Tensor) -> Tensor:
        return torch.rot90(x, self.turns, [self.first, self.second])


def left_right(x: Tensor) -> Tensor:
    return torch.fliplr(x)


def up_down(x: Tensor) -> Tensor:
    return torch.flipud(x)


def twice(x: Tensor) -> Tensor:
    return x.flip(0).relu().flip(0)


def cases():
    yield case("one_axis", Flip(1), normal(3, 4), dtypes=ALL)
    yield case("two_axes", Flip(0, -1), normal(2, 3, 4))
    yield case("every_axis", Flip(0, 1, 2), normal(2, 3, 4))
    yield case("no_axis", Flip(), normal(2, 3))
    yield case("left_right", left_right, normal(3, 4, 2),
               because="it reverses the second axis, not the last")
    yield case("up_down", up_down, normal(3, 4))
    yield case("twice", twice, normal(4, 3))
    for turns in (1, 2, 3, -1, 4):
        name = f"turned_{turns}_times" if turns >= 0 else "turned_back"
        yield case(name, QuarterTurns(turns, 0, 1), normal(3, 4), dtypes=ALL if turns == 1 else ("float32",))
    yield case("turned_last_axes", QuarterTurns(1, -1, -3), normal(2, 3, 4))
    yield case("one_element", Flip(0), normal(1))
    yield case("empty", Flip(0, 1), normal(2, 0))
    yield case("special_values", Flip(0), special(25))
    yield case("dynamic_batch", Flip(1, 2), normal(3, 4, 2), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", Flip(0), normal(4, 3), dynamic={0: {0: "sequence"}})
