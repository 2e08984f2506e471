"""arithmetic: sums, differences, products and quotients of tensors and numbers, of one type or two."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, positive, special, spread, values


class Binary(nn.Module):
    """One of the four operations as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


def add_scaled(left: Tensor, right: Tensor) -> Tensor:
    return torch.add(left, right, alpha=2.5)


def subtract_scaled(left: Tensor, right: Tensor) -> Tensor:
    return torch.sub(left, right, alpha=-3)


def subtract_from_scaled(left: Tensor, right: Tensor) -> Tensor:
    return torch.rsub(left, right, alpha=2)


def numbers_on_the_right(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return x + 2, x - 3, x * 5, x / 7


def numbers_on_the_left(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return 2 + x, 3 - x, 5 * x, 7 / x


def real_numbers(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return x + 0.1, 1.7 + x, x * 0.3, x / 0.7


def real_minus(x: Tensor) -> Tensor:
    return 1.7 - x


def sum_and_product(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    return left + right, left * right


def add_number_scaled(x: Tensor) -> Tensor:
    return torch.add(x, 1.5, alpha=3)


def in_place(x: Tensor, y: Tensor) -> Tensor:
    result = x.clone()
    result.add_(y, alpha=0.5)
    result.sub_(1.25)
    result.mul_(y)
    result.div_(3.0)
    return result


def in_place_slice(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled[1:, 0] += 10.0
    return doubled


def number_inside(x: Tensor, zero_dim: Tensor) -> tuple[Tensor, Tensor]:
    return x * zero_dim.sum(), zero_dim.sum() - x


def squared_sum(x: Tensor) -> Tensor:
    return (x + x) * x


def cases():
    for function in (torch.add, torch.sub, torch.mul, torch.div):
        name = function.__name__
        yield case(f"{name}", Binary(function), normal(3, 5), positive(3, 5),
                   dtypes=("float32", "float64", "int64", "int32"))
        yield case(f"{name}_broadcast", Binary(function), normal(2, 1, 4), positive(3, 1))
        yield case(f"{name}_special_values", Binary(function), special(25), special(5, 1))
        yield case(f"{name}_integer_and_real", Binary(function), integers(3, 4, low=-9, high=9), positive(4),
                   because="the answer is float32")
        yield case(f"{name}_dynamic", Binary(function), normal(3, 4), positive(3, 1),
                   dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("booleans_add_and_multiply", sum_and_product, booleans(9), booleans(9),
               because="the sum of booleans is their or, the product their and")
    yield case("boolean_and_integer", Binary(torch.add), booleans(3, 4),
               integers(3, 4, low=-9, high=9, dtype="int32"))
    yield case("boolean_over_boolean", Binary(torch.div), booleans(6), values([True] * 6, dtype="bool"))
    yield case("int32_and_int64", Binary(torch.mul), integers(6, low=-9, high=9, dtype="int32"),
               values([2**33, -2**40, 3, -5, 0, 1], dtype="int64"),
               because="the product needs the wider type")
    yield case("uint8_and_int8", Binary(torch.sub), integers(6, low=0, high=255, dtype="uint8"),
               integers(6, low=-128, high=127, dtype="int8"), because="the two meet in int16")
    yield case("uint8_wraps", Binary(torch.add), values([250, 255, 128], dtype="uint8"),
               values([10, 1, 128], dtype="uint8"))
    yield case("float32_and_float64", Binary(torch.sub), normal(3, 4), normal(4, dtype="float64"))
    yield case("float32_and_zero_dim_float64", Binary(torch.mul), normal(3, 4), normal(dtype="float64"),
               because="a zero-dim tensor does not widen one with dims, so the answer is float32")
    yield case("int64_and_zero_dim_float64", Binary(torch.add), integers(5, low=-9, high=9),
               normal(dtype="float64"),
               because="the zero-dim tensor brings its kind, real, and the answer is float64")
    yield case("float32_and_zero_dim_int64", Binary(torch.div), normal(3, 4), values(3, dtype="int64"))
    yield case("both_zero_dim", Binary(torch.sub), normal(), normal())
    yield case("int32_overflows", Binary(torch.mul), special(13, dtype="int32"), special(13, dtype="int32"),
               because="integers wrap around")
    yield case("integers_over_zero", Binary(torch.div), values([3, -3, 0], dtype="int64"),
               values([0, 0, 0], dtype="int64"),
               because="a true quotient of integers is real, so it is infinite or NaN")
    yield case("cancelling", Binary(torch.sub), spread(20), spread(20))
    yield case("empty", Binary(torch.add), normal(0, 4), normal(1, 4))
    yield case("add_alpha", add_scaled, normal(3, 5), normal(5))
    yield case("sub_alpha", subtract_scaled, normal(3, 5), normal(5), dtypes=("float32", "int64"))
    yield case("rsub_alpha", subtract_from_scaled, normal(3, 5), normal(3, 1), dtypes=("float32", "int32"))
    yield case("add_number_alpha", add_number_scaled, normal(3, 5))
    yield case("numbers_on_the_right", numbers_on_the_right, positive(3, 4),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("numbers_on_the_left", numbers_on_the_left, positive(3, 4),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("real_numbers", real_numbers, normal(3, 4),
               dtypes=("float32", "float64", "int64", "int32", "bool"),
               because="0.1 is rounded to the tensor's type, and makes an integer tensor real")
    yield case("real_minus", real_minus, normal(3, 4), dtypes=("float32", "int64"))
    yield case("in_place", in_place, normal(3, 5), normal(5))
    yield case("in_place_slice", in_place_slice, normal(3, 5))
    yield case("zero_dim_inside", number_inside, normal(3, 5), normal(4))
    yield case("same_operand_twice", squared_sum, normal(3, 5))
