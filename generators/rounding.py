"""rounding: down, up, to nearest, towards zero or to decimals, and the fraction that is left."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special, spread, values


class Unary(nn.Module):
    """A function of one tensor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class RoundDecimals(nn.Module):
    """Rounding to a number of digits after, or where negative before, the decimal point."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self.decimals = decimals

    def forward(self, x: Tensor) -> Tensor:
        return torch.round(x, decimals=self.decimals)


def in_place(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    return (x * 3).floor_(), (x * 3).ceil_(), (x * 3).round_(), (x * 3).trunc_(), (x * 3).frac_()


def fake_quantize_by_hand(x: Tensor) -> Tensor:
    return torch.clamp(torch.round(x / 0.1) + 3, -8, 7)


def cases():
    ties = values([0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5,
                   0.49999997, -0.49999997, 8388607.5, 4194303.5])
    for function in (torch.floor, torch.ceil, torch.round, torch.trunc):
        yield case(function.__name__, Unary(function), normal(4, 6, std=3.0),
                   dtypes=("float32", "float64", "int64", "int32"))
    for function in (torch.floor, torch.ceil, torch.round, torch.trunc, torch.frac):
        yield case(f"{function.__name__}_special_values", Unary(function), special(25),
                   because="minus a half may round to minus zero")
        yield case(f"{function.__name__}_ties", Unary(function), ties)
        yield case(f"{function.__name__}_wide_range", Unary(function), spread(30, decades=10.0))
    yield case("frac", Unary(torch.frac), normal(4, 6, std=3.0), dtypes=("float32", "float64"))
    for decimals in (1, 2, 3, 0, -1, -2):
        name = f"round_minus_{-decimals}_decimals" if decimals < 0 else f"round_{decimals}_decimals"
        yield case(name, RoundDecimals(decimals), normal(4, 6, std=90.0), dtypes=("float32", "float64"))
    yield case("round_2_decimals_ties", RoundDecimals(2),
               values([0.125, 0.375, -0.125, 2.675, 1.005, 25.115]))
    yield case("round_minus_1_decimals_ties", RoundDecimals(-1), values([5.0, 15.0, 25.0, -5.0, -15.0]))
    yield case("round_2_decimals_special_values", RoundDecimals(2), special(25),
               because="1e38 times a hundred overflows")
    yield case("quantised_by_hand", fake_quantize_by_hand, normal(4, 6))
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", Unary(torch.round), values(2.5))
    yield case("empty", Unary(torch.floor), normal(0, 4))
    yield case("dynamic_batch", Unary(torch.round), normal(3, 4, std=3.0), dynamic={0: {0: "batch"}})
