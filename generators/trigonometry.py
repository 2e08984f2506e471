"""trigonometry: circular and hyperbolic functions, their inverses, and conversions of angles."""
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
    result.sin_()
    result.asin_()
    result.sinh_()
    result.atan_()
    result.cos_()
    return result


def rotary_table(positions: Tensor) -> tuple[Tensor, Tensor]:
    frequency = 1.0 / 10000.0 ** (torch.arange(0, 8, 2).float() / 8)
    angle = positions[:, None] * frequency
    return angle.cos(), angle.sin()


def cases():
    for function in (torch.sin, torch.cos, torch.tan):
        yield case(function.__name__, Unary(function), uniform(3, 7, low=-7.0, high=7.0),
                   dtypes=("float32", "float64", "int64", "bool"))
        yield case(f"{function.__name__}_large_angles", Unary(function), uniform(20, low=-1e5, high=1e5),
                   because="reducing a large angle needs more digits of pi than float32 holds")
    for function in (torch.asin, torch.acos, torch.atanh):
        yield case(function.__name__, Unary(function), uniform(3, 7, low=-1.0, high=1.0),
                   dtypes=("float32", "float64"))
        yield case(f"{function.__name__}_near_one", Unary(function),
                   values([0.99999994, 0.9999, 1.0, 1.0000001, -0.99999994, -1.0, -1.0000001]))
    for function in (torch.atan, torch.sinh, torch.cosh, torch.tanh, torch.asinh):
        yield case(function.__name__, Unary(function), normal(3, 7, std=2.0),
                   dtypes=("float32", "float64", "int32"))
        yield case(f"{function.__name__}_wide_range", Unary(function), spread(30, decades=6.0))
    yield case("acosh", Unary(torch.acosh), uniform(3, 7, low=1.0, high=20.0),
               dtypes=("float32", "float64", "int64"))
    yield case("acosh_near_one", Unary(torch.acosh), values([0.99999994, 1.0, 1.0000001, 1.0001, 1e30]))
    for function in (torch.sinh, torch.asinh, torch.atanh):
        yield case(f"{function.__name__}_near_zero", Unary(function), normal(12, std=1e-4),
                   because="the formula by exponentials or logarithms cancels next to zero")
    for function in (torch.sin, torch.cos, torch.tan, torch.asin, torch.acos, torch.atan, torch.sinh,
                     torch.cosh, torch.asinh, torch.acosh, torch.atanh, torch.deg2rad,
                     torch.rad2deg, torch.sinc):
        yield case(f"{function.__name__}_special_values", Unary(function), special(25))
    yield case("deg2rad", Unary(torch.deg2rad), uniform(3, 5, low=-360.0, high=360.0),
               dtypes=("float32", "float64", "int64"))
    yield case("rad2deg", Unary(torch.rad2deg), uniform(3, 5, low=-6.0, high=6.0),
               dtypes=("float32", "float64", "int64"))
    yield case("sinc", Unary(torch.sinc), uniform(3, 7, low=-4.0, high=4.0), dtypes=("float32", "float64"))
    yield case("sinc_whole_and_zero", Unary(torch.sinc), values([0.0, -0.0, 1.0, 2.0, -3.0, 0.5, 1e-6]))
    yield case("atan2", Binary(torch.atan2), normal(4, 6), normal(4, 6),
               dtypes=("float32", "float64", "int64"))
    yield case("atan2_special_values", Binary(torch.atan2), special(25), special(25, 1),
               because="signed zeros and infinities choose the quadrant")
    yield case("atan2_mixed_types", Binary(torch.atan2), integers(3, 4, low=-3, high=4), normal(4))
    yield case("hypot", Binary(torch.hypot), normal(4, 6), normal(6), dtypes=("float32", "float64"))
    yield case("hypot_huge", Binary(torch.hypot), values([3e30, 3e-30, 0.0]), values([4e30, 4e-30, -2.0]),
               because="the squares overflow or vanish")
    yield case("hypot_special_values", Binary(torch.hypot), special(25), special(25, 1),
               because="infinite legs outweigh NaN")
    yield case("rotary_table", rotary_table, integers(5, low=0, high=2000))
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", Unary(torch.sin), values(1.0))
    yield case("empty", Binary(torch.atan2), normal(0, 4), positive(4))
    yield case("dynamic_batch", Unary(torch.cos), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("atan2_dynamic", Binary(torch.atan2), normal(3, 4), normal(4), dynamic={0: {0: "batch"}})
