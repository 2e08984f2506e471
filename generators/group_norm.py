"""group_norm: groups of channels of each sample shifted by their mean and divided by their deviation."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import GroupNorm

from lockstep.cases import case, normal, values


def with_scale_only(x: Tensor, scale: Tensor) -> Tensor:
    return F.group_norm(x, 2, scale)


def with_shift_only(x: Tensor, shift: Tensor) -> Tensor:
    return F.group_norm(x, 3, None, shift, eps=1e-2)


def cases():
    yield case("image", GroupNorm(2, 6), normal(2, 6, 3, 4), dtypes=("float32", "float64"))
    yield case("matrix", GroupNorm(3, 6), normal(4, 6))
    yield case("sequence", GroupNorm(2, 4), normal(2, 4, 5))
    yield case("volume", GroupNorm(2, 4), normal(2, 4, 2, 3, 2))
    yield case("one_group", GroupNorm(1, 4), normal(2, 4, 3, 2))
    yield case("one_channel_per_group", GroupNorm(5, 5), normal(2, 5, 3, 2))
    yield case("no_affine", GroupNorm(2, 4, affine=False), normal(2, 4, 3))
    yield case("scale_only", with_scale_only, normal(2, 4, 3), normal(4))
    yield case("shift_only", with_shift_only, normal(2, 6, 3), normal(6))
    yield case("large_epsilon", GroupNorm(2, 4, eps=0.5), normal(2, 4, 3))
    yield case("tiny_variance", GroupNorm(2, 4), normal(2, 4, 5, std=1e-3),
               because="the variance is below epsilon, so a forgotten epsilon shows")
    yield case("far_from_zero", GroupNorm(2, 4), normal(2, 4, 9, mean=100.0), dtypes=("float32", "float64"),
               because="a variance taken as mean of squares less square of mean loses its digits here")
    yield case("one_element_groups", GroupNorm(3, 3), normal(4, 3),
               because="a group of one element has no deviation, and the shift alone remains")
    yield case("empty_batch", GroupNorm(2, 4), normal(0, 4, 3))
    yield case("not_finite", GroupNorm(2, 4),
               values([[1.0, float("nan"), 2.0, 3.0], [0.5, -1.0, float("inf"), 1.0]]),
               because="a group that is not finite is NaN throughout, its neighbour is untouched")
    yield case("after_convolution", nn.Sequential(nn.Conv2d(2, 6, 3), GroupNorm(3, 6), nn.SiLU()),
               normal(2, 2, 5, 4))
    yield case("dynamic_batch", GroupNorm(2, 6), normal(2, 6, 3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_image", GroupNorm(2, 4), normal(2, 4, 3, 4), dynamic={0: {2: "height", 3: "width"}})
