"""kron_tensordot: Kronecker products, contractions over chosen axes, and chains of matrix products."""
from typing import List

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


def kron(x: Tensor, y: Tensor) -> Tensor:
    return torch.kron(x, y)


def outer(x: Tensor, y: Tensor) -> Tensor:
    return torch.tensordot(x, y, dims=0)


def last_with_first(x: Tensor, y: Tensor) -> Tensor:
    return torch.tensordot(x, y, dims=1)


def last_two_with_first_two(x: Tensor, y: Tensor) -> Tensor:
    return torch.tensordot(x, y, dims=2)


class Tensordot(nn.Module):
    """A contraction of the listed axes of one operand with the listed axes of the other, pair by pair."""

    def __init__(self, first: List[int], second: List[int]):
        super().__init__()
        self.first = first
        self.second = second

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.tensordot(x, y, dims=(self.first, self.second))


def chain_of_three(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return torch.linalg.multi_dot([x, y, z])


def chain_of_four(w: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return torch.chain_matmul(w, x, y, z)


def third_power(x: Tensor) -> Tensor:
    return torch.linalg.matrix_power(x, 3)


def cases():
    yield case("kron_matrices", kron, normal(2, 3), normal(4, 2),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("kron_vectors", kron, normal(3), normal(4))
    yield case("kron_ranks_differ", kron, normal(3), normal(2, 2, 2),
               because="the operand of lower rank gets leading axes of one")
    yield case("kron_scalar", kron, normal(), normal(2, 3))
    yield case("kron_empty", kron, normal(0, 2), normal(3, 2))
    yield case("kron_not_finite", kron, values([0.0, float("inf"), -1.0]), values([1.0, float("nan"), -0.0]))
    yield case("tensordot_none", outer, normal(2, 3), normal(4))
    yield case("tensordot_one", last_with_first, normal(2, 3, 4), normal(4, 5),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("tensordot_two", last_two_with_first_two, normal(2, 3, 4), normal(3, 4, 5))
    yield case("tensordot_everything", last_two_with_first_two, normal(3, 4), normal(3, 4))
    yield case("tensordot_listed", Tensordot([0, 2], [2, 1]), normal(2, 3, 4), normal(5, 4, 2),
               because="the pairs are neither adjacent nor in order")
    yield case("tensordot_negative_axes", Tensordot([-1], [-2]), normal(2, 3), normal(4, 3, 2))
    yield case("tensordot_extent_one", Tensordot([1], [0]), normal(2, 1), normal(3, 4),
               because="an extent of one is broadcast, so the other operand is summed")
    yield case("tensordot_empty_contraction", last_with_first, normal(2, 0), normal(0, 3))
    yield case("chain_of_three", chain_of_three, normal(5, 2), normal(2, 6), normal(6, 3),
               because="the cheapest order of the products is chosen from the shapes")
    yield case("chain_of_three_vectors", chain_of_three, normal(4), normal(4, 3), normal(3))
    yield case("chain_of_four", chain_of_four, normal(3, 7), normal(7, 2), normal(2, 5), normal(5, 4))
    yield case("third_power", third_power, normal(2, 3, 3))
    yield case("dynamic_tensordot", last_with_first, normal(2, 3, 4), normal(4, 5),
               dynamic={0: {0: "batch"}})
