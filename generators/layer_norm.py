"""layer_norm: the trailing axes of each sample shifted by their mean and divided by their deviation."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import LayerNorm

from lockstep.cases import case, normal, spread, values


def with_scale_only(x: Tensor, scale: Tensor) -> Tensor:
    return F.layer_norm(x, (4,), scale)


def with_shift_only(x: Tensor, shift: Tensor) -> Tensor:
    return F.layer_norm(x, (4,), None, shift, eps=1e-2)


class SpelledOut(nn.Module):
    """Layer normalisation as models write it by hand."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(6))
        self.shift = nn.Parameter(torch.zeros(6))

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(-1, keepdim=True)
        variance = (x - mean).pow(2).mean(-1, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.scale + self.shift


class OverChannels(nn.Module):
    """Layer normalisation over the channels of an image, as ConvNeXt has it."""

    def __init__(self):
        super().__init__()
        self.norm = LayerNorm(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def cases():
    yield case("last_axis", LayerNorm(6), normal(2, 3, 6), dtypes=("float32", "float64"))
    yield case("two_axes", LayerNorm((3, 4)), normal(2, 3, 4))
    yield case("three_axes", LayerNorm((2, 3, 4)), normal(2, 2, 3, 4))
    yield case("whole_tensor", LayerNorm((3, 4)), normal(3, 4))
    yield case("no_affine", LayerNorm(5, elementwise_affine=False), normal(3, 5))
    yield case("no_bias", LayerNorm((2, 5), bias=False), normal(3, 2, 5))
    yield case("scale_only", with_scale_only, normal(3, 4), normal(4))
    yield case("shift_only", with_shift_only, normal(3, 4), normal(4))
    yield case("large_epsilon", LayerNorm(5, eps=0.5), normal(3, 5))
    yield case("tiny_variance", LayerNorm(6), normal(4, 6, std=1e-3),
               because="the variance is below epsilon, so a forgotten epsilon shows")
    yield case("far_from_zero", LayerNorm(16), normal(4, 16, mean=100.0), dtypes=("float32", "float64"),
               because="a variance taken as mean of squares less square of mean loses its digits here")
    yield case("constant_rows", LayerNorm(4), values([[2.5] * 4, [0.0] * 4, [-8.0] * 4]),
               because="without deviation the shift alone remains")
    yield case("many_magnitudes", LayerNorm(7), spread(3, 7))
    yield case("long_axis", LayerNorm(301), normal(2, 301))
    yield case("one_element_axis", LayerNorm(1), normal(4, 1))
    yield case("empty_batch", LayerNorm(4), normal(0, 4))
    yield case("not_finite", LayerNorm(3),
               values([[1.0, float("nan"), 2.0], [float("inf"), 0.0, 1.0], [1.0, 2.0, 4.0]]),
               because="a row that is not finite is NaN throughout, its neighbours are untouched")
    yield case("spelled_out", SpelledOut(), normal(3, 6))
    yield case("over_channels", OverChannels(), normal(2, 3, 2, 4))
    yield case("dynamic_batch", LayerNorm(6), normal(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_and_sequence", LayerNorm(6), normal(2, 3, 6),
               dynamic={0: {0: "batch", 1: "sequence"}})
