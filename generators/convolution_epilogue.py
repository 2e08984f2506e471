"""convolution_epilogue: what follows a convolution element by element, before the next one reads its result."""
from typing import Optional

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special


def conv(inputs: int, outputs: int, kernel: int = 3, activation: Optional[nn.Module] = None, bias: bool = False,
         norm: bool = True, groups: int = 1, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the extents, its batch norm and its activation."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias, groups=groups)]
    if norm:
        layers.append(nn.BatchNorm2d(outputs))
    return nn.Sequential(*layers, *([activation] if activation is not None else []))


def chain(channels: int, activation: Optional[nn.Module] = None, norm: bool = True, bias: bool = False,
          kernel: int = 3, groups: int = 1) -> nn.Sequential:
    """The convolution in question between two others, so that its result stays inside the model."""
    return nn.Sequential(nn.Conv2d(3, channels, 1), conv(channels, channels, kernel, activation, bias, norm, groups),
                         nn.Conv2d(channels, 4, 3, padding=1))


class Residual(nn.Module):
    """relu(x + f(x)) or relu(f(x) + x) between two convolutions."""

    def __init__(self, channels: int = 16, first: bool = False, activation: nn.Module = nn.ReLU()):
        super().__init__()
        self.enter, self.body = nn.Conv2d(3, channels, 1), conv(channels, channels)
        self.leave, self.activation, self.first = nn.Conv2d(channels, 4, 1), activation, first

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        y = self.body(x)
        y = x + y if self.first else y + x
        return self.leave(self.activation(y))


class Projected(nn.Module):
    """The sum of two convolutions' results, each with a batch norm of its own, one of them of half the extents."""

    def __init__(self, later: bool = False):
        super().__init__()
        self.enter, self.leave = nn.Conv2d(3, 16, 1), nn.Conv2d(32, 4, 1)
        self.body = nn.Sequential(conv(16, 32, activation=nn.ReLU(), stride=2), conv(32, 32))
        self.shortcut = conv(16, 32, 1, stride=2)
        self.later = later

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        if self.later:
            y = self.shortcut(x) + self.body(x)
        else:
            y = self.body(x) + self.shortcut(x)
        return self.leave(torch.relu(y))


class Twice(nn.Module):
    """A convolution's result and what a batch norm makes of it, both used again or added up."""

    def __init__(self, added: bool = False) -> None:
        super().__init__()
        self.enter, self.norm, self.leave = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.Conv2d(16, 4, 1)
        self.added = added

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        if self.added:
            x = torch.relu(self.norm(x) + x)
        else:
            y = torch.relu(self.norm(x))
            x = x * y + y
        return self.leave(x)


class Excited(nn.Module):
    """Channels scaled by numbers that the image itself decides."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.gate, self.leave = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(3, 16, 1), nn.Conv2d(16, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(torch.relu(self.enter(x) * self.gate(x.mean((2, 3), keepdim=True))))


class Ranked(nn.Module):
    """A number of its own for every pixel added to what a convolution gives."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.enter, self.leave = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 4, 1)
        self.places = nn.Parameter(torch.linspace(-1, 1, int(torch.tensor(dims).prod())).reshape(dims))

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(torch.relu(self.enter(x) + self.places))


class Turned(nn.Module):
    """An operation between the activation and the batch norm, or limits in another order."""

    def __init__(self, kind: str):
        super().__init__()
        self.enter, self.leave, self.kind = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 4, 1), kind

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        if self.kind == "minimum_first":
            x = torch.maximum(torch.minimum(x, torch.tensor(0.5)), torch.tensor(-0.25))
        elif self.kind == "crossed_limits":
            x = torch.clamp(x, 0.5, -0.25)
        elif self.kind == "one_sided":
            x = torch.clamp(x, max=0.125)
        elif self.kind == "not_a_number":
            x = torch.clamp(x, -0.25, float("nan"))
        elif self.kind == "minus_zero":
            x = 1 / torch.clamp(torch.relu(x - 9), max=-0.0)
        elif self.kind == "negated":
            x = torch.relu(-x)
        else:
            x = torch.relu(x) - 0.5
        return self.leave(x)


def cases():
    x = normal(2, 3, 7, 9)
    yield case("batch_norm", chain(16), x, dtypes=("float32", "float64"))
    yield case("batch_norm_relu", chain(16, nn.ReLU()), x, dtypes=("float32", "float64"))
    yield case("batch_norm_relu6", chain(32, nn.ReLU6()), x, dtypes=("float32", "float64"))
    yield case("batch_norm_hardtanh", chain(16, nn.Hardtanh(-0.5, 0.25)), x)
    yield case("batch_norm_silu", chain(16, nn.SiLU()), x, because="what is not within the kernels' means follows them")
    yield case("bias_relu", chain(16, nn.ReLU(), norm=False, bias=True), x)
    yield case("bias_batch_norm", chain(16, nn.ReLU(), bias=True), x)
    yield case("relu", chain(16, nn.ReLU(), norm=False), x)
    for channels in (8, 20, 24, 40, 48):
        yield case(f"channels_{channels}", chain(channels, nn.ReLU6()), x,
                   because="channels fill registers and blocks in different ways")
    yield case("pointwise", chain(32, nn.ReLU6(), kernel=1), normal(1, 3, 5, 13))
    yield case("depthwise", chain(32, nn.ReLU6(), groups=32), x, dtypes=("float32", "float64"))
    yield case("depthwise_24", chain(24, nn.ReLU(), groups=24), x)
    yield case("depthwise_wide_kernel", chain(16, nn.ReLU6(), groups=16, kernel=5), x)
    yield case("residual", Residual(), x, dtypes=("float32", "float64"))
    yield case("residual_first", Residual(first=True, activation=nn.ReLU6()), x)
    yield case("residual_24", Residual(24), x)
    yield case("projected", Projected(), x, because="a sum of two convolutions, each with a scale and a shift")
    yield case("projected_later", Projected(later=True), x)
    yield case("used_twice", Twice(), x)
    yield case("added_to_itself", Twice(added=True), x)
    yield case("scaled_by_the_image", Excited(), x)
    for name, dims in (("channel", (16, 1, 1)), ("row", (7, 1)), ("column", (9,)), ("place", (16, 7, 9))):
        yield case(f"one_number_a_{name}", Ranked(dims), x)
    for kind in ("minimum_first", "crossed_limits", "one_sided", "not_a_number", "minus_zero", "negated", "shifted_after"):
        yield case(kind, Turned(kind), x)
    yield case("special_values", chain(16, nn.ReLU(), kernel=1), special(1, 3, 4, 5))
    yield case("special_values_limited", chain(16, nn.ReLU6(), kernel=1), special(1, 3, 4, 5))
    yield case("one_pixel", chain(16, nn.ReLU()), normal(1, 3, 1, 1))
    yield case("dynamic_batch", Residual(), x, dynamic={0: {0: "batch"}})
    yield case("dynamic_image", Residual(24), x, dynamic={0: {2: "height", 3: "width"}})
    yield case("dynamic_depthwise", chain(16, nn.ReLU6(), groups=16), x, dynamic={0: {0: "batch", 2: "height"}})
