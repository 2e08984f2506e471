"""special_functions: error functions, gamma functions, the logistic function and its inverse."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, positive, special, uniform, values


class Unary(nn.Module):
    """A function of one tensor as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Logit(nn.Module):
    """The inverse of the logistic function, of probabilities first clamped to [eps, 1 - eps]."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return torch.logit(x, eps=self.eps)


def in_place(x: Tensor) -> Tensor:
    result = x * 0.5
    result.erf_()
    result.erfinv_()
    result.erfc_()
    result.digamma_()
    return result


def cases():
    for function in (torch.erf, torch.erfc, torch.special.expit):
        name = function.__name__.removeprefix("special_")
        yield case(name, Unary(function), normal(4, 6, std=1.5), dtypes=("float32", "float64", "int64", "bool"),
                   gaps={"onnx": "the exporter writes erfc as 1 - erf, which cancels"} if name == "erfc" else None)
        yield case(f"{name}_tails", Unary(function), uniform(24, low=-12.0, high=12.0))
        yield case(f"{name}_near_zero", Unary(function), normal(12, std=1e-4))
    yield case("erfinv", Unary(torch.erfinv), uniform(4, 6, low=-1.0, high=1.0),
               dtypes=("float32", "float64"))
    yield case("erfinv_edges", Unary(torch.erfinv),
               values([0.99999994, 0.999, 1.0, -1.0, 1.1, -0.99999994, 1e-20]))
    yield case("lgamma", Unary(torch.lgamma), positive(4, 6, low=0.05, high=20.0),
               dtypes=("float32", "float64", "int32"))
    yield case("lgamma_large", Unary(torch.lgamma), uniform(12, low=1e3, high=1e6))
    yield case("lgamma_near_roots", Unary(torch.lgamma), values([0.999, 1.0, 1.001, 1.999, 2.0, 2.001]),
               because="the logarithm is zero at one and at two")
    yield case("digamma", Unary(torch.digamma), positive(4, 6, low=0.05, high=20.0),
               dtypes=("float32", "float64", "int64"))
    for function in (torch.lgamma, torch.digamma):
        yield case(f"{function.__name__}_negative", Unary(function),
                   values([-0.5, -1.5, -2.25, -3.75, -0.1, -10.3, 0.25]))
        yield case(f"{function.__name__}_poles", Unary(function), values([0.0, -0.0, -1.0, -2.0, -7.0]),
                   because="zero and the negative whole numbers are poles")
    yield case("logit", Unary(torch.logit), uniform(4, 6, low=0.01, high=0.99),
               dtypes=("float32", "float64"))
    yield case("logit_edges", Unary(torch.logit), values([0.0, 1.0, 0.5, -0.1, 1.1, 1e-30, 0.99999994]))
    yield case("logit_eps", Logit(0.15), uniform(4, 6),
               because="about a third of the elements lie outside the clamp")
    yield case("logit_eps_special_values", Logit(1e-3), special(25))
    for function in (torch.erf, torch.erfc, torch.erfinv, torch.special.expit, torch.lgamma, torch.digamma,
                     torch.logit):
        yield case(f"{function.__name__.removeprefix('special_')}_special_values", Unary(function),
                   special(25))
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", Unary(torch.erf), values(0.5))
    yield case("empty", Unary(torch.erfc), normal(0, 4))
    yield case("dynamic_batch", Unary(torch.erf), normal(3, 4), dynamic={0: {0: "batch"}})
