"""sum: all elements, or those along some axes, added up."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, special, spread, values


class Sum(nn.Module):
    """The sum over some axes."""

    def __init__(self, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.sum(x, dim=self.dim, keepdim=self.keepdim)


def everything(x: Tensor) -> Tensor:
    return x.sum()


def in_float64(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.sum(x, dtype=torch.float64), x.sum(dim=1, dtype=torch.float64)


def as_integers(x: Tensor) -> Tensor:
    return torch.sum(x, dim=[0], dtype=torch.int32)


def of_transposed(x: Tensor) -> Tensor:
    return x.transpose(0, 2).sum(dim=[1])


def without_nan(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.nansum(x), torch.nansum(x, dim=[1], keepdim=True)


def cases():
    every_type = ("float32", "float64", "int64", "int32", "bool")
    yield case("everything", everything, normal(3, 4, 5), dtypes=every_type,
               because="integers and booleans add up in int64")
    yield case("last_axis", Sum((-1,)), normal(3, 4, 5), dtypes=every_type)
    yield case("first_axis", Sum((0,)), normal(6, 5))
    yield case("middle_axis", Sum((1,)), normal(2, 7, 3))
    yield case("two_axes", Sum((0, 2)), normal(3, 4, 5))
    yield case("two_axes_negative", Sum((-1, -2), True), normal(2, 3, 5, 4))
    yield case("all_axes_kept", Sum((0, 1, 2), True), normal(3, 2, 4))
    yield case("no_axes", Sum(()), normal(3, 4), because="an empty list of axes means all of them")
    yield case("keepdim", Sum((1,), True), normal(3, 4, 2))
    yield case("one_element_axis", Sum((1,)), normal(4, 1))
    yield case("zero_dim", everything, normal())
    yield case("zero_dim_axis", Sum((-1,)), normal())
    yield case("empty_sum", Sum((0,)), normal(0, 4), because="the sum of nothing is zero")
    yield case("empty_answer", Sum((1,)), normal(0, 4))
    yield case("in_float64", in_float64, spread(4, 30, decades=6.0))
    yield case("as_integers", as_integers, integers(3, 4, low=-9, high=9))
    yield case("long_axis", Sum((-1,)), normal(2, 700, mean=100.0),
               because="adding one after the other loses digits")
    yield case("cancelling", Sum((1,)), spread(5, 60),
               because="large terms of both signs hide the small ones")
    yield case("special_values", Sum((1,)), special(5, 5))
    yield case("infinities_of_both_signs", Sum((0,)),
               values([[float("inf"), 1e38, -0.0], [float("-inf"), 3e38, -0.0]]))
    yield case("integers_wrap", everything, values([2**62, 2**62, 2**62, -5], dtype="int64"))
    yield case("without_nan", without_nan, special(5, 5))
    yield case("transposed", of_transposed, normal(2, 3, 4))
    yield case("dynamic_batch", Sum((1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_terms", Sum((0,)), normal(3, 4), dynamic={0: {0: "batch"}}, sizes=(3, 0, 40))
