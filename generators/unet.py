"""unet: an image made small and large again, each step up joined with its counterpart on the way down."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal


def double_convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs),
    nn.ReLU(),
                         nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    """Two levels; sides must be divisible by 4."""

    def __init__(self, channels: int = 1, width: int = 4, classes: int = 2):
        super().__init__()
        self.down_0 = double_convolution(channels, width)
        self.down_1 = double_convolution(width, 2 * width)
        self.bottom = double_convolution(2 * width, 2 * width)
        self.up_1 = nn.ConvTranspose2d(2 * width, 2 * width, 2, stride=2)
        self.join_1 = double_convolution(4 * width, width)
        self.up_0 = nn.ConvTranspose2d(width, width, 2, stride=2)
        self.join_0 = double_convolution(2 * width, width)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.down_0(x)
        second = self.down_1(F.max_pool2d(first, 2))
        x = self.bottom(F.max_pool2d(second, 2))
        x = self.join_1(torch.cat([second, self.up_1(x)], dim=1))
        x = self.join_0(torch.cat([first, self.up_0(x)], dim=1))
        return self.head(x)


class OneLevel(nn.Module):
    """One level, resized by interpolation to whatever the counterpart's size is."""

    def __init__(self, mode: str, align_corners: bool):
        super().__init__()
        self.mode = mode
        self.align_corners = align_corners
        self.down = nn.Conv2d(2, 3, 3, padding=1)
        self.bottom = nn.Conv2d(3, 3, 3, padding=1)
        self.head = nn.Conv2d(6, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        first = F.relu(self.down(x))
        x = F.relu(self.bottom(F.avg_pool2d(first, 2)))
        x = F.interpolate(x, size=[first.size(2), first.size(3)], mode=self.mode,
        align_corners=self.align_corners)
        return self.head(torch.cat([x, first], dim=1))


class Padded(nn.Module):
    """Sides that are not even: what comes up is padded to its counterpart."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 3, 3, padding=1)
        self.up = nn.ConvTranspose2d(3, 3, 2, stride=2)
        self.head = nn.Conv2d(6, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = torch.relu(self.down(x))
        x = self.up(F.max_pool2d(first, 2))
        rows = first.size(2) - x.size(2)
        columns = first.size(3) - x.size(3)
        x = F.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return torch.sigmoid(self.head(torch.cat([first, x], dim=1)))


def cases():
    yield case("two_levels", UNet(), normal(1, 1, 8, 12), dtypes=("float32", "float64"))
    yield case("two_levels_wider", UNet(3, 6, 4), normal(1, 3, 8, 8))
    yield case("smallest_image", UNet(), normal(1, 1, 4, 4))
    yield case("bilinear", OneLevel("bilinear", False), normal(1, 2, 6, 8))
    yield case("bilinear_corners", OneLevel("bilinear", True), normal(1, 2, 7, 5))
    yield case("bicubic", OneLevel("bicubic", False), normal(1, 2, 6, 7))
    yield case("padded", Padded(), normal(2, 1, 7, 5))
    yield case("dynamic_batch", UNet(width=3), normal(2, 1, 8, 4), dynamic={0: {0: "batch"}}, smallest=1)
    yield case("dynamic_batch_bilinear", OneLevel("bilinear", False), normal(2, 2, 6, 5),
               dynamic={0: {0: "batch"}})
