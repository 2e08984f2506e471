"""diagonal: the diagonals of matrices read out, written in, or summed."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Diagonal(nn.Module):
    def __init__(self, offset: int, dim1: int, dim2: int):
        super().__init__()
        self.offset = offset
        self.dim1 = dim1
        self.dim2 = dim2

    def forward(self, x: Tensor) -> Tensor:
        return torch.diagonal(x, self.offset, self.dim1, self.dim2)


class Embed(nn.Module):
    def __init__(self, offset: int, dim1: int, dim2: int):
        super().__init__()
        self.offset = offset
        self.dim1 = dim1
        self.dim2 = dim2

    def forward(self, x: Tensor) -> Tensor:
        return torch.diag_embed(x, self.offset, self.dim1, self.dim2)


class Diag(nn.Module):
    def __init__(self, offset: int):
        super().__init__()
        self.offset = offset

    def forward(self, x: Tensor) -> Tensor:
        return torch.diag(x, self.offset)


def trace(x: Tensor) -> Tensor:
    return torch.trace(x)


def flat_diagonal(x: Tensor) -> Tensor:
    return torch.diagflat(x, 1)


def scattered(x: Tensor, y: Tensor) -> Tensor:
    return torch.diagonal_scatter(x, y, offset=1)


def added_in_place(x: Tensor) -> Tensor:
    y = x * 2
    y.diagonal().add_(10)
    return y


def filled(x: Tensor) -> Tensor:
    y = x.clone()
    y.fill_diagonal_(5.0)
    return y


def cases():
    yield case("main", Diagonal(0, 0, 1), normal(4, 4), dtypes=ALL)
    yield case("above", Diagonal(1, 0, 1), normal(3, 5))
    yield case("below", Diagonal(-2, 0, 1), normal(5, 3))
    yield case("beyond", Diagonal(7, 0, 1), normal(3, 4),
               because="a diagonal outside the matrix has no elements")
    yield case("batches", Diagonal(0, -2, -1), normal(2, 3, 4))
    yield case("outer_axes", Diagonal(1, 2, 0), normal(3, 2, 4),
               because="axes in reverse order turn the offset round")
    yield case("embed", Embed(0, -2, -1), normal(2, 3), dtypes=ALL)
    yield case("embed_offset", Embed(2, -2, -1), normal(2, 3))
    yield case("embed_below_other_axes", Embed(-1, 0, 2), normal(2, 3))
    yield case("diag_of_vector", Diag(1), normal(3))
    yield case("diag_of_vector_below", Diag(-2), normal(2))
    yield case("diag_of_matrix", Diag(-1), normal(4, 3))
    yield case("flat_diagonal", flat_diagonal, normal(2, 2))
    yield case("trace", trace, normal(4, 3), dtypes=("float32", "float64", "int64", "int32"))
    yield case("scattered", scattered, normal(3, 4), normal(3))
    yield case("added_in_place", added_in_place, normal(3, 4))
    yield case("filled", filled, normal(4, 3))
    yield case("special_values", Embed(0, 0, 1), special(9))
    yield case("dynamic_batch", Diagonal(1, 1, 2), normal(2, 3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_embed", Embed(0, -2, -1), normal(2, 3), dynamic={0: {0: "batch"}})
