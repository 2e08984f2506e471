"""baddbmm: a scaled batch of matrix products added to a scaled input; addbmm also sums over the batch."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Baddbmm(nn.Module):
    """baddbmm with the given factors; whole numbers also suit integer tensors."""

    def __init__(self, beta: float = 1, alpha: float = 1):
        super().__init__()
        self.beta = beta
        self.alpha = alpha

    def forward(self, start: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.baddbmm(start, x, y, beta=self.beta, alpha=self.alpha)


def in_place(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    total = start.clone()
    total.baddbmm_(x, y, beta=0.5, alpha=-2.0)
    return total


def in_place_on_intermediate(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return (start * 2).baddbmm_(x, y, alpha=0.25)


def masked_scores(mask: Tensor, query: Tensor, key: Tensor) -> Tensor:
    return torch.baddbmm(mask, query, key.transpose(1, 2), alpha=0.5)


def summed_over_batch(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.addbmm(start, x, y, beta=2, alpha=3)


def cases():
    yield case("plain", Baddbmm(), normal(2, 3, 4), normal(2, 3, 5), normal(2, 5, 4),
               dtypes=("float32", "float64"))
    yield case("whole_factors", Baddbmm(beta=2, alpha=3), normal(2, 3, 4), normal(2, 3, 5), normal(2, 5, 4),
               dtypes=("float32", "int64", "int32"))
    yield case("fractional_factors", Baddbmm(beta=0.3, alpha=-1.7), normal(2, 3, 4), normal(2, 3, 5),
               normal(2, 5, 4))
    yield case("row_start", Baddbmm(beta=0.5), normal(4), normal(2, 3, 5), normal(2, 5, 4))
    yield case("one_batch_start", Baddbmm(alpha=0.5), normal(1, 3, 4), normal(2, 3, 5), normal(2, 5, 4))
    yield case("one_column_start", Baddbmm(beta=-2.0), normal(2, 3, 1), normal(2, 3, 5), normal(2, 5, 4))
    yield case("beta_zero", Baddbmm(beta=0), values([[[float("nan"), 1.0], [float("inf"), 2.0]]]),
               normal(1, 2, 3), normal(1, 3, 2),
               because="with beta zero the input is ignored, NaN and infinity included")
    yield case("empty_batch", Baddbmm(), normal(0, 3, 4), normal(0, 3, 5), normal(0, 5, 4))
    yield case("empty_contraction", Baddbmm(beta=0.5), normal(2, 2, 3), normal(2, 2, 0), normal(2, 0, 3),
               because="the product is zero and the scaled input remains")
    yield case("masked_scores", masked_scores,
               values([[[0.0, float("-inf"), 0.0], [float("-inf"), 0.0, 1.0]]] * 2), normal(2, 2, 4),
               normal(2, 3, 4),
               because="attention masks are minus infinity")
    yield case("in_place", in_place, normal(2, 3, 4), normal(2, 3, 5), normal(2, 5, 4))
    yield case("in_place_on_intermediate", in_place_on_intermediate, normal(2, 3, 4), normal(2, 3, 5),
               normal(2, 5, 4))
    yield case("summed_over_batch", summed_over_batch, normal(3, 4), normal(2, 3, 5), normal(2, 5, 4),
               dtypes=("float32", "int64"))
    yield case("summed_over_batch_row_start", summed_over_batch, normal(4), normal(3, 2, 5), normal(3, 5, 4))
    yield case("dynamic_batch", Baddbmm(beta=0.5, alpha=2.0), normal(3, 4), normal(2, 3, 5), normal(2, 5, 4),
               dynamic={1: {0: "batch"}, 2: {0: "batch"}})
