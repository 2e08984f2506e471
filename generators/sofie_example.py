"""sofie_example: SOFIE's first PyTorch example, Linear(6, 12) and ReLU with the result transposed."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class Model(nn.Module):
    """The example itself: a (2, 6) input gives a (12, 2) output."""

    def __init__(self, inputs: int = 6, outputs: int = 12, bias: bool = True):
        super().__init__()
        self.fc = nn.Linear(inputs, outputs, bias=bias)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return torch.transpose(self.relu(self.fc(x)), 1, 0)


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 12)
        self.second = nn.Linear(2, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(x)).transpose(0, 1))


class TransposedInput(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 12)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.fc(x.t()))


def cases():
    yield case("example", Model(), normal(2, 6), dtypes=("float32", "float64"))
    yield case("one_row", Model(), normal(1, 6))
    yield case("no_bias", Model(bias=False), normal(2, 6))
    yield case("narrow", Model(5, 1), normal(3, 5))
    yield case("wide", Model(33, 65), normal(7, 33))
    yield case("batches", Model(), normal(2, 3, 6))
    yield case("two_layers", TwoLayers(), normal(2, 6))
    yield case("transposed_input", TransposedInput(), normal(6, 3))
    yield case("dynamic_batch", Model(), normal(2, 6), dynamic={0: {0: "batch"}})
