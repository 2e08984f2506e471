"""max_pool2d: the largest element of each window of an image."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import MaxPool2d

from lockstep.cases import case, normal, special, uniform, values


def padded_on_three_sides(x: Tensor) -> Tensor:
    return F.max_pool2d(F.pad(x, (1, 0, 2, 1), value=float("-inf")), (3, 2), stride=(2, 1))


def cases():
    yield case("plain", MaxPool2d((3, 2)), normal(2, 3, 7, 6),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("stride_padding_dilation", MaxPool2d((2, 4), stride=(3, 1), padding=(0, 2), dilation=(3, 2)),
               normal(2, 2, 9, 8))
    yield case("overlapping", MaxPool2d(3, stride=1), normal(1, 2, 5, 6))
    yield case("gaps", MaxPool2d(2, stride=(3, 4)), normal(1, 2, 8, 11))
    yield case("all_negative", MaxPool2d(3, stride=2, padding=1), uniform(2, 2, 6, 5, low=-5.0, high=-1.0),
               dtypes=("float32", "int64"), because="padding counts as minus infinity, not as zero")
    yield case("ceil_mode", MaxPool2d(3, stride=2, ceil_mode=True), normal(1, 2, 6, 8),
               because="the last windows reach over the edges")
    yield case("ceil_mode_drops_window", MaxPool2d(2, stride=3, padding=1, ceil_mode=True),
               normal(1, 2, 5, 6),
               because="a window that would start in the padding below the image is left out")
    yield case("ceil_mode_dilated", MaxPool2d((2, 3), stride=2, dilation=2, padding=(0, 1), ceil_mode=True),
               normal(1, 2, 8, 7))
    yield case("indices", MaxPool2d((3, 2), stride=(2, 1), return_indices=True), normal(2, 2, 6, 5),
               dtypes=("float32", "int64"), because="indices count through the unpadded image, row by row")
    yield case("indices_padded_dilated",
               MaxPool2d((2, 3), stride=1, padding=1, dilation=(2, 1), return_indices=True),
               normal(1, 2, 5, 6))
    yield case("indices_ceil_mode", MaxPool2d(3, stride=2, padding=1, ceil_mode=True, return_indices=True),
               normal(1, 2, 6, 5))
    yield case("indices_of_ties", MaxPool2d(2, stride=1, padding=1, return_indices=True),
               values([[[[1.0, 1.0, 2.0], [1.0, 2.0, 2.0], [0.0, -0.0, 0.0]]]]),
               because="of equal elements the first one wins")
    yield case("not_finite", MaxPool2d(2, return_indices=True),
               values([[[[1.0, float("nan"), float("-inf"), float("-inf"), float("nan"), float("nan")],
                         [2.0, float("inf"), float("-inf"), float("-inf"), float("inf"), 1.0]]]]),
               because="NaN wins over everything, and a window of minus infinities has an index too")
    yield case("special_values", MaxPool2d(2, stride=1, padding=1), special(1, 1, 5, 5))
    yield case("padded_on_three_sides", padded_on_three_sides, uniform(1, 2, 5, 6, low=-3.0, high=-1.0))
    yield case("padded_with_a_value", nn.Sequential(nn.ConstantPad2d((0, 2, 1, 0), -2.0), MaxPool2d(2)),
               uniform(1, 2, 5, 6, low=-3.0, high=-1.0))
    yield case("unbatched", MaxPool2d((2, 3)), normal(3, 5, 6))
    yield case("unbatched_indices", MaxPool2d((2, 3), return_indices=True), normal(3, 5, 6))
    yield case("whole_image", MaxPool2d((4, 5)), normal(2, 3, 4, 5))
    yield case("empty_batch", MaxPool2d(2), normal(0, 3, 4, 5))
    yield case("after_convolution", nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), MaxPool2d(2)),
               normal(2, 2, 6, 5))
    yield case("dynamic_batch", MaxPool2d(3, stride=2, padding=1), normal(2, 3, 5, 6),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_image", MaxPool2d(3, stride=1, padding=1), normal(1, 2, 5, 6),
               dynamic={0: {2: "height", 3: "width"}})
