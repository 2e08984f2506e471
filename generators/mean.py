"""mean: the average of all elements or of those along some axes."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, special, spread, values


class Mean(nn.Module):
    """The mean over some axes."""

    def __init__(self, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.mean(x, dim=self.dim, keepdim=self.keepdim)


def everything(x: Tensor) -> Tensor:
    return x.mean()


def of_integers(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.mean(dtype=torch.float32), x.mean(dim=[1], dtype=torch.float64)


def without_nan(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.nanmean(x), torch.nanmean(x, dim=[1], keepdim=True)


def centred(x: Tensor) -> Tensor:
    return x - x.mean(dim=1, keepdim=True)


def cases():
    yield case("everything", everything, normal(3, 4, 5), dtypes=("float32", "float64"))
    yield case("last_axis", Mean((-1,)), normal(3, 4, 5), dtypes=("float32", "float64"))
    yield case("first_axis", Mean((0,)), normal(6, 5))
    yield case("spatial_axes", Mean((2, 3)), normal(2, 3, 5, 4),
               because="global average pooling is written so")
    yield case("spatial_axes_kept", Mean((-1, -2), True), normal(2, 3, 5, 4))
    yield case("apart_axes", Mean((0, 2)), normal(3, 4, 5))
    yield case("no_axes", Mean(()), normal(3, 4), because="an empty list of axes means all of them")
    yield case("one_element_axis", Mean((1,)), normal(4, 1))
    yield case("zero_dim", everything, normal())
    yield case("empty_mean", Mean((0,)), normal(0, 4), because="the mean of nothing is NaN")
    yield case("empty_answer", Mean((1,)), normal(0, 4))
    yield case("of_integers", of_integers, integers(3, 4, low=-9, high=9))
    yield case("long_axis", Mean((-1,)), normal(2, 700, mean=100.0))
    yield case("cancelling", Mean((1,)), spread(5, 60))
    yield case("special_values", Mean((1,)), special(5, 5))
    yield case("sum_overflows", Mean((0,)), values([[3e38, 1.0], [3e38, 2.0]]),
               because="the sum is infinite before it is divided")
    yield case("without_nan", without_nan, special(5, 5))
    yield case("centred", centred, normal(3, 5, mean=7.0))
    yield case("dynamic_batch", Mean((1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_map", Mean((2, 3)), normal(2, 3, 5, 4), dynamic={0: {2: "height", 3: "width"}},
               because="the divisor depends on the size")
