"""logic: truth values joined and negated, and whether elements are NaN, infinite, finite or negative."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, values


class Unary(nn.Module):
    """A predicate of one tensor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Binary(nn.Module):
    """A logical function of two tensors as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


def in_place(x: Tensor, y: Tensor) -> Tensor:
    positive = x > 0
    positive.logical_xor_(y)
    positive.logical_not_()
    return positive


def operators(x: Tensor, y: Tensor) -> Tensor:
    return (x > 0) & ~(y < 0) | (x < y)


def keep_finite(x: Tensor) -> Tensor:
    return torch.nan_to_num(x, nan=0.5, posinf=100.0, neginf=-200.0)


def default_finite(x: Tensor) -> Tensor:
    return torch.nan_to_num(x)


def cases():
    for function in (torch.logical_and, torch.logical_or, torch.logical_xor):
        name = function.__name__
        yield case(name, Binary(function), booleans(4, 6), booleans(6))
        yield case(f"{name}_numbers", Binary(function), values([[0, 3], [-2, 1]]), values([[0, 0], [4, -1]]),
                   dtypes=("float32", "int64"), because="every number but zero counts as true")
        yield case(f"{name}_special_values", Binary(function), special(25), special(25, 1),
                   because="NaN counts as true, minus zero as false")
    yield case("mixed_types", Binary(torch.logical_and), integers(4, 5, low=-1, high=2), special(5))
    yield case("logical_not", Unary(torch.logical_not), integers(4, 5, low=-1, high=2, dtype=None),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    for function in (torch.logical_not, torch.isnan, torch.isinf, torch.isfinite, torch.isposinf,
                     torch.isneginf, torch.signbit):
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "int64"))
    yield case("isnan_float64", Unary(torch.isnan), special(25, dtype="float64"))
    yield case("signbit_float64", Unary(torch.signbit), special(25, dtype="float64"))
    yield case("signbit_of_nan", Unary(torch.signbit), values([float("nan"), -float("nan"), -0.0]),
               because="NaN has a sign bit of its own")
    yield case("in_place", in_place, normal(3, 5), booleans(3, 5))
    yield case("operators", operators, normal(3, 5), normal(5))
    yield case("nan_to_num", keep_finite, special(25))
    yield case("nan_to_num_defaults", default_finite, special(25), dtypes=("float32", "float64", "int64"),
               because="infinities become the largest and the lowest number of the type")
    yield case("zero_dim", Unary(torch.isnan), normal())
    yield case("empty", Binary(torch.logical_or), booleans(0, 3), booleans(3))
    yield case("dynamic_batch", operators, normal(3, 4), normal(4), dynamic={0: {0: "batch"}})
