"""cumsum: running sums along one axis."""
import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, spread, values


class CumulativeSum(nn.Module):
    """torch.cumsum along one axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.cumsum(x, dim=self.dim)


def in_float64(x: Tensor) -> Tensor:
    return torch.cumsum(x, dim=1, dtype=torch.float64)


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.cumsum_(1)
    return doubled + x


def positions_of_mask(mask: Tensor) -> Tensor:
    return mask.long().cumsum(dim=-1) - 1


def log_of_running_sum(x: Tensor) -> Tensor:
    return torch.logcumsumexp(x, dim=1)


def cases():
    yield case("last_axis", CumulativeSum(-1), normal(3, 4, 5),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("first_axis", CumulativeSum(0), normal(6, 5))
    yield case("middle_axis", CumulativeSum(1), normal(2, 7, 3))
    yield case("one_element_axis", CumulativeSum(1), normal(4, 1))
    yield case("zero_dim", CumulativeSum(0), normal())
    yield case("empty", CumulativeSum(1), normal(3, 0))
    yield case("special_values", CumulativeSum(0), special(5, 5),
               because="NaN and infinity stay once they occurred")
    yield case("long_axis", CumulativeSum(1), normal(2, 300, mean=10.0))
    yield case("cancelling", CumulativeSum(1), spread(3, 40))
    yield case("in_float64", in_float64, integers(3, 5, low=-9, high=9))
    yield case("integers_wrap", CumulativeSum(0), values([2**62, 2**62, 2**62], dtype="int64"))
    yield case("positions_of_mask", positions_of_mask, booleans(3, 8))
    yield case("logcumsumexp", log_of_running_sum, normal(3, 8, std=30.0), dtypes=("float32", "float64"))
    yield case("logcumsumexp_special_values", log_of_running_sum, special(5, 5))
    yield case("in_place", in_place, normal(3, 5))
    yield case("dynamic_batch", CumulativeSum(1), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_terms", CumulativeSum(0), normal(3, 4), dynamic={0: {0: "length"}})
