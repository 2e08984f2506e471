"""batch_norm: every channel shifted by its mean and divided by its deviation, known or of the batch."""
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import BatchNorm1d, BatchNorm2d, BatchNorm3d

from lockstep.cases import case, normal, positive, values


class Normalise(nn.Module):
    """Channels normalised by given statistics, with a scale and a shift where they are given."""

    def __init__(self, eps: float = 1e-5):
        super().__init__()
        self.eps = eps

    def forward(self, x: Tensor, mean: Tensor, variance: Tensor, scale: Optional[Tensor] = None,
                shift: Optional[Tensor] = None) -> Tensor:
        return F.batch_norm(x, mean, variance, scale, shift, eps=self.eps)


def by_the_batch(x: Tensor, scale: Tensor) -> Tensor:
    return F.batch_norm(x, None, None, scale, None, training=True, eps=1e-3)


def written_statistics(x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> tuple[Tensor, ...]:
    mean, variance = mean.clone(), variance.clone()
    found = torch.ops.aten._native_batch_norm_legit.default(x, scale, shift, mean, variance, True, 0.25, 1e-3)
    kept = torch.ops.aten._native_batch_norm_legit.default(x, scale, shift, mean, variance, False, 0.25, 1e-3)
    updated = torch.ops.aten._batch_norm_with_update.default(x, scale, shift, mean, variance, 0.5, 1e-3)
    return *found, kept[0], *updated[:3], mean, variance


def cases():
    yield case("written_statistics", written_statistics, normal(4, 3, 5), normal(3), normal(3), normal(3), positive(3),
               dtypes=("float32", "float16"))
    yield case("matrix", BatchNorm1d(5), normal(4, 5), dtypes=("float32", "float64"))
    yield case("sequence", BatchNorm1d(3), normal(2, 3, 7))
    yield case("image", BatchNorm2d(3), normal(2, 3, 4, 5))
    yield case("volume", BatchNorm3d(2), normal(2, 2, 3, 2, 4))
    yield case("no_affine", BatchNorm2d(3, affine=False), normal(2, 3, 2, 4))
    yield case("large_epsilon", BatchNorm2d(3, eps=0.5), normal(2, 3, 4, 3))
    yield case("one_pixel", BatchNorm2d(4), normal(1, 4, 1, 1))
    yield case("empty_batch", BatchNorm2d(3), normal(0, 3, 4, 5))
    yield case("given_statistics", Normalise(), normal(2, 3, 4), normal(3), positive(3), normal(3),
               normal(3), dtypes=("float32", "float64"))
    yield case("scale_without_shift", Normalise(), normal(2, 3, 4), normal(3), positive(3), normal(3))
    yield case("tiny_variance", Normalise(), normal(2, 4, 5, std=1e-3), normal(4, std=1e-3),
               positive(4, low=1e-7, high=2e-5), normal(4), normal(4),
               because="the variance is of epsilon's size, so a forgotten epsilon shows")
    yield case("zero_variance", Normalise(eps=1e-3), normal(2, 3, 4), normal(3), values([0.0, 1e-3, 0.5]))
    yield case("not_finite", Normalise(),
               values([[1.0, float("nan")], [float("inf"), -1.0], [0.5, float("-inf")]]),
               values([0.5, float("inf")]), values([float("inf"), 2.0]), values([2.0, -1.0]),
               values([0.0, 0.25]),
               because="an infinite variance makes finite inputs the shift and infinite inputs NaN")
    yield case("batch_statistics", BatchNorm1d(3, track_running_stats=False), normal(4, 3, 5, mean=2.0),
               dtypes=("float32", "float64"))
    yield case("batch_statistics_matrix", BatchNorm1d(3, track_running_stats=False), normal(6, 3))
    yield case("batch_statistics_image", BatchNorm2d(3, track_running_stats=False, affine=False),
               normal(2, 3, 4, 3, std=3.0))
    yield case("batch_statistics_volume", BatchNorm3d(2, track_running_stats=False), normal(2, 2, 2, 3, 2))
    yield case("batch_statistics_tiny_variance", BatchNorm2d(3, track_running_stats=False),
               normal(2, 3, 3, 4, std=1e-3), because="the variance is below epsilon")
    yield case("batch_statistics_far_from_zero", BatchNorm1d(3, track_running_stats=False),
               normal(3, 3, 8, mean=100.0),
               because="a variance taken as mean of squares less square of mean loses its digits here")
    yield case("batch_statistics_without_shift", by_the_batch, normal(3, 4, 2), normal(4))
    yield case("after_convolution", nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), BatchNorm2d(4), nn.ReLU()),
               normal(2, 2, 5, 4),
               because="a known scale and shift may be folded into the convolution's weights")
    yield case("after_linear", nn.Sequential(nn.Linear(4, 6), BatchNorm1d(6, eps=1e-2)), normal(3, 4))
    yield case("dynamic_batch", BatchNorm2d(3), normal(2, 3, 4, 3), dynamic={0: {0: "batch"}})
    yield case("dynamic_image", BatchNorm2d(3), normal(2, 3, 4, 5), dynamic={0: {2: "height", 3: "width"}})
    yield case("dynamic_batch_statistics", BatchNorm2d(3, track_running_stats=False), normal(2, 3, 4, 3),
               dynamic={0: {0: "batch"}})
