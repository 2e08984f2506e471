"""index_reduce: slices combined with those that an index names."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values


class Reduced(nn.Module):
    def __init__(self, dim: int, how: str, include_self: bool = True):
        super().__init__()
        self.dim, self.how, self.include_self = dim, how, include_self

    def forward(self, x: Tensor, index: Tensor, source: Tensor) -> Tensor:
        return x.index_reduce(self.dim, index, source, self.how, include_self=self.include_self)


def cases():
    for how in ("prod", "mean", "amax", "amin"):
        for included in (True, False):
            name = how if included else f"{how}_without_self"
            yield case(name, Reduced(0, how, included), normal(5, 3), integers(7, low=0, high=5), normal(7, 3),
                       dtypes=("float32", "int64") if how != "mean" else ("float32", "float64"))
        yield case(f"{how}_last_axis", Reduced(-1, how), normal(2, 4), integers(5, low=0, high=4), normal(2, 5))
    yield case("empty_index", Reduced(0, "mean"), normal(4, 2), integers(0, low=0, high=1), normal(0, 2))
    yield case("no_dims", Reduced(0, "prod"), normal(), values([0], dtype="int64"), normal())
    yield case("int32_index", Reduced(0, "amax"), normal(4, 2), integers(3, low=0, high=4, dtype="int32"), normal(3, 2))
    yield case("not_a_number", Reduced(0, "amin"), values([1.0, float("nan"), 2.0]), values([0, 1, 2], dtype="int64"),
               values([float("nan"), 1.0, float("-inf")]))
    yield case("dynamic_columns", Reduced(0, "mean"), normal(4, 2), integers(3, low=0, high=4), normal(3, 2),
               dynamic={0: {1: "columns"}, 2: {1: "columns"}})
