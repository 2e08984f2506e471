"""inverted_residual_network: MobileNetV2's blocks, widened by 1x1 convolutions around a depthwise one."""
from torch import Tensor, nn

from lockstep.cases import case, normal


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1,
groups: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int = 1, expansion: int = 6):
        super().__init__()
        width = inputs * expansion
        widen = [convolution(inputs, width, kernel=1)] if expansion != 1 else []
        self.body = nn.Sequential(*widen, convolution(width, width, stride=stride, groups=width),
                                  nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.shortcut else self.body(x)


def network(width: int, classes: int = 5) -> nn.Sequential:
    return nn.Sequential(convolution(3, width, stride=2), InvertedResidual(width, width, expansion=1),
                         InvertedResidual(width, width + 2, stride=2), InvertedResidual(width + 2,
                         width + 2),
                         convolution(width + 2, 3 * width, kernel=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Dropout(0.2), nn.Linear(3 * width, classes))


def cases():
    yield case("block", InvertedResidual(4, 4, expansion=3), normal(1, 4, 5, 6),
               dtypes=("float32", "float64"))
    yield case("block_stride", InvertedResidual(3, 5, stride=2, expansion=2), normal(2, 3, 7, 6))
    yield case("block_wider", InvertedResidual(3, 6, expansion=4), normal(1, 3, 4, 5))
    yield case("block_not_widened", InvertedResidual(5, 5, expansion=1), normal(1, 5, 4, 4))
    yield case("block_clipped", InvertedResidual(3, 3, expansion=2), normal(1, 3, 4, 4, std=30.0),
               because="large inputs reach the upper bound of ReLU6")
    yield case("stem", convolution(3, 6, stride=2), normal(1, 3, 9, 8))
    yield case("network", network(4), normal(1, 3, 16, 14))
    yield case("network_wider", network(8), normal(1, 3, 20, 20))
    yield case("dynamic_batch", network(4), normal(2, 3, 12, 10), dynamic={0: {0: "batch"}}, smallest=1)
    yield case("dynamic_image", InvertedResidual(3, 3, expansion=2), normal(1, 3, 5, 4),
               dynamic={0: {2: "height", 3: "width"}})
