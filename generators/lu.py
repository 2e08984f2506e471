"""lu: a matrix as a permutation, a lower and an upper triangle, and systems solved by way of them."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Factor(nn.Module):
    """torch.linalg.lu_factor: both triangles in one matrix, and the pivots."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        lu, pivots = torch.linalg.lu_factor(x)
        return lu, pivots


def with_info(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    lu, pivots, info = torch.linalg.lu_factor_ex(x)
    return lu, pivots, info


class Split(nn.Module):
    """torch.linalg.lu: P, L and U, and their product."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        p, lower, upper = torch.linalg.lu(x)
        return p, lower, upper, p @ lower @ upper


class Unpack(nn.Module):
    """torch.lu_unpack of the factors or the pivots alone."""

    def __init__(self, data: bool, pivots: bool) -> None:
        super().__init__()
        self.data = data
        self.pivots = pivots

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        lu, pivots = torch.linalg.lu_factor(x)
        p, lower, upper = torch.lu_unpack(lu, pivots, unpack_data=self.data, unpack_pivots=self.pivots)
        return p, lower, upper


class Solve(nn.Module):
    """torch.linalg.lu_solve with the factors of the input."""

    def __init__(self, left: bool, adjoint: bool) -> None:
        super().__init__()
        self.left = left
        self.adjoint = adjoint

    def forward(self, x: Tensor, b: Tensor) -> Tensor:
        lu, pivots = torch.linalg.lu_factor(x)
        return torch.linalg.lu_solve(lu, pivots, b, left=self.left, adjoint=self.adjoint)


def older_names(x: Tensor, b: Tensor) -> Tensor:
    lu, pivots = torch.linalg.lu_factor(x)
    return torch.lu_solve(b, lu, pivots)


def cases():
    yield case("square", Factor(), normal(5, 5), dtypes=("float32", "float64"))
    yield case("tall", Factor(), normal(6, 3))
    yield case("wide", Factor(), normal(3, 6))
    yield case("batch", Factor(), normal(2, 3, 4, 4))
    yield case("larger", Factor(), normal(40, 40))
    yield case("one_element", Factor(), normal(2, 1, 1))
    yield case("empty_matrix", Factor(), normal(0, 0))
    yield case("empty_batch", Factor(), normal(0, 3, 2))
    yield case("columns_of_many_sizes", Factor(), spread(4, 4, decades=3.0))
    yield case("first_maximum", with_info, values([[0.0, 2.0, 1.0], [4.0, 8.0, 5.0], [1.0, 1.0, 6.0]]))
    yield case("singular", with_info, values([[0.5, 3.0, 0.0], [2.0, 1.0, 0.0], [1.0, 5.0, 0.0]]),
               because="the third pivot is zero: info is 3")
    for name, shape in (("square", (4, 4)), ("tall", (5, 3)), ("wide", (3, 5)), ("batch", (2, 2, 3, 3))):
        yield case(f"split_{name}", Split(), normal(*shape),
                   dtypes=("float32", "float64") if name == "square" else ("float32",))
    yield case("unpack_data_alone", Unpack(True, False), normal(2, 3, 4))
    yield case("unpack_pivots_alone", Unpack(False, True), normal(2, 4, 3))
    for left in (True, False):
        for adjoint in (False, True):
            name = f"solve_{'left' if left else 'right'}{'_adjoint' if adjoint else ''}"
            yield case(name, Solve(left, adjoint), normal(4, 4), normal(*((4, 2) if left else (2, 4))),
                       dtypes=("float32", "float64"))
    yield case("solve_broadcast", Solve(True, False), normal(2, 1, 3, 3), normal(4, 3, 2))
    yield case("solve_older_name", older_names, normal(2, 4, 4), normal(2, 4, 3))
    yield case("dynamic_batch", Split(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
