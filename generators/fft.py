"""fft: discrete Fourier transforms of complex tensors, of every kind of length, over one dim and several."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, spread, values

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"


def normalised(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(transform(x, norm=norm) for transform in (torch.fft.fft, torch.fft.ifft)
                 for norm in ("backward", "ortho", "forward"))


def resized(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.fft(x, n=5), torch.fft.fft(x, n=11), torch.fft.ifft(x, n=3, dim=0)


def along_dims(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.fft(x, dim=0), torch.fft.fft(x, dim=1), torch.fft.ifft(x, dim=-3)


def several_dims(x: Tensor) -> tuple[Tensor, ...]:
    return (torch.fft.fft2(x), torch.fft.ifft2(x, dim=(0, 2)), torch.fft.fftn(x), torch.fft.ifftn(x, s=(2, 3), dim=(1, 0)),
            torch.fft.fftn(x, norm="ortho"))


def there_and_back(x: Tensor) -> Tensor:
    return torch.fft.ifft(torch.fft.fft(x))


def shifted(x: Tensor) -> tuple[Tensor, ...]:
    return torch.fft.fftshift(x), torch.fft.ifftshift(x, dim=1), torch.fft.fftshift(torch.fft.fft(x), dim=-1)


def frequencies(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.fft.fftfreq(7, d=0.5) * x, torch.fft.rfftfreq(8) + x[0]


def convolution(x: Tensor, kernel: Tensor) -> Tensor:
    return torch.fft.ifft(torch.fft.fft(x, n=16) * torch.fft.fft(kernel, n=16))


def cases():
    for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 19, 30, 49, 64, 97, 100, 128, 169):
        yield case(f"length_{n}", torch.fft.fft, normal(3, n), dtypes=BOTH)
    for n in (512, 1000, 1009):
        yield case(f"length_{n}", torch.fft.ifft, normal(2, n), dtypes=(COMPLEX,))
    yield case("one_row", torch.fft.fft, normal(60), dtypes=(COMPLEX,))
    yield case("many_rows", torch.fft.fft, normal(37, 6), dtypes=(COMPLEX,), because="more rows than run side by side")
    yield case("of_reals", torch.fft.fft, normal(3, 10), dtypes=("float32", "float64"))
    yield case("of_whole_numbers", torch.fft.fft, values([[1, 2, 3, 4, 5]], dtype="int64"))
    yield case("norms", normalised, normal(2, 9), dtypes=(COMPLEX,))
    yield case("resized", resized, normal(4, 8), dtypes=(COMPLEX,))
    yield case("dims", along_dims, normal(3, 4, 5), dtypes=(COMPLEX,))
    yield case("several_dims", several_dims, normal(3, 4, 5), dtypes=BOTH)
    yield case("there_and_back", there_and_back, normal(2, 24), dtypes=(COMPLEX,))
    yield case("spread", torch.fft.fft, spread(3, 32), dtypes=(COMPLEX,), because="a few elements hold most of the row")
    yield case("pure_tone", torch.fft.fft, values([[complex(round(c, 3), 0) for c in (1, .707, 0, -.707) * 16]]), dtypes=(COMPLEX,),
               because="a few results hold most of the row")
    yield case("constant", torch.fft.fft, values([[1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0]]), dtypes=(COMPLEX,),
               because="all but one of the results are zero")
    yield case("shifted", shifted, normal(3, 4), dtypes=(COMPLEX,))
    yield case("frequencies", frequencies, normal(5, 1))
    yield case("convolution", convolution, normal(2, 12), normal(5), dtypes=(COMPLEX,))
    yield case("dynamic_batch", torch.fft.fft, normal(3, 8), dtypes=(COMPLEX,), dynamic={0: {0: "batch"}})
