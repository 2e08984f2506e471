"""module_list_network: layers of an nn.ModuleList called in a loop, on an input of shape [120, 1]."""
from typing import List

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class Network(nn.Module):
    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class Residual(nn.Module):
    def __init__(self, width: int, depth: int):
        super().__init__()
        self.first = nn.Linear(1, width)
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for layer in self.layers:
            x = x + torch.relu(layer(x))
        return x


class Branches(nn.Module):
    def __init__(self, *widths: int):
        super().__init__()
        self.branches = nn.ModuleList([nn.Linear(1, width) for width in widths])

    def forward(self, x: Tensor) -> Tensor:
        results: List[Tensor] = []
        for number, branch in enumerate(self.branches):
            results.append(branch(x) * (number + 1))
        return torch.cat(results, dim=1)


class ByName(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({"up": nn.Linear(1, 9), "bend": nn.Softplus(), "down": nn.Linear(9, 2)})

    def forward(self, x: Tensor) -> Tensor:
        return self.layers["down"](self.layers["bend"](self.layers["up"](x)))


class Repeated(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(1, 5)
        self.shared = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for _ in range(3):
            x = torch.tanh(self.shared(x))
        return x


def cases():
    x = normal(120, 1)
    yield case("relu", Network(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 4), nn.ReLU()), x,
               dtypes=("float32", "float64"))
    yield case("tanh", Network(nn.Linear(1, 7), nn.Tanh(), nn.Linear(7, 7), nn.Tanh(), nn.Linear(7, 1)), x)
    yield case("one_layer", Network(nn.Linear(1, 3)), x)
    yield case("of_sequences",
               Network(nn.Sequential(nn.Linear(1, 6), nn.ReLU()), nn.Sequential(nn.Linear(6, 2))), x)
    yield case("residual", Residual(8, 3), x)
    yield case("branches", Branches(3, 1, 4), x)
    yield case("by_name", ByName(), x)
    yield case("repeated", Repeated(), x, because="one layer called three times has one set of weights")
    yield case("dynamic_batch", Network(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 2)), x,
               dynamic={0: {0: "batch"}})
    yield case("dynamic_residual", Residual(5, 2), x, dynamic={0: {0: "batch"}})
