"""lenet: LeNet-5, two convolutions with pooling and three linear layers, for images of digits."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal


class LeNet(nn.Module):
    """The usual one takes (N, 1, 28, 28); `width` is the first convolution's number of channels."""

    def __init__(self, side: int = 28, width: int = 6, hidden: int = 120, channels: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 5, padding=2)
        self.conv2 = nn.Conv2d(width, 16, 5)
        self.fc1 = nn.Linear(16 * ((side // 2 - 4) // 2) ** 2, hidden)
        self.fc2 = nn.Linear(hidden, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def original(side: int) -> nn.Sequential:
    """Tanh and average pooling, as in 1998, at a smaller width."""
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2),
                         nn.Conv2d(4, 6, 3), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(6 * ((side // 2 - 2) // 2) ** 2, 12), nn.Tanh(), nn.Linear(12, 10))


class Probabilities(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = LeNet(16, 3, 20)

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(self.network(x), dim=1)


def cases():
    yield case("digits", LeNet(hidden=112), normal(1, 1, 28, 28))
    yield case("small", LeNet(16, 3, 20), normal(2, 1, 16, 16))
    yield case("small_float64", LeNet(16, 3, 20), normal(2, 1, 16, 16), dtypes=("float64",))
    yield case("colours", LeNet(16, 4, 24, channels=3), normal(1, 3, 16, 16))
    yield case("odd_side", LeNet(19, 3, 20), normal(1, 1, 19, 19),
               because="pooling leaves the last row and column out")
    yield case("original", original(12), normal(2, 1, 12, 12), dtypes=("float32", "float64"))
    yield case("probabilities", Probabilities(), normal(2, 1, 16, 16))
    yield case("dynamic_batch", LeNet(16, 3, 20), normal(2, 1, 16, 16), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_original", original(12), normal(2, 1, 12, 12), dynamic={0: {0: "batch"}})
