"""stft: short-time Fourier transforms and their inverse: windows, hops, centring, one-sided and whole."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, positive


class Spectrogram(nn.Module):
    """The squared size of every frequency in every frame, in decibels."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(16))

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.stft(x, 16, 4, window=self.window, return_complex=True)
        return 10 * torch.log10(spectrum.abs().square() + 1e-6)


class ThereAndBack(nn.Module):
    """A signal through a spectrogram, unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(12))

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.stft(x, 16, 4, 12, self.window, return_complex=True)
        return torch.istft(spectrum, 16, 4, 12, self.window, length=40)


def plain(x: Tensor) -> Tensor:
    return torch.stft(x, 8, return_complex=True)


def as_reals(x: Tensor, window: Tensor) -> Tensor:
    return torch.stft(x, 8, 3, window=window, return_complex=False)


def not_centred(x: Tensor, window: Tensor) -> Tensor:
    return torch.stft(x, 8, 3, window=window, center=False, return_complex=True)


def short_window(x: Tensor, window: Tensor) -> Tensor:
    return torch.stft(x, 10, 3, 6, window, normalized=True, return_complex=True, pad_mode="constant")


def whole(x: Tensor, window: Tensor) -> Tensor:
    return torch.stft(x, 9, 4, window=window, onesided=False, return_complex=True)


def inverse(x: Tensor, window: Tensor) -> Tensor:
    return torch.istft(x, 8, 2, window=window)


def inverse_whole(x: Tensor, window: Tensor) -> Tensor:
    return torch.istft(x, 8, 2, window=window, onesided=False, normalized=True, return_complex=True)


def inverse_longer(x: Tensor, window: Tensor) -> Tensor:
    return torch.istft(x, 8, 2, window=window, length=30)


def inverse_not_centred(x: Tensor) -> Tensor:
    return torch.istft(x, 8, 4, center=False)


def cases():
    complex64 = {"dtype": "complex64"}
    yield case("plain", plain, normal(2, 40), dtypes=("float32", "float64"))
    yield case("one_signal", plain, normal(40))
    yield case("as_reals", as_reals, normal(2, 40), positive(8))
    yield case("not_centred", not_centred, normal(2, 40), positive(8))
    yield case("short_window", short_window, normal(2, 40), positive(6))
    yield case("whole", whole, normal(2, 40), positive(9))
    yield case("of_complex", plain, normal(2, 40, **complex64))
    yield case("complex_window", not_centred, normal(2, 40), normal(8, **complex64))
    yield case("inverse", inverse, normal(2, 5, 9, **complex64), positive(8))
    yield case("inverse_one_signal", inverse, normal(5, 9, **complex64), positive(8))
    yield case("inverse_whole", inverse_whole, normal(2, 8, 9, **complex64), positive(8))
    yield case("inverse_longer", inverse_longer, normal(2, 5, 9, **complex64), positive(8))
    yield case("inverse_not_centred", inverse_not_centred, normal(2, 5, 6, **complex64))
    yield case("spectrogram", Spectrogram(), normal(2, 64), keep_weights=True)
    yield case("there_and_back", ThereAndBack(), normal(2, 40), keep_weights=True)
    yield case("dynamic_batch", plain, normal(2, 40), dynamic={0: {0: "batch"}})
