"""any_all: whether some or every element is true, of all or along axes."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, values


class AlongAxis(nn.Module):
    """torch.any or torch.all along one axis."""

    def __init__(self, function: Callable, dim: int, keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.dim, self.keepdim)


class OfEverything(nn.Module):
    """torch.any or torch.all of all elements."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def along_two_axes(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.any(x, dim=[0, 2]), torch.all(x, dim=[-1, 0], keepdim=True)


def any_row_positive(x: Tensor) -> Tensor:
    return (x > 0.8).any(dim=1)


def cases():
    rows = values([[0, 0, 0], [0, 2, 0], [1, -3, 4], [0, 0, 5]])
    for function in (torch.any, torch.all):
        name = function.__name__
        yield case(f"{name}_last_axis", AlongAxis(function, -1), rows,
                   dtypes=("float32", "float64", "int64", "int32", "bool"),
                   because="every number but zero counts as true")
        yield case(f"{name}_first_axis_kept", AlongAxis(function, 0, True), booleans(2, 9))
        yield case(f"{name}_middle_axis", AlongAxis(function, 1), booleans(3, 2, 4))
        yield case(f"{name}_special_values", AlongAxis(function, 0), special(2, 25),
                   because="NaN counts as true, minus zero as false")
        yield case(f"{name}_uint8", AlongAxis(function, 1), integers(7, 2, low=0, high=2, dtype="uint8"),
                   because="the answer for uint8 is uint8, not bool")
        yield case(f"{name}_of_everything", OfEverything(function), rows,
                   dtypes=("float32", "int64", "bool"))
        yield case(f"{name}_empty", AlongAxis(function, 0), booleans(0, 4),
                   because="of nothing, none is true and all are")
        yield case(f"{name}_dynamic", AlongAxis(function, 1), booleans(6, 2), dynamic={0: {0: "batch"}})
    yield case("all_of_true", OfEverything(torch.all), values([[True, True], [True, True]], dtype="bool"))
    yield case("any_of_false", OfEverything(torch.any),
               values([[False, False], [False, False]], dtype="bool"))
    yield case("two_axes", along_two_axes, booleans(2, 9, 2))
    yield case("zero_dim", OfEverything(torch.any), values(0.5))
    yield case("of_comparison", any_row_positive, normal(6, 3))
