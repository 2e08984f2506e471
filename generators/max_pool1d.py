"""max_pool1d: the largest element of each window along a sequence."""
from torch import nn
from torch.nn import MaxPool1d

from lockstep.cases import case, normal, special, uniform, values


def cases():
    yield case("plain", MaxPool1d(3), normal(2, 3, 10), dtypes=("float32", "float64"))
    yield case("stride_padding_dilation", MaxPool1d(4, stride=3, padding=2, dilation=2), normal(2, 3, 13))
    yield case("overlapping", MaxPool1d(3, stride=1), normal(2, 2, 6))
    yield case("gaps", MaxPool1d(2, stride=4), normal(2, 2, 11))
    yield case("all_negative", MaxPool1d(3, stride=2, padding=1), uniform(2, 3, 7, low=-5.0, high=-1.0),
               because="padding counts as minus infinity, not as zero")
    yield case("ceil_mode", MaxPool1d(3, stride=2, ceil_mode=True), normal(2, 2, 8),
               because="the last window reaches over the end")
    yield case("ceil_mode_drops_window", MaxPool1d(2, stride=3, padding=1, ceil_mode=True), normal(2, 2, 5),
               because="a window that would start in the padding behind the end is left out")
    yield case("indices", MaxPool1d(3, stride=2, return_indices=True), normal(2, 3, 9),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("indices_padded_dilated", MaxPool1d(2, stride=1, padding=1, dilation=3, return_indices=True),
               normal(2, 2, 7))
    yield case("indices_of_ties", MaxPool1d(3, stride=2, padding=1, return_indices=True),
               values([[[1.0, 1.0, 2.0, 2.0, 0.0, -0.0, 0.0, 0.0]]]),
               because="of equal elements the first one wins")
    yield case("not_finite", MaxPool1d(2, return_indices=True),
               values([[[1.0, float("nan"), float("inf"), 2.0, float("-inf"), float("-inf"), float("nan"),
                         float("inf"), float("nan"), float("nan")]]]),
               because="NaN wins over everything, and a window of minus infinities has an index too")
    yield case("special_values", MaxPool1d(3, stride=1, padding=1), special(1, 1, 25))
    yield case("padded_with_infinity",
               nn.Sequential(nn.ConstantPad1d((2, 1), float("-inf")), MaxPool1d(3, stride=2)),
               uniform(2, 2, 6, low=-3.0, high=-1.0),
               because="asymmetric padding is a node of its own")
    yield case("padded_with_zero", nn.Sequential(nn.ConstantPad1d((0, 3), 0.0), MaxPool1d(2)),
               uniform(2, 2, 6, low=-3.0, high=-1.0))
    yield case("unbatched", MaxPool1d(3, stride=2), normal(3, 8))
    yield case("unbatched_indices", MaxPool1d(3, stride=2, return_indices=True), normal(3, 8))
    yield case("whole_length", MaxPool1d(6), normal(2, 3, 6))
    yield case("size_one", MaxPool1d(1), normal(2, 3, 4))
    yield case("empty_batch", MaxPool1d(2), normal(0, 3, 4))
    yield case("dynamic_batch", MaxPool1d(3, stride=2, padding=1), normal(2, 3, 8),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_and_channels", MaxPool1d(3, stride=2), normal(2, 3, 8),
               dynamic={0: {0: "batch", 1: "channels"}})
