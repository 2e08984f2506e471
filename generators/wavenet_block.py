"""wavenet_block: dilated convolutions that look back in time only, gated by tanh times sigmoid."""
from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal


class Block(nn.Module):
    """(batch, channels, time) to what goes on and what skips to the end."""

    def __init__(self, channels: int, dilation: int, kernel: int = 2, skip: int = 3):
        super().__init__()
        self.past = dilation * (kernel - 1)
        self.filter = nn.Conv1d(channels, channels, kernel, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, kernel, dilation=dilation)
        self.residual = nn.Conv1d(channels, channels, 1)
        self.skip = nn.Conv1d(channels, skip, 1)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        past = F.pad(x, [self.past, 0])
        y = torch.tanh(self.filter(past)) * torch.sigmoid(self.gate(past))
        return x + self.residual(y), self.skip(y)


class WaveNet(nn.Module):
    def __init__(self, channels: int, dilations: List[int], kernel: int = 2):
        super().__init__()
        self.first = nn.Conv1d(1, channels, 1)
        self.blocks = nn.ModuleList([Block(channels, dilation, kernel) for dilation in dilations])
        self.head = nn.Conv1d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        skipped = torch.zeros(1, dtype=x.dtype)
        for block in self.blocks:
            x, skip = block(x)
            skipped = skipped + skip
        return self.head(torch.relu(skipped))


class Conditioned(nn.Module):
    """Filter and gate from one convolution, shifted by a global condition."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3, padding=4, dilation=2)
        self.condition = nn.Linear(5, 8)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        both = self.conv(x)[..., : x.size(2)] + self.condition(condition).unsqueeze(2)
        value, gate = both.chunk(2, dim=1)
        return torch.tanh(value) * torch.sigmoid(gate)


def cases():
    yield case("block", Block(4, 2), normal(2, 4, 9), dtypes=("float32", "float64"))
    yield case("block_kernel_three", Block(3, 3, kernel=3), normal(1, 3, 11))
    yield case("block_beyond_start", Block(4, 8), normal(1, 4, 5),
               because="no step has a past that far back")
    yield case("one_step", Block(4, 2), normal(2, 4, 1))
    yield case("network", WaveNet(4, [1, 2, 4]), normal(1, 1, 16))
    yield case("network_wider", WaveNet(12, [1, 2, 4, 8], kernel=3), normal(1, 1, 24))
    yield case("conditioned", Conditioned(), normal(2, 4, 7), normal(2, 5))
    yield case("dynamic_batch", WaveNet(3, [1, 2]), normal(2, 1, 8), dynamic={0: {0: "batch"}})
    yield case("dynamic_time", Block(3, 2), normal(2, 3, 6), dynamic={0: {0: "batch", 2: "time"}})
