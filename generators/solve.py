"""solve: linear systems, from either side, for vectors, matrices and tensors."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Solve(nn.Module):
    """torch.linalg.solve."""

    def __init__(self, left: bool = True) -> None:
        super().__init__()
        self.left = left

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.linalg.solve(a, b, left=self.left)


class SolveWithInfo(nn.Module):
    """torch.linalg.solve_ex."""

    def __init__(self, left: bool = True) -> None:
        super().__init__()
        self.left = left

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        x, info = torch.linalg.solve_ex(a, b, left=self.left)
        return x, info


class TensorSolve(nn.Module):
    """torch.linalg.tensorsolve, with some dims moved to the end first."""

    def __init__(self, dims: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.linalg.tensorsolve(a, b, dims=self.dims)


def residual(a: Tensor, b: Tensor) -> Tensor:
    return a @ torch.linalg.solve(a, b)


HILBERT = [[1 / (i + j + 1) for j in range(4)] for i in range(4)]


def cases():
    yield case("vector", Solve(), normal(4, 4), normal(4), dtypes=("float32", "float64"))
    yield case("matrix", Solve(), normal(5, 5), normal(5, 3), dtypes=("float32", "float64"))
    yield case("right", Solve(left=False), normal(4, 4), normal(2, 4), dtypes=("float32", "float64"))
    yield case("vector_batch", Solve(), normal(2, 3, 4, 4), normal(2, 3, 4),
               because="as many dims as A without its last: a batch of vectors")
    yield case("matrix_batch", Solve(), normal(2, 3, 3), normal(2, 3, 2))
    yield case("broadcast", Solve(), normal(2, 1, 3, 3), normal(4, 3, 2))
    yield case("one_matrix_many_right_sides", SolveWithInfo(), normal(3, 3), normal(4, 3, 2))
    yield case("with_info", SolveWithInfo(), normal(2, 3, 3), normal(2, 3))
    yield case("larger", Solve(), normal(40, 40), normal(40, 2))
    yield case("one_element", Solve(), normal(1, 1), normal(1))
    yield case("empty_matrix", Solve(), normal(0, 0), normal(0, 2))
    yield case("empty_batch", Solve(), normal(0, 3, 3), normal(0, 3, 1))
    yield case("no_columns", Solve(), normal(3, 3), normal(3, 0))
    yield case("ill_conditioned", Solve(), values(HILBERT), normal(4, 1), dtypes=("float32", "float64"))
    yield case("ill_conditioned_residual", residual, values(HILBERT), normal(4, 1),
               because="the solution loses four digits, its product none")
    yield case("pivots_alike", Solve(), values([[1.0, 1.0], [1.0, -1.0]]), normal(2, 2),
               because="either pivot may be taken, and the answer is the same")
    yield case("zero_first_pivot", Solve(), values([[0.0, 2.0], [3.0, 1.0]]), normal(2, 1))
    yield case("columns_of_many_sizes", Solve(), spread(4, 4, decades=2.0), spread(4, 2, decades=2.0))
    yield case("tensor", TensorSolve(), normal(2, 3, 6), normal(2, 3))
    yield case("tensor_dims_moved", TensorSolve((0, 2)), normal(3, 4, 4, 3), normal(3, 4), dtypes=("float32", "float64"))
    yield case("dynamic_batch", Solve(), normal(2, 3, 3), normal(2, 3, 2), dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_size", Solve(), normal(4, 4), normal(4, 2), dynamic={0: {0: "size", 1: "size"}, 1: {0: "size"}})
