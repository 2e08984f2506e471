"""max_min: the largest and the smallest elements, of all or along axes, with or without their positions."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, normal, special, values


class WithPositions(nn.Module):
    """torch.max or torch.min along one axis: the values and where they are."""

    def __init__(self, function: Callable, dim: int, keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        extreme, position = self.function(x, self.dim, self.keepdim)
        return extreme, position


class AlongAxes(nn.Module):
    """torch.amax or torch.amin along some axes."""

    def __init__(self, function: Callable, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.dim, self.keepdim)


class Both(nn.Module):
    """torch.aminmax along one axis."""

    def __init__(self, dim: int, keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, high = torch.aminmax(x, dim=self.dim, keepdim=self.keepdim)
        return low, high


def of_everything(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.max(), x.min()


def both_of_everything(x: Tensor) -> tuple[Tensor, Tensor]:
    low, high = torch.aminmax(x)
    return low, high


def values_only(x: Tensor) -> Tensor:
    return x.max(dim=1).values - x.min(dim=1)[0]


def cases():
    every_type = ("float32", "float64", "int64", "int32", "bool")
    ties = values([[2, 1, 2, 1, 2], [1, 1, 1, 1, 1], [0, 3, 3, 0, -1]])
    infinity, nan = float("inf"), float("nan")
    awkward = values([[1.0, nan, infinity, nan], [-infinity, -infinity, nan, 2.0],
                      [infinity, -infinity, 0.0, infinity]])
    for function in (torch.max, torch.min):
        name = function.__name__
        yield case(f"{name}_last_axis", WithPositions(function, -1), normal(3, 4, 5), dtypes=every_type)
        yield case(f"{name}_first_axis_kept", WithPositions(function, 0, True), distinct(6, 5))
        yield case(f"{name}_middle_axis", WithPositions(function, 1), distinct(2, 7, 3))
        yield case(f"{name}_ties", WithPositions(function, 1), ties, dtypes=("float32", "int64"),
                   because="the first of equal elements is named")
        yield case(f"{name}_special_values", WithPositions(function, 1), awkward,
                   because="NaN wins, and the first NaN is named")
        yield case(f"{name}_signed_zeros", WithPositions(function, 1), values([[0.0, -0.0], [-0.0, 0.0]]))
        yield case(f"{name}_empty_answer", WithPositions(function, 1), normal(0, 4))
        yield case(f"{name}_dynamic", WithPositions(function, 1), normal(3, 4),
                   dynamic={0: {0: "batch", 1: "length"}})
    for function in (torch.amax, torch.amin):
        name = function.__name__
        yield case(f"{name}_two_axes", AlongAxes(function, (0, 2)), normal(3, 4, 5), dtypes=every_type)
        yield case(f"{name}_two_axes_kept", AlongAxes(function, (-1, -2), True), normal(2, 3, 5, 4))
        yield case(f"{name}_no_axes", AlongAxes(function, ()), normal(3, 4))
        yield case(f"{name}_special_values", AlongAxes(function, (1,)), awkward)
        yield case(f"{name}_dynamic", AlongAxes(function, (1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("of_everything", of_everything, normal(3, 4, 5), dtypes=every_type)
    yield case("of_everything_special_values", of_everything, special(24))
    yield case("all_negative", of_everything, integers(12, low=-90, high=-5),
               because="a maximum that starts at zero would stay there")
    yield case("all_minus_infinity", of_everything, values([-infinity, -infinity]))
    yield case("zero_dim", of_everything, normal())
    yield case("zero_dim_axis", WithPositions(torch.max, 0), normal())
    yield case("values_only", values_only, normal(3, 6))
    yield case("aminmax", Both(1), normal(3, 4, 5), dtypes=("float32", "int64", "bool"))
    yield case("aminmax_kept", Both(-1, True), normal(3, 4, 5))
    yield case("aminmax_of_everything", both_of_everything, normal(3, 5))
    yield case("aminmax_special_values", Both(1), awkward)
