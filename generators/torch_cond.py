"""torch_cond: torch.cond, one of two functions of tensors, by the data or by a size; nested, and with weights."""
import torch
from torch import nn

from lockstep.cases import case, normal, uniform


def gate(x):
    return torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x - 1, (x,))


def of_pairs(x, y):
    first, second = torch.cond((x > y).any(), lambda x, y: (x + y, y.sum()), lambda x, y: (x * y, x.sum()), (x, y))
    return first * 2, {"sum": second}


def within(x):
    inner = lambda x: torch.cond(x[0, 0] > 0, lambda x: x.exp(), lambda x: x * 3, (x,))
    return torch.cond(x.sum() > 0, inner, lambda x: inner(-x), (x,))


def by_size(x):
    return torch.cond(x.shape[0] > 3, lambda x: x.cumsum(0), lambda x: x.flip(0), (x,))


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Linear(3, 2), nn.Linear(3, 2, bias=False)

    def forward(self, x):
        return torch.cond(x.mean() > 0, lambda x: self.one(x), lambda x: self.other(x).relu(), (x,))


def cases():
    for side, rule in {"true": uniform(4, 3), "false": uniform(4, 3, low=-1.0, high=0.0)}.items():
        yield case(f"gate_{side}", gate, rule)
        yield case(f"within_{side}", within, rule)
        yield case(f"weights_{side}", TwoHeads(), rule)
        yield case(f"pairs_{side}", of_pairs, rule, uniform(4, 3, low=0.0, high=1e-3))
    yield case("any_size", gate, normal(4, 3), dynamic={0: {0: "rows"}})
    yield case("by_size", by_size, normal(5, 3), dynamic={0: {0: "rows"}})
