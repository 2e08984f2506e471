"""lp_pool: the p-norm of each window, the root of a sum of powers."""
from torch import nn
from torch.nn import LPPool1d, LPPool2d, LPPool3d

from lockstep.cases import case, normal, positive, values


def cases():
    yield case("sequence", LPPool1d(2, 3), normal(2, 3, 10), dtypes=("float32", "float64"))
    yield case("sequence_stride", LPPool1d(2, 4, stride=3), normal(2, 2, 11))
    yield case("norm_one", LPPool1d(1, 3, stride=2), normal(2, 3, 9),
               because="norm one sums without taking magnitudes, and negative sums keep their sign")
    yield case("norm_three", LPPool1d(3, 2), positive(2, 3, 8))
    yield case("norm_three_signs", LPPool1d(3, 3, stride=1),
               values([[[1.0, 2.0, -0.5, 0.25, 1.5, -3.0, 0.5, 1.0]]]),
               because="odd powers keep signs, so terms cancel, and negative sums come out as zero or NaN")
    yield case("norm_half", LPPool2d(0.5, 2), positive(1, 2, 4, 5))
    yield case("norm_two_and_a_half", LPPool2d(2.5, (2, 3), stride=(1, 2)), positive(1, 2, 4, 7))
    yield case("ceil_mode", LPPool1d(2, 3, stride=2, ceil_mode=True), normal(2, 2, 8),
               because="PyTorch scales the last window's mean by the full window's size")
    yield case("image", LPPool2d(2, (3, 2), stride=(2, 1)), normal(2, 2, 7, 5),
               dtypes=("float32", "float64"))
    yield case("image_ceil_mode", LPPool2d(2, (2, 3), stride=(3, 2), ceil_mode=True), normal(1, 2, 6, 8))
    yield case("image_norm_one", LPPool2d(1, 2), normal(1, 2, 4, 5))
    yield case("volume", LPPool3d(2, (2, 1, 3), stride=(1, 2, 2)), normal(1, 2, 3, 4, 5))
    yield case("volume_ceil_mode", LPPool3d(4, 2, ceil_mode=True), normal(1, 2, 3, 4, 5))
    yield case("unbatched_sequence", LPPool1d(2, 3), normal(2, 7))
    yield case("unbatched_image", LPPool2d(2, (2, 3)), normal(2, 4, 6))
    yield case("padded_with_a_value", nn.Sequential(nn.ConstantPad2d((2, 0, 1, 0), 1.5), LPPool2d(2, 2)),
               normal(1, 2, 5, 4))
    yield case("zero_windows", LPPool1d(2, 2), values([[[0.0, -0.0, 1e-30, 1e-30, 3.0, -4.0]]]))
    yield case("not_finite", LPPool1d(2, 2),
               values([[[1.0, float("nan"), float("-inf"), 2.0, 1e30, 1.0, 3.0, 4.0]]]),
               because="the squares of 1e30 overflow float32, and PyTorch lets them")
    yield case("empty_batch", LPPool2d(2, 2), normal(0, 2, 4, 5))
    yield case("dynamic_batch", LPPool2d(2, (2, 3)), normal(2, 2, 5, 6), dynamic={0: {0: "batch"}})
