"""complex_products: products of complex matrices and vectors, linear layers and convolutions."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal, spread

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"


class Affine(nn.Module):
    """A complex layer: its weights are complex."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 6, dtype=torch.complex64))
        self.bias = nn.Parameter(torch.ones(4, dtype=torch.complex64))
        self.register_buffer("phase", torch.ones(4, dtype=torch.complex64))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias) * self.phase


def hermitian(x: Tensor) -> Tensor:
    return x @ x.mH


def accumulated(start: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.addmm(start, a, b, beta=0.5j, alpha=2 - 1j)


def unread(start: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addmm(start, a, b, beta=0), torch.addmm(start, a, b, alpha=0)


def einsum(a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("bij,kj->bik", a, b.conj())


def attention_scores(q: Tensor, k: Tensor) -> Tensor:
    return torch.softmax((q @ k.mH).abs(), dim=-1)


def rotary_embedding(x: Tensor, angles: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flatten(-2)


def cases():
    yield case("mm", torch.mm, normal(3, 7), normal(7, 5), dtypes=BOTH)
    yield case("mm_spread", torch.mm, spread(3, 20), spread(20, 5), dtypes=(COMPLEX,))
    yield case("many_terms", torch.mm, normal(2, 515), normal(515, 3), dtypes=(COMPLEX,))
    yield case("bmm", torch.bmm, normal(2, 3, 4), normal(2, 4, 5), dtypes=(COMPLEX,))
    yield case("mv", torch.mv, normal(3, 4), normal(4), dtypes=(COMPLEX,))
    yield case("dot", torch.dot, normal(9), normal(9), dtypes=BOTH)
    yield case("vdot", torch.vdot, normal(9), normal(9), dtypes=BOTH, because="the first factor is conjugated")
    yield case("vecdot", torch.linalg.vecdot, normal(3, 9), normal(3, 9), dtypes=(COMPLEX,))
    yield case("matmul_broadcast", torch.matmul, normal(2, 1, 3, 4), normal(5, 4, 2), dtypes=(COMPLEX,))
    yield case("hermitian", hermitian, normal(3, 4), dtypes=BOTH)
    yield case("addmm", accumulated, normal(3, 5), normal(3, 4), normal(4, 5), dtypes=BOTH)
    yield case("addmm_unread", unread, normal(3, 5), normal(3, 4), normal(4, 5), dtypes=(COMPLEX,))
    yield case("baddbmm", torch.baddbmm, normal(2, 3, 5), normal(2, 3, 4), normal(2, 4, 5), dtypes=(COMPLEX,))
    yield case("addmv", torch.addmv, normal(3), normal(3, 4), normal(4), dtypes=(COMPLEX,))
    yield case("addr", torch.addr, normal(3, 4), normal(3), normal(4), dtypes=(COMPLEX,))
    yield case("outer", torch.outer, normal(3), normal(4), dtypes=(COMPLEX,))
    yield case("kron", torch.kron, normal(2, 3), normal(3, 2), dtypes=(COMPLEX,))
    yield case("einsum", einsum, normal(2, 3, 4), normal(5, 4), dtypes=(COMPLEX,))
    yield case("layer", Affine(), normal(3, 6), dtypes=(COMPLEX,))
    yield case("linear", F.linear, normal(3, 6), normal(4, 6), normal(4), dtypes=BOTH)
    yield case("conv1d", F.conv1d, normal(2, 3, 9), normal(4, 3, 3), normal(4), dtypes=(COMPLEX,))
    yield case("conv2d", F.conv2d, normal(2, 2, 5, 6), normal(3, 2, 3, 2), dtypes=(COMPLEX,))
    yield case("attention_scores", attention_scores, normal(3, 4), normal(5, 4), dtypes=(COMPLEX,))
    yield case("rotary_embedding", rotary_embedding, normal(2, 5, 8), normal(5, 4),
               because="the complex form in which language models write rotary position embeddings")
    yield case("dynamic", torch.mm, normal(3, 7), normal(7, 5), dtypes=(COMPLEX,), dynamic={0: {0: "rows"}})
    yield case("empty_sum", torch.mm, normal(3, 0), normal(0, 2), dtypes=(COMPLEX,))
