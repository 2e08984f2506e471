"""cholesky: the triangular root of a positive definite matrix, and systems and inverses by way of it."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


def positive_definite(x: Tensor) -> Tensor:
    return x @ x.mT + 0.1 * torch.eye(x.shape[-1], dtype=x.dtype)


class Factor(nn.Module):
    """torch.linalg.cholesky of a positive definite matrix made of the input."""

    def __init__(self, upper: bool = False) -> None:
        super().__init__()
        self.upper = upper

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.cholesky(positive_definite(x), upper=self.upper)


class Triangle(nn.Module):
    """torch.linalg.cholesky_ex of the input as it is: one triangle is not read."""

    def __init__(self, upper: bool = False) -> None:
        super().__init__()
        self.upper = upper

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        factor, info = torch.linalg.cholesky_ex(x, upper=self.upper)
        return factor, info


class Solve(nn.Module):
    """torch.cholesky_solve and torch.cholesky_inverse of a factor."""

    def __init__(self, upper: bool = False) -> None:
        super().__init__()
        self.upper = upper

    def forward(self, b: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        factor = torch.linalg.cholesky(positive_definite(x), upper=self.upper)
        return torch.cholesky_solve(b, factor, upper=self.upper), torch.cholesky_inverse(factor, upper=self.upper)


def older_name(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cholesky(positive_definite(x)), torch.cholesky(positive_definite(x), upper=True)


def rebuilt(x: Tensor) -> Tensor:
    factor = torch.linalg.cholesky(x)
    return factor @ factor.mT


HALF = [[4.0, 9.0, -7.0], [2.0, 5.0, 3.0], [-2.0, 1.0, 6.0]]


def cases():
    for name, upper in (("lower", False), ("upper", True)):
        yield case(name, Factor(upper), normal(5, 5), dtypes=("float32", "float64"))
        yield case(f"{name}_batch", Factor(upper), normal(2, 3, 4, 4))
        yield case(f"{name}_one_triangle", Triangle(upper), values(HALF), because="the other triangle is not read")
        yield case(f"{name}_solve", Solve(upper), normal(4, 3), normal(4, 4), dtypes=("float32", "float64"))
    yield case("larger", Factor(), normal(33, 33))
    yield case("one_element", Factor(), normal(2, 1, 1))
    yield case("empty_matrix", Factor(), normal(0, 0))
    yield case("empty_batch", Factor(), normal(0, 3, 3))
    yield case("older_name", older_name, normal(4, 4))
    yield case("rebuilt_ill_conditioned", rebuilt, values([[1 / (i + j + 1) for j in range(5)] for i in range(5)]),
               because="a Hilbert matrix: the factor's last entries cancel, its product does not")
    yield case("graded", Factor(), spread(4, 4, decades=2.0))
    yield case("not_definite", Triangle(), values([[4.0, 0.0, 0.0], [2.0, -3.0, 0.0], [1.0, 1.0, 1.0]]),
               because="info is 2, and what was done until then stays")
    yield case("solve_broadcast", Solve(), normal(2, 1, 3, 2), normal(4, 3, 3))
    yield case("dynamic_batch", Factor(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_size", Factor(), normal(4, 4), dynamic={0: {0: "size", 1: "size"}})
