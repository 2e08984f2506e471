"""argmax_argmin: where the largest or the smallest element is, along one axis or in all."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, normal, special, values


class AlongAxis(nn.Module):
    """torch.argmax or torch.argmin along one axis."""

    def __init__(self, function: Callable, dim: int, keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.dim, self.keepdim)


class Flattened(nn.Module):
    """torch.argmax or torch.argmin of all elements."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def flattened_kept(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.argmax(x, dim=None, keepdim=True), torch.argmin(x, dim=None, keepdim=True)


def of_transposed(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.transpose(0, 1).argmax(), x.transpose(0, 1).argmin(dim=0)


def cases():
    infinity, nan = float("inf"), float("nan")
    ties = values([[2, 1, 2, 1, 2], [1, 1, 1, 1, 1], [0, 3, 3, -1, -1]])
    awkward = values([[1.0, nan, infinity, nan], [-infinity, -infinity, nan, 2.0],
                      [infinity, -infinity, 0.0, infinity],
                      [-infinity] * 4])
    for function in (torch.argmax, torch.argmin):
        name = function.__name__
        yield case(f"{name}_last_axis", AlongAxis(function, -1), normal(3, 4, 5),
                   dtypes=("float32", "float64", "int64", "int32"))
        yield case(f"{name}_first_axis", AlongAxis(function, 0), distinct(6, 5))
        yield case(f"{name}_middle_axis_kept", AlongAxis(function, 1, True), distinct(2, 7, 3))
        yield case(f"{name}_flattened", Flattened(function), distinct(3, 4, 5))
        yield case(f"{name}_ties", AlongAxis(function, 1), ties, dtypes=("float32", "int64"),
                   because="the first of equal elements is named")
        yield case(f"{name}_ties_flattened", Flattened(function), integers(6, 5, low=-1, high=2))
        yield case(f"{name}_special_values", AlongAxis(function, 1), awkward,
                   because="the first NaN wins against everything")
        yield case(f"{name}_special_values_flattened", Flattened(function), special(24))
        yield case(f"{name}_signed_zeros", AlongAxis(function, 1), values([[0.0, -0.0], [-0.0, 0.0]]))
        yield case(f"{name}_one_element_axis", AlongAxis(function, 1), normal(4, 1))
        yield case(f"{name}_empty_answer", AlongAxis(function, 1), normal(0, 4))
        yield case(f"{name}_dynamic", AlongAxis(function, 1), normal(3, 4),
                   dynamic={0: {0: "batch", 1: "length"}})
    yield case("flattened_kept", flattened_kept, distinct(3, 5))
    yield case("zero_dim", Flattened(torch.argmax), normal())
    yield case("all_negative", Flattened(torch.argmax), integers(12, low=-90, high=-5))
    yield case("transposed", of_transposed, distinct(3, 5))
    yield case("flattened_dynamic", Flattened(torch.argmin), normal(3, 4), dynamic={0: {0: "batch"}})
