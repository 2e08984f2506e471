"""exponential: powers of e and two, logarithms, and sums taken in logarithms."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, special, spread, uniform, values


class Unary(nn.Module):
    """A function of one tensor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Binary(nn.Module):
    """A function of two tensors as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


def in_place(x: Tensor) -> Tensor:
    result = x * 0.5
    result.exp_()
    result.log1p_()
    result.expm1_()
    result.log_()
    result.exp2_()
    result.log2_()
    return result


def entropy_terms(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.xlogy(x, 2.5), torch.xlogy(1.5, x)


def cases():
    for function in (torch.exp, torch.exp2, torch.expm1):
        yield case(function.__name__, Unary(function), normal(3, 5),
                   dtypes=("float32", "float64", "int64", "bool"))
        yield case(f"{function.__name__}_near_zero", Unary(function), normal(12, std=1e-5))
        yield case(f"{function.__name__}_wide_range", Unary(function), uniform(40, low=-90.0, high=90.0))
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "float64"))
    yield case("exp_denormal_answers", Unary(torch.exp), uniform(12, low=-103.0, high=-87.5))
    for function in (torch.log, torch.log2, torch.log10, torch.log1p):
        yield case(function.__name__, Unary(function), positive(3, 5),
                   dtypes=("float32", "float64", "int32", "bool"))
        yield case(f"{function.__name__}_wide_range", Unary(function), spread(30, decades=30.0),
                   because="half of the elements are negative, their logarithm NaN")
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   dtypes=("float32", "int64"))
    yield case("log_near_one", Unary(torch.log), normal(12, mean=1.0, std=1e-3))
    yield case("log1p_near_zero", Unary(torch.log1p), normal(12, std=1e-5),
               because="log(1 + x) loses the digits of x that one swallows")
    yield case("log2_of_powers", Unary(torch.log2), values([2.0**power for power in range(-9, 12)]),
               because="the answers are whole and should be exact")
    for function in (torch.logaddexp, torch.logaddexp2):
        yield case(function.__name__, Binary(function), normal(3, 5), normal(5),
                   dtypes=("float32", "float64"))
        yield case(f"{function.__name__}_large", Binary(function), uniform(12, low=100.0, high=300.0),
                   uniform(12, low=100.0, high=300.0), because="the powers themselves overflow")
        yield case(f"{function.__name__}_special_values", Binary(function), special(25), special(25, 1),
                   because="two equal infinities must not be subtracted from each other")
    yield case("xlogy", Binary(torch.xlogy), normal(3, 5), positive(5),
               dtypes=("float32", "float64", "int64"))
    yield case("xlogy_special_values", Binary(torch.xlogy), special(25), special(25, 1),
               because="zero times the logarithm of zero is zero, but times that of NaN is NaN")
    yield case("xlogy_mixed_types", Binary(torch.xlogy), integers(3, 4, low=-3, high=4), positive(4))
    yield case("xlogy_with_number", entropy_terms, positive(3, 5))
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", Unary(torch.exp), values(1.0))
    yield case("empty", Unary(torch.log), normal(0, 4))
    yield case("dynamic_batch", Unary(torch.exp), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("logaddexp_dynamic", Binary(torch.logaddexp), normal(3, 4), normal(3, 1),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
