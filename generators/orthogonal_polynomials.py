"""orthogonal_polynomials: Hermite's, Laguerre's and Legendre's, whose degree is a tensor or a number."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, uniform, values

POLYNOMIALS = {"hermite_h": torch.special.hermite_polynomial_h, "hermite_he": torch.special.hermite_polynomial_he,
               "laguerre": torch.special.laguerre_polynomial_l, "legendre": torch.special.legendre_polynomial_p}


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
    degrees = values([[-1], [0], [1], [2], [3], [6], [15]], dtype="int64")
    both = ("float32", "float64")
    for name, function in POLYNOMIALS.items():
        yield case(name, function, uniform(6, low=-1.0, high=1.0), degrees, dtypes=both)
        yield case(f"{name}_outside", function, values([-3.5, -1.01, 1.01, 2.0, 30.0]), degrees, dtypes=both)
        yield case(f"{name}_ends", function, values([-1.0, 1.0, 0.0, -0.0]), degrees, dtypes=both)
        yield case(f"{name}_not_finite", function, values([float("inf"), float("-inf"), float("nan")]),
                   values([[-1.0], [0.0], [1.0], [4.0]]))
        yield case(f"{name}_overflow", function, values([30.0, -1e20]), values([[3.0], [60.0]]),
                   because="the recurrence overflows and ends in NaN")
        yield case(f"{name}_whole_argument", function, integers(4, 1, low=-2, high=3), integers(5, low=0, high=6))
        yield case(f"{name}_number_n", OfDegree(function, 4), normal(8), dtypes=(*both, "int32"))
        yield case(f"{name}_number_x", At(function, 0.3), values([0.0, 1.0, 3.0, 12.0]), dtypes=both)
        yield case(f"{name}_degree_cut", function, values(0.7), values([2.9, -0.9, -1.5, 1e19, float("nan")]))
    yield case("legendre_long", POLYNOMIALS["legendre"], uniform(6, low=-1.0, high=1.0), values(100.0), dtypes=both)
    yield case("laguerre_long", POLYNOMIALS["laguerre"], uniform(6, low=0.0, high=20.0), values(40.0), dtypes=both)
    for name in ("hermite_h", "hermite_he"):
        yield case(f"{name}_limit", POLYNOMIALS[name], values(0.01), values([127.0, 128.0, 129.0, 512.0, 513.0]), dtypes=both,
                   because="PyTorch gives NaN beyond degree 128 in float32 and 512 in float64")
    yield case("empty", POLYNOMIALS["legendre"], normal(0, 3), normal(1))
    yield case("dynamic_batch", POLYNOMIALS["legendre"], uniform(3, 4), integers(4, low=0, high=9),
               dynamic={0: {0: "batch"}})
