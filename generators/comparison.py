"""comparison: which elements equal, precede or nearly equal others, as booleans."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, values


class Compare(nn.Module):
    """One of the six comparisons of two tensors as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


class Close(nn.Module):
    """isclose with its tolerances."""

    def __init__(self, rtol: float, atol: float, equal_nan: bool) -> None:
        super().__init__()
        self.rtol = rtol
        self.atol = atol
        self.equal_nan = equal_nan

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return torch.isclose(left, right, rtol=self.rtol, atol=self.atol, equal_nan=self.equal_nan)


def with_number(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    return x == 1, x != 1, x < 1, x <= 1, x > 1, x >= 1


def with_real_number(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return x == 0.1, x < 0.5, x >= 0.5, 0.5 > x


def in_place(x: Tensor) -> Tensor:
    result = x * 2
    result.gt_(0.5)
    return result


def count_through_arithmetic(x: Tensor, y: Tensor) -> Tensor:
    return (x > y).float() - (x < y).to(x.dtype)


def cases():
    for function in (torch.eq, torch.ne, torch.lt, torch.le, torch.gt, torch.ge):
        name = function.__name__
        yield case(name, Compare(function), integers(8, 6, low=-1, high=2, dtype=None),
                   integers(8, 1, low=-1, high=2, dtype=None),
                   dtypes=("float32", "float64", "int64", "int32", "bool"),
                   because="drawn so that many elements tie")
        yield case(f"{name}_special_values", Compare(function), special(25), special(25, 1))
    yield case("integer_with_real", Compare(torch.lt), integers(3, 5, low=-2, high=3), normal(5))
    yield case("large_integer_with_float", Compare(torch.eq),
               values([16777217, 16777216, -16777217], dtype="int64"),
               values([16777216.0, 16777216.0, -16777216.0]),
               because="the integer is rounded to float32 first, so 2**24 + 1 equals 2**24")
    yield case("float32_with_float64", Compare(torch.eq), values([0.1, 0.5]),
               values([0.1, 0.5], dtype="float64"),
               because="0.1 as float32 differs from 0.1 as float64")
    yield case("boolean_with_integer", Compare(torch.eq), booleans(3, 4), integers(4, low=0, high=3))
    yield case("zero_dim", Compare(torch.gt), normal(3, 4), normal())
    yield case("empty", Compare(torch.gt), normal(0, 4), normal(4))
    yield case("with_number", with_number, integers(4, 5, low=-1, high=4, dtype=None),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("with_real_number", with_real_number, values([0, 1, 0.1, 0.5, 0.25, -1]),
               dtypes=("float32", "float64", "int64"), because="an integer is compared with 0.5, not with 0")
    yield case("in_place", in_place, normal(3, 5),
               because="the booleans are stored as zeros and ones of x's type")
    yield case("as_numbers", count_through_arithmetic, normal(3, 5), normal(3, 5))
    left = values([1.0, 1.0, 1.0, 100.0, float("nan"), float("inf"), float("inf"), 0.0, 1.0])
    right = values([1.0, 1.00001, 1.1, 100.5, float("nan"), float("inf"), float("-inf"), 1e-9, float("inf")])
    yield case("isclose", Close(1e-5, 1e-8, False), left, right)
    yield case("isclose_equal_nan", Close(1e-2, 0.0, True), left, right)
    yield case("isclose_absolute", Close(0.0, 0.2, False), left, right)
    yield case("isclose_integers", Close(0.1, 1.0, False), integers(20, low=-9, high=9),
               integers(20, low=-9, high=9))
    yield case("isclose_asymmetric", Close(0.1, 0.0, False), values([1.0, 1.105]), values([1.105, 1.0]),
               because="the relative tolerance is a fraction of the second operand's magnitude")
    yield case("dynamic_batch", Compare(torch.ge), normal(3, 4), normal(4), dynamic={0: {0: "batch"}})
