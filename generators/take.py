"""take: elements picked by their place in memory order, or along an axis by broadcasting indices."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, integers, normal, permutation, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class TakeAlong(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        return torch.take_along_dim(x, index, dim=self.dim)


def take(x: Tensor, index: Tensor) -> Tensor:
    return torch.take(x, index)


def take_of_transposed(x: Tensor, index: Tensor) -> Tensor:
    return torch.take(x.t(), index)


def take_along_flattened(x: Tensor, index: Tensor) -> Tensor:
    return torch.take_along_dim(x, index)


def put(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    return x.put(index, source)


def put_accumulated(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    return x.put(index, source, accumulate=True)


def sorted_again(x: Tensor) -> Tensor:
    return torch.take_along_dim(x, torch.argsort(x, dim=1), dim=1)


def cases():
    yield case("vector", take, normal(6), integers(4, low=0, high=6), dtypes=ALL)
    yield case("of_matrix", take, normal(3, 4), integers(2, 3, low=0, high=12),
               because="the matrix is read as one vector; the result has the index's shape")
    yield case("negative_indices", take, normal(2, 3), values([-1, -6, 2], dtype="int64"))
    yield case("of_transposed", take_of_transposed, normal(2, 3), integers(5, low=0, high=6),
               because="places count in the transposed order, not in memory")
    yield case("scalar_index", take, normal(4), values(2, dtype="int64"))
    yield case("none", take, normal(4), integers(0, low=0, high=4))
    yield case("special_values", take, special(25), permutation(25))
    yield case("along_rows", TakeAlong(0), normal(4, 3), integers(2, 3, low=0, high=4), dtypes=ALL)
    yield case("along_negative_axis", TakeAlong(-1), normal(2, 3, 4), integers(2, 3, 5, low=0, high=4))
    yield case("along_broadcast_index", TakeAlong(1), normal(3, 5), integers(1, 2, low=0, high=5))
    yield case("along_broadcast_input", TakeAlong(1), normal(1, 5), integers(3, 2, low=0, high=5))
    yield case("along_flattened", take_along_flattened, normal(2, 3), integers(4, low=0, high=6))
    yield case("sorted_again", sorted_again, distinct(3, 5))
    yield case("put", put, normal(2, 3), values([4, 0, -1], dtype="int64"), normal(3),
               dtypes=("float32", "int64"))
    yield case("put_accumulated", put_accumulated, normal(2, 3), integers(8, low=0, high=6), normal(8))
    yield case("dynamic_along", TakeAlong(1), normal(3, 5), integers(3, 2, low=0, high=5),
               dynamic={1: {1: "count"}})
    yield case("dynamic_index", take, normal(6), integers(4, low=0, high=6), dynamic={1: {0: "count"}})
