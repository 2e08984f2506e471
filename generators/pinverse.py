"""pinverse: pseudo-inverses, ranks, and norms by singular values."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class PseudoInverse(nn.Module):
    """torch.linalg.pinv with numbers as tolerances."""

    def __init__(self, atol: float | None = None, rtol: float | None = None, hermitian: bool = False) -> None:
        super().__init__()
        self.atol = atol
        self.rtol = rtol
        self.hermitian = hermitian

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.pinv(x, atol=self.atol, rtol=self.rtol, hermitian=self.hermitian)


def by_tensors(x: Tensor, atol: Tensor, rtol: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.linalg.pinv(x, atol=atol, rtol=rtol), torch.linalg.pinv(x, atol=atol), torch.linalg.pinv(x, rtol=rtol)


def older_name(x: Tensor) -> Tensor:
    return torch.pinverse(x, rcond=1e-3)


def symmetric(x: Tensor) -> Tensor:
    return torch.linalg.pinv(x + x.mT, hermitian=True)


class Rank(nn.Module):
    """torch.linalg.matrix_rank."""

    def __init__(self, atol: float | None = None, rtol: float | None = None, hermitian: bool = False) -> None:
        super().__init__()
        self.atol = atol
        self.rtol = rtol
        self.hermitian = hermitian

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.matrix_rank(x, atol=self.atol, rtol=self.rtol, hermitian=self.hermitian)


class Condition(nn.Module):
    """torch.linalg.cond."""

    def __init__(self, p: int | float | str | None = None) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.cond(x, self.p)


def norms(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (torch.linalg.matrix_norm(x, ord=2), torch.linalg.matrix_norm(x, ord=-2),
            torch.linalg.matrix_norm(x, ord="nuc"), torch.linalg.matrix_norm(x, ord="nuc", dim=(0, 2), keepdim=True))


RANK_TWO = [[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], [1.0, 0.0, -1.0, 2.0]]
SYMMETRIC_RANK_ONE = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]


def cases():
    for name, shape in (("square", (4, 4)), ("tall", (5, 3)), ("wide", (3, 5)), ("batch", (2, 3, 4, 2))):
        yield case(name, PseudoInverse(), normal(*shape), dtypes=("float32", "float64") if name != "batch" else ("float32",))
    yield case("rank_two", PseudoInverse(rtol=1e-3), values(RANK_TWO), dtypes=("float32", "float64"))
    yield case("absolute_tolerance", PseudoInverse(atol=2.0), values([[5.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
    yield case("both_tolerances", PseudoInverse(atol=0.5, rtol=0.3), values([[5.0, 0.0], [0.0, 1.0]]))
    yield case("by_tensors", by_tensors, normal(3, 3), values(0.2), values(0.3))
    yield case("older_name", older_name, normal(4, 3))
    yield case("symmetric", symmetric, normal(4, 4), dtypes=("float32", "float64"))
    yield case("symmetric_rank_one", PseudoInverse(rtol=1e-3, hermitian=True), values(SYMMETRIC_RANK_ONE))
    yield case("zeros", PseudoInverse(), values([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    yield case("no_columns", PseudoInverse(), normal(3, 0))
    yield case("rank", Rank(), normal(2, 4, 3))
    yield case("rank_two_of_three", Rank(rtol=1e-3), values(RANK_TWO), dtypes=("float32", "float64"))
    yield case("rank_absolute", Rank(atol=0.5), values([[5.0, 0.0], [0.0, 0.25]]))
    yield case("rank_symmetric", Rank(rtol=1e-3, hermitian=True), values(SYMMETRIC_RANK_ONE))
    for p in (None, 1, -1, 2, -2, float("inf"), float("-inf"), "fro", "nuc"):
        yield case(f"condition_{str(p).replace('-', 'minus_')}".lower(), Condition(p), normal(2, 3, 3),
                   dtypes=("float32", "float64") if p is None else ("float32",))
    yield case("condition_tall", Condition(), normal(5, 3))
    yield case("norms", norms, normal(3, 4, 2), dtypes=("float32", "float64"))
    yield case("dynamic_batch", PseudoInverse(), normal(3, 4, 3), dynamic={0: {0: "batch"}})
