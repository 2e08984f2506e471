"""scatter: elements written along an axis at indices of their own."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, permutation, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class Scatter(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.scatter(x, self.dim, index, source)


class ScatterValue(nn.Module):
    def __init__(self, dim: int, value: float):
        super().__init__()
        self.dim = dim
        self.value = value

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        return torch.scatter(x, self.dim, index, self.value)


class ScatterWith(nn.Module):
    def __init__(self, operation: str):
        super().__init__()
        self.operation = operation

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.scatter(x, 1, index, source, reduce=self.operation)


def in_place(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    y = x.clone()
    y.scatter_(1, index, source)
    return y


def one_hot_rows(x: Tensor, label: Tensor) -> Tensor:
    return torch.zeros_like(x).scatter_(1, label.unsqueeze(1), 1.0)


def inverse_permutation(order: Tensor) -> Tensor:
    return torch.zeros_like(order).scatter(1, order, torch.arange(order.size(1)).expand_as(order))


def cases():
    yield case("columns", Scatter(1), normal(3, 5), permutation(3, 5), normal(3, 5), dtypes=ALL)
    yield case("rows", Scatter(0), normal(4, 3), values([[2, 0, 3], [1, 3, 0]], dtype="int64"), normal(2, 3))
    yield case("negative_axis", Scatter(-1), normal(2, 3, 4), permutation(2, 3, 4), normal(2, 3, 4))
    yield case("smaller_index", Scatter(1), normal(3, 5), values([[4, 0], [1, 3]], dtype="int64"),
               normal(3, 4), gaps={"onnx": "the exporter does not narrow the source to the index, as ONNX demands"},
               because="only as much of the source is read as the index covers")
    yield case("vector", Scatter(0), normal(6), values([5, 0, 3], dtype="int64"), normal(3))
    yield case("value", ScatterValue(1, 2.5), normal(3, 5), integers(3, 2, low=0, high=5),
               dtypes=("float32", "float64"))
    yield case("value_into_integers", ScatterValue(0, 7.0), normal(4, 2, dtype="int64"),
               integers(3, 2, low=0, high=4))
    yield case("repeated_value", ScatterValue(0, -1.0), normal(4, 2),
               values([[1, 1], [1, 3]], dtype="int64"),
               because="an index may repeat when each time the same number is written")
    yield case("minus_infinity", ScatterValue(1, float("-inf")), normal(2, 4), integers(2, 1, low=0, high=4))
    for operation in ("add", "multiply"):
        yield case(operation, ScatterWith(operation), normal(3, 4), integers(3, 6, low=0, high=4),
                   normal(3, 6),
                   dtypes=("float32", "int64"))
    yield case("empty_index", Scatter(1), normal(2, 3), permutation(2, 0), normal(2, 3))
    yield case("special_values", Scatter(0), normal(25), permutation(25), special(25))
    yield case("in_place", in_place, normal(2, 4), permutation(2, 4), normal(2, 4))
    yield case("one_hot_rows", one_hot_rows, normal(3, 5), integers(3, low=0, high=5))
    yield case("inverse_permutation", inverse_permutation, permutation(3, 6))
    yield case("dynamic_batch", Scatter(1), normal(3, 4), permutation(3, 4), normal(3, 4),
               dynamic={position: {0: "batch"} for position in range(3)})
