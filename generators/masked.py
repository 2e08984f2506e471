"""masked: elements replaced where a mask is true."""
import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, normal, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class MaskedFill(nn.Module):
    def __init__(self, value: float):
        super().__init__()
        self.value = value

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(mask, self.value)


def filled_with_one(x: Tensor, mask: Tensor) -> Tensor:
    return torch.masked_fill(x, mask, 1)


def filled_with_tensor(x: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    return x.masked_fill(mask, value)


def in_place(x: Tensor, mask: Tensor) -> Tensor:
    y = x.clone()
    y.masked_fill_(mask, 0.0)
    return y


def intermediate_in_place(x: Tensor) -> Tensor:
    y = x * 2
    return y.masked_fill_(y < 0, -0.5)


def assigned_under_mask(x: Tensor, mask: Tensor) -> Tensor:
    y = x.clone()
    y[mask] = 3.5
    return y


def scattered(x: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    return torch.masked_scatter(x, mask, source)


def attention_weights(scores: Tensor, keep: Tensor) -> Tensor:
    return scores.masked_fill(~keep, float("-inf")).softmax(-1)


def mean_under_mask(x: Tensor, mask: Tensor) -> Tensor:
    weight = mask.to(x.dtype).unsqueeze(-1)
    return (x * weight).sum(1) / weight.sum(1).clamp(min=1)


def without_nan(x: Tensor) -> Tensor:
    return x.masked_fill(torch.isnan(x), 0.0)


def cases():
    yield case("fill", filled_with_one, normal(3, 4), booleans(3, 4), dtypes=ALL)
    yield case("fill_minus_infinity", MaskedFill(float("-inf")), normal(2, 5), booleans(2, 5))
    yield case("fill_fraction", MaskedFill(0.1), normal(2, 5), booleans(2, 5), dtypes=("float32", "float64"))
    yield case("fill_negative_zero", MaskedFill(-0.0), normal(6), booleans(6))
    yield case("broadcast_mask", MaskedFill(2.5), normal(2, 3, 4), booleans(3, 1))
    yield case("mask_of_more_axes", MaskedFill(-1.0), normal(4), booleans(2, 3, 4),
               because="the result takes the mask's shape")
    yield case("nothing_masked", MaskedFill(9.0), normal(2, 3), values([[False] * 3] * 2, dtype="bool"))
    yield case("all_masked", MaskedFill(9.0), normal(2, 3), values([[True] * 3] * 2, dtype="bool"))
    yield case("fill_tensor", filled_with_tensor, normal(3, 4), booleans(3, 4), normal(),
               dtypes=("float32", "int64"))
    yield case("special_values", MaskedFill(1.0), special(2, 25), booleans(2, 25))
    yield case("without_nan", without_nan, special(25))
    yield case("in_place", in_place, normal(3, 4), booleans(3, 4))
    yield case("intermediate_in_place", intermediate_in_place, normal(3, 4))
    yield case("assigned_under_mask", assigned_under_mask, normal(3, 4), booleans(3, 4))
    yield case("scattered", scattered, normal(3, 4), booleans(3, 4), normal(12), dtypes=("float32", "int64"),
               because="the source's elements are used up in order, one for each true")
    yield case("scattered_broadcast_mask", scattered, normal(3, 4), booleans(4), normal(3, 4))
    yield case("attention_weights", attention_weights, normal(2, 2, 3, 4),
               values([[[[True, False, True, False]]], [[[True, True, True, True]]]], dtype="bool"))
    yield case("mean_under_mask", mean_under_mask, normal(3, 5, 2), booleans(3, 5))
    yield case("empty", MaskedFill(1.0), normal(0, 3), booleans(0, 3))
    yield case("dynamic_batch", MaskedFill(0.5), normal(3, 4), booleans(3, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_sequence", mean_under_mask, normal(2, 5, 3), booleans(2, 5),
               dynamic={0: {0: "batch", 1: "sequence"}, 1: {0: "batch", 1: "sequence"}})
