"""complex_linalg: linear algebra of complex matrices: systems, inverses, exponentials, singular values, Hermitian eigenvalues."""
import torch
from torch import Tensor

from lockstep.cases import case, normal

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"


def solved(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    return torch.linalg.solve(a, b), torch.linalg.solve(a, b.mT, left=False)


def solved_vectors(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.solve(a, b)


def inverses(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.linalg.inv(a), torch.linalg.inv_ex(a)[1], torch.linalg.matrix_power(a, -2)


def triangular(t: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    t = t + 3 * torch.eye(3)
    return (torch.linalg.solve_triangular(t, b, upper=True), torch.linalg.solve_triangular(t, b, upper=False, unitriangular=True),
            torch.linalg.solve_triangular(t.mT, b.mT, upper=True, left=False))


def by_cholesky(b: Tensor, factor: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A factor's diagonal is real."""
    factor = factor.tril(-1) + torch.diag(factor.real.diagonal().abs() + 1)
    return torch.cholesky_solve(b, factor), torch.cholesky_solve(b, factor.mT, upper=True), torch.cholesky_inverse(factor)


def exponential(a: Tensor) -> Tensor:
    return torch.linalg.matrix_exp(a)


def singular_values(a: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return torch.linalg.svdvals(a), torch.linalg.norm(a, 2, (-2, -1)), torch.linalg.norm(a, "nuc", (-2, -1)), torch.linalg.cond(a)


def eigenvalues(a: Tensor) -> tuple[Tensor, Tensor]:
    return torch.linalg.eigvalsh(a), torch.linalg.eigvalsh(a, UPLO="U")


def pseudo_inverses(a: Tensor) -> tuple[Tensor, Tensor]:
    return torch.linalg.pinv(a), torch.linalg.pinv(a @ a.mH + torch.eye(3), hermitian=True)


def cases():
    yield case("solve", solved, normal(4, 4), normal(4, 3), dtypes=BOTH)
    yield case("solve_batch", solved, normal(2, 3, 3), normal(2, 3, 2), dtypes=(COMPLEX,))
    yield case("solve_vectors", solved_vectors, normal(2, 3, 3), normal(2, 3), dtypes=(COMPLEX,))
    yield case("solve_spread", solved_vectors, normal(3, 3), normal(2, 3, 1), dtypes=(COMPLEX,),
               because="one matrix serves every right side")
    yield case("inverses", inverses, normal(3, 3), dtypes=BOTH)
    yield case("triangular", triangular, normal(3, 3), normal(3, 2), dtypes=BOTH, because="the other triangle is not read")
    yield case("by_cholesky", by_cholesky, normal(3, 2), normal(3, 3), dtypes=(COMPLEX,))
    yield case("exponential", exponential, normal(2, 3, 3), dtypes=BOTH)
    yield case("singular_values_wide", singular_values, normal(3, 5), dtypes=(COMPLEX,))
    yield case("singular_values_tall", singular_values, normal(2, 4, 3), dtypes=BOTH)
    yield case("eigenvalues", eigenvalues, normal(4, 4), dtypes=BOTH,
               because="one triangle is read, and nothing of the diagonal's imaginary parts")
    yield case("pseudo_inverses", pseudo_inverses, normal(3, 4), dtypes=(COMPLEX,))
    yield case("empty", exponential, normal(0, 2, 2), dtypes=(COMPLEX,))
    yield case("dynamic_batch", solved_vectors, normal(2, 3, 3), normal(2, 3, 1), dtypes=(COMPLEX,),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
