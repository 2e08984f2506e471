"""avg_pool3d: the mean of each window of a volume."""
import torch.nn.functional as F
from torch import Tensor
from torch.nn import AvgPool3d

from lockstep.cases import case, normal, values


def padded_on_five_sides(x: Tensor) -> Tensor:
    return F.avg_pool3d(F.pad(x, (1, 0, 2, 1, 1, 2), value=-0.5), (2, 3, 2), stride=(2, 1, 3))


def cases():
    yield case("plain", AvgPool3d((2, 3, 1)), normal(2, 2, 4, 6, 3), dtypes=("float32", "float64", "int64"))
    yield case("stride_and_padding", AvgPool3d((2, 3, 4), stride=(1, 3, 2), padding=(1, 0, 2)),
               normal(1, 2, 3, 7, 5), because="the zeros of the padding count in the divisor by default")
    yield case("padding_not_counted",
               AvgPool3d((2, 3, 4), stride=(1, 3, 2), padding=(1, 0, 2), count_include_pad=False),
               normal(1, 2, 3, 7, 5))
    yield case("overlapping", AvgPool3d(3, stride=1, padding=1), normal(1, 2, 3, 3, 4))
    yield case("divisor_override",
               AvgPool3d((2, 1, 3), stride=(1, 2, 2), padding=(1, 0, 1), divisor_override=5),
               normal(1, 2, 3, 4, 5))
    yield case("ceil_mode", AvgPool3d((2, 3, 2), stride=2, ceil_mode=True), normal(1, 2, 3, 6, 5),
               because="what reaches over the edges never counts in the divisor")
    yield case("ceil_mode_padded", AvgPool3d((4, 3, 2), stride=3, padding=1, ceil_mode=True),
               normal(1, 2, 6, 6, 4),
               because="the last windows' divisors stop at the end of the padding")
    yield case("ceil_mode_not_counted",
               AvgPool3d((4, 3, 2), stride=3, padding=1, ceil_mode=True, count_include_pad=False),
               normal(1, 2, 6, 6, 4))
    yield case("ceil_mode_drops_window", AvgPool3d(2, stride=3, padding=1, ceil_mode=True),
               normal(1, 1, 5, 6, 5))
    yield case("padded_on_five_sides", padded_on_five_sides, normal(1, 2, 3, 4, 5))
    yield case("not_finite", AvgPool3d((1, 1, 2)),
               values([[[[[1.0, float("nan")], [float("-inf"), float("inf")]], [[3e38, 3e38], [4.0, 2]]]]]),
               because="the sum overflows before it is divided")
    yield case("unbatched", AvgPool3d((1, 2, 3)), normal(2, 3, 4, 6))
    yield case("whole_volume", AvgPool3d((2, 3, 4)), normal(2, 2, 2, 3, 4))
    yield case("empty_batch", AvgPool3d(2), normal(0, 2, 3, 4, 5))
    yield case("dynamic_batch", AvgPool3d(2, padding=1), normal(2, 2, 3, 4, 3), dynamic={0: {0: "batch"}})
    yield case("dynamic_depth", AvgPool3d((1, 3, 2), stride=(1, 2, 1)), normal(1, 2, 2, 5, 4),
               dynamic={0: {2: "depth"}})
