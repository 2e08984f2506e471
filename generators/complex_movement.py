"""complex_movement: complex tensors made, reshaped, indexed, put together, reduced, and seen as pairs of reals."""
import torch
import torch.nn.functional as F
from torch import Tensor

from lockstep.cases import booleans, case, integers, normal, permutation, values

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"


def reshaped(x: Tensor) -> tuple[Tensor, ...]:
    return (x.reshape(4, 6), x.permute(2, 0, 1), x[:, 1:, ::2], x[..., -1], x.flip(0), x.roll(1, 2), x.unsqueeze(1),
            x.expand(2, 2, 3, 4), x.transpose(0, 2), x.flatten(1), x.movedim(0, -1))


def split(x: Tensor) -> tuple[Tensor, ...]:
    return (*x.split(2, 1), *x.unbind(0), *x.chunk(2, 2), x.diagonal(0, 1, 2))


def joined(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    return torch.cat([x, y, x.real]), torch.stack([x, y], -1), torch.where(x.real > 0, x, y), torch.where(x.real > 0, x, 2j)


def padded(x: Tensor) -> tuple[Tensor, ...]:
    return F.pad(x, (1, 2)), F.pad(x, (0, 1, 2, -1), value=3.0), x.tril(), x.triu(1), x.repeat(2, 1)


def indexed(x: Tensor, place: Tensor) -> tuple[Tensor, ...]:
    return x[place], x.index_select(1, place), x.gather(0, place.unsqueeze(1).expand(3, 3)), x.take(place)


def written(x: Tensor, y: Tensor, place: Tensor) -> tuple[Tensor, ...]:
    result = x.clone()
    result[1] = y[0] * 2
    result[:, 0] = 1 - 2j
    return (result, x.index_add(0, place, y), x.index_copy(0, place, y), x.scatter_add(0, place.unsqueeze(1).expand(3, 3), y),
            x.index_put((place,), y), x.index_fill(0, place[:2], 3j))


def masked(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    return x.masked_fill(mask, 2 - 1j), x.masked_fill(mask, 0)


def made(x: Tensor) -> tuple[Tensor, ...]:
    return (torch.zeros_like(x), torch.ones_like(x), torch.full((2, 3), 1 - 2j), torch.eye(3, dtype=torch.complex64) * x[0, 0],
            torch.full_like(x, 2j), x.new_zeros(2), torch.complex(x.real, x.imag))


def sums(x: Tensor) -> tuple[Tensor, ...]:
    return x.sum(), x.sum(1), x.mean((0, 2), keepdim=True), x.cumsum(1), x.diagonal(0, 0, 1).sum(), x.real.sum(dtype=torch.complex64)


def products(x: Tensor) -> tuple[Tensor, ...]:
    return x.prod(), x.prod(1), x.prod(2, keepdim=True), x.cumprod(1)


def sizes(x: Tensor) -> tuple[Tensor, ...]:
    return (x.norm(), torch.linalg.vector_norm(x, 1, dim=1), torch.linalg.vector_norm(x, float("inf"), dim=(0, 2)),
            x.var(1), x.std(), *torch.var_mean(x, 2), x.any(1), x.all(), torch.count_nonzero(x, 0))


def pairs(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.view_as_real(x), torch.view_as_real(x.conj().resolve_conj())


def cases():
    yield case("reshaped", reshaped, normal(2, 3, 4), dtypes=BOTH)
    yield case("split", split, normal(2, 3, 4), dtypes=(COMPLEX,))
    yield case("joined", joined, normal(2, 3), normal(2, 3), dtypes=(COMPLEX,))
    yield case("padded", padded, normal(3, 4), dtypes=(COMPLEX,))
    yield case("indexed", indexed, normal(3, 3), integers(3, low=0, high=3), dtypes=(COMPLEX,))
    yield case("written", written, normal(3, 3), normal(3, 3), permutation(3), dtypes=(COMPLEX,))
    yield case("masked", masked, normal(3, 4), booleans(3, 4), dtypes=(COMPLEX,))
    yield case("selected", torch.masked_select, normal(3, 4), booleans(3, 4), dtypes=(COMPLEX,))
    yield case("nonzero", torch.nonzero, values([[0, 1j, 0], [2, complex(-0.0, 0.0), 1 + 1j]]), dtypes=(COMPLEX,))
    yield case("made", made, normal(3, 4), dtypes=(COMPLEX,))
    yield case("sums", sums, normal(3, 4, 5), dtypes=(COMPLEX,))
    yield case("products", products, normal(3, 4, 5), dtypes=(COMPLEX,))
    yield case("sizes", sizes, normal(3, 4, 5), dtypes=(COMPLEX,))
    yield case("logsumexp", lambda x: torch.logsumexp(x, 1), normal(3, 5, std=20.0), dtypes=(COMPLEX,))
    yield case("view_as_real", pairs, normal(3, 4), dtypes=BOTH)
    yield case("view_as_complex", torch.view_as_complex, normal(3, 4, 2), dtypes=("float32", "float64"))
    yield case("complex", torch.complex, normal(3, 4), normal(4), dtypes=("float32", "float64"))
    yield case("passed_on", lambda x: x, normal(2, 3), dtypes=BOTH)
    yield case("zero_dim", lambda x: torch.view_as_real(x).sum(), normal(), dtypes=(COMPLEX,))
    yield case("empty", lambda x: (x.sum(0), x.prod(1), x.cumsum(0)), normal(0, 3), dtypes=(COMPLEX,))
    yield case("dynamic", lambda x: x.flatten().conj() * 2j, normal(3, 4), dtypes=(COMPLEX,), dynamic={0: {0: "batch"}})
