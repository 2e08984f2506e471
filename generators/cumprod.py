"""cumprod: running products along one axis."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, special, uniform, values


class CumulativeProduct(nn.Module):
    """torch.cumprod along one axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.cumprod(x, dim=self.dim)


def in_float64(x: Tensor) -> Tensor:
    return torch.cumprod(x, dim=1, dtype=torch.float64)


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.cumprod_(1)
    return doubled + x


def transmittance(opacity: Tensor) -> Tensor:
    return opacity * torch.cumprod(1.0 - opacity + 1e-3, dim=-1)


def cases():
    yield case("last_axis", CumulativeProduct(-1), normal(3, 4, 5),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("first_axis", CumulativeProduct(0), normal(6, 5))
    yield case("middle_axis", CumulativeProduct(1), normal(2, 7, 3))
    yield case("one_element_axis", CumulativeProduct(1), normal(4, 1))
    yield case("zero_dim", CumulativeProduct(0), normal())
    yield case("empty", CumulativeProduct(1), normal(3, 0))
    yield case("zeros", CumulativeProduct(1),
               values([[2.0, 0.0, 3.0, -1.0], [2.0, -0.0, 3.0, float("inf")]]))
    yield case("special_values", CumulativeProduct(0), special(5, 5))
    yield case("long_axis", CumulativeProduct(1), normal(2, 60, mean=1.0, std=0.2))
    yield case("in_float64", in_float64, integers(3, 5, low=1, high=9))
    yield case("integers_wrap", CumulativeProduct(0), values([2**40, 2**30, 3, -1], dtype="int64"))
    yield case("transmittance", transmittance, uniform(3, 6, low=0.9, high=1.0),
               because="the factors are near the epsilon added to them")
    yield case("in_place", in_place, normal(3, 5))
    yield case("dynamic_batch", CumulativeProduct(1), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_factors", CumulativeProduct(0), normal(3, 4), dynamic={0: {0: "length"}})
