"""depthwise_separable: a convolution of each channel for itself, then a 1x1 convolution that mixes them."""
from torch import Tensor, nn

from lockstep.cases import case, normal


class Separable(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, multiplier: int = 1,
                 dilation: int = 1):
        super().__init__()
        padding = dilation * (kernel // 2)
        self.depthwise = nn.Conv2d(inputs, inputs * multiplier, kernel, stride, padding, dilation,
        groups=inputs)
        self.pointwise = nn.Conv2d(inputs * multiplier, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


def mobile_block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """MobileNetV1's block."""
    return nn.Sequential(nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
    nn.BatchNorm2d(inputs),
                         nn.ReLU(), nn.Conv2d(inputs, outputs, 1,
                         bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class ConvNextBlock(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.up = nn.Linear(width, 4 * width)
        self.bend = nn.GELU()
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + self.down(self.bend(self.up(y))).permute(0, 3, 1, 2)


def cases():
    yield case("plain", Separable(4, 6), normal(2, 4, 5, 6), dtypes=("float32", "float64"))
    yield case("stride", Separable(3, 5, stride=2), normal(1, 3, 7, 6))
    yield case("large_kernel", Separable(2, 3, kernel=7), normal(1, 2, 5, 9),
               because="the kernel is larger than the image")
    yield case("dilation", Separable(3, 4, dilation=2), normal(1, 3, 7, 6))
    yield case("multiplier", Separable(3, 4, multiplier=2), normal(1, 3, 5, 4),
               because="each channel has two kernels of its own")
    yield case("many_channels", Separable(19, 33), normal(1, 19, 4, 5))
    yield case("mobile_blocks",
               nn.Sequential(mobile_block(3, 6, 1), mobile_block(6, 8, 2), mobile_block(8, 8, 1)),
               normal(1, 3, 8, 6))
    yield case("signal",
               nn.Sequential(nn.Conv1d(4, 4, 5, padding=2, groups=4), nn.Conv1d(4, 6, 1), nn.SiLU()),
               normal(2, 4, 9))
    yield case("convnext_block", ConvNextBlock(4), normal(1, 4, 6, 5))
    yield case("dynamic_batch", mobile_block(3, 5, 2), normal(2, 3, 6, 5), dynamic={0: {0: "batch"}}, smallest=1)
    yield case("dynamic_image", Separable(3, 4), normal(1, 3, 5, 4), dynamic={0: {2: "height", 3: "width"}})
