"""embedding_renorm: rows of a table that are named, and too long, scaled to a given length; what max_norm does."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, spread, values


class Renormed(nn.Module):
    def __init__(self, longest: float, order: float = 2.0):
        super().__init__()
        self.longest, self.order = longest, order

    def forward(self, table: Tensor, index: Tensor) -> Tensor:
        return torch.embedding_renorm_(table.clone(), index, self.longest, self.order)


def cases():
    yield case("euclidean", Renormed(1.0), normal(6, 4), integers(5, low=0, high=6), dtypes=("float32", "float64"))
    yield case("sum", Renormed(2.0, 1.0), normal(6, 4), integers(5, low=0, high=6))
    yield case("largest", Renormed(0.5, float("inf")), normal(6, 4), integers(5, low=0, high=6))
    yield case("third", Renormed(1.0, 3.0), normal(6, 4), integers(5, low=0, high=6))
    yield case("repeated", Renormed(1.0), normal(4, 3, std=5.0), values([1, 1, 2, 1], dtype="int64"),
               because="a row that is named twice is scaled once")
    yield case("short_rows_stay", Renormed(100.0), normal(4, 3), integers(4, low=0, high=4))
    yield case("matrix_of_indices", Renormed(1.0), spread(6, 4), integers(2, 3, low=0, high=6))
    yield case("int32_index", Renormed(1.0), normal(6, 4), integers(3, low=0, high=6, dtype="int32"))
