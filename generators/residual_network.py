"""residual_network: a small ResNet, blocks of convolutions whose input is added to their result."""
from typing import Optional, Sequence

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class BasicBlock(nn.Module):
    """Two 3x3 convolutions; the shortcut is a 1x1 convolution where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: Optional[nn.Module] = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
            nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, the middle one narrower."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        middle = outputs // 4
        self.body = nn.Sequential(nn.Conv2d(inputs, middle, 1, bias=False), nn.BatchNorm2d(middle),
        nn.ReLU(),
                                  nn.Conv2d(middle, middle, 3, stride, 1,
                                  bias=False), nn.BatchNorm2d(middle), nn.ReLU(),
                                  nn.Conv2d(middle, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
        nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class PreActivation(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def network(widths: Sequence[int], block: type = BasicBlock, classes: int = 5) -> nn.Sequential:
    """A stem with pooling, one block a width (each but the first halves the image), and a linear head."""
    blocks = [block(inputs, outputs, 1 if number == 0 else 2)
              for number, (inputs, outputs) in enumerate(zip([widths[0], *widths], widths))]
    return nn.Sequential(nn.Conv2d(3, widths[0], 7, 2, 3, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(),
                         nn.MaxPool2d(3, 2, 1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(widths[-1], classes))


def cases():
    yield case("basic_block", BasicBlock(4, 4), normal(2, 4, 5, 6), dtypes=("float32", "float64"))
    yield case("basic_block_downsample", BasicBlock(4, 6, 2), normal(1, 4, 7, 6))
    yield case("basic_block_wider", BasicBlock(3, 5), normal(1, 3, 4, 5))
    yield case("bottleneck", Bottleneck(6, 12, 2), normal(1, 6, 6, 5))
    yield case("pre_activation", nn.Sequential(PreActivation(4), PreActivation(4)), normal(1, 4, 5, 4))
    yield case("network", network([8, 16]), normal(1, 3, 24, 20))
    yield case("network_three_stages", network([4, 8, 12]), normal(1, 3, 24, 22))
    yield case("network_bottleneck", network([8, 16], Bottleneck, classes=3), normal(1, 3, 16, 16))
    yield case("dynamic_batch", network([4, 8]), normal(2, 3, 16, 12), dynamic={0: {0: "batch"}}, smallest=1)
    yield case("dynamic_batch_of_block", BasicBlock(3, 4, 2), normal(2, 3, 5, 6), dynamic={0: {0: "batch"}}, smallest=1)
