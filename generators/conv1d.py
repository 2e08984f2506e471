"""conv1d: a kernel slid along a sequence, its products summed per output channel."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv1d

from lockstep.cases import case, normal, values


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv1d(x, weight, bias, stride=2, padding=1)


def convolve_without_bias(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv1d(x, weight)


class TimeFirst(nn.Module):
    """A convolution over the middle axis, as sequence models have it."""

    def __init__(self):
        super().__init__()
        self.layer = Conv1d(4, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.transpose(1, 2)).transpose(1, 2)


def cases():
    yield case("plain", Conv1d(3, 5, 4), normal(2, 3, 11), dtypes=("float32", "float64"))
    yield case("no_bias", Conv1d(3, 4, 3, bias=False), normal(2, 3, 8))
    yield case("pointwise", Conv1d(4, 6, 1), normal(2, 4, 5))
    yield case("stride_padding_dilation", Conv1d(3, 4, 3, stride=3, padding=4, dilation=2), normal(2, 3, 13))
    yield case("padding_over_kernel", Conv1d(2, 3, 2, padding=3), normal(1, 2, 4),
               because="the first and last outputs see nothing but padding and are the bias")
    yield case("same_even_kernel", Conv1d(2, 3, 4, padding="same"), normal(2, 2, 7),
               because="an even kernel needs one more zero on the right than on the left")
    yield case("same_dilated", Conv1d(2, 3, 4, padding="same", dilation=3), normal(1, 2, 12))
    yield case("valid", Conv1d(2, 3, 3, padding="valid", stride=2), normal(2, 2, 9))
    yield case("grouped", Conv1d(6, 4, 3, groups=2), normal(2, 6, 7))
    yield case("depthwise", Conv1d(5, 5, 3, groups=5, padding=1), normal(2, 5, 9))
    yield case("depthwise_multiplied", Conv1d(3, 9, 3, groups=3, stride=2), normal(2, 3, 8))
    for mode in ("reflect", "replicate", "circular"):
        yield case(f"{mode}_padding", Conv1d(2, 3, 4, padding=3, padding_mode=mode), normal(2, 2, 6))
    yield case("reflect_padding_same", Conv1d(2, 3, 4, padding="same", padding_mode="reflect"),
               normal(1, 2, 6))
    yield case("causal", nn.Sequential(nn.ConstantPad1d((4, 0), 0.0), Conv1d(3, 4, 3, dilation=2)),
               normal(2, 3, 9),
               because="padding on the left alone keeps later steps out")
    yield case("padded_with_a_value", nn.Sequential(nn.ConstantPad1d((1, 2), 1.5), Conv1d(2, 3, 3)),
               normal(2, 2, 6))
    yield case("cropped", nn.Sequential(nn.ConstantPad1d((-1, -2), 0.0), Conv1d(2, 3, 2)), normal(2, 2, 8))
    yield case("unbatched", Conv1d(3, 4, 3, padding=1), normal(3, 7))
    yield case("one_output", Conv1d(2, 3, 5), normal(2, 2, 5))
    yield case("long_kernel", Conv1d(2, 3, 67, padding=30, stride=5), normal(1, 2, 80))
    yield case("empty_batch", Conv1d(2, 3, 3), normal(0, 2, 5))
    yield case("time_first", TimeFirst(), normal(2, 6, 4))
    yield case("tensor_weight", convolve, normal(2, 3, 8), normal(4, 3, 3), normal(4),
               dtypes=("float32", "int64", "int32"))
    yield case("not_finite", convolve_without_bias,
               values([[[1.0, 2.0, float("inf"), 0.5, 1.0, float("nan"), 3.0]]]), values([[[0.0, 1.0]]]),
               because="zero times infinity is NaN, so zero weights may not be skipped")
    yield case("two_layers", nn.Sequential(Conv1d(2, 4, 3, padding=1), nn.ReLU(), Conv1d(4, 3, 3, stride=2)),
               normal(2, 2, 9))
    yield case("dynamic_batch", Conv1d(3, 4, 3, stride=2, padding=2), normal(2, 3, 8),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_length", Conv1d(3, 4, 3, padding=1), normal(2, 3, 8), dynamic={0: {2: "length"}})
