"""expand: axes of size 1, and new leading axes, repeated without a copy."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Expand(nn.Module):
    def __init__(self, *shape: int):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.expand(self.shape)


class BroadcastTo(nn.Module):
    def __init__(self, *shape: int):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return torch.broadcast_to(x, self.shape)


def expand_as(x: Tensor, other: Tensor) -> Tensor:
    return x.expand_as(other)


def broadcast_together(x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor]:
    pair = torch.broadcast_tensors(x, y)
    return pair[0], pair[1]


def per_batch(x: Tensor, weight: Tensor) -> Tensor:
    return weight.expand(x.size(0), -1, -1) + x.unsqueeze(1)


def written_after_copy(x: Tensor) -> Tensor:
    y = x.expand(3, 4).clone()
    y[1, 2] = 9.0
    return y


def reshaped(x: Tensor) -> Tensor:
    return x.unsqueeze(2).expand(2, 3, 4).reshape(2, 12)


def cases():
    yield case("one_axis", Expand(3, 4), normal(3, 1), dtypes=ALL)
    yield case("new_axes", Expand(2, 3, 4), normal(4))
    yield case("kept_axes", Expand(-1, 5, -1), normal(2, 1, 3), because="-1 keeps an extent")
    yield case("several_axes", Expand(2, 3, 2, 5), normal(3, 1, 5))
    yield case("scalar", Expand(2, 3), normal())
    yield case("unchanged", Expand(2, 3), normal(2, 3))
    yield case("to_nothing", Expand(0, 3), normal(1, 3))
    yield case("broadcast_to", BroadcastTo(2, 3, 4), normal(3, 1), dtypes=ALL)
    yield case("expand_as", expand_as, normal(3, 1), normal(2, 3, 4))
    yield case("broadcast_together", broadcast_together, normal(3, 1), normal(2, 1, 4))
    yield case("written_after_copy", written_after_copy, normal(3, 1))
    yield case("reshaped", reshaped, normal(2, 3))
    yield case("special_values", Expand(3, 25), special(25))
    yield case("dynamic_batch", per_batch, normal(3, 4), normal(2, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_expand_as", expand_as, normal(1, 4), normal(3, 4), dynamic={1: {0: "batch"}})
