"""instance_norm: every channel of each sample shifted by its mean and divided by its deviation."""
import torch.nn.functional as F
from torch import Tensor
from torch.nn import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d

from lockstep.cases import case, normal, positive, values


def by_given_statistics(x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.instance_norm(x, mean, variance, scale, shift, use_input_stats=False, eps=1e-3)


def cases():
    yield case("sequence", InstanceNorm1d(3), normal(2, 3, 7), dtypes=("float32", "float64"))
    yield case("image", InstanceNorm2d(3), normal(2, 3, 4, 5))
    yield case("volume", InstanceNorm3d(2), normal(2, 2, 3, 2, 4))
    yield case("affine", InstanceNorm1d(3, affine=True), normal(2, 3, 6), dtypes=("float32", "float64"))
    yield case("affine_image", InstanceNorm2d(3, affine=True), normal(2, 3, 3, 4))
    yield case("affine_volume", InstanceNorm3d(2, affine=True), normal(2, 2, 2, 3, 2))
    yield case("tracked", InstanceNorm1d(3, track_running_stats=True), normal(2, 3, 5),
               because="outside training the statistics that were tracked are used, not the sample's")
    yield case("tracked_affine", InstanceNorm2d(3, affine=True, track_running_stats=True),
               normal(2, 3, 4, 3))
    yield case("tracked_volume", InstanceNorm3d(2, affine=True, track_running_stats=True),
               normal(2, 2, 2, 3, 2))
    yield case("given_statistics", by_given_statistics, normal(2, 3, 4), normal(3),
               positive(3, low=1e-4, high=1e-2), normal(3), normal(3))
    yield case("large_epsilon", InstanceNorm2d(3, eps=0.5), normal(2, 3, 4, 3))
    yield case("tiny_variance", InstanceNorm2d(3, affine=True), normal(2, 3, 4, 3, std=1e-3),
               because="the variance is below epsilon, so a forgotten epsilon shows")
    yield case("far_from_zero", InstanceNorm1d(3, affine=True), normal(2, 3, 9, mean=100.0),
               because="a variance taken as mean of squares less square of mean loses its digits here")
    yield case("constant_channel", InstanceNorm1d(2, affine=True),
               values([[[2.5, 2.5, 2.5], [1.0, 2.0, 4.0]]]),
               because="without deviation the shift alone remains")
    yield case("not_finite", InstanceNorm1d(3),
               values([[[1.0, float("nan")], [float("inf"), 0.0], [1.0, 2.0]]]),
               because="a channel that is not finite is NaN throughout, its neighbours are untouched")
    yield case("unbatched_sequence", InstanceNorm1d(3, affine=True), normal(3, 6))
    yield case("unbatched_image", InstanceNorm2d(3), normal(3, 4, 5))
    yield case("dynamic_batch", InstanceNorm2d(3, affine=True), normal(2, 3, 4, 3),
               dynamic={0: {0: "batch"}})
