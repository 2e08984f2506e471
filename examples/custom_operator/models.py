"""Models that use operators Lockstep does not know, and the library that gives PyTorch two of them."""
import torch


class Quantised(torch.nn.Module):
    """A linear layer as language models are shrunk: weights in eight bits, one scale a row."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.randint(-127, 128, (4, 8), dtype=torch.int8))
        self.register_buffer("scales", torch.rand(4) / 127)

    def forward(self, x):
        return torch.ops.aten._weight_int8pack_mm(x, self.weight, self.scales)


@torch.library.custom_op("my_lib::soft_clip", mutates_args=())
def soft_clip(x: torch.Tensor, limit: float) -> torch.Tensor:
    return limit * torch.tanh(x / limit)


@soft_clip.register_fake
def _(x, limit):
    return torch.empty_like(x)


@torch.library.custom_op("my_lib::leaky_sum", mutates_args=())
def leaky_sum(x: torch.Tensor, decay: float) -> torch.Tensor:
    y = x.clone()
    for t in range(1, x.shape[-1]):
        y[..., t] += decay * y[..., t - 1]
    return y


@leaky_sum.register_fake
def _(x, decay):
    return torch.empty_like(x)


class Clipped(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(8, 4)

    def forward(self, x):
        return torch.ops.my_lib.soft_clip(self.linear(x), 1.5)


class Leaky(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_lib.leaky_sum(x, 0.875) * 2


def quantised():
    return Quantised().eval(), torch.randn(2, 8)


def clipped():
    return Clipped().eval(), torch.randn(2, 8)


def leaky():
    return Leaky().eval(), torch.randn(3, 20)
