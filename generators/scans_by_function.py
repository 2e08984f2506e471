"""scans_by_function: PyTorch's scan, map and associative_scan, which apply a function of one's own row by row."""
import torch
from torch import nn
from torch._higher_order_ops import associative_scan, map, scan

from lockstep.cases import case, normal, uniform


class Recurrence(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, xs):
        def turn(h, x):
            h = torch.tanh(self.linear(x) + h)
            return h, h * 2
        return scan(turn, torch.zeros(3), xs)


def backwards(xs):
    return scan(lambda c, x: (c + x, c * x), torch.zeros(3), xs, reverse=True)


def of_trees(xs):
    def turn(carried, row):
        h = torch.tanh(carried["h"] + row["a"])
        return {"h": h, "turns": carried["turns"] + 1}, (h * row["b"], carried["turns"].clone())
    return scan(turn, {"h": torch.zeros(3), "turns": torch.zeros((), dtype=torch.int64)}, {"a": xs, "b": xs * 2})


def rows(xs, w):
    return map(lambda x, w: torch.softmax(x, 0) * w, xs, w)


def linear_recurrence(x):
    return associative_scan(lambda a, b: a * b + a, x, 0, combine_mode="generic")


def of_pairs(x):
    def combined(a, b):
        return a[0] * b[0], a[1] * b[0] + b[1]
    return associative_scan(combined, (x.sigmoid(), x), 1, combine_mode="generic", reverse=True)


def batched(x, y):
    return torch.vmap(lambda a, b: torch.softmax(a @ b, 0))(x, y)


def cases():
    yield case("scan", Recurrence(), normal(5, 3), dynamic={0: {0: "steps"}})
    yield case("scan_backwards", backwards, normal(5, 3))
    yield case("scan_of_trees", of_trees, normal(5, 3))
    yield case("map", rows, normal(5, 3), normal(3))
    yield case("associative_scan", linear_recurrence, uniform(5, 3))
    yield case("associative_scan_of_one", linear_recurrence, uniform(1, 3))
    yield case("associative_scan_of_pairs", of_pairs, normal(4, 6))
    yield case("vmap", batched, normal(5, 2, 3), normal(5, 3, 4))
