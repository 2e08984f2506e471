"""qr: a matrix as an orthogonal and a triangular one, by Householder's reflections."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Factor(nn.Module):
    """torch.linalg.qr."""

    def __init__(self, mode: str = "reduced") -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        q, r = torch.linalg.qr(x, mode=self.mode)
        return q, r


class Rebuilt(nn.Module):
    """What is the same for every choice of Q: the product, and that Q is orthogonal."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        q, r = torch.linalg.qr(x)
        return q @ r, q.mT @ q


class Older(nn.Module):
    """torch.qr."""

    def __init__(self, some: bool) -> None:
        super().__init__()
        self.some = some

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        q, r = torch.qr(x, some=self.some)
        return q, r


class Reflections(nn.Module):
    """torch.geqrf, and torch.linalg.householder_product of what it gives."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        qr, tau = torch.geqrf(x)
        return qr, tau, torch.linalg.householder_product(qr, tau)


class Apply(nn.Module):
    """torch.ormqr: a product with Q from either side."""

    def __init__(self, left: bool, transpose: bool) -> None:
        super().__init__()
        self.left = left
        self.transpose = transpose

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        qr, tau = torch.geqrf(x)
        return torch.ormqr(qr, tau, c, left=self.left, transpose=self.transpose)


def fewer_reflections(qr: Tensor, tau: Tensor) -> Tensor:
    return torch.linalg.householder_product(qr, tau)


SHAPES = {"square": (4, 4), "tall": (6, 3), "wide": (3, 6), "batch": (2, 2, 4, 3), "row": (1, 4), "column": (4, 1)}


def cases():
    for mode in ("reduced", "complete", "r"):
        for name, shape in SHAPES.items():
            yield case(f"{mode}_{name}", Factor(mode), normal(*shape),
                       dtypes=("float32", "float64") if name in ("square", "tall") else ("float32",))
        yield case(f"{mode}_no_columns", Factor(mode), normal(3, 0))
        yield case(f"{mode}_no_rows", Factor(mode), normal(0, 3))
    yield case("larger", Factor(), normal(30, 30))
    yield case("rebuilt", Rebuilt(), normal(5, 3), dtypes=("float32", "float64"))
    yield case("rebuilt_rank_one", Rebuilt(), values([[1.0, 2.0, -1.0], [2.0, 4.0, -2.0], [-0.5, -1.0, 0.5]]),
               because="the second column of Q is made of rounding, and still orthogonal")
    yield case("rebuilt_columns_of_many_sizes", Rebuilt(), spread(5, 4, decades=3.0))
    yield case("zero_column", Rebuilt(), values([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]]))
    yield case("triangular_already", Factor(), values([[2.0, 1.0, 3.0], [0.0, -4.0, 5.0], [0.0, 0.0, 6.0]]),
               because="nothing below the diagonal: no reflection, and no change of sign")
    yield case("squares_vanish", Factor(), normal(4, 3, std=1e-30))
    yield case("squares_overflow", Factor(), normal(4, 3, std=1e30))
    yield case("older_some", Older(True), normal(5, 3))
    yield case("older_all", Older(False), normal(5, 3))
    yield case("reflections_square", Reflections(), normal(4, 4), dtypes=("float32", "float64"))
    yield case("reflections_tall", Reflections(), normal(2, 5, 3))
    yield case("fewer_reflections", fewer_reflections, normal(5, 4), values([0.8, 1.3]))
    for left in (True, False):
        for transpose in (False, True):
            yield case(f"apply_{'left' if left else 'right'}{'_transposed' if transpose else ''}", Apply(left, transpose),
                       normal(5, 3), normal(*((5, 2) if left else (2, 5))), dtypes=("float32", "float64"))
    yield case("apply_batch", Apply(True, True), normal(2, 3, 4, 4), normal(2, 3, 4, 2))
    yield case("dynamic_batch", Factor(), normal(3, 4, 3), dynamic={0: {0: "batch"}})
    yield case("dynamic_rows", Rebuilt(), normal(5, 3), dynamic={0: {0: "rows"}}, sizes=(5, 3, 11))
