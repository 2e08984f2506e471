"""Programs of torch.export whose control flow and outputs have structure: nested functions, pytrees, the same tensor twice."""
from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch._higher_order_ops import associative_scan, scan, while_loop
from torch.utils import _pytree as pytree

import lockstep
from helpers_package import own_cache

__all__ = ["own_cache"]      # a fixture
pytestmark = pytest.mark.filterwarnings("ignore")

X = torch.linspace(-1, 2, 12).reshape(4, 3)


@dataclass
class Found:
    value: Tensor
    parts: dict


torch.export.register_dataclass(Found, serialized_type_name="test_control_flow_structures.Found")


class Everything(nn.Module):
    """A dataclass of a dict of tuples, an input as it came, a constant, a buffer, and one tensor twice."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.arange(3.0))

    def forward(self, x: Tensor) -> Found:
        y = x * 2
        return Found(y, {"pair": (y, x), "table": self.table, "ones": torch.ones(2), "view": y[0], "nested": [{"sum": y.sum()}]})


def test_structures_aliases_and_constants_come_back_as_they_are() -> None:
    module = Everything()
    assert lockstep.verify(module, X).right
    got, want = lockstep.compile(module, X)(X), module(X)
    assert isinstance(got, Found) and pytree.tree_structure(got) == pytree.tree_structure(want)
    for mine, theirs in zip(pytree.tree_leaves(got), pytree.tree_leaves(want), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_outputs_that_are_inputs_are_copies() -> None:
    class Same(nn.Module):
        def forward(self, x: Tensor):
            return x, x

    x = X.clone()
    one, other = lockstep.compile(Same(), x)(x)
    one.add_(1)
    assert torch.equal(x, X) and torch.equal(other, X)


class Turns(nn.Module):
    """A loop in a branch in a loop, with weights, carrying a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor):
        def shrink(y: Tensor) -> Tensor:
            return while_loop(lambda y: y.abs().sum() > 4, lambda y: (y * 0.5,), (y,))[0]

        def turn(carried: dict, row: Tensor):
            y = torch.cond(carried["h"].sum() > 0, shrink, lambda h: self.linear(h) + 1, (carried["h"],))
            return {"h": y + row, "count": carried["count"] + 1}, {"row": y * 2}
        return scan(turn, {"h": torch.zeros(3), "count": torch.zeros((), dtype=torch.int64)}, x)


@pytest.mark.parametrize("x", [X, -X, X * 9, X[:1]], ids=["up", "down", "large", "one row"])
def test_loops_in_branches_in_loops(x: Tensor) -> None:
    torch.manual_seed(2)
    report = lockstep.verify(Turns(), x, dynamic={"x": {0: "rows"}} if len(x) > 1 else None)
    assert report.right, [verdict.first for verdict in report.outputs]


def test_a_user_s_program_with_vmap_and_associative_scan(tmp_path) -> None:
    class Both(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            rows = torch.vmap(lambda row: torch.softmax(row, 0))(x)
            return associative_scan(lambda a, b: a * b + a, rows, 0, combine_mode="generic")

    program = torch.export.export(Both(), (X,))
    assert lockstep.verify(program, X).right
    torch.export.save(program, tmp_path / "both.pt2")
    assert lockstep.verify(tmp_path / "both.pt2", X).right
