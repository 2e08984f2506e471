"""avg_pool1d: the mean of each window along a sequence."""
from torch import nn
from torch.nn import AvgPool1d

from lockstep.cases import case, normal, spread, values


def cases():
    yield case("plain", AvgPool1d(3), normal(2, 3, 10), dtypes=("float32", "float64", "int64"))
    yield case("stride_and_padding", AvgPool1d(4, stride=3, padding=2), normal(2, 3, 10),
               dtypes=("float32", "int64"),
               because="the zeros of the padding count in the divisor by default")
    yield case("padding_not_counted", AvgPool1d(4, stride=3, padding=2, count_include_pad=False),
               normal(2, 3, 10))
    yield case("overlapping", AvgPool1d(3, stride=1, padding=1), normal(2, 2, 6))
    yield case("gaps", AvgPool1d(2, stride=4), normal(2, 2, 11))
    yield case("ceil_mode", AvgPool1d(3, stride=2, ceil_mode=True), normal(2, 2, 8),
               because="what reaches over the end never counts in the divisor")
    yield case("ceil_mode_padded", AvgPool1d(4, stride=3, padding=1, ceil_mode=True), normal(2, 2, 9),
               because="the last window's divisor stops at the end of the padding")
    yield case("ceil_mode_not_counted",
               AvgPool1d(4, stride=3, padding=1, ceil_mode=True, count_include_pad=False), normal(2, 2, 9))
    yield case("ceil_mode_drops_window", AvgPool1d(2, stride=3, padding=1, ceil_mode=True), normal(2, 2, 5),
               because="a window that would start in the padding behind the end is left out")
    yield case("padded_with_a_value", nn.Sequential(nn.ConstantPad1d((2, 1), 1.5), AvgPool1d(3, stride=2)),
               normal(2, 2, 7), because="asymmetric padding is a node of its own and counts as input")
    yield case("not_finite", AvgPool1d(2),
               values([[[1.0, float("nan"), float("inf"), 2.0, float("-inf"), float("inf"), 3e38, 3e38]]]),
               because="the sum overflows before it is divided")
    yield case("cancelling_terms", AvgPool1d(5, stride=2), spread(2, 2, 15))
    yield case("unbatched", AvgPool1d(3, stride=2), normal(3, 8))
    yield case("whole_length", AvgPool1d(6), normal(2, 3, 6))
    yield case("size_one", AvgPool1d(1), normal(2, 3, 4))
    yield case("empty_batch", AvgPool1d(2), normal(0, 3, 4))
    yield case("dynamic_batch", AvgPool1d(3, stride=2, padding=1), normal(2, 3, 8),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_length", AvgPool1d(3, stride=1, padding=1), normal(2, 3, 8),
               dynamic={0: {2: "length"}})
