"""division: quotients rounded down or towards zero, and the remainders that go with them."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, special, values


class Rounded(nn.Module):
    """torch.div with one rounding mode."""

    def __init__(self, rounding_mode: str | None) -> None:
        super().__init__()
        self.rounding_mode = rounding_mode

    def forward(self, dividend: Tensor, divisor: Tensor) -> Tensor:
        return torch.div(dividend, divisor, rounding_mode=self.rounding_mode)


class Binary(nn.Module):
    """One of the functions of dividend and divisor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, dividend: Tensor, divisor: Tensor) -> Tensor:
        return self.function(dividend, divisor)


def by_number(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    return (torch.div(x, -3, rounding_mode="floor"), torch.div(x, -3, rounding_mode="trunc"),
            torch.floor_divide(x, 4), torch.remainder(x, -4), torch.fmod(x, -4))


def by_real_number(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return torch.div(x, 0.3, rounding_mode="floor"), x // 1.5, torch.remainder(x, 0.7), torch.fmod(x, 0.7)


def number_by_tensor(x: Tensor) -> Tensor:
    return torch.remainder(10, x)


def in_place(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return ((x * 2).remainder_(y), (x * 2).fmod_(y), (x * 2).floor_divide_(y),
            (x * 2).div_(y, rounding_mode="trunc"))

ROUNDED_FIRST = {"floor": {"onnx": "the exporter divides and then rounds down, which differs at infinity"}}


def cases():
    dividends = values([[7, -7, 7, -7], [6, -6, 6, -6], [0, 1, -1, 100]])
    divisors = values([[3, 3, -3, -3], [3, 3, -3, -3], [5, -2, -2, 7]])
    infinity, nan = float("inf"), float("nan")
    special_dividends = values([1.0, -1.0, 0.0, -0.0, infinity, -infinity, nan,
                                5.0, -5.0, 5.0, -5.0, 1.0, -0.0])
    special_divisors = values([0.0, 0.0, 0.0, 3.0, 2.0, 2.0, 2.0,
                               infinity, infinity, -infinity, -infinity, nan, -3.0])
    models = [("floor", Rounded("floor")), ("trunc", Rounded("trunc")),
              ("floor_divide", Binary(torch.floor_divide)), ("remainder", Binary(torch.remainder)),
              ("fmod", Binary(torch.fmod))]
    for name, model in models:
        yield case(f"{name}_signs", model, dividends, divisors,
                   dtypes=("float32", "float64", "int64", "int32"),
                   because="all four pairs of signs, with and without a remainder")
        yield case(f"{name}_reals", model, normal(3, 5, std=4.0), normal(3, 5))
        yield case(f"{name}_broadcast", model, normal(2, 1, 4, std=5.0), positive(3, 1))
        yield case(f"{name}_special_values", model, special_dividends, special_divisors, gaps=ROUNDED_FIRST.get(name))
        yield case(f"{name}_nearly_whole", model, values([1.0, 0.3, 0.6, 6.0, -1.0, 16777216.0]),
                   values([0.1, 0.1, 0.2, 0.1, 0.1, 3.0]),
                   because="the rounded quotient is whole although the exact one is just below or above")
    yield case("none", Rounded(None), dividends, divisors, dtypes=("float32", "int64"))
    yield case("none_special_values", Rounded(None), special(25), special(5, 1))
    yield case("uint8", Rounded("floor"), integers(6, low=0, high=255, dtype="uint8"),
               integers(6, low=1, high=16, dtype="uint8"))
    yield case("mixed_types", Binary(torch.remainder), integers(3, 4, low=-20, high=20), normal(4, std=3.0))
    yield case("int32_by_int64", Rounded("floor"), integers(6, low=-20, high=20, dtype="int32"),
               values([3, -3, 7, -7, 2, -1], dtype="int64"))
    yield case("by_number", by_number, normal(3, 5, std=8.0), dtypes=("float32", "int64", "int32"))
    yield case("by_real_number", by_real_number, normal(3, 5, std=4.0), dtypes=("float32", "int64"))
    yield case("number_by_tensor", number_by_tensor, values([3, -3, 7, -7, 1]), dtypes=("float32", "int64"))
    yield case("in_place", in_place, normal(3, 5, std=4.0), positive(5), dtypes=("float32", "int32"))
    yield case("empty", Rounded("floor"), normal(0, 3), normal(3))
    yield case("dynamic_batch", Binary(torch.remainder), normal(3, 4, std=5.0), positive(4),
               dynamic={0: {0: "batch"}})
