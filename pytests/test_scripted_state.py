"""Buffers and attributes that TorchScript modules change, run after run: as PyTorch leaves them, or refused."""
from __future__ import annotations

from typing import List

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lockstep
from helpers_package import own_cache
from lockstep.errors import Unsupported

__all__ = ["own_cache"]      # a fixture
pytestmark = pytest.mark.filterwarnings("ignore")


class Statistics(nn.Module):
    """A buffer set anew, one written to in place, one changed on one side of a branch."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("runs", torch.zeros(()))
        self.register_buffer("mean", torch.full([3], 0.5))
        self.register_buffer("late", torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        self.runs = self.runs + 1
        self.mean += (x.mean(0) - self.mean) / self.runs
        if bool(self.runs > 1):
            self.late = self.late * 0.5 + x.sum(0)
        return x - self.mean


class KeptRows(nn.Module):
    """Rows written at a counted place, in a loop, and by slices that move."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(8, 3))
        self.register_buffer("place", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        at = int(self.place)
        self.rows[at:at + 2] = x
        for k in range(int(self.place)):
            self.rows[k] *= 0.5
        self.place += 2
        return self.rows.sum(0)


class FirstMetInside(nn.Module):
    """Buffers that only the side of a branch and the body of a loop ever touch."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))
        self.register_buffer("turns", torch.ones(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            self.seen.add_(x[0])
        for _ in range(int(x.abs().sum())):
            self.turns[0] += 1
        return x * 2


class Exchanged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("a", torch.zeros(3))
        self.plain = torch.ones(3)

    def forward(self, x: Tensor) -> Tensor:
        before = self.a
        self.a = self.plain
        self.plain = before + x[0]
        return self.a * x


class Trained(nn.Module):
    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


X = torch.linspace(-1, 2, 6).reshape(2, 3)
RUNS = [X, X * 2 - 1, X.flip(0), X.sin()]


@pytest.mark.parametrize("module, inputs", [
    (Statistics(), RUNS), (KeptRows(), RUNS), (FirstMetInside(), RUNS), (Exchanged(), RUNS),
    *((Trained(norm), [x.reshape(2, 3, 1) * torch.tensor([1.0, -0.5, 2]) for x in RUNS]) for norm in
      (nn.BatchNorm1d(3), nn.BatchNorm1d(3, momentum=None), nn.InstanceNorm1d(3, track_running_stats=True)))],
    ids=["statistics", "kept rows", "first met inside", "exchanged", "batch norm", "batch norm by count", "instance norm"])
def test_every_run_starts_from_what_the_last_one_left(module: nn.Module, inputs: list[Tensor]) -> None:
    script = torch.jit.script(module.train())
    assert lockstep.verify(script, inputs[0]).right
    compiled, before = lockstep.compile(script, inputs[0]), {name: t.clone() for name, t in script.state_dict().items()}
    with torch.no_grad():
        for x in inputs:
            np.testing.assert_allclose(compiled(x), script(x), rtol=1e-5, atol=1e-6)
    after, moved = compiled.library.state(), {name: b for name, b in script.named_buffers() if not torch.equal(b, before[name])}
    assert moved and set(moved) <= set(after)
    for name, buffer in moved.items():
        np.testing.assert_allclose(after[name], buffer, rtol=1e-5, atol=1e-6)


def test_training_statistics_are_kept_by_the_exported_route_too() -> None:
    module, x = Trained(nn.BatchNorm1d(3)).train(), torch.randn(5, 3)
    with torch.no_grad():
        module.norm.running_mean.fill_(0.5)
    report = lockstep.verify(module, x)
    assert report.right and {"norm.running_mean", "norm.running_var", "norm.num_batches_tracked"} <= \
        {verdict.name for verdict in report.outputs}
    assert torch.equal(module.norm.running_mean, torch.full([3], 0.5)), "verify leaves the model as it was"


class NumberKept(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.level = 0

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            self.level = 1
        return x * self.level


class ListKept(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: List[Tensor] = [torch.zeros(3)]

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            self.seen.append(x[0])
        return x


class OtherShape(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.last = x
        return x + 1


@pytest.mark.parametrize("module, reason", [
    (NumberKept(), "stores a tensor in its attribute 'level'|changes its attribute 'level'|which cannot be one value"),
    (ListKept(), "list or dict|a list of"), (OtherShape(), "a buffer keeps both")])
def test_other_state_is_refused(module: nn.Module, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        lockstep.compile(torch.jit.script(module), X)
