"""eigh: eigenvalues of symmetric matrices, and what eigenvectors rebuild whatever their signs."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Rebuilt(nn.Module):
    """Eigenvalues, the matrix rebuilt from one triangle, and that the vectors are orthonormal."""

    def __init__(self, triangle: str = "L") -> None:
        super().__init__()
        self.triangle = triangle

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        eigenvalues, vectors = torch.linalg.eigh(x, UPLO=self.triangle)
        return eigenvalues, (vectors * eigenvalues.unsqueeze(-2)) @ vectors.mT, vectors.mT @ vectors


class Values(nn.Module):
    """torch.linalg.eigvalsh."""

    def __init__(self, triangle: str = "L") -> None:
        super().__init__()
        self.triangle = triangle

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.eigvalsh(x, UPLO=self.triangle)


def root(x: Tensor) -> Tensor:
    """The positive definite square root of X'X + 1."""
    eigenvalues, vectors = torch.linalg.eigh(x.mT @ x + torch.eye(x.shape[-1], dtype=x.dtype))
    return (vectors * eigenvalues.sqrt().unsqueeze(-2)) @ vectors.mT


def magnitudes(x: Tensor) -> Tensor:
    """Signs aside, the vectors themselves."""
    return torch.linalg.eigh(x)[1].abs()


def cases():
    for triangle in ("L", "U"):
        name = {"L": "lower", "U": "upper"}[triangle]
        yield case(name, Rebuilt(triangle), normal(5, 5), dtypes=("float32", "float64"),
                   because="the other triangle is not read")
        yield case(f"{name}_values", Values(triangle), normal(5, 5), dtypes=("float32", "float64"))
    yield case("batch", Rebuilt(), normal(2, 3, 4, 4))
    yield case("larger", Rebuilt(), normal(40, 40))
    yield case("one_element", Rebuilt(), normal(3, 1, 1))
    yield case("two", Rebuilt(), normal(2, 2))
    yield case("empty_matrix", Rebuilt(), normal(2, 0, 0))
    yield case("empty_batch", Values(), normal(0, 3, 3))
    yield case("magnitudes", magnitudes, normal(4, 4), dtypes=("float32", "float64"))
    yield case("root", root, normal(6, 4), dtypes=("float32", "float64"))
    yield case("diagonal_already", Rebuilt(), values([[3.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 2.0]]))
    yield case("identity", Rebuilt(), values([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
               because="all eigenvalues alike: any basis")
    yield case("zeros", Rebuilt(), values([[0.0, 0.0], [0.0, 0.0]]))
    yield case("rank_one", Rebuilt(), values([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]))
    yield case("pairs_alike", Rebuilt(), values([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0],
                                                 [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]))
    yield case("many_sizes", Rebuilt(), spread(4, 4, decades=3.0))
    yield case("squares_vanish", Values(), normal(4, 4, std=1e-30))
    yield case("squares_overflow", Values(), normal(4, 4, std=1e30))
    yield case("dynamic_batch", Rebuilt(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_size", Values(), normal(4, 4), dynamic={0: {0: "size", 1: "size"}})
