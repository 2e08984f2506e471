"""bitwise: and, or, exclusive or, not and shifts of the bits of integers and booleans."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, special, values


class Binary(nn.Module):
    """One of the bit operations of two tensors as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


def with_number(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x & 6, x | 9, x ^ 5


def shifted_by_number(x: Tensor) -> tuple[Tensor, Tensor]:
    return x << 3, x >> 2


def complement(x: Tensor) -> Tensor:
    return torch.bitwise_not(x)


def in_place(x: Tensor, y: Tensor) -> Tensor:
    result = x + 1
    result.bitwise_and_(y)
    result |= 12
    result ^= x
    return result


def cases():
    for function in (torch.bitwise_and, torch.bitwise_or, torch.bitwise_xor):
        name = function.__name__
        yield case(name, Binary(function), integers(4, 6, low=-100, high=100, dtype=None),
                   integers(6, low=-100, high=100, dtype=None), dtypes=("int64", "int32"))
        yield case(f"{name}_booleans", Binary(function), booleans(4, 6), booleans(6))
        yield case(f"{name}_extremes", Binary(function), special(13, dtype="int64"),
                   special(13, 1, dtype="int64"))
    for function in (torch.bitwise_left_shift, torch.bitwise_right_shift):
        name = function.__name__
        yield case(name, Binary(function), integers(4, 6, low=-100, high=100, dtype=None),
                   integers(6, low=0, high=9, dtype=None), dtypes=("int64", "int32"),
                   because="a negative number shifted right keeps its sign")
        yield case(f"{name}_out_of_range", Binary(function), values([5, -5, 5, -5, 5, -5], dtype="int32"),
                   values([31, 31, 32, 40, -1, -2], dtype="int32"),
                   because="C++ leaves a shift by the width or more, or by less than zero, undefined")
        yield case(f"{name}_uint8", Binary(function), values([255, 200, 129, 1], dtype="uint8"),
                   values([1, 2, 7, 8], dtype="uint8"))
    yield case("mixed_types", Binary(torch.bitwise_and), booleans(3, 4), integers(4, low=-9, high=9))
    yield case("int32_with_int64", Binary(torch.bitwise_or), integers(6, low=-9, high=9, dtype="int32"),
               values([2**40, -2**40, 1, 0, -1, 2**33], dtype="int64"))
    yield case("with_number", with_number, integers(4, 5, low=-20, high=20, dtype=None),
               dtypes=("int64", "int32"))
    yield case("shifted_by_number", shifted_by_number, integers(4, 5, low=-99, high=99, dtype=None),
               dtypes=("int64", "int32"))
    yield case("complement", complement, integers(4, 5, low=-9, high=9, dtype=None),
               dtypes=("int64", "int32", "bool"))
    yield case("complement_uint8", complement, values([0, 1, 255, 128], dtype="uint8"))
    yield case("in_place", in_place, integers(3, 5, low=-20, high=20), integers(5, low=-20, high=20))
    yield case("zero_dim", complement, values(6, dtype="int64"))
    yield case("empty", Binary(torch.bitwise_xor), integers(0, 3, low=0, high=9), integers(3, low=0, high=9))
    yield case("dynamic_batch", Binary(torch.bitwise_xor), integers(3, 4, low=-9, high=9),
               integers(4, low=-9, high=9), dynamic={0: {0: "batch"}})
