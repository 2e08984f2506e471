"""tril_triu: the lower or upper triangle of matrices, zeros elsewhere."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Lower(nn.Module):
    def __init__(self, diagonal: int):
        super().__init__()
        self.diagonal = diagonal

    def forward(self, x: Tensor) -> Tensor:
        return torch.tril(x, self.diagonal)


class Upper(nn.Module):
    def __init__(self, diagonal: int):
        super().__init__()
        self.diagonal = diagonal

    def forward(self, x: Tensor) -> Tensor:
        return torch.triu(x, self.diagonal)


def in_place(x: Tensor) -> Tensor:
    y = x.clone()
    y.tril_(1)
    return y


def intermediate_in_place(x: Tensor) -> Tensor:
    return (x * 2).triu_(-1)


def causal_scores(x: Tensor) -> Tensor:
    size = x.size(-1)
    mask = torch.triu(torch.ones(size, size, dtype=torch.bool), diagonal=1)
    return x.masked_fill(mask, float("-inf"))


def index_pairs(x: Tensor) -> Tensor:
    pairs = torch.tril_indices(4, 3, offset=-1)
    return x[pairs[0], pairs[1]]


def upper_index_pairs(x: Tensor) -> Tensor:
    pairs = torch.triu_indices(4, 3, offset=1)
    return x[pairs[0], pairs[1]]


def cases():
    for side, triangle in (("lower", Lower), ("upper", Upper)):
        yield case(f"{side}", triangle(0), normal(4, 4), dtypes=ALL)
        yield case(f"{side}_above", triangle(1), normal(3, 5))
        yield case(f"{side}_below", triangle(-2), normal(5, 3))
        yield case(f"{side}_far_above", triangle(9), normal(3, 4))
        yield case(f"{side}_far_below", triangle(-9), normal(3, 4))
        yield case(f"{side}_batches", triangle(-1), normal(2, 2, 3, 4))
        yield case(f"{side}_special_values", triangle(0), special(5, 5),
                   because="outside the triangle even infinity and NaN become zero: no product with a mask")
        yield case(f"{side}_dynamic_batch", triangle(0), normal(2, 3, 4), dynamic={0: {0: "batch"}})
    yield case("in_place", in_place, normal(3, 4))
    yield case("intermediate_in_place", intermediate_in_place, normal(4, 3))
    yield case("causal_scores", causal_scores, normal(2, 4, 4))
    yield case("index_pairs", index_pairs, normal(4, 3))
    yield case("upper_index_pairs", upper_index_pairs, normal(4, 3))
    yield case("empty", Lower(0), normal(0, 3))
    yield case("dynamic_size", causal_scores, normal(2, 4, 4), dynamic={0: {1: "sequence", 2: "sequence"}})
