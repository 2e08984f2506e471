"""cat: tensors joined one after the other along an axis that they have in common."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Cat(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.cat([x, y], dim=self.dim)


def three(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return torch.cat((x, y, z), 1)


def one(x: Tensor) -> Tensor:
    return torch.cat([x], 0)


def with_itself(x: Tensor) -> Tensor:
    return torch.cat([x, x.relu(), -x], dim=-1)


def concatenate(x: Tensor, y: Tensor) -> Tensor:
    return torch.concatenate([x, y], 1)


def skip_connection(x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x.transpose(1, 2), y[:, ::2]], dim=1) * 2


def cases():
    yield case("first_axis", Cat(0), normal(2, 3), normal(4, 3), dtypes=ALL)
    yield case("middle_axis", Cat(1), normal(2, 3, 4), normal(2, 1, 4))
    yield case("last_axis", Cat(-1), normal(2, 3, 4), normal(2, 3, 5), dtypes=ALL)
    yield case("negative_axis", Cat(-3), normal(2, 3, 4), normal(1, 3, 4))
    yield case("vectors", Cat(0), normal(5), normal(1))
    yield case("three", three, normal(2, 1, 3), normal(2, 4, 3), normal(2, 2, 3))
    yield case("one", one, normal(2, 3))
    yield case("with_itself", with_itself, normal(3, 2))
    yield case("concatenate", concatenate, normal(2, 3), normal(2, 2))
    yield case("of_views", skip_connection, normal(2, 3, 4), normal(2, 5, 3))
    yield case("empty_operand", Cat(1), normal(2, 0), normal(2, 3))
    yield case("all_empty", Cat(0), normal(0, 3), normal(0, 3))
    yield case("legacy_empty_operand", Cat(1), normal(0), normal(2, 3),
               because="PyTorch skips a vector of no elements whatever the other shapes are")
    yield case("mixed_dtypes", Cat(0), normal(2, 3), normal(1, 3, dtype="int64"),
               because="operands are promoted to one dtype first")
    yield case("mixed_floats", Cat(1), normal(2, 3, dtype="float64"), normal(2, 2))
    yield case("boolean_and_integer", Cat(0), normal(3, dtype="bool"), normal(4, dtype="int32"))
    yield case("special_values", Cat(0), special(2, 13), special(1, 13))
    yield case("dynamic_batch", Cat(1), normal(3, 4), normal(3, 2),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_axis", Cat(0), normal(3, 4), normal(2, 4),
               dynamic={0: {0: "first"}, 1: {0: "second"}})
