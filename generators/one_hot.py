"""one_hot: each class number as a row of zeros with a single one."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values


class OneHot(nn.Module):
    def __init__(self, classes: int):
        super().__init__()
        self.classes = classes

    def forward(self, label: Tensor) -> Tensor:
        return F.one_hot(label, self.classes)


def by_comparison(label: Tensor) -> Tensor:
    return (label.unsqueeze(-1) == torch.arange(5)).to(torch.float32)


def as_lookup(label: Tensor, table: Tensor) -> Tensor:
    return F.one_hot(label, 4).to(table.dtype) @ table


def chosen_class(x: Tensor) -> Tensor:
    return F.one_hot(x.argmax(dim=1), 5)


def channels_first(label: Tensor) -> Tensor:
    return F.one_hot(label, 3).permute(0, 3, 1, 2).float()


def cases():
    yield case("vector", OneHot(5), integers(6, low=0, high=5))
    yield case("matrix", OneHot(4), integers(2, 3, low=0, high=4))
    yield case("scalar", OneHot(4), values(2, dtype="int64"))
    yield case("first_and_last", OneHot(6), values([0, 5, 0], dtype="int64"))
    yield case("one_class", OneHot(1), values([0, 0, 0], dtype="int64"))
    yield case("empty", OneHot(4), integers(0, low=0, high=4))
    yield case("by_comparison", by_comparison, integers(7, low=0, high=5))
    yield case("as_lookup", as_lookup, integers(6, low=0, high=4), normal(4, 3),
               dtypes=("float32", "float64"))
    yield case("chosen_class", chosen_class, normal(4, 5))
    yield case("channels_first", channels_first, integers(2, 3, 4, low=0, high=3))
    yield case("dynamic_batch", OneHot(5), integers(3, low=0, high=5), dynamic={0: {0: "batch"}})
    yield case("dynamic_sequence", as_lookup, integers(2, 3, low=0, high=4), normal(4, 3),
               dynamic={0: {0: "batch", 1: "sequence"}})
