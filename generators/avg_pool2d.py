"""avg_pool2d: the mean of each window of an image."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import AvgPool2d

from lockstep.cases import case, normal, spread, values


def padded_on_three_sides(x: Tensor) -> Tensor:
    return F.avg_pool2d(F.pad(x, (1, 0, 2, 1), value=0.75), (3, 2), stride=(2, 1))


def cases():
    yield case("plain", AvgPool2d((3, 2)), normal(2, 3, 7, 6), dtypes=("float32", "float64", "int64"))
    yield case("stride_and_padding", AvgPool2d((2, 5), stride=(3, 2), padding=(1, 2)), normal(2, 2, 7, 6),
               dtypes=("float32", "int64"),
               because="the zeros of the padding count in the divisor by default")
    yield case("padding_not_counted",
               AvgPool2d((2, 5), stride=(3, 2), padding=(1, 2), count_include_pad=False), normal(2, 2, 7, 6))
    yield case("overlapping", AvgPool2d(3, stride=1, padding=1), normal(1, 2, 4, 5))
    yield case("gaps", AvgPool2d(2, stride=(3, 4)), normal(1, 2, 8, 11))
    yield case("divisor_override", AvgPool2d((2, 3), stride=(1, 2), padding=(0, 1), divisor_override=5),
               normal(1, 2, 4, 7), dtypes=("float32", "int64"))
    yield case("divisor_override_ceil_mode",
               AvgPool2d(3, stride=2, ceil_mode=True, count_include_pad=False, divisor_override=4),
               normal(1, 2, 6, 8))
    yield case("ceil_mode", AvgPool2d(3, stride=2, ceil_mode=True), normal(1, 2, 6, 8),
               because="what reaches over the edges never counts in the divisor")
    yield case("ceil_mode_padded", AvgPool2d((4, 3), stride=3, padding=1, ceil_mode=True),
               normal(1, 2, 9, 6),
               because="the last windows' divisors stop at the end of the padding")
    yield case("ceil_mode_not_counted",
               AvgPool2d((4, 3), stride=3, padding=1, ceil_mode=True, count_include_pad=False),
               normal(1, 2, 9, 6))
    yield case("ceil_mode_drops_window", AvgPool2d(2, stride=3, padding=1, ceil_mode=True),
               normal(1, 2, 5, 6),
               because="a window that would start in the padding below the image is left out")
    yield case("padded_on_three_sides", padded_on_three_sides, normal(1, 2, 5, 6))
    yield case("zeros_below_and_right", nn.Sequential(nn.ZeroPad2d((0, 1, 0, 2)), AvgPool2d(3, stride=2)),
               normal(1, 2, 6, 7))
    yield case("not_finite", AvgPool2d((1, 2)),
               values([[[[1.0, float("nan"), float("inf"), 2.0], [float("-inf"), float("inf"), 3e38, 3e38],
                         [1.0, 2.0, -0.0, -0.0]]]]), because="the sum overflows before it is divided")
    yield case("cancelling_terms", AvgPool2d(3, stride=2), spread(1, 2, 7, 9))
    yield case("unbatched", AvgPool2d((2, 3)), normal(3, 5, 6))
    yield case("whole_image", AvgPool2d((4, 5)), normal(2, 3, 4, 5))
    yield case("empty_batch", AvgPool2d(2), normal(0, 3, 4, 5))
    yield case("dynamic_batch", AvgPool2d(3, stride=2, padding=1), normal(2, 3, 5, 6),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_image", AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
               normal(1, 2, 5, 6), dynamic={0: {2: "height", 3: "width"}})
