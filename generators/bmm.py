"""bmm: one matrix product per batch entry, without broadcasting."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, special, spread, values


def product(x: Tensor, y: Tensor) -> Tensor:
    return torch.bmm(x, y)


def scores(query: Tensor, key: Tensor) -> Tensor:
    return torch.bmm(query, key.transpose(1, 2)) / 2.0


def sliced(x: Tensor, y: Tensor) -> Tensor:
    return torch.bmm(x[:, 1:, ::2], y[1:])


def expanded(x: Tensor, y: Tensor) -> Tensor:
    return torch.bmm(x.expand(3, -1, -1), y)


def cases():
    yield case("plain", product, normal(3, 2, 5), normal(3, 5, 4),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("one_batch", product, normal(1, 4, 3), normal(1, 3, 2))
    yield case("outer_products", product, normal(3, 4, 1), normal(3, 1, 5))
    yield case("inner_products", product, normal(3, 1, 6), normal(3, 6, 1))
    yield case("empty_batch", product, normal(0, 2, 3), normal(0, 3, 4))
    yield case("empty_contraction", product, normal(2, 3, 0), normal(2, 0, 4),
               because="a sum of nothing is zero")
    yield case("empty_rows", product, normal(2, 0, 3), normal(2, 3, 4))
    yield case("larger_than_a_block", product, normal(2, 18, 67), normal(2, 67, 21))
    yield case("second_transposed", scores, normal(2, 3, 4), normal(2, 5, 4))
    yield case("sliced", sliced, normal(2, 4, 6), normal(3, 3, 2),
               because="the operands start at an offset and skip columns")
    yield case("expanded", expanded, normal(1, 2, 4), normal(3, 4, 3),
               because="an expanded batch has stride zero")
    yield case("cancelling_terms", product, spread(2, 3, 21), spread(2, 21, 2))
    yield case("not_finite", product, special(1, 5, 5),
               values([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, -1.0], [-2.0, 0.0]]]))
    yield case("dynamic_batch", product, normal(3, 2, 5), normal(3, 5, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_inner", product, normal(2, 3, 5), normal(2, 5, 4),
               dynamic={0: {2: "inner"}, 1: {1: "inner"}})
