"""lerp_addcmul: pointwise functions of two or three tensors, from interpolation to the larger of two."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, special, values


class Binary(nn.Module):
    """A function of two tensors as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.function(left, right)


class Lerp(nn.Module):
    """start + weight * (end - start) with one weight for all elements."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, start: Tensor, end: Tensor) -> Tensor:
        return torch.lerp(start, end, self.weight)


def lerp_weights(start: Tensor, end: Tensor, weight: Tensor) -> Tensor:
    return torch.lerp(start, end, weight)


def addcmul(x: Tensor, left: Tensor, right: Tensor) -> Tensor:
    return torch.addcmul(x, left, right)


def addcmul_scaled(x: Tensor, left: Tensor, right: Tensor) -> Tensor:
    return torch.addcmul(x, left, right, value=-3)


def addcdiv(x: Tensor, dividend: Tensor, divisor: Tensor) -> Tensor:
    return torch.addcdiv(x, dividend, divisor)


def addcdiv_scaled(x: Tensor, dividend: Tensor, divisor: Tensor) -> Tensor:
    return torch.addcdiv(x, dividend, divisor, value=2.5)


def copysign_number(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.copysign(x, -2.0), torch.copysign(x, -0.0)


def in_place(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    result = x * 2
    result.lerp_(y, 0.3)
    result.addcmul_(y, z, value=0.5)
    result.addcdiv_(x, z, value=-2.0)
    result.copysign_(y)
    return result


def cases():
    weights = {"quarter": 0.25, "half": 0.5, "most": 0.9, "beyond": 1.75, "before": -0.5}
    for name, weight in weights.items():
        yield case(f"lerp_{name}", Lerp(weight), normal(3, 5), normal(5), dtypes=("float32", "float64"))
    yield case("lerp_weights", lerp_weights, normal(3, 5), normal(3, 5), normal(3, 5))
    yield case("lerp_broadcast", lerp_weights, normal(2, 1, 4), normal(3, 1), normal(4))
    yield case("lerp_at_ends", lerp_weights, values([1e8, 1e8, 0.1]), values([1.0, 1.0, 1e8]),
               values([0.0, 1.0, 1.0]),
               because="PyTorch reaches the end exactly: weights of a half and more count back from it")
    yield case("lerp_special_values", Lerp(0.3), special(25), special(5, 1))
    for function in (addcmul, addcdiv):
        yield case(function.__name__, function, normal(3, 5), normal(3, 5), positive(3, 5),
                   dtypes=("float32", "float64"))
        yield case(f"{function.__name__}_broadcast", function, normal(2, 1, 4), normal(3, 1), positive(4))
        yield case(f"{function.__name__}_special_values", function, special(25), special(25), special(5, 1))
    yield case("addcmul_value", addcmul_scaled, normal(3, 5), normal(5), normal(3, 1),
               dtypes=("float32", "int64"))
    yield case("addcdiv_value", addcdiv_scaled, normal(3, 5), normal(5), positive(3, 1))
    for function in (torch.maximum, torch.minimum):
        yield case(function.__name__, Binary(function), normal(3, 5), normal(5),
                   dtypes=("float32", "float64", "int64", "int32", "bool"))
        yield case(f"{function.__name__}_special_values", Binary(function), special(25), special(25, 1),
                   because="NaN wins against every number")
    for function in (torch.fmax, torch.fmin):
        yield case(function.__name__, Binary(function), normal(3, 5), normal(5), dtypes=("float32", "int64"))
        yield case(f"{function.__name__}_special_values", Binary(function), special(25), special(25, 1),
                   because="a number wins against NaN")
    yield case("maximum_mixed_types", Binary(torch.maximum), integers(3, 4, low=-3, high=4), normal(4))
    yield case("copysign", Binary(torch.copysign), normal(3, 5), normal(5),
               dtypes=("float32", "float64", "int64"))
    yield case("copysign_special_values", Binary(torch.copysign), special(25), special(25, 1),
               because="minus zero hands on its sign")
    yield case("copysign_number", copysign_number, normal(3, 5))
    yield case("nextafter", Binary(torch.nextafter), normal(3, 5), normal(5), dtypes=("float32", "float64"))
    yield case("nextafter_special_values", Binary(torch.nextafter), special(25), special(25, 1))
    yield case("in_place", in_place, normal(3, 5), normal(3, 5), positive(3, 5))
    yield case("zero_dim", addcmul, normal(), normal(), normal())
    yield case("empty", Binary(torch.maximum), normal(0, 4), normal(4))
    yield case("dynamic_batch", addcmul_scaled, normal(3, 4), normal(4), normal(3, 1),
               dynamic={0: {0: "batch"}, 2: {0: "batch"}})
