"""scatter_reduce: elements that share an index combined into one by sum, product, extremum or mean."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, values

NUMBERS = ("float32", "float64", "int64", "int32")
REPEATED = [[0, 2, 2, 0, 2], [3, 3, 3, 3, 3]]


class ScatterReduce(nn.Module):
    def __init__(self, operation: str, include_self: bool, dim: int = 1):
        super().__init__()
        self.operation = operation
        self.include_self = include_self
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.scatter_reduce(x, self.dim, index, source, self.operation,
        include_self=self.include_self)


class ScatterAdd(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.scatter_add(x, self.dim, index, source)


class IndexAdd(nn.Module):
    def __init__(self, dim: int, alpha: float):
        super().__init__()
        self.dim = dim
        self.alpha = alpha

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.index_add(x, self.dim, index, source, alpha=self.alpha)


class IndexReduce(nn.Module):
    def __init__(self, operation: str, include_self: bool):
        super().__init__()
        self.operation = operation
        self.include_self = include_self

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return torch.index_reduce(x, 0, index, source, self.operation, include_self=self.include_self)


def index_add_integers(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    return torch.index_add(x, 0, index, source)


def in_place(x: Tensor, index: Tensor, source: Tensor) -> Tensor:
    y = x * 2
    y.scatter_add_(1, index, source)
    return y


def mean_over_neighbours(x: Tensor, target: Tensor) -> Tensor:
    total = torch.zeros(4, x.size(1)).index_add(0, target, x)
    count = torch.zeros(4).index_add(0, target, torch.ones(x.size(0)))
    return total / count.clamp(min=1).unsqueeze(1)


def cases():
    for operation in ("sum", "prod", "amax", "amin", "mean"):
        yield case(operation, ScatterReduce(operation, True), normal(3, 4), integers(3, 7, low=0, high=4),
                   normal(3, 7), dtypes=NUMBERS if operation in ("sum", "amax") else ("float32",))
        yield case(f"{operation}_without_self", ScatterReduce(operation, False), normal(2, 4),
                   values(REPEATED, dtype="int64"), normal(2, 5),
                   because="a place that no index names keeps its own value, the others forget theirs")
    yield case("rows", ScatterReduce("sum", True, dim=0), normal(3, 2), integers(6, 2, low=0, high=3),
               normal(6, 2))
    yield case("smaller_index", ScatterReduce("amin", True, dim=-1), normal(2, 3, 4),
               integers(1, 2, 5, low=0, high=4),
               normal(2, 3, 6))
    yield case("maximum_of_nan", ScatterReduce("amax", True, dim=0), normal(3),
               values([0, 1, 1], dtype="int64"),
               values([float("nan"), 1.0, float("inf")]))
    yield case("minimum_of_nan", ScatterReduce("amin", False, dim=0), normal(3),
               values([0, 0, 1], dtype="int64"),
               values([1.0, float("nan"), float("-inf")]))
    yield case("scatter_add", ScatterAdd(1), normal(3, 4), integers(3, 8, low=0, high=4), normal(3, 8),
               dtypes=NUMBERS)
    yield case("scatter_add_all_to_one", ScatterAdd(0), normal(2), integers(40, low=1, high=2), normal(40))
    yield case("scatter_add_empty", ScatterAdd(1), normal(2, 3), integers(2, 0, low=0, high=3), normal(2, 3))
    yield case("in_place", in_place, normal(2, 4), integers(2, 6, low=0, high=4), normal(2, 6))
    yield case("index_add", IndexAdd(0, 1.0), normal(4, 3), integers(6, low=0, high=4), normal(6, 3),
               dtypes=("float32", "float64"))
    yield case("index_add_scaled", IndexAdd(-1, -2.5), normal(3, 4), integers(5, low=0, high=4),
               normal(3, 5))
    yield case("index_add_integers", index_add_integers, normal(4, 2), integers(5, low=0, high=4),
               normal(5, 2),
               dtypes=("int64", "int32"))
    for operation, include_self in (("prod", True), ("mean", True), ("mean", False), ("amax", False),
    ("amin", True)):
        yield case(f"index_reduce_{operation}{'' if include_self else '_without_self'}",
                   IndexReduce(operation, include_self), positive(4, 2), integers(6, low=0,
                   high=3), positive(6, 2))
    yield case("mean_over_neighbours", mean_over_neighbours, normal(7, 3), integers(7, low=0, high=3))
    yield case("dynamic_batch", ScatterReduce("mean", True), normal(3, 4), integers(3, 5, low=0, high=4),
               normal(3, 5), dynamic={position: {0: "batch"} for position in range(3)})
    yield case("dynamic_edges", IndexAdd(0, 1.0), normal(4, 3), integers(6, low=0, high=4), normal(6, 3),
               dynamic={1: {0: "edges"}, 2: {0: "edges"}})
