"""clamp: elements moved into a range given by numbers or tensors, on one side or both."""
import torch
from torch import Tensor

from lockstep.cases import case, integers, normal, special, values


def between_numbers(x: Tensor) -> Tensor:
    return torch.clamp(x, -0.5, 0.75)


def between_whole_numbers(x: Tensor) -> Tensor:
    return torch.clamp(x, min=-2, max=3)


def at_least(x: Tensor) -> Tensor:
    return torch.clamp(x, min=0.25)


def at_most(x: Tensor) -> Tensor:
    return torch.clip(x, max=0.25)


def crossed(x: Tensor) -> Tensor:
    return torch.clamp(x, min=1.0, max=-1.0)


def between_tensors(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return torch.clamp(x, low, high)


def at_least_tensor(x: Tensor, low: Tensor) -> Tensor:
    return torch.clamp(x, min=low)


def at_most_tensor(x: Tensor, high: Tensor) -> Tensor:
    return x.clip(max=high)


def one_sided_names(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.clamp_min(-0.3), x.clamp_max(0.4)


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    tripled.clamp_(-1.0, 2.0)
    tripled.clamp_min_(-0.5)
    return tripled + x


def cases():
    yield case("between_numbers", between_numbers, normal(3, 7), dtypes=("float32", "float64", "int64"),
               because="bounds that are no whole numbers make an integer tensor real")
    yield case("between_whole_numbers", between_whole_numbers, normal(3, 7, std=3.0),
               dtypes=("float32", "int64", "int32"))
    yield case("at_least", at_least, normal(3, 7))
    yield case("at_most", at_most, normal(3, 7))
    yield case("bounds_crossed", crossed, normal(3, 4), because="where the bounds cross, the upper one wins")
    yield case("special_values", between_numbers, special(25), because="NaN must stay NaN")
    yield case("at_bounds", between_numbers,
               values([-0.50000006, -0.5, -0.49999997, -0.0, 0.0, 0.75, 0.75000006]))
    yield case("between_tensors", between_tensors, normal(3, 5), normal(3, 5, mean=-1.0),
               normal(3, 5, mean=1.0),
               dtypes=("float32", "float64", "int64"))
    yield case("between_broadcast_tensors", between_tensors, normal(2, 3, 4), normal(3, 1), normal(4),
               because="the bounds cross for some elements")
    yield case("at_least_tensor", at_least_tensor, normal(3, 5), normal(5))
    yield case("at_most_tensor", at_most_tensor, normal(3, 5), normal(3, 1))
    yield case("special_bounds", between_tensors, normal(4, 25), special(25), special(4, 1),
               because="a bound of NaN makes the answer NaN")
    yield case("mixed_types", at_least_tensor, integers(3, 5, low=-3, high=4), normal(5))
    yield case("clamp_min_and_clamp_max", one_sided_names, normal(3, 5))
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", between_numbers, values(2.5))
    yield case("empty", between_numbers, normal(0, 4))
    yield case("dynamic_batch", between_tensors, normal(3, 4), normal(4, mean=-1.0), normal(4, mean=1.0),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_length", at_least, normal(2, 5), dynamic={0: {1: "length"}})
