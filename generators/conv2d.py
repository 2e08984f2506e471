"""conv2d: a kernel slid over rows and columns of an image, its products summed per output channel."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv2d

from lockstep.cases import case, normal, values


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv2d(x, weight, bias, stride=(2, 1), padding=(1, 0))


def convolve_without_bias(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight)


def padded_on_three_sides(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(F.pad(x, (2, 0, 1, 3), value=-0.75), weight, stride=(1, 2))


class ChannelsLast(nn.Module):
    """An image with its channels as the last axis."""

    def __init__(self):
        super().__init__()
        self.layer = Conv2d(3, 4, (3, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def cases():
    yield case("plain", Conv2d(3, 4, (3, 2)), normal(2, 3, 6, 5), dtypes=("float32", "float64"))
    yield case("no_bias", Conv2d(3, 4, 3, bias=False), normal(2, 3, 5, 7))
    yield case("pointwise", Conv2d(5, 7, 1), normal(2, 5, 3, 4))
    yield case("pointwise_strided_padded", Conv2d(3, 4, 1, stride=(2, 3), padding=(0, 1)),
               normal(2, 3, 5, 7),
               because="a 1x1 kernel is not always a plain matrix product")
    yield case("stride_padding_dilation",
               Conv2d(3, 4, (3, 2), stride=(2, 3), padding=(1, 4), dilation=(1, 3)), normal(2, 3, 8, 9))
    yield case("padding_over_kernel", Conv2d(2, 3, 2, padding=(3, 2)), normal(1, 2, 3, 4),
               because="the outermost outputs see nothing but padding and are the bias")
    yield case("same_even_kernel", Conv2d(2, 3, (4, 3), padding="same", dilation=(1, 2)), normal(2, 2, 6, 7),
               because="an even kernel needs one more zero below than above")
    yield case("valid", Conv2d(2, 3, 3, padding="valid", stride=(1, 2)), normal(2, 2, 5, 8))
    yield case("grouped", Conv2d(6, 4, (2, 3), groups=2, padding=(0, 1)), normal(2, 6, 5, 4))
    yield case("depthwise", Conv2d(5, 5, 3, groups=5, padding=1, stride=2), normal(2, 5, 7, 6))
    yield case("depthwise_multiplied", Conv2d(3, 6, (2, 3), groups=3, dilation=(2, 1)), normal(2, 3, 6, 5))
    yield case("depthwise_then_pointwise",
               nn.Sequential(Conv2d(4, 4, 3, groups=4, padding=1, bias=False), nn.ReLU6(), Conv2d(4, 6, 1)),
               normal(2, 4, 5, 6))
    for mode in ("reflect", "replicate", "circular"):
        yield case(f"{mode}_padding", Conv2d(2, 3, (3, 4), padding=(1, 3), padding_mode=mode),
                   normal(2, 2, 5, 6))
    yield case("circular_padding_same", Conv2d(2, 3, (4, 3), padding="same", padding_mode="circular"),
               normal(1, 2, 5, 4))
    yield case("padded_on_three_sides", padded_on_three_sides, normal(2, 2, 5, 4), normal(3, 2, 3, 2))
    yield case("zeros_below_and_right", nn.Sequential(nn.ZeroPad2d((0, 1, 0, 2)), Conv2d(2, 3, 3, stride=2)),
               normal(2, 2, 6, 7),
               because="models from TensorFlow pad strided convolutions at the end alone")
    yield case("cropped", nn.Sequential(nn.ZeroPad2d((-1, 0, 2, -1)), Conv2d(2, 3, 2)), normal(2, 2, 5, 6))
    yield case("unbatched", Conv2d(3, 4, (2, 3), padding=1), normal(3, 5, 6))
    yield case("one_output", Conv2d(3, 4, (4, 5)), normal(2, 3, 4, 5))
    yield case("one_pixel", Conv2d(3, 4, 3, padding=1), normal(2, 3, 1, 1))
    yield case("square_kernel_wide_image", Conv2d(4, 9, 3, padding=1), normal(1, 4, 11, 19),
               because="three by three without stride is where Winograd's and blocked kernels are taken")
    yield case("many_channels", Conv2d(67, 17, 3), normal(1, 67, 4, 5))
    yield case("empty_batch", Conv2d(2, 3, 3), normal(0, 2, 5, 4))
    yield case("channels_last", ChannelsLast(), normal(2, 5, 4, 3))
    yield case("tensor_weight", convolve, normal(2, 3, 5, 6), normal(4, 3, 2, 3), normal(4),
               dtypes=("float32", "int64", "int32"))
    yield case("not_finite", convolve_without_bias,
               values([[[[1.0, 2.0, 0.5], [float("inf"), 0.0, -1.0], [1.0, 1.0, float("nan")]]]]),
               values([[[[0.0, 1.0], [1.0, -1.0]]]]),
               because="zero times infinity is NaN, so zero weights may not be skipped")
    yield case("two_layers",
               nn.Sequential(Conv2d(2, 4, 3, padding=1), nn.ReLU(), Conv2d(4, 3, (2, 3), stride=2)),
               normal(2, 2, 6, 7))
    yield case("dynamic_batch", Conv2d(3, 4, (3, 2), stride=2, padding=1), normal(2, 3, 5, 6),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_image", Conv2d(3, 4, 3, padding=1), normal(2, 3, 4, 5),
               dynamic={0: {0: "batch", 2: "height", 3: "width"}})
