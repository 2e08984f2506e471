"""unary_math: magnitude, sign, negative, reciprocal, square and square root of each element."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, positive, special, spread, values


class Unary(nn.Module):
    """A function of one tensor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def in_place(x: Tensor) -> Tensor:
    result = x + 0.5
    result.abs_()
    result.sqrt_()
    result.add_(1.0).reciprocal_()
    result.square_()
    result.rsqrt_()
    result.neg_()
    return result


def in_place_sign(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.sign_()
    return doubled + x


def operators(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return -x, x.positive(), abs(x)


def inverse_root(x: Tensor) -> Tensor:
    return 1.0 / torch.sqrt(x + 1e-5)


def cases():
    for function in (torch.abs, torch.neg, torch.positive):
        yield case(function.__name__, Unary(function), normal(3, 5),
                   dtypes=("float32", "float64", "int64", "int32"))
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "int32"),
                   because="the lowest integer has no positive counterpart and wraps onto itself")
    for function in (torch.sign, torch.sgn):
        yield case(function.__name__, Unary(function), normal(3, 5),
                   dtypes=("float32", "float64", "int64", "int32", "bool"))
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "int64"))
    for function in (torch.reciprocal, torch.sqrt, torch.rsqrt):
        yield case(function.__name__, Unary(function), positive(3, 5),
                   dtypes=("float32", "float64", "int64", "bool"))
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "int32"))
        yield case(f"{function.__name__}_wide_range", Unary(function), spread(30, decades=20.0))
    yield case("square", Unary(torch.square), normal(3, 5),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("square_special_values", Unary(torch.square), special(25), dtypes=("float32", "int32"))
    yield case("operators", operators, normal(3, 5), dtypes=("float32", "int64"))
    yield case("uint8_negative", Unary(torch.neg), values([0, 1, 128, 255], dtype="uint8"))
    yield case("inverse_root", inverse_root, positive(12, low=0.0, high=1e-4),
               because="the added epsilon is of the size of the elements")
    yield case("in_place", in_place, normal(3, 5))
    yield case("in_place_sign", in_place_sign, normal(3, 5))
    yield case("zero_dim", Unary(torch.sqrt), values(2.0))
    yield case("empty", Unary(torch.rsqrt), normal(2, 0))
    yield case("dynamic_batch", Unary(torch.rsqrt), positive(3, 4), dynamic={0: {0: "batch"}})
