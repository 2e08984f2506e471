"""conv_transpose1d: every step of a sequence spreads its kernel over the output, and the spreads add up."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import ConvTranspose1d

from lockstep.cases import case, normal, values


def spread_out(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv_transpose1d(x, weight, bias, stride=3, padding=1, output_padding=2)


def spread_without_bias(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv_transpose1d(x, weight, stride=2)


class GivenSize(nn.Module):
    """The output's length is asked for, which settles the output padding."""

    def __init__(self):
        super().__init__()
        self.layer = ConvTranspose1d(2, 3, 3, stride=4)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x, output_size=[21])


def cases():
    yield case("plain", ConvTranspose1d(3, 4, 3), normal(2, 3, 5), dtypes=("float32", "float64"))
    yield case("no_bias", ConvTranspose1d(3, 4, 2, bias=False), normal(2, 3, 5))
    yield case("pointwise", ConvTranspose1d(4, 3, 1), normal(2, 4, 5))
    yield case("stride_padding_dilation", ConvTranspose1d(3, 2, 4, stride=3, padding=2, dilation=2),
               normal(2, 3, 6))
    yield case("output_padding", ConvTranspose1d(2, 3, 3, stride=3, padding=1, output_padding=2),
               normal(2, 2, 4))
    yield case("output_padding_within_dilation", ConvTranspose1d(2, 3, 2, dilation=3, output_padding=2),
               normal(1, 2, 4),
               because="the output padding may reach the dilation where that exceeds the stride")
    yield case("stride_over_kernel", ConvTranspose1d(2, 3, 2, stride=4), normal(2, 2, 4),
               because="between the spread kernels nothing falls but the bias")
    yield case("padding_over_kernel", ConvTranspose1d(2, 3, 2, padding=2), normal(2, 2, 7),
               because="the padding cuts off more than a kernel's overlap")
    yield case("grouped", ConvTranspose1d(6, 4, 3, groups=2, stride=2), normal(2, 6, 4))
    yield case("depthwise", ConvTranspose1d(5, 5, 4, groups=5, stride=2, padding=1, bias=False),
               normal(2, 5, 4))
    yield case("depthwise_multiplied", ConvTranspose1d(3, 6, 3, groups=3), normal(2, 3, 5))
    yield case("unbatched", ConvTranspose1d(3, 4, 3, stride=2), normal(3, 5))
    yield case("one_step", ConvTranspose1d(3, 4, 5), normal(2, 3, 1))
    yield case("empty_batch", ConvTranspose1d(2, 3, 3), normal(0, 2, 4))
    yield case("given_size", GivenSize(), normal(2, 2, 5))
    yield case("tensor_weight", spread_out, normal(2, 3, 4), normal(3, 2, 4), normal(2),
               dtypes=("float32", "int64"))
    yield case("not_finite", spread_without_bias,
               values([[[1.0, float("inf"), 0.5, 2.0, float("nan")]]]), values([[[1.0, 0.0, -1.0]]]),
               because="zero times infinity is NaN, so zero weights may not be skipped")
    yield case("there_and_back",
               nn.Sequential(nn.Conv1d(2, 4, 3, stride=2), ConvTranspose1d(4, 2, 3, stride=2)),
               normal(2, 2, 9))
    yield case("dynamic_batch", ConvTranspose1d(3, 4, 3, stride=2, padding=1), normal(2, 3, 5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_length", ConvTranspose1d(3, 4, 3, stride=2, padding=1, output_padding=1),
               normal(2, 3, 5), dynamic={0: {2: "length"}})
