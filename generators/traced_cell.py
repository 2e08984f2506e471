"""traced_cell: MyCell of the TorchScript tutorial, tanh of a linear layer plus the previous state."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class MyCell(nn.Module):
    def __init__(self, width: int = 4):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        new_h = torch.tanh(self.linear(x) + h)
        return new_h, new_h


class TwoWeights(nn.Module):
    def __init__(self):
        super().__init__()
        self.of_input = nn.Linear(4, 4)
        self.of_state = nn.Linear(4, 4, bias=False)

    def forward(self, x: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        new_h = torch.tanh(self.of_input(x) + self.of_state(h))
        return new_h, new_h


class ThreeSteps(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = MyCell()

    def forward(self, xs: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        y = h
        for step in range(3):
            y, h = self.cell(xs[step], h)
        return y, h


def cases():
    yield case("my_cell", MyCell(), normal(3, 4), normal(3, 4), dtypes=("float32", "float64"))
    yield case("one_row", MyCell(), normal(1, 4), normal(1, 4))
    yield case("broadcast_state", MyCell(), normal(3, 4), normal(4))
    yield case("wider", MyCell(19), normal(5, 19), normal(5, 19))
    yield case("saturated", MyCell(), normal(3, 4, std=30.0), normal(3, 4))
    yield case("tiny", MyCell(), normal(3, 4, std=1e-4), normal(3, 4, std=1e-4))
    yield case("two_weights", TwoWeights(), normal(3, 4), normal(3, 4))
    yield case("three_steps", ThreeSteps(), normal(3, 2, 4), normal(2, 4))
    yield case("dynamic_batch", MyCell(), normal(3, 4), normal(3, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
