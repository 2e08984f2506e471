"""advanced_indexing: elements read or written by tensors of indices, mixed with slices."""
import torch
from torch import Tensor

from lockstep.cases import booleans, case, integers, normal, permutation, values

ALL = ("float32", "float64", "int64", "int32", "bool")


def rows(x: Tensor, i: Tensor) -> Tensor:
    return x[i]


def points(x: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return x[i, j]


def columns(x: Tensor, i: Tensor) -> Tensor:
    return x[:, i]


def last_axis(x: Tensor, i: Tensor) -> Tensor:
    return x[..., i]


def around_a_slice(x: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return x[i, :, j]


def adjacent_behind(x: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return x[:, i, j]


def with_partial_slice(x: Tensor, i: Tensor) -> Tensor:
    return x[1:, i, ::2]


def with_integer(x: Tensor, i: Tensor) -> Tensor:
    return x[1, i]


def with_new_axis(x: Tensor, i: Tensor) -> Tensor:
    return x[:, None, i]


def outer_points(x: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return x[i[:, None], j]


def constant_rows(x: Tensor) -> Tensor:
    return x[[2, 0, -1]]


def every_row_its_own(x: Tensor, j: Tensor) -> Tensor:
    return x[torch.arange(x.size(0)), j]


def kept_where(x: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, x, torch.zeros_like(x))


def put_rows(x: Tensor, i: Tensor, source: Tensor) -> Tensor:
    y = x.clone()
    y[i] = source
    return y


def put_columns(x: Tensor, i: Tensor, source: Tensor) -> Tensor:
    y = x * 2
    y[:, i] = source
    return y


def put_points(x: Tensor, i: Tensor, j: Tensor, source: Tensor) -> Tensor:
    return torch.index_put(x, [i, j], source)


def put_number(x: Tensor, i: Tensor) -> Tensor:
    y = x.clone()
    y[i, 1:] = 4.5
    return y


def put_accumulated(x: Tensor, i: Tensor, j: Tensor, source: Tensor) -> Tensor:
    return torch.index_put(x, [i, j], source, accumulate=True)


def accumulated_rows(x: Tensor, i: Tensor, source: Tensor) -> Tensor:
    return x.index_put((i,), source, accumulate=True)


def cases():
    yield case("rows", rows, normal(4, 3), integers(6, low=-4, high=4), dtypes=ALL)
    yield case("rows_by_matrix", rows, normal(4, 3), integers(2, 5, low=0, high=4))
    yield case("rows_by_scalar", rows, normal(4, 3), values(2, dtype="int64"))
    yield case("no_rows", rows, normal(4, 3), integers(0, low=0, high=4))
    yield case("negative_indices", rows, normal(4), values([-1, -4, 3, 0], dtype="int64"))
    yield case("narrow_index", rows, normal(4, 2), integers(3, low=-4, high=4, dtype="int32"))
    yield case("points", points, normal(4, 5), integers(6, low=-4, high=4), integers(6, low=-5, high=5),
               dtypes=ALL)
    yield case("points_broadcast", points, normal(4, 5, 2), integers(3, 1, low=0, high=4),
               integers(2, low=-5, high=5))
    yield case("outer_points", outer_points, normal(4, 5), integers(3, low=0, high=4),
               integers(2, low=0, high=5))
    yield case("columns", columns, normal(3, 5, 2), integers(4, low=-5, high=5))
    yield case("columns_by_matrix", columns, normal(3, 5, 2), integers(2, 3, low=0, high=5))
    yield case("last_axis", last_axis, normal(2, 3, 5), integers(3, low=-5, high=5))
    yield case("around_a_slice", around_a_slice, normal(4, 3, 5), integers(6, low=0, high=4),
               integers(6, low=-5, high=5), because="indices parted by a slice put their axis first")
    yield case("adjacent_behind", adjacent_behind, normal(3, 4, 5), integers(2, low=0, high=4),
               integers(2, low=0, high=5), because="adjacent indices leave their axis where they stand")
    yield case("with_partial_slice", with_partial_slice, normal(3, 4, 5), integers(2, low=0, high=4))
    yield case("with_integer", with_integer, normal(3, 4, 2), integers(5, low=-4, high=4))
    yield case("with_new_axis", with_new_axis, normal(3, 4), integers(2, low=0, high=4))
    yield case("constant_rows", constant_rows, normal(4, 3))
    yield case("every_row_its_own", every_row_its_own, normal(4, 5), integers(4, low=-5, high=5))
    yield case("kept_where", kept_where, normal(3, 4), booleans(3, 4))
    yield case("put_rows", put_rows, normal(4, 3), values([2, -4], dtype="int64"), normal(2, 3), dtypes=ALL)
    yield case("put_rows_broadcast", put_rows, normal(5, 3), values([[2, 0], [4, 1]], dtype="int64"),
               normal(3))
    yield case("put_columns", put_columns, normal(3, 4), permutation(4), normal(3, 4))
    yield case("put_points", put_points, normal(4, 3), values([3, 0, -2], dtype="int64"),
               values([-1, 0, 1], dtype="int64"), normal(3))
    yield case("put_number", put_number, normal(4, 3), integers(2, low=-4, high=4))
    yield case("accumulated", put_accumulated, normal(4, 3), integers(9, low=-4, high=4),
               integers(9, low=-3, high=3), normal(9), dtypes=("float32", "float64", "int64"),
               because="an index that repeats adds every time")
    yield case("accumulated_rows", accumulated_rows, normal(3, 2), integers(7, low=-3, high=3), normal(7, 2))
    yield case("dynamic_batch", every_row_its_own, normal(3, 5), integers(3, low=0, high=5),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_index", columns, normal(2, 5), integers(3, low=-5, high=5),
               dynamic={1: {0: "count"}})
    yield case("dynamic_put", put_columns, normal(3, 4), permutation(4), normal(3, 4),
               dynamic={0: {0: "batch"}, 2: {0: "batch"}})
