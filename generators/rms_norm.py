"""rms_norm: the trailing axes of each sample divided by their root mean square."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import RMSNorm

from lockstep.cases import case, normal, spread, values


def with_tensor_scale(x: Tensor, scale: Tensor) -> Tensor:
    return F.rms_norm(x, (2, 3), scale, eps=1e-2)


class SpelledOut(nn.Module):
    """Root-mean-square normalisation as language models write it by hand."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(6))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def cases():
    yield case("last_axis", RMSNorm(6), normal(2, 3, 6), dtypes=("float32", "float64"))
    yield case("two_axes", RMSNorm((3, 4)), normal(2, 3, 4))
    yield case("three_axes", RMSNorm((2, 3, 4)), normal(2, 2, 3, 4))
    yield case("whole_tensor", RMSNorm(7), normal(7))
    yield case("no_affine", RMSNorm(5, elementwise_affine=False), normal(3, 5))
    yield case("tensor_scale", with_tensor_scale, normal(2, 2, 3), normal(2, 3))
    yield case("large_epsilon", RMSNorm(5, eps=0.5), normal(3, 5))
    yield case("small_epsilon", RMSNorm(5, eps=1e-6), normal(3, 5, std=1e-3))
    yield case("default_epsilon", RMSNorm(6), normal(4, 6, std=3e-4), dtypes=("float32", "float64"),
               because="without eps= the dtype's machine epsilon is added, which shows on squares as small")
    yield case("zero_rows", RMSNorm(3), values([[0.0, 0.0, 0.0], [-0.0, 0.0, 1e-30], [1.0, 2.0, -3.0]]),
               because="epsilon keeps zero from being divided by zero")
    yield case("one_element_axis", RMSNorm(1), normal(4, 1))
    yield case("empty_batch", RMSNorm(4), normal(0, 4))
    yield case("far_from_zero", RMSNorm(8), normal(3, 8, mean=100.0))
    yield case("many_magnitudes", RMSNorm(7), spread(3, 7))
    yield case("not_finite", RMSNorm(3),
               values([[1.0, float("nan"), 2.0], [float("inf"), 0.0, 1.0], [1.0, 2.0, 4.0]]),
               because="a finite element over an infinite mean square is zero, an infinite one NaN")
    yield case("squares_overflow", RMSNorm(3), values([[1e30, 1.0, -1e25], [2e19, 1e-3, 0.0]]),
               because="the squares overflow float32, and PyTorch lets them")
    yield case("spelled_out", SpelledOut(), normal(3, 6))
    yield case("dynamic_batch_and_sequence", RMSNorm(6), normal(2, 3, 6),
               dynamic={0: {0: "batch", 1: "sequence"}})
