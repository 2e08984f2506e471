"""while_loop: PyTorch's while_loop, turns of a function while a condition on what it carries holds; nested, with torch.cond."""
import torch
from torch import nn
from torch._higher_order_ops import while_loop

from lockstep.cases import case, normal, uniform


def zero():
    return torch.zeros((), dtype=torch.int64)


def five_turns(x):
    return while_loop(lambda k, y: k < 5, lambda k, y: (k + 1, y * 1.5), (zero(), x))


def until_large(x):
    return while_loop(lambda y: y.sum() < 50, lambda y: (y * 2,), (x,))[0]


def branch_inside(x):
    def turn(k, y):
        return k + 1, torch.cond(y.sum() > 0, lambda y: y * 1.5 - 1, lambda y: y.sin() + 0.5, (y,))
    return while_loop(lambda k, y: (k < 6) & (y.abs().max() < 50), turn, (zero(), x))


def inside_branch(x):
    def grow(x):
        return while_loop(lambda y: y.sum() < 10, lambda y: (y + y.abs() + 0.5,), (x,))[0]
    return torch.cond(x[0, 0] > 0, grow, lambda x: x * 2, (x,))


def inside_loop(x):
    def turn(k, y):
        _, y = while_loop(lambda j, y: j < k, lambda j, y: (j + 1, y + j), (zero(), y))
        return k + 1, y * 0.5
    return while_loop(lambda k, y: k < 4, turn, (zero(), x))


class Newton(nn.Module):
    """A fixed point of a layer: the weights are the same in every turn."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        def turn(k, y):
            return k + 1, torch.tanh(self.linear(y) * 0.3 + x)
        return while_loop(lambda k, y: k < 8, turn, (zero(), torch.zeros_like(x)))[1]


def cases():
    yield case("five_turns", five_turns, normal(4, 3))
    yield case("until_large", until_large, uniform(4, 3))
    yield case("no_turn", until_large, uniform(4, 3, low=10.0, high=20.0))
    yield case("any_size", five_turns, normal(4, 3), dynamic={0: {0: "rows"}})
    for side, rule in {"up": uniform(4, 3), "down": uniform(4, 3, low=-1.0, high=0.0)}.items():
        yield case(f"branch_inside_{side}", branch_inside, rule)
        yield case(f"inside_branch_{side}", inside_branch, rule)
    yield case("inside_loop", inside_loop, normal(4, 3))
    yield case("weights", Newton(), normal(4, 3))
