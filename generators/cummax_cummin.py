"""cummax_cummin: running maxima and minima along one axis, and where each was met."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, normal, special, values


class Running(nn.Module):
    """torch.cummax or torch.cummin along one axis."""

    def __init__(self, function: Callable, dim: int) -> None:
        super().__init__()
        self.function = function
        self.dim = dim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        extreme, position = self.function(x, self.dim)
        return extreme, position


def values_only(x: Tensor) -> Tensor:
    return torch.cummax(x, dim=1).values - torch.cummin(x, dim=1).values


def cases():
    infinity, nan = float("inf"), float("nan")
    ties = values([[1, 2, 2, 1, 2], [3, 3, 3, 3, 3], [0, -1, -1, 0, 0]])
    awkward = values([[1.0, nan, infinity, nan], [-infinity, infinity, 2.0, nan],
                      [0.0, -0.0, 0.0, -infinity]])
    for function in (torch.cummax, torch.cummin):
        name = function.__name__
        yield case(f"{name}_last_axis", Running(function, -1), normal(3, 4, 5),
                   dtypes=("float32", "float64", "int64", "int32", "bool"))
        yield case(f"{name}_first_axis", Running(function, 0), distinct(6, 5))
        yield case(f"{name}_middle_axis", Running(function, 1), distinct(2, 7, 3))
        yield case(f"{name}_ties", Running(function, 1), ties, dtypes=("float32", "int64"),
                   because="the last of equal elements is named, unlike in max and min")
        yield case(f"{name}_special_values", Running(function, 1), awkward,
                   because="once NaN is met it stays, and each further NaN is named anew")
        yield case(f"{name}_one_element_axis", Running(function, 1), normal(4, 1))
        yield case(f"{name}_empty", Running(function, 1), normal(3, 0))
        yield case(f"{name}_dynamic", Running(function, 0), normal(3, 4), dynamic={0: {0: "length"}})
    yield case("all_negative", Running(torch.cummax, 0), integers(9, low=-90, high=-5))
    yield case("special_values_in_turn", Running(torch.cummin, 0), special(5, 5))
    yield case("values_only", values_only, normal(3, 6))
    yield case("zero_dim", Running(torch.cummax, 0), normal())
