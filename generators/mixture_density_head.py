"""mixture_density_head: a layer's outputs split into weights, means and spreads of Gaussians."""
import math
from typing import Dict, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal


class Head(nn.Module):
    """(batch, inputs) to weights, means and spreads, each (batch, count)."""

    def __init__(self, inputs: int = 6, count: int = 3):
        super().__init__()
        self.count = count
        self.linear = nn.Linear(inputs, 3 * count)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        weight, mean, spread = torch.split(self.linear(x), self.count, dim=-1)
        return torch.softmax(weight, dim=-1), mean, F.softplus(spread) + 1e-3


class NamedHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        weight, mean, spread = self.head(x)
        return {"weight": weight, "mean": mean, "spread": spread}


class NestedHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x: Tensor) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        weight, mean, spread = self.head(x)
        return weight, (mean, spread)


class SeveralDimensions(nn.Module):
    """Means of several dimensions, so pieces of unequal size."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 9)
        self.linear = nn.Linear(9, 2 + 2 * 3 + 2)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        weight, mean, spread = torch.split(self.linear(torch.tanh(self.hidden(x))), [2, 6, 2], dim=1)
        return torch.log_softmax(weight, dim=1), mean.view(-1, 2, 3), torch.exp(spread)


class Likelihood(nn.Module):
    """The negative log-likelihood of y under the mixture."""

    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        weight, mean, spread = self.head(x)
        z = (y.unsqueeze(-1) - mean) / spread
        log_density = -0.5 * z * z - torch.log(spread) - 0.5 * math.log(2 * math.pi)
        return -torch.logsumexp(torch.log(weight) + log_density, dim=-1)


class Expectation(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head(5, 4)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        weight, mean, spread = self.head(x)
        expected = (weight * mean).sum(-1)
        variance = (weight * (spread.square() + mean.square())).sum(-1) - expected.square()
        return expected, variance


def cases():
    yield case("tuple", Head(), normal(4, 6), dtypes=("float32", "float64"))
    yield case("dictionary", NamedHead(), normal(3, 6), because="outputs have names")
    yield case("nested", NestedHead(), normal(3, 6), because="outputs are a tuple within a tuple")
    yield case("one_component", Head(5, 1), normal(3, 5), because="the softmax of one number is exactly 1")
    yield case("many_components", Head(9, 17), normal(2, 9))
    yield case("large_inputs", Head(), normal(3, 6, std=60.0),
               because="softplus must neither overflow nor vanish")
    yield case("several_dimensions", SeveralDimensions(), normal(3, 4))
    yield case("likelihood", Likelihood(), normal(4, 6), normal(4))
    yield case("expectation", Expectation(), normal(4, 5))
    yield case("dynamic_batch", Head(), normal(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_dictionary", NamedHead(), normal(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_of_views", SeveralDimensions(), normal(3, 4), dynamic={0: {0: "batch"}})
