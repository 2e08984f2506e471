"""squeeze_excitation: channels weighed by a small network that sees their averages."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class SqueezeExcitation(nn.Module):
    """Linear layers on the averages, as in the paper."""

    def __init__(self, channels: int, reduction: int = 4):
        super().__init__()
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.excite = nn.Sequential(nn.Linear(channels, channels // reduction), nn.ReLU(),
                                    nn.Linear(channels // reduction, channels), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        weight = self.excite(self.squeeze(x).flatten(1))
        return x * weight[:, :, None, None]


class ByConvolution(nn.Module):
    """1x1 convolutions on the averages, as in MobileNetV3 and EfficientNet."""

    def __init__(self, channels: int, squeezed: int, activation: nn.Module, gate: nn.Module):
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)
        self.activation = activation
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        weight = x.mean((2, 3), keepdim=True)
        return x * self.gate(self.expand(self.activation(self.reduce(weight))))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
                                  nn.ReLU(), SqueezeExcitation(channels, 2))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class Spatial(nn.Module):
    """Pixels weighed by the mean and the maximum over their channels, as in CBAM."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        summary = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.conv(summary))


def cases():
    yield case("linear", SqueezeExcitation(8), normal(2, 8, 3, 4), dtypes=("float32", "float64"))
    yield case("linear_wider", SqueezeExcitation(24, 3), normal(1, 24, 2, 3))
    yield case("hard_sigmoid", ByConvolution(6, 3, nn.ReLU(), nn.Hardsigmoid()), normal(1, 6, 4, 3))
    yield case("silu", ByConvolution(6, 2, nn.SiLU(), nn.Sigmoid()), normal(2, 6, 3, 4))
    yield case("one_pixel", SqueezeExcitation(4, 2), normal(3, 4, 1, 1))
    yield case("residual", Residual(4), normal(1, 4, 5, 4))
    yield case("spatial", Spatial(), normal(2, 5, 4, 3))
    yield case("dynamic_batch", SqueezeExcitation(8), normal(2, 8, 3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_image", ByConvolution(4, 2, nn.SiLU(), nn.Sigmoid()), normal(1, 4, 3, 4),
               dynamic={0: {2: "height", 3: "width"}},
               because="the count that is averaged over is known only at run time")
