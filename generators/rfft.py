"""rfft: Fourier transforms of real tensors and back, of Hermitian ones, one-sided and whole."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, values

BOTH = ("float32", "float64")


def normalised(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(torch.fft.rfft(x, norm=norm) for norm in ("backward", "ortho", "forward"))


def normalised_back(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(torch.fft.irfft(x, norm=norm) for norm in ("backward", "ortho", "forward"))


def along_dims(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.rfft(x, dim=0), torch.fft.rfft(x, dim=1, n=6), torch.fft.rfft2(x), torch.fft.rfftn(x, dim=(2, 0, 1))


def back_along_dims(x: Tensor) -> tuple[Tensor, ...]:
    return (torch.fft.irfft(x, dim=0), torch.fft.irfft(x, n=7), torch.fft.irfft2(x, s=(4, 5)), torch.fft.irfftn(x),
            torch.fft.irfftn(x, dim=(2, 0)))


def hermitian(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.hfft(x), torch.fft.hfft(x, n=5, norm="ortho"), torch.fft.hfft2(x), torch.fft.hfftn(x, s=(3, 4))


def hermitian_back(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.ihfft(x), torch.fft.ihfft2(x, norm="forward"), torch.fft.ihfftn(x)


def there_and_back(x: Tensor) -> Tensor:
    return torch.fft.irfft(torch.fft.rfft(x), n=x.shape[-1])


def low_pass(x: Tensor) -> Tensor:
    spectrum = torch.fft.rfft(x)
    keep = torch.arange(spectrum.shape[-1]) < 5
    return torch.fft.irfft(spectrum * keep, n=20)


def fourier_mixing(x: Tensor) -> Tensor:
    return torch.fft.fft2(x).real


def cases():
    for n in (1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 64, 100, 127):
        yield case(f"length_{n}", torch.fft.rfft, normal(3, n), dtypes=BOTH)
    for n in (2, 3, 4, 5, 8, 9, 15, 33, 40):
        yield case(f"back_{n}", torch.fft.irfft, normal(3, n, dtype="complex64"))
    yield case("back_float64", torch.fft.irfft, normal(3, 9, dtype="complex128"))
    yield case("back_unread", lambda x: torch.fft.irfft(x, n=6), values([[1 + 5j, 2 - 1j, 0.5j, -1 + 9j]], dtype="complex64"),
               because="the first and the last number of a real row have no imaginary part: what is there is not read")
    yield case("norms", normalised, normal(2, 9))
    yield case("norms_back", normalised_back, normal(2, 5, dtype="complex64"))
    yield case("dims", along_dims, normal(3, 4, 5), dtypes=BOTH)
    yield case("dims_back", back_along_dims, normal(3, 4, 5, dtype="complex64"))
    yield case("hermitian", hermitian, normal(3, 4, dtype="complex64"))
    yield case("hermitian_back", hermitian_back, normal(3, 4))
    yield case("there_and_back", there_and_back, normal(2, 15))
    yield case("low_pass", low_pass, normal(2, 20))
    yield case("fourier_mixing", fourier_mixing, normal(2, 6, 8), because="the token mixing of FNet")
    yield case("of_bools", torch.fft.rfft, values([[True, False, True, True, False]], dtype="bool"))
    yield case("dynamic_batch", torch.fft.rfft, normal(3, 10), dynamic={0: {0: "batch"}})
