"""transpose: the axes of a tensor in another order."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Permute(nn.Module):
    def __init__(self, *dims: int):
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class Transpose(nn.Module):
    def __init__(self, first: int, second: int):
        super().__init__()
        self.first = first
        self.second = second

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(self.first, self.second)


def swap_axes(x: Tensor) -> Tensor:
    return torch.swapaxes(x, 0, -1)


def reversed_axes(x: Tensor) -> Tensor:
    return x.T


def matrix_transpose(x: Tensor) -> Tensor:
    return x.mT


def move_one(x: Tensor) -> Tensor:
    return torch.movedim(x, 0, 2)


def move_several(x: Tensor) -> Tensor:
    return torch.movedim(x, (0, 1), (-1, 0))


def there_and_back(x: Tensor) -> Tensor:
    return x.permute(2, 0, 1).relu().permute(1, 2, 0)


def flattened_after(x: Tensor) -> Tensor:
    return x.transpose(1, 2).reshape(x.size(0), -1)


def cases():
    yield case("two_axes", Transpose(0, 1), normal(3, 5), dtypes=ALL)
    yield case("negative_axes", Transpose(-1, -3), normal(2, 3, 4, 5))
    yield case("same_axis", Transpose(1, -1), normal(2, 3),
               because="an axis swapped with itself changes nothing")
    yield case("permute_cycle", Permute(2, 0, 1), normal(2, 3, 5), dtypes=ALL)
    yield case("permute_negative", Permute(-2, 0, -1, 1), normal(2, 3, 4, 5))
    yield case("permute_five_axes", Permute(3, 1, 4, 0, 2), normal(2, 3, 1, 4, 3))
    yield case("permute_identity", Permute(0, 1, 2), normal(2, 3, 4))
    yield case("swap_axes", swap_axes, normal(2, 3, 4))
    yield case("reversed_axes", reversed_axes, normal(4, 3))
    yield case("matrix_transpose", matrix_transpose, normal(2, 3, 4))
    yield case("move_one", move_one, normal(2, 3, 4))
    yield case("move_several", move_several, normal(2, 3, 4))
    yield case("there_and_back", there_and_back, normal(2, 3, 4))
    yield case("flattened_after", flattened_after, normal(2, 3, 4),
               because="a view of transposed memory must be written in its new order")
    yield case("empty", Permute(2, 1, 0), normal(2, 0, 3))
    yield case("special_values", Transpose(0, 1), special(5, 5),
               because="moving must keep NaN, denormals and the sign of zero")
    yield case("dynamic_batch", Permute(0, 2, 3, 1), normal(2, 3, 4, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_rows_and_columns", Transpose(0, 1), normal(3, 4),
               dynamic={0: {0: "rows", 1: "columns"}})
