"""lstsq: least squares, by every driver."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class LeastSquares(nn.Module):
    """torch.linalg.lstsq: what a driver does not compute is empty."""

    def __init__(self, driver: str | None = None, rcond: float | None = None) -> None:
        super().__init__()
        self.driver = driver
        self.rcond = rcond

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        solution, residuals, rank, singular_values = torch.linalg.lstsq(a, b, rcond=self.rcond, driver=self.driver)
        return solution, residuals, rank, singular_values


def solution(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.lstsq(a, b)[0]


def truncated(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.lstsq(a, b, rcond=1e-3, driver="gelsd")[0]


RANK_TWO = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, -1.0], [3.0, 4.0, 5.0]]


def cases():
    for driver in (None, "gels", "gelsy", "gelsd", "gelss"):
        for name, rows, columns in (("tall", 6, 3), ("square", 4, 4), ("wide", 3, 5)):
            yield case(f"{driver or 'default'}_{name}", LeastSquares(driver), normal(rows, columns), normal(rows, 2),
                       dtypes=("float32", "float64") if driver in ("gels", "gelsd") else ("float32",))
        yield case(f"{driver or 'default'}_batch", LeastSquares(driver), normal(2, 5, 3), normal(2, 5, 2))
    yield case("vector", LeastSquares("gelsd"), normal(5, 3), normal(5))
    yield case("vector_batch", LeastSquares("gels"), normal(2, 5, 3), normal(2, 5))
    yield case("cut_off", truncated, values(RANK_TWO), normal(4, 2),
               because="of all answers the shortest: a singular value of zero is left out")
    yield case("one_column", solution, normal(7, 1), normal(7, 1))
    yield case("no_right_side", solution, normal(4, 2), normal(4, 0))
    yield case("dynamic_batch", solution, normal(3, 5, 3), normal(3, 5, 2), dynamic={0: {0: "batch"}, 1: {0: "batch"}})
