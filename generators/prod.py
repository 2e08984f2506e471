"""prod: all elements, or those along one axis, multiplied."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, special, values


class Prod(nn.Module):
    """The product over one axis."""

    def __init__(self, dim: int, keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.prod(x, dim=self.dim, keepdim=self.keepdim)


def everything(x: Tensor) -> Tensor:
    return x.prod()


def in_float64(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.prod(x, dtype=torch.float64), x.prod(dim=1, dtype=torch.float64)


def cases():
    every_type = ("float32", "float64", "int64", "int32", "bool")
    yield case("everything", everything, normal(3, 4), dtypes=every_type)
    yield case("last_axis", Prod(-1), normal(3, 4, 5), dtypes=every_type)
    yield case("first_axis", Prod(0), normal(6, 5))
    yield case("middle_axis_kept", Prod(1, True), normal(2, 7, 3))
    yield case("one_element_axis", Prod(1), normal(4, 1))
    yield case("zero_dim", everything, normal())
    yield case("empty_product", Prod(0), normal(0, 4), because="the product of nothing is one")
    yield case("empty_answer", Prod(1), normal(0, 4))
    yield case("in_float64", in_float64, integers(3, 4, low=1, high=9))
    yield case("long_axis", Prod(1), normal(3, 40, mean=1.0, std=0.2))
    yield case("special_values", Prod(0), special(5, 5))
    yield case("zero_and_infinity", Prod(1),
               values([[0.0, float("inf"), 2.0], [-0.0, 3.0, 4.0], [1e38, 10.0, 2.0]]),
               because="an overflow is infinite in whatever order the factors are taken")
    yield case("integers_wrap", everything, values([2**40, 2**30, 3, -7], dtype="int64"))
    yield case("dynamic_batch", Prod(1), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_factors", Prod(0), normal(3, 4), dynamic={0: {0: "batch"}}, sizes=(3, 0, 7))
