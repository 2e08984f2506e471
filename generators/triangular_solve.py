"""triangular_solve: systems with a triangular matrix, from either side."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Solve(nn.Module):
    """torch.linalg.solve_triangular."""

    def __init__(self, upper: bool, left: bool = True, unit: bool = False) -> None:
        super().__init__()
        self.upper = upper
        self.left = left
        self.unit = unit

    def forward(self, t: Tensor, b: Tensor) -> Tensor:
        return torch.linalg.solve_triangular(t, b, upper=self.upper, left=self.left, unitriangular=self.unit)


class Older(nn.Module):
    """torch.triangular_solve, which gives the matrix back too."""

    def __init__(self, upper: bool, transpose: bool, unit: bool) -> None:
        super().__init__()
        self.upper = upper
        self.transpose = transpose
        self.unit = unit

    def forward(self, b: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        x, same = torch.triangular_solve(b, t, upper=self.upper, transpose=self.transpose, unitriangular=self.unit)
        return x, same


def cases():
    for upper in (False, True):
        for left in (True, False):
            for unit in (False, True):
                name = "_".join([("upper" if upper else "lower"), ("left" if left else "right")] + ["unit"] * unit)
                yield case(name, Solve(upper, left, unit), normal(4, 4, mean=1.0), normal(*((4, 3) if left else (3, 4))),
                           dtypes=("float32", "float64"), because="the other triangle is not read")
        for transpose in (False, True):
            name = f"older_{'upper' if upper else 'lower'}{'_transposed' if transpose else ''}"
            yield case(name, Older(upper, transpose, unit=upper != transpose), normal(2, 4, 2), normal(2, 4, 4, mean=1.0))
    yield case("one_column", Solve(False), normal(20, 20, mean=0.5), normal(20, 1))
    yield case("many_columns", Solve(True), normal(9, 9, mean=1.0), normal(9, 40))
    yield case("broadcast", Solve(True), normal(2, 1, 3, 3, mean=1.0), normal(4, 3, 2))
    yield case("one_element", Solve(True), normal(1, 1, mean=2.0), normal(1, 3))
    yield case("empty_matrix", Solve(True), normal(0, 0), normal(0, 3))
    yield case("no_columns", Solve(True), normal(3, 3), normal(3, 0))
    yield case("rows_of_many_sizes", Solve(False), spread(4, 4, decades=2.0), spread(4, 2, decades=3.0))
    yield case("zero_on_diagonal", Solve(True), values([[2.0, 1.0], [0.0, 0.0]]), values([[1.0], [1.0]]),
               because="a division by zero, and what follows from it")
    yield case("dynamic", Solve(False), normal(2, 4, 4, mean=1.0), normal(2, 4, 3),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
