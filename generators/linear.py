"""linear: the last axis of the input times a transposed weight matrix, plus a bias."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, spread, values


def affine(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.linear(x, weight, bias)


def product(x: Tensor, weight: Tensor) -> Tensor:
    return F.linear(x, weight)


def transposed_input(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.linear(x.transpose(0, 1), weight, bias)


class AppliedTwice(nn.Module):
    """One square layer used twice, so that its weight is read by two nodes."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(torch.relu(self.layer(x)))


class TiedWeights(nn.Module):
    """An embedding whose table is the output layer's weight too, as in language models."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 4)
        self.head = nn.Linear(4, 11, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.embedding(tokens))


def cases():
    yield case("matrix", nn.Linear(7, 5), normal(3, 7), dtypes=("float32", "float64"))
    yield case("no_bias", nn.Linear(7, 5, bias=False), normal(3, 7))
    yield case("vector_input", nn.Linear(4, 6), normal(4))
    yield case("four_axes", nn.Linear(5, 3), normal(2, 3, 4, 5))
    yield case("four_axes_no_bias", nn.Linear(5, 3, bias=False), normal(2, 3, 1, 5),
               because="without a bias PyTorch takes another path, which keeps the leading axes")
    yield case("one_output", nn.Linear(6, 1), normal(4, 6))
    yield case("one_input", nn.Linear(1, 6), normal(4, 1))
    yield case("many_inputs", nn.Linear(515, 9), normal(5, 515),
               because="a long sum of a length that no vector width divides shows how it is accumulated")
    yield case("empty_batch", nn.Linear(4, 3), normal(0, 4))
    yield case("empty_contraction", affine, normal(2, 0), normal(3, 0), normal(3),
               because="a sum of nothing is zero and leaves the bias")
    yield case("tensor_weight", affine, normal(3, 6), normal(4, 6), normal(4),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("vector_weight", product, normal(3, 6), normal(6),
               because="a weight without rows drops the last axis")
    yield case("cancelling_terms", product, spread(3, 40), normal(5, 40))
    yield case("not_finite", affine,
               values([[1.0, float("inf"), 0.0], [0.0, float("nan"), 1.0], [1e30, 1.0, -1.0]]),
               values([[1.0, 0.0, 2.0], [1e30, -1.0, 0.5]]), values([0.5, -0.5]),
               because="zero times infinity is NaN, so zero weights may not be skipped")
    yield case("transposed_input", transposed_input, normal(6, 3), normal(4, 6), normal(4))
    yield case("two_layers", nn.Sequential(nn.Linear(6, 10), nn.ReLU(), nn.Linear(10, 3)), normal(4, 6))
    yield case("applied_twice", AppliedTwice(), normal(3, 6))
    yield case("tied_weights", TiedWeights(), integers(2, 3, low=0, high=11))
    yield case("dynamic_batch", nn.Linear(8, 5), normal(3, 8), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_and_sequence", nn.Linear(8, 5), normal(2, 3, 8),
               dynamic={0: {0: "batch", 1: "sequence"}})
