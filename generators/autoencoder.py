"""autoencoder: an input pressed through a narrow code and drawn again from it."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


def convolutional(width: int) -> nn.Sequential:
    """(N, 1, H, W) with H and W divisible by 4, to the same shape."""
    return nn.Sequential(nn.Conv2d(1, width, 3, stride=2, padding=1), nn.ReLU(),
                         nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), nn.ReLU(),
                         nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1,
                         output_padding=1), nn.ReLU(),
                         nn.ConvTranspose2d(width, 1, 2, stride=2), nn.Sigmoid())


class WithCode(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 8), nn.ELU(), nn.Linear(8, 3))
        self.decoder = nn.Sequential(nn.Linear(3, 8), nn.ELU(), nn.Linear(8, 12))

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        code = self.encoder(x)
        return code, self.decoder(code)


class Variational(nn.Module):
    """The noise is an input, so that nothing is random."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(10, 6)
        self.decoder = nn.Linear(3, 10)

    def forward(self, x: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        code = mean + noise * torch.exp(0.5 * log_variance)
        return torch.sigmoid(self.decoder(code)), mean, log_variance


class ThroughVector(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 3, 3, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.Flatten(),
                                     nn.Linear(3 * 4 * 3, 4))
        self.decoder = nn.Sequential(nn.Linear(4, 3 * 4 * 3), nn.Unflatten(1, (3, 4, 3)),
                                     nn.ConvTranspose2d(3, 1, 4, stride=2, padding=1), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


def cases():
    yield case("convolutional", convolutional(4), normal(1, 1, 12, 8), dtypes=("float32", "float64"))
    yield case("convolutional_wider", convolutional(8), normal(1, 1, 16, 16))
    yield case("with_code", WithCode(), normal(4, 12))
    yield case("variational", Variational(), normal(3, 10), normal(3, 3))
    yield case("through_vector", ThroughVector(), normal(2, 1, 8, 6))
    yield case("of_signal", nn.Sequential(nn.Conv1d(2, 4, 5, stride=3, padding=1), nn.Tanh(),
                                          nn.ConvTranspose1d(4, 2, 5, stride=3,
                                          padding=1)), normal(2, 2, 12))
    yield case("upsampled",
               nn.Sequential(nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2),
                                          nn.Conv2d(3, 2, 3, padding=1)), normal(1, 2, 6, 8))
    yield case("dynamic_batch", convolutional(3), normal(2, 1, 8, 12), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_variational", Variational(), normal(3, 10), normal(3, 3),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
