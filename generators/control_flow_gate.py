"""control_flow_gate: branches that data decides, scripted; among them MyDecisionGate of the TorchScript tutorial.

Tracing bakes one side in; scripting keeps both, and so must the C++.
"""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, uniform, values


class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        return -x


class GatedCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = torch.jit.script(Gate())
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        new_h = torch.tanh(self.gate(self.linear(x)) + h)
        return new_h, new_h


class ByItem(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        largest = x.max().item()
        scale = 2.0
        if largest > 1 and not bool(x.min() < -1):
            scale = 1.0 / float(largest)
        elif largest < 0:
            scale = -1.5
        return x * scale + largest


class Mode(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(3, 2) for _ in range(2)])

    def forward(self, x: Tensor, mode: Tensor) -> Tensor:
        m = int(mode)
        if m == 0:
            return self.heads[0](x)
        elif m == 1:
            return self.heads[1](x).relu()
        elif m > 10:
            raise ValueError(f"there is no mode {m}")
        y = x[:, :2] * m
        if bool(y.sum() > 0):
            y[0] = 7.0
        return y


class Written(nn.Module):
    """Each side writes to tensors of outside, one of them through a view."""

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        y = x.clone()
        first = y[0]
        if x.sum() > 0:
            y[1] = 7.0
        else:
            first.add_(1)
            y.mul_(2)
        return y, first


class MaybeItself(nn.Module):
    """What the branch gives may be the tensor itself: a write to the one is then seen in the other."""

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        a = x * 3
        y = a
        if x.sum() > 0:
            y = a * 2
        y.add_(1)
        return a, y


def scripted(module: nn.Module) -> torch.jit.ScriptModule:
    return torch.jit.script(module.eval())


def cases():
    cell = torch.jit.trace(GatedCell(), (torch.ones(3, 4), torch.zeros(3, 4)))
    for side, rule in {"taken": uniform(3, 4), "not_taken": uniform(3, 4, low=-1.0, high=0.0)}.items():
        yield case(f"gate_{side}", scripted(Gate()), rule)
        yield case(f"written_{side}", scripted(Written()), rule)
        yield case(f"maybe_itself_{side}", scripted(MaybeItself()), rule)
    yield case("gate_at_zero", scripted(Gate()), values([0.0]), because="a sum of zero is not positive")
    yield case("gate_of_nan", scripted(Gate()), values([1.0, float("nan")]), because="a comparison with NaN is false")
    yield case("gate_any_size", scripted(Gate()), normal(4, 3), dynamic={0: {0: "rows"}})
    yield case("traced_cell_with_gate", cell, normal(3, 4), normal(3, 4))
    yield case("traced_cell_with_gate_otherwise", cell, normal(3, 4, mean=2.0), normal(3, 4))
    for name, data in {"small": [0.5, -0.5], "scaled": [4.0, 0.5], "negative": [-0.5, -0.25], "wide": [2.0, -3.0]}.items():
        yield case(f"by_item_{name}", scripted(ByItem()), values(data))
    for mode in (0, 1, 2, -3):
        yield case(f"mode_{mode}".replace("-", "minus_"), scripted(Mode()), normal(4, 3), values(mode, dtype="int64"))
