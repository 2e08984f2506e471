"""convolution_blocks: four blocks of 3, 2, 3 and 4 convolutions, each with a named result."""
from typing import Tuple

from torch import Tensor, nn

from lockstep.cases import case, normal


def block(count: int, inputs: int, outputs: int, activation: bool) -> nn.Sequential:
    layers = []
    for number in range(count):
        layers.append(nn.Conv2d(inputs if number == 0 else outputs, outputs, 3, padding=1))
        if activation:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Blocks(nn.Module):
    def __init__(self, *widths: int, activation: bool = False):
        super().__init__()
        self.block_0 = block(3, 3, widths[0], activation)
        self.block_1 = block(2, widths[0], widths[1], activation)
        self.block_2 = block(3, widths[1], widths[2], activation)
        self.block_3 = block(4, widths[2], widths[3], activation)

    def forward(self, x: Tensor) -> Tensor:
        x_0 = self.block_0(x)
        x_1 = self.block_1(x_0)
        x_2 = self.block_2(x_1)
        x_3 = self.block_3(x_2)
        return x_3


class WatchedBlocks(Blocks):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        x_0 = self.block_0(x)
        x_1 = self.block_1(x_0)
        x_2 = self.block_2(x_1)
        x_3 = self.block_3(x_2)
        return x_0, x_1, x_2, x_3


def cases():
    x = normal(1, 3, 10, 10)
    yield case("three_channels", Blocks(3, 3, 3, 3), x, dtypes=("float32", "float64"))
    yield case("growing", Blocks(4, 6, 8, 10), x)
    yield case("growing_relu", Blocks(4, 6, 8, 10, activation=True), x)
    yield case("shrinking_relu", Blocks(9, 5, 2, 1, activation=True), x)
    yield case("watched", WatchedBlocks(3, 4, 3, 2), x, because="every block's result is an output")
    yield case("watched_relu", WatchedBlocks(4, 4, 4, 4, activation=True), x)
    yield case("not_square", Blocks(3, 4, 5, 4, activation=True), normal(2, 3, 5, 8))
    yield case("one_pixel", Blocks(3, 3, 3, 3), normal(1, 3, 1, 1),
               because="only the middle of each kernel meets the image")
    yield case("dynamic_batch", WatchedBlocks(3, 2, 3, 2, activation=True), normal(2, 3, 6, 5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_image", Blocks(3, 2, 3, 2, activation=True), normal(1, 3, 6, 5),
               dynamic={0: {2: "height", 3: "width"}})
