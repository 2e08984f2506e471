"""where: elements chosen from two sources by a condition."""
import torch
from torch import Tensor

from lockstep.cases import booleans, case, integers, normal, special, values


def choose(condition: Tensor, chosen: Tensor, other: Tensor) -> Tensor:
    return torch.where(condition, chosen, other)


def number_otherwise(condition: Tensor, chosen: Tensor) -> Tensor:
    return torch.where(condition, chosen, -1.5)


def number_first(condition: Tensor, other: Tensor) -> Tensor:
    return torch.where(condition, 0.1, other)


def whole_number_otherwise(condition: Tensor, chosen: Tensor) -> Tensor:
    return torch.where(condition, chosen, 7)


def two_numbers(condition: Tensor) -> tuple[Tensor, Tensor]:
    return torch.where(condition, 1.5, -2.5), torch.where(condition, 3, 4)


def by_sign(x: Tensor) -> Tensor:
    return torch.where(x > 0, x.sqrt(), -x)


def masked_fill(x: Tensor, mask: Tensor) -> Tensor:
    return x.masked_fill(mask, 3)


def masked_fill_minus_infinity(x: Tensor, mask: Tensor) -> Tensor:
    return x.masked_fill(mask, float("-inf"))


def masked_fill_with_tensor(x: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    return x.masked_fill(mask, value.sum())


def masked_fill_in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.masked_fill_(doubled > 1.0, -9.0)
    return doubled


def assign_masked(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled[x < 0] = 0.25
    return doubled


def causal_mask(scores: Tensor) -> Tensor:
    length = scores.size(-1)
    above = torch.ones(length, length, dtype=torch.bool).triu(1)
    return scores.masked_fill(above, float("-inf"))


def cases():
    yield case("same_shapes", choose, booleans(4, 5), normal(4, 5), normal(4, 5),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("all_three_broadcast", choose, booleans(2, 1, 1), normal(3, 1), normal(4))
    yield case("condition_larger", choose, booleans(3, 4), normal(), normal(1))
    yield case("special_values", choose, booleans(25), special(25), special(25),
               because="a choice by multiplication would spread NaN and infinity")
    yield case("mixed_types", choose, booleans(3, 4), integers(3, 4, low=-9, high=9), normal(4))
    yield case("float32_and_float64", choose, booleans(3, 4), normal(3, 4), normal(3, 4, dtype="float64"))
    yield case("number_otherwise", number_otherwise, booleans(3, 4), normal(3, 4),
               dtypes=("float32", "float64", "int64"), because="a real number makes an integer tensor real")
    yield case("whole_number_otherwise", whole_number_otherwise, booleans(3, 4), normal(4),
               dtypes=("float32", "int32"))
    yield case("number_first", number_first, booleans(3, 4), normal(3, 1), dtypes=("float32", "float64"))
    yield case("two_numbers", two_numbers, booleans(3, 4))
    yield case("by_sign", by_sign, normal(3, 5), because="the root not chosen is NaN")
    yield case("empty", choose, booleans(0, 3), normal(0, 3), normal(3))
    yield case("zero_dim", choose, values(True, dtype="bool"), normal(), normal())
    yield case("masked_fill", masked_fill, normal(3, 4), booleans(3, 4),
               dtypes=("float32", "int64", "int32", "bool"))
    yield case("masked_fill_broadcast", masked_fill_minus_infinity, normal(2, 3, 4), booleans(3, 1))
    yield case("masked_fill_with_tensor", masked_fill_with_tensor, normal(3, 4), booleans(4), normal(5))
    yield case("masked_fill_in_place", masked_fill_in_place, normal(3, 5))
    yield case("assign_masked", assign_masked, normal(3, 5))
    yield case("causal_mask", causal_mask, normal(2, 4, 4))
    yield case("dynamic_batch", choose, booleans(3, 4), normal(3, 4), normal(4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("masked_fill_dynamic", masked_fill_minus_infinity, normal(3, 4, 2), booleans(4, 1),
               dynamic={0: {0: "batch"}})
