"""embedding: rows of a table looked up by integers, one by one or combined in bags."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values


class WeightedBag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(7, 3, mode="sum")

    def forward(self, index: Tensor, weight: Tensor) -> Tensor:
        return self.bag(index, None, weight)


class TiedWeights(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(6, 4)

    def forward(self, index: Tensor) -> Tensor:
        return F.linear(torch.tanh(self.embedding(index)), self.embedding.weight)


class TokenAndPosition(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(9, 4)
        self.position = nn.Embedding(16, 4)

    def forward(self, index: Tensor) -> Tensor:
        return self.token(index) + self.position(torch.arange(index.size(1)))


def from_table(index: Tensor, table: Tensor) -> Tensor:
    return F.embedding(index, table)


def cases():
    yield case("matrix_of_indices", nn.Embedding(7, 3), integers(2, 5, low=0, high=7),
               dtypes=("float32", "float64"))
    yield case("vector_of_indices", nn.Embedding(5, 4), integers(6, low=0, high=5))
    yield case("one_index", nn.Embedding(5, 4), values(3, dtype="int64"))
    yield case("no_index", nn.Embedding(5, 4), integers(0, low=0, high=5))
    yield case("narrow_index", nn.Embedding(5, 2), integers(2, 3, low=0, high=5, dtype="int32"))
    yield case("padding_row", nn.Embedding(6, 3, padding_idx=2),
               values([[2, 1, 5], [0, 2, 2]], dtype="int64"),
               because="the padding row only matters to training: here it is looked up like any other")
    yield case("negative_padding_row", nn.Embedding(6, 3, padding_idx=-1),
               values([[5, 1], [0, 5]], dtype="int64"))
    yield case("from_table", from_table, integers(2, 3, low=0, high=4), normal(4, 5))
    yield case("tied_weights", TiedWeights(), integers(2, 3, low=0, high=6))
    yield case("token_and_position", TokenAndPosition(), integers(2, 5, low=0, high=9))
    for mode in ("sum", "mean", "max"):
        yield case(f"bag_{mode}", nn.EmbeddingBag(7, 3, mode=mode), integers(4, 5, low=0, high=7),
                   dtypes=("float32", "float64") if mode == "mean" else ("float32",))
        yield case(f"bag_{mode}_offsets", nn.EmbeddingBag(7, 3, mode=mode), integers(8, low=0, high=7),
                   values([0, 3, 3, 4], dtype="int64"), because="the second bag is empty and gives zeros")
        yield case(f"bag_{mode}_padding", nn.EmbeddingBag(5, 3, mode=mode, padding_idx=1),
                   values([[1, 0, 3, 1], [1, 1, 1, 1]], dtype="int64"),
                   because="a bag leaves its padding out, and a bag of nothing else is zero")
    yield case("bag_padding_from_the_end", nn.EmbeddingBag(5, 3, mode="mean", padding_idx=-1), integers(4, 6, low=0, high=5))
    yield case("bag_last_offset", nn.EmbeddingBag(7, 3, mode="sum", include_last_offset=True),
               integers(6, low=0, high=7), values([0, 2, 6], dtype="int64"))
    yield case("bag_weighted", WeightedBag(), integers(3, 4, low=0, high=7), normal(3, 4))
    yield case("dynamic_batch", nn.Embedding(7, 3), integers(2, 5, low=0, high=7),
               dynamic={0: {0: "batch", 1: "sequence"}})
    yield case("dynamic_position", TokenAndPosition(), integers(2, 4, low=0, high=9),
               dynamic={0: {0: "batch", 1: "sequence"}})
    yield case("dynamic_bag", nn.EmbeddingBag(7, 3, mode="mean"), integers(2, 5, low=0, high=7),
               dynamic={0: {0: "batch"}})
