"""histogram: how many values, or how much of their weight, each bin holds; histc, histogram and histogramdd."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, positive, uniform, values


class Histc(nn.Module):
    def __init__(self, bins: int, low: float = 0.0, high: float = 0.0):
        super().__init__()
        self.bins, self.low, self.high = bins, low, high

    def forward(self, x: Tensor) -> Tensor:
        return torch.histc(x, self.bins, self.low, self.high)


class Histogram(nn.Module):
    def __init__(self, bins: int, limits: tuple[float, float] | None = None, density: bool = False):
        super().__init__()
        self.bins, self.limits, self.density = bins, limits, density

    def forward(self, x: Tensor, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return torch.histogram(x, self.bins, range=self.limits, weight=weight, density=self.density)


class Points(nn.Module):
    def __init__(self, bins: list[int], limits: list[float] | None = None, density: bool = False):
        super().__init__()
        self.bins, self.limits, self.density = bins, limits, density

    def forward(self, x: Tensor, weight: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        return torch.histogramdd(x, self.bins, range=self.limits, weight=weight, density=self.density)


def by_edges(x: Tensor, edges: Tensor) -> Tensor:
    return torch.histogram(x, edges)[0]


def by_edges_weighted(x: Tensor, edges: Tensor, weight: Tensor) -> Tensor:
    return torch.histogram(x, edges, weight=weight, density=True)[0]


def points_by_edges(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return torch.histogramdd(x, [rows, columns])[0]


EDGES = values([-2.0, -0.5, 0.0, 0.25, 2.0])


def cases():
    yield case("histc", Histc(6, -2.0, 2.0), normal(40), dtypes=("float32", "float64"))
    yield case("histc_of_a_matrix", Histc(4, -1.0, 1.5), normal(5, 7))
    yield case("histc_by_extremes", Histc(5), normal(30), because="equal limits stand for the smallest and largest value")
    yield case("histc_one_value", Histc(3), values([2.5, 2.5, 2.5]))
    yield case("histc_on_edges", Histc(4, 0.0, 4.0), values([0.0, 1.0, 2.0, 3.0, 4.0, -0.0, 4.5, -0.5]),
               because="the last bin has its right edge, what is outside does not count")
    yield case("histc_not_a_number", Histc(4, 0.0, 4.0), values([0.5, float("nan"), float("inf"), float("-inf"), 3.5]))
    yield case("histc_empty", Histc(4, 0.0, 1.0), normal(0))
    yield case("histogram", Histogram(5), normal(40), dtypes=("float32", "float64"))
    yield case("histogram_range", Histogram(5, (-1.25, 1.0)), normal(40))
    yield case("histogram_weight", Histogram(4, (-2.0, 2.0)), normal(20), positive(20))
    yield case("histogram_density", Histogram(5, None, True), normal(40))
    yield case("histogram_weight_density", Histogram(3, (-2.0, 2.0), True), normal(4, 5), positive(4, 5))
    yield case("histogram_one_value", Histogram(4), values([1.5, 1.5]))
    yield case("edges", by_edges, normal(40), EDGES)
    yield case("on_edges", by_edges, values([-2.0, -0.5, 0.0, 0.25, 2.0, 2.5, -3.0, float("nan")]), EDGES)
    yield case("edges_weight_density", by_edges_weighted, normal(40), EDGES, positive(40))
    yield case("points", Points([3, 4]), normal(30, 2), dtypes=("float32", "float64"))
    yield case("points_range", Points([2, 3, 2], [-1.5, 1.5, -2.0, 2.0, -1.0, 1.0]), normal(20, 3))
    yield case("points_weight_density", Points([3, 2], None, True), uniform(25, 2), positive(25))
    yield case("points_by_edges", points_by_edges, normal(30, 2), EDGES, values([-1.5, 0.0, 1.5]))
