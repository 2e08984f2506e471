"""gather: elements picked along an axis, each by an index of its own."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, permutation, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class Gather(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        return torch.gather(x, self.dim, index)


def chosen_logit(logits: Tensor, label: Tensor) -> Tensor:
    return torch.log_softmax(logits, dim=1).gather(1, label.unsqueeze(1)).squeeze(1)


def last_token(x: Tensor, length: Tensor) -> Tensor:
    index = (length - 1).view(-1, 1, 1).expand(-1, 1, x.size(2))
    return x.gather(1, index).squeeze(1)


def in_sorted_order(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(-1, order).cumsum(-1)


def cases():
    yield case("rows", Gather(0), normal(4, 3), integers(2, 3, low=0, high=4), dtypes=ALL)
    yield case("columns", Gather(1), normal(3, 5), integers(3, 7, low=0, high=5), dtypes=ALL)
    yield case("negative_axis", Gather(-2), normal(2, 4, 3), integers(2, 5, 3, low=0, high=4))
    yield case("smaller_index", Gather(1), normal(4, 5, 3), integers(2, 6, 2, low=0, high=5),
               because="the index may be smaller than the input on the other axes, which then are cut")
    yield case("vector", Gather(0), normal(6), integers(9, low=0, high=6))
    yield case("scalar", Gather(0), normal(), values(0, dtype="int64"))
    yield case("last_and_first", Gather(0), normal(5), values([4, 0, 4, 0], dtype="int64"))
    yield case("permutation", Gather(1), normal(3, 6), permutation(3, 6))
    yield case("empty_index", Gather(1), normal(3, 4), integers(3, 0, low=0, high=4))
    yield case("narrow_index", Gather(1), normal(3, 4), integers(3, 2, low=0, high=4, dtype="int32"),
               because="PyTorch takes int32 indices too")
    yield case("special_values", Gather(0), special(25), permutation(25))
    yield case("chosen_logit", chosen_logit, normal(4, 6), integers(4, low=0, high=6))
    yield case("last_token", last_token, normal(3, 5, 2), integers(3, low=1, high=6))
    yield case("in_sorted_order", in_sorted_order, normal(2, 5), permutation(2, 5))
    yield case("dynamic_batch", Gather(1), normal(3, 5), integers(3, 2, low=0, high=5),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_index", Gather(0), normal(6), integers(4, low=0, high=6), dynamic={1: {0: "count"}})
