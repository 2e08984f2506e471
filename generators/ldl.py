"""ldl: symmetric matrices as L D L', and systems solved by way of them."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Factor(nn.Module):
    """torch.linalg.ldl_factor_ex: L and D in one matrix, and the pivots."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        ld, pivots, info = torch.linalg.ldl_factor_ex(x)
        return ld, pivots, info


class Solve(nn.Module):
    """torch.linalg.ldl_solve with the factors of a symmetric matrix made of the input."""

    def forward(self, x: Tensor, b: Tensor) -> Tensor:
        ld, pivots = torch.linalg.ldl_factor(x + x.mT)
        return torch.linalg.ldl_solve(ld, pivots, b)


HOLLOW = [[0.0, 9.0, 9.0, 9.0], [2.0, 0.0, 9.0, 9.0], [-1.0, 3.0, 0.0, 9.0], [0.5, 1.0, -4.0, 0.0]]


def cases():
    yield case("square", Factor(), normal(6, 6), dtypes=("float32", "float64"))
    yield case("batch", Factor(), normal(2, 3, 4, 4))
    yield case("larger", Factor(), normal(20, 20))
    yield case("hollow", Factor(), values(HOLLOW),
               because="zeros on the diagonal: blocks of two; the upper triangle is not read")
    yield case("dominant_diagonal", Factor(), values([[9.0, 0.0, 0.0], [1.0, -8.0, 0.0], [2.0, 1.0, 7.0]]))
    yield case("zero_column", Factor(), values([[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 1.0, 3.0]]), because="info is 1")
    yield case("one_element", Factor(), normal(2, 1, 1))
    yield case("empty_matrix", Factor(), normal(0, 0))
    yield case("solve", Solve(), normal(6, 6), normal(6, 2), dtypes=("float32", "float64"))
    yield case("solve_hollow", Solve(), values([[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [0.5, -1.0, 0.0]]), normal(3, 3))
    yield case("solve_batch", Solve(), normal(2, 4, 4), normal(2, 4, 3))
    yield case("solve_one_element", Solve(), normal(1, 1), normal(1, 2))
    yield case("solve_no_columns", Solve(), normal(3, 3), normal(3, 0))
    yield case("dynamic_batch", Factor(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
