"""covariance: torch.cov and torch.corrcoef, how variables vary together."""
from typing import Optional

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, values


class Covariance(nn.Module):
    """torch.cov with the given correction, weighted by how often (whole numbers) or how much (floats) each counts."""

    def __init__(self, correction: int = 1):
        super().__init__()
        self.correction = correction

    def forward(self, x: Tensor, fweights: Optional[Tensor] = None, aweights: Optional[Tensor] = None) -> Tensor:
        return torch.cov(x, correction=self.correction, fweights=fweights, aweights=aweights)


def correlations(x: Tensor) -> Tensor:
    return torch.corrcoef(x)


def weighed(x: Tensor, aweights: Tensor) -> Tensor:
    return x.cov(aweights=aweights)


def cases():
    yield case("matrix", Covariance(), normal(3, 8, mean=2.0), dtypes=("float32", "float64", "float16", "bfloat16", "complex64"))
    yield case("whole_numbers", Covariance(), integers(3, 6, low=-20, high=20))
    yield case("one_variable", Covariance(), normal(7))
    yield case("one_observation", Covariance(), normal(3, 1), because="no degree of freedom is left: 0 / 0")
    yield case("correction_zero", Covariance(0), normal(3, 4))
    yield case("correction_large", Covariance(9), normal(2, 4), because="degrees of freedom are never negative")
    yield case("counted", Covariance(), normal(3, 5), integers(5, low=1, high=4))
    yield case("counted_and_weighed", Covariance(2), normal(3, 5), integers(5, low=1, high=4), positive(5))
    yield case("weighed", weighed, normal(3, 5), positive(5), dtypes=("float32", "float64"))
    yield case("dynamic_observations", Covariance(), normal(3, 6), dynamic={0: {1: "observations"}})
    yield case("correlations", correlations, normal(3, 8), dtypes=("float32", "float64", "complex64"))
    yield case("correlations_of_multiples", correlations, values([[1.0, 2.0, 4.0], [2.0, 4.0, 8.0], [-1.0, -2.0, -4.0]]),
               because="rounding must not take a correlation past 1")
    yield case("correlation_of_one", correlations, normal(6))
    yield case("correlations_of_a_constant", correlations, values([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]))
