"""graph_convolution: features of nodes summed over neighbours, given as a dense matrix or as edges."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, positive, values


class Convolution(nn.Module):
    """H' = A H W + b, as in Kipf and Welling (2017), the adjacency A given ready."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        return adjacency @ self.linear(x) + self.bias


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Convolution(5, 8)
        self.second = Convolution(8, 3)

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        return F.log_softmax(self.second(torch.relu(self.first(x, adjacency)), adjacency), dim=-1)


class Normalised(nn.Module):
    """D^-1/2 (A + I) D^-1/2 from a matrix of edges."""

    def __init__(self):
        super().__init__()
        self.convolution = Convolution(4, 3)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        adjacency = edges.to(x.dtype) + torch.eye(edges.size(0), dtype=x.dtype)
        scale = adjacency.sum(1).rsqrt()
        return self.convolution(x, scale.unsqueeze(1) * adjacency * scale.unsqueeze(0))


class Attention(nn.Module):
    """One head of graph attention (Velickovic and others, 2018)."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3, bias=False)
        self.source = nn.Linear(3, 1)
        self.target = nn.Linear(3, 1)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        h = self.linear(x)
        score = F.leaky_relu(self.source(h) + self.target(h).transpose(-2, -1), 0.2)
        score = score.masked_fill(~edges, -1e9)
        return F.elu(torch.softmax(score, dim=-1) @ h)


class OverEdges(nn.Module):
    """Messages gathered from source nodes and summed at target nodes; edges are (2, count)."""

    def __init__(self):
        super().__init__()
        self.message = nn.Linear(4, 5)
        self.own = nn.Linear(4, 5)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        messages = torch.relu(self.message(x))[edges[0]]
        total = torch.zeros(x.size(0), 5, dtype=x.dtype).index_add(0, edges[1], messages)
        return total + self.own(x)


def cases():
    yield case("one_layer", Convolution(4, 3), normal(6, 4), positive(6, 6), dtypes=("float32", "float64"))
    yield case("batches", Convolution(4, 3), normal(2, 5, 4), normal(2, 5, 5))
    yield case("shared_adjacency", Convolution(3, 2), normal(2, 4, 3), normal(4, 4))
    yield case("two_layers", TwoLayers(), normal(7, 5), positive(7, 7, low=0.0, high=0.4))
    yield case("normalised", Normalised(), normal(6, 4), booleans(6, 6))
    yield case("no_edges", Normalised(), normal(3, 4), values([[False] * 3] * 3, dtype="bool"))
    yield case("attention", Attention(), normal(6, 4), booleans(6, 6))
    yield case("over_edges", OverEdges(), normal(5, 4), integers(2, 9, low=0, high=5))
    yield case("dynamic_batch", Convolution(4, 3), normal(2, 5, 4), normal(2, 5, 5),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_nodes", TwoLayers(), normal(4, 5), positive(4, 4),
               dynamic={0: {0: "nodes"}, 1: {0: "nodes", 1: "nodes"}})
    yield case("dynamic_edges", OverEdges(), normal(5, 4), integers(2, 6, low=0, high=5),
               dynamic={1: {1: "edges"}})
