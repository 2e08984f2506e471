"""Buffers that a model updates: kept in the session from run to run, as PyTorch keeps them in the module."""
from __future__ import annotations

import pytest
import torch
from torch import nn

import lockstep


class Counter(nn.Module):
    """A number in place, a running mean reassigned, and a write through a view."""

    def __init__(self):
        super().__init__()
        self.register_buffer("runs", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("table", torch.zeros(2, 3))

    def forward(self, x):
        self.runs += 1
        self.mean = self.mean * 0.9 + x.mean(0) * 0.1
        self.table[0].add_(x.sum(0))
        return x * self.mean + self.runs, self.table.sum()


class Cache(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("keys", torch.zeros(4, 3))
        self.register_buffer("used", torch.zeros(1, dtype=torch.int64))

    def forward(self, x):
        self.keys.index_copy_(0, self.used, x)
        self.used += 1
        return torch.softmax(self.keys @ x[0], 0) @ self.keys


@pytest.mark.parametrize("make, shape, runs", [(Counter, (5, 3), 4), (Cache, (1, 3), 4)], ids=["counter", "cache"])
def test_run_after_run_as_pytorch(make, shape, runs):
    theirs, ours = make(), lockstep.compile(make(), torch.zeros(shape))
    for _ in range(runs):
        x = torch.randn(shape)
        torch.testing.assert_close(ours(x), theirs(x))
    held = ours.library.state()
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(torch.from_numpy(held[name]), buffer)


def test_converting_and_verifying_leave_the_module_as_it_was():
    model = Counter()
    assert lockstep.verify(model, torch.randn(5, 3)).right
    assert all(not buffer.any() for buffer in model.buffers())


def test_reset_puts_back_what_the_module_held():
    model = Counter()
    model.runs += 5
    ours, x = lockstep.compile(model, torch.ones(2, 3)), torch.randn(2, 3)
    first, _ = ours(x)
    ours(x)
    ours.library.reset()
    assert ours.library.state()["runs"] == 5
    torch.testing.assert_close(ours(x)[0], first)


def test_a_failed_run_leaves_the_buffers_alone():
    ours, x = lockstep.compile(Cache(), torch.zeros(1, 3)), torch.randn(1, 3)
    for _ in range(4):
        ours(x)
    before = ours.library.state()
    with pytest.raises(lockstep.BadInput, match="failed_guard"):
        ours(x)
    assert all((before[name] == now).all() for name, now in ours.library.state().items())


def test_the_functional_form_of_an_exported_program_keeps_its_buffers():
    program = torch.export.export(Counter(), (torch.ones(2, 3),)).run_decompositions({})
    theirs, ours = Counter(), lockstep.compile(program, torch.ones(2, 3))
    for _ in range(3):
        x = torch.randn(2, 3)
        torch.testing.assert_close(ours(x), theirs(x))


def test_an_input_that_the_model_writes_to_is_refused():
    class Adds(nn.Module):
        def forward(self, x):
            x.add_(1)
            return x * 2
    with pytest.raises(lockstep.Unsupported, match="input 'x' in place"):
        lockstep.compile(Adds(), torch.ones(3))
