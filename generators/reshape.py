"""reshape: the same elements in the same order under another shape."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Reshape(nn.Module):
    def __init__(self, *shape: int):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(self.shape)


class Squeeze(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return x.squeeze(self.dim)


class Unsqueeze(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze(self.dim)


def view(x: Tensor) -> Tensor:
    return x.view(6, 4)


def view_as(x: Tensor, other: Tensor) -> Tensor:
    return x.view_as(other) + other


def squeeze_every_axis(x: Tensor) -> Tensor:
    return x.squeeze()


def squeeze_two_axes(x: Tensor) -> Tensor:
    return x.squeeze((0, -1))


def ravel(x: Tensor) -> Tensor:
    return torch.ravel(x)


def split_heads(x: Tensor) -> Tensor:
    return x.view(x.size(0), x.size(1), 2, -1).transpose(1, 2)


def after_transpose(x: Tensor) -> Tensor:
    return x.transpose(0, 1).reshape(-1, 2)


def in_place(x: Tensor) -> Tensor:
    y = x.clone()
    y.squeeze_(1).unsqueeze_(0)
    return y


def written_through_a_view(x: Tensor) -> Tensor:
    y = x * 2
    y.view(-1)[3] = 7.0
    return y


def cases():
    yield case("reshape", Reshape(4, 6), normal(2, 3, 4), dtypes=ALL)
    yield case("inferred_dim", Reshape(2, -1), normal(2, 3, 4), dtypes=ALL)
    yield case("inferred_middle", Reshape(3, -1, 2), normal(4, 6))
    yield case("no_common_refinement", Reshape(5, 3), normal(3, 5),
               because="rows of 5 become rows of 3, so no axis survives")
    yield case("to_scalar", Reshape(), normal(1, 1))
    yield case("from_scalar", Reshape(1, -1), normal())
    yield case("view", view, normal(2, 3, 4))
    yield case("view_as", view_as, normal(2, 6), normal(3, 4))
    yield case("flatten_all", nn.Flatten(0), normal(2, 3, 4))
    yield case("flatten_from_one", nn.Flatten(), normal(2, 3, 4, 5))
    yield case("flatten_middle", nn.Flatten(-3, -2), normal(2, 3, 4, 5))
    yield case("unflatten", nn.Unflatten(1, (2, 3)), normal(4, 6))
    yield case("unflatten_inferred", nn.Unflatten(-1, (2, -1)), normal(2, 3, 8))
    yield case("squeeze_one", Squeeze(1), normal(2, 1, 3))
    yield case("squeeze_negative", Squeeze(-1), normal(2, 3, 1))
    yield case("squeeze_not_one", Squeeze(0), normal(2, 1, 3), because="an axis that is not of size 1 stays")
    yield case("squeeze_every_axis", squeeze_every_axis, normal(1, 3, 1, 2, 1))
    yield case("squeeze_two_axes", squeeze_two_axes, normal(1, 3, 1, 1))
    yield case("unsqueeze", Unsqueeze(1), normal(2, 3))
    yield case("unsqueeze_last", Unsqueeze(-1), normal(2, 3))
    yield case("ravel", ravel, normal(3, 4))
    yield case("split_heads", split_heads, normal(2, 3, 8))
    yield case("after_transpose", after_transpose, normal(3, 4),
               because="the new order of elements needs a copy")
    yield case("in_place", in_place, normal(2, 1, 3))
    yield case("written_through_a_view", written_through_a_view, normal(2, 3),
               because="a view shares its memory, so a write shows in both")
    yield case("empty", Reshape(3, 0, 2), normal(0, 4))
    yield case("special_values", Reshape(5, 5), special(25))
    yield case("dynamic_batch", nn.Flatten(), normal(2, 3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_split_heads", split_heads, normal(2, 3, 8), dynamic={0: {0: "batch", 1: "sequence"}})
