"""conv_transpose2d: every pixel spreads its kernel over the output image, and the spreads add up."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import ConvTranspose2d

from lockstep.cases import case, normal, values


def spread_out(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv_transpose2d(x, weight, bias, stride=(2, 3), padding=(1, 0), output_padding=(0, 2))


def spread_without_bias(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv_transpose2d(x, weight)


class GivenSize(nn.Module):
    """The output's height and width are asked for, which settles the output padding."""

    def __init__(self):
        super().__init__()
        self.layer = ConvTranspose2d(2, 3, 3, stride=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x, output_size=[8, 14])


def cases():
    yield case("plain", ConvTranspose2d(3, 4, (3, 2)), normal(2, 3, 4, 5), dtypes=("float32", "float64"))
    yield case("no_bias", ConvTranspose2d(3, 4, 3, bias=False), normal(2, 3, 3, 4))
    yield case("pointwise", ConvTranspose2d(4, 3, 1), normal(2, 4, 3, 5))
    yield case("upsample_by_two", ConvTranspose2d(4, 3, 2, stride=2), normal(2, 4, 3, 5),
               because="kernel equal to stride leaves no overlap, as in U-Net")
    yield case("stride_padding_dilation",
               ConvTranspose2d(3, 2, (3, 2), stride=(2, 3), padding=(1, 2), dilation=(1, 4)),
               normal(2, 3, 4, 3))
    yield case("output_padding",
               ConvTranspose2d(2, 3, 3, stride=(2, 3), padding=(0, 1), output_padding=(1, 2)),
               normal(2, 2, 3, 4))
    yield case("stride_over_kernel", ConvTranspose2d(2, 3, 2, stride=(3, 4)), normal(2, 2, 3, 2),
               because="between the spread kernels nothing falls but the bias")
    yield case("padding_over_kernel", ConvTranspose2d(2, 3, 2, padding=(2, 1)), normal(1, 2, 6, 4))
    yield case("grouped", ConvTranspose2d(6, 4, (2, 3), groups=2, stride=(1, 2)), normal(2, 6, 3, 4))
    yield case("depthwise", ConvTranspose2d(4, 4, 4, groups=4, stride=2, padding=1, bias=False),
               normal(2, 4, 3, 4))
    yield case("depthwise_multiplied", ConvTranspose2d(3, 6, (3, 2), groups=3), normal(2, 3, 3, 4))
    yield case("unbatched", ConvTranspose2d(3, 4, (2, 3), stride=2), normal(3, 4, 3))
    yield case("one_pixel", ConvTranspose2d(5, 3, (3, 4)), normal(2, 5, 1, 1),
               because="a generator's first layer unfolds one pixel into an image")
    yield case("empty_batch", ConvTranspose2d(2, 3, 3), normal(0, 2, 3, 4))
    yield case("given_size", GivenSize(), normal(2, 2, 3, 4))
    yield case("tensor_weight", spread_out, normal(2, 3, 3, 4), normal(3, 2, 3, 4), normal(2),
               dtypes=("float32", "int64"))
    yield case("not_finite", spread_without_bias,
               values([[[[1.0, 0.0, 2.0, 0.5], [float("inf"), -1.0, 1.0, float("nan")]]]]),
               values([[[[1.0, 0.0], [2.0, -1.0]]]]),
               because="zero times infinity is NaN, so zero weights may not be skipped")
    yield case("there_and_back",
               nn.Sequential(nn.Conv2d(2, 4, 3, stride=2), nn.ReLU(), ConvTranspose2d(4, 2, 3, stride=2)),
               normal(2, 2, 5, 7))
    yield case("dynamic_batch", ConvTranspose2d(3, 4, (3, 2), stride=2, padding=1), normal(2, 3, 4, 5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_image", ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1),
               normal(2, 3, 2, 3), dynamic={0: {0: "batch", 2: "height", 3: "width"}}, smallest=1)
