"""matmul: the matrix product of the last two axes, with vectors promoted and batch axes broadcast."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, spread, values


def product(x: Tensor, y: Tensor) -> Tensor:
    return torch.matmul(x, y)


def second_transposed(x: Tensor, y: Tensor) -> Tensor:
    return x @ y.transpose(-2, -1)


def both_transposed(x: Tensor, y: Tensor) -> Tensor:
    return x.mT @ y.mT


def gram(x: Tensor) -> Tensor:
    return x @ x.mT


def chained(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return x @ (y @ z)


def cases():
    yield case("matrix_matrix", product, normal(3, 5), normal(5, 4),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("vector_vector", product, normal(7), normal(7), dtypes=("float32", "int64"))
    yield case("vector_matrix", product, normal(5), normal(5, 3))
    yield case("matrix_vector", product, normal(4, 5), normal(5))
    yield case("vector_batch", product, normal(4), normal(3, 4, 2))
    yield case("batch_vector", product, normal(2, 3, 4), normal(4))
    yield case("four_axes_vector", product, normal(2, 3, 2, 4), normal(4))
    yield case("batch_matrix", product, normal(2, 3, 4), normal(4, 5), dtypes=("float32", "int64"))
    yield case("matrix_batch", product, normal(3, 4), normal(2, 4, 5))
    yield case("batch_batch", product, normal(2, 3, 4), normal(2, 4, 5))
    yield case("four_axes", product, normal(2, 3, 4, 5), normal(2, 3, 5, 2))
    yield case("batches_broadcast_both_ways", product, normal(2, 1, 3, 4), normal(1, 5, 4, 2))
    yield case("missing_batch_axis", product, normal(2, 3, 4, 5), normal(3, 5, 2))
    yield case("size_one_batch", product, normal(1, 3, 4), normal(5, 4, 2))
    yield case("empty_contraction", product, normal(2, 0), normal(0, 3), because="a sum of nothing is zero")
    yield case("empty_batch", product, normal(0, 3, 4), normal(4, 2))
    yield case("empty_rows", product, normal(2, 0, 4), normal(2, 4, 3))
    yield case("one_by_one", product, normal(1, 1), normal(1, 1))
    yield case("larger_than_a_block", product, normal(37, 70), normal(70, 19),
               because="no extent is a multiple of a vector or of a cache block")
    yield case("cancelling_terms", product, spread(3, 33), spread(33, 2))
    yield case("not_finite", product, values([[0.0, 1.0], [float("nan"), 2.0], [1e20, 1e20]]),
               values([[float("inf"), 1.0, float("inf")], [2.0, float("-inf"), float("-inf")]]),
               because="zero times infinity is NaN, and so is the sum of opposite infinities")
    yield case("second_transposed", second_transposed, normal(2, 3, 4), normal(2, 5, 4))
    yield case("both_transposed", both_transposed, normal(4, 3), normal(5, 4))
    yield case("with_itself", gram, normal(3, 4, 2))
    yield case("chained", chained, normal(3, 4), normal(4, 2), normal(2, 5))
    yield case("dynamic_batch", product, normal(2, 3, 4), normal(2, 4, 5),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_everywhere", product, normal(2, 3, 4), normal(4, 5),
               dynamic={0: {0: "batch", 1: "rows", 2: "inner"}, 1: {0: "inner", 1: "columns"}})
