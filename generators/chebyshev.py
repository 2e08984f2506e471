"""chebyshev: Chebyshev polynomials of the four kinds, also shifted to [0, 1], whose degree is a tensor or a number."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, uniform, values

KINDS = "tuvw"


class OfDegree(nn.Module):
    """A polynomial of a degree that is a number."""

    def __init__(self, function: Callable, degree: int) -> None:
        super().__init__()
        self.function, self.degree = function, degree

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.degree)


class At(nn.Module):
    """The polynomials of all degrees at a number."""

    def __init__(self, function: Callable, x: float) -> None:
        super().__init__()
        self.function, self.x = function, x

    def forward(self, n: Tensor) -> Tensor:
        return self.function(self.x, n)


def cases():
    degrees = values([[-1], [0], [1], [2], [5], [6], [7], [8], [9], [30]], dtype="int64")
    both = ("float32", "float64")
    for kind in KINDS:
        for shifted in ("", "shifted_"):
            function = getattr(torch.special, f"{shifted}chebyshev_polynomial_{kind}")
            name = f"{shifted}{kind}"
            low, high = (0.0, 1.0) if shifted else (-1.0, 1.0)
            yield case(name, function, uniform(6, low=low, high=high), degrees, dtypes=both)
            yield case(f"{name}_outside", function, values([-3.5, -1.01, 1.01, 2.0, 1e3]), degrees, dtypes=both)
            yield case(f"{name}_ends", function, values([-1.0, 1.0, 0.0, -0.0, 0.5]), degrees, dtypes=both,
                       because="the ends of the interval have values of their own")
            yield case(f"{name}_overflow", function, values([30.0, -1e20, float("inf"), float("nan")]),
                       values([[3.0], [40.0]]), because="the recurrence overflows and ends in NaN")
            yield case(f"{name}_whole_argument", function, integers(4, 1, low=-2, high=3), integers(5, low=0, high=6))
            yield case(f"{name}_number_n", OfDegree(function, 4), uniform(8, low=low, high=high), dtypes=(*both, "int32"))
            yield case(f"{name}_number_x", At(function, 0.3), values([0.0, 1.0, 3.0, 12.0]), dtypes=both)
    degree = torch.special.chebyshev_polynomial_t
    yield case("degree_cut", degree, values(0.7), values([2.9, -0.9, -1.5, 1e19, float("inf"), float("nan")]),
               because="the degree is cut to a whole number, and what is none counts as negative")
    yield case("empty", degree, normal(0, 3), normal(1))
    yield case("dynamic_batch", degree, uniform(3, 4), integers(4, low=0, high=9), dynamic={0: {0: "batch"}})
