"""norm: lengths of vectors and sizes of matrices, of several orders."""
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from lockstep.cases import case, normal, special, spread, values


class VectorNorm(nn.Module):
    """torch.linalg.vector_norm over some axes."""

    def __init__(self, order: float, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.order = order
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.vector_norm(x, ord=self.order, dim=self.dim, keepdim=self.keepdim)


class Norm(nn.Module):
    """torch.norm over some axes."""

    def __init__(self, p: float, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.p = p
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.norm(x, p=self.p, dim=self.dim, keepdim=self.keepdim)


class Normalised(nn.Module):
    """Each vector along one axis divided by its norm, or by epsilon where that is larger."""

    def __init__(self, p: float, dim: int, eps: float) -> None:
        super().__init__()
        self.p = p
        self.dim = dim
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return normalize(x, p=self.p, dim=self.dim, eps=self.eps)


def of_everything(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.norm(x), torch.linalg.vector_norm(x), torch.linalg.norm(x)


def frobenius(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.linalg.matrix_norm(x), torch.linalg.matrix_norm(x, dim=(0, 2), keepdim=True),
            torch.norm(x, p="fro", dim=(1, 2)))


def matrix_orders(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (torch.linalg.matrix_norm(x, ord=1.0), torch.linalg.matrix_norm(x, ord=-1.0),
            torch.linalg.matrix_norm(x, ord=float("inf")), torch.linalg.matrix_norm(x, ord=float("-inf")))


def in_float64(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=1, dtype=torch.float64)


def cases():
    infinity = float("inf")
    for name, order in (("0", 0.0), ("half", 0.5), ("1", 1.0), ("2", 2.0), ("3", 3.0), ("minus_1", -1.0),
                        ("infinity", infinity), ("minus_infinity", -infinity)):
        yield case(f"vector_norm_{name}", VectorNorm(order, (-1,)), normal(3, 4, 5),
                   dtypes=("float32", "float64"))
        yield case(f"vector_norm_{name}_special_values", VectorNorm(order, (1,)), special(5, 5))
        yield case(f"norm_{name}", Norm(order, (0,)),
                   values([[0.0, 3.0, -1.0], [-4.0, 0.0, -2.0], [0.0, -4.0, 0.5]]))
    yield case("vector_norm_two_axes", VectorNorm(2.0, (0, -1)), normal(3, 4, 5))
    yield case("vector_norm_kept", VectorNorm(3.0, (1,), True), normal(3, 4, 5))
    yield case("norm_two_axes_kept", Norm(1.0, (1, 2), True), normal(3, 4, 5))
    yield case("of_everything", of_everything, normal(3, 5))
    yield case("frobenius", frobenius, normal(2, 3, 4), dtypes=("float32", "float64"))
    yield case("matrix_orders", matrix_orders, normal(2, 3, 4))
    yield case("wide_range", VectorNorm(2.0, (1,)), spread(4, 20, decades=8.0))
    yield case("small", VectorNorm(2.0, (1,)), normal(3, 6, std=1e-15))
    yield case("in_float64", in_float64, normal(3, 6))
    yield case("zero_dim", VectorNorm(2.0, ()), values(-1.5))
    yield case("one_element_axis", VectorNorm(2.0, (1,)), normal(4, 1))
    yield case("empty_vectors", VectorNorm(2.0, (0,)), normal(0, 4), because="nothing has length zero")
    yield case("empty_answer", VectorNorm(infinity, (1,)), normal(0, 4))
    yield case("normalised", Normalised(2.0, 1, 1e-12), normal(3, 5), dtypes=("float32", "float64"))
    yield case("normalised_small", Normalised(2.0, -1, 0.01), normal(4, 6, std=4e-3),
               because="some lengths are below epsilon, some above")
    yield case("normalised_zero", Normalised(1.0, 0, 1e-3), values([[0.0, 1.0, 1e-4], [0.0, -3.0, 1e-4]]))
    yield case("dynamic_batch", VectorNorm(2.0, (1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("normalised_dynamic", Normalised(2.0, 1, 1e-12), normal(3, 4),
               dynamic={0: {0: "batch", 1: "length"}})
