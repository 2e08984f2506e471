"""addmm: a scaled matrix product added to a scaled matrix, beta * input + alpha * (x @ y)."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Addmm(nn.Module):
    """addmm with the given factors; whole numbers also suit integer tensors."""

    def __init__(self, beta: float = 1, alpha: float = 1):
        super().__init__()
        self.beta = beta
        self.alpha = alpha

    def forward(self, start: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.addmm(start, x, y, beta=self.beta, alpha=self.alpha)


def in_place(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    total = start.clone()
    total.addmm_(x, y, beta=0.5, alpha=-2.0)
    return total


def in_place_on_intermediate(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return (start * 2).addmm_(x, y, alpha=0.25)


def second_transposed(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.addmm(start, x, y.t(), alpha=3.0)


def cases():
    yield case("plain", Addmm(), normal(3, 4), normal(3, 5), normal(5, 4), dtypes=("float32", "float64"))
    yield case("whole_factors", Addmm(beta=2, alpha=3), normal(3, 4), normal(3, 5), normal(5, 4),
               dtypes=("float32", "int64", "int32"))
    yield case("fractional_factors", Addmm(beta=0.3, alpha=-1.7), normal(3, 4), normal(3, 5), normal(5, 4))
    yield case("row_start", Addmm(beta=0.5), normal(4), normal(3, 5), normal(5, 4))
    yield case("column_start", Addmm(alpha=0.5), normal(3, 1), normal(3, 5), normal(5, 4))
    yield case("scalar_start", Addmm(beta=-1.5), normal(), normal(3, 5), normal(5, 4))
    yield case("beta_zero", Addmm(beta=0), values([[float("nan"), 1.0], [float("inf"), 2.0]]), normal(2, 3),
               normal(3, 2), because="with beta zero the input is ignored, NaN and infinity included")
    yield case("alpha_zero", Addmm(alpha=0), normal(2, 3), normal(2, 4), normal(4, 3))
    yield case("empty_contraction", Addmm(beta=0.5), normal(2, 3), normal(2, 0), normal(0, 3),
               because="the product is zero and the scaled input remains")
    yield case("empty_contraction_beta_zero", Addmm(beta=0), values([[float("nan"), 1.0]]), normal(1, 0),
               normal(0, 2))
    yield case("empty_rows", Addmm(), normal(3), normal(0, 4), normal(4, 3))
    yield case("not_finite", Addmm(beta=2.0), values([[float("-inf"), 1.0, float("-inf")]]),
               values([[1e30, 0.0]]), values([[1e30, 0.0, 1.0], [2.0, float("inf"), 3.0]]),
               because="the overflowing product meets the opposite infinity, and zero times infinity is NaN")
    yield case("second_transposed", second_transposed, normal(3, 4), normal(3, 5), normal(4, 5))
    yield case("in_place", in_place, normal(3, 4), normal(3, 5), normal(5, 4))
    yield case("in_place_on_intermediate", in_place_on_intermediate, normal(3, 4), normal(3, 5),
               normal(5, 4))
    yield case("dynamic_rows", Addmm(beta=0.5, alpha=2.0), normal(4), normal(3, 5), normal(5, 4),
               dynamic={1: {0: "rows"}})
