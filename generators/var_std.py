"""var_std: the variance and the standard deviation of elements around their mean."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special, values


class Spread(nn.Module):
    """torch.var or torch.std over some axes, divided by the count less a correction."""

    def __init__(self, function: Callable, dim: tuple[int, ...], correction: int = 1,
                 keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.correction = correction
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, dim=self.dim, correction=self.correction, keepdim=self.keepdim)


class SpreadAndMean(nn.Module):
    """torch.var_mean or torch.std_mean over some axes."""

    def __init__(self, function: Callable, dim: tuple[int, ...], correction: int = 1,
                 keepdim: bool = False) -> None:
        super().__init__()
        self.function = function
        self.dim = dim
        self.correction = correction
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        spread, mean = self.function(x, dim=self.dim, correction=self.correction, keepdim=self.keepdim)
        return spread, mean


def of_everything(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.var(), x.std()


def biased_by_name(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.var(x, dim=1, unbiased=False), torch.std(x, dim=[-1], unbiased=True)


def biased_of_everything(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.var(x, unbiased=False), torch.std(x, unbiased=False)


def standardised(x: Tensor) -> Tensor:
    return (x - x.mean(dim=-1, keepdim=True)) / (x.std(dim=-1, keepdim=True) + 1e-3)


def cases():
    for function in (torch.var, torch.std):
        name = function.__name__
        for correction in (0, 1, 2):
            yield case(f"{name}_correction_{correction}", Spread(function, (-1,), correction),
                       normal(3, 4, 5),
                       dtypes=("float32", "float64"))
        yield case(f"{name}_first_axis", Spread(function, (0,)), normal(6, 5))
        yield case(f"{name}_two_axes_kept", Spread(function, (-1, 1), 0, True), normal(2, 3, 4, 5))
        yield case(f"{name}_all_axes", Spread(function, (), 0), normal(3, 4))
        yield case(f"{name}_large_mean", Spread(function, (1,)), normal(3, 50, mean=1000.0, std=0.1),
                   because="the mean of squares less the square of the mean cancels")
        yield case(f"{name}_small", Spread(function, (1,), 0), normal(3, 8, std=1e-3))
        yield case(f"{name}_one_element", Spread(function, (1,)), normal(4, 1),
                   because="zero divided by a count of zero is NaN")
        yield case(f"{name}_one_element_uncorrected", Spread(function, (1,), 0), normal(4, 1))
        yield case(f"{name}_special_values", Spread(function, (0,), 0), special(5, 5))
        yield case(f"{name}_empty", Spread(function, (0,), 0), normal(0, 3))
        yield case(f"{name}_dynamic", Spread(function, (1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    for function in (torch.var_mean, torch.std_mean):
        name = function.__name__
        yield case(name, SpreadAndMean(function, (1,)), normal(3, 4, 5), dtypes=("float32", "float64"))
        yield case(f"{name}_kept", SpreadAndMean(function, (-1, -2), 0, True), normal(2, 3, 4, 5, mean=3.0))
    yield case("of_everything", of_everything, normal(3, 4, 5))
    yield case("biased_by_name", biased_by_name, normal(3, 5))
    yield case("biased_of_everything", biased_of_everything, normal(3, 5))
    yield case("equal_elements", Spread(torch.std, (1,)), values([[0.1] * 7, [3.0] * 7]),
               because="0.1 seven times has a rounded mean")
    yield case("standardised", standardised, normal(3, 6, mean=5.0, std=1e-3),
               because="the deviation is of the size of the epsilon")
    yield case("dynamic_terms", Spread(torch.var, (0,), 0), normal(3, 4), dynamic={0: {0: "batch"}})
