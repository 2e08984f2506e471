"""Extents that only the run finds: results of any size, room that grows, and runs that end early without a trace."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.export import Dim

import lockstep
from lockstep.build.library import STATUS, _Index, _Input, _Output


class Model(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *xs):
        return self.function(*xs)


def agree(function, *examples, data, **options):
    """The compiled function gives what PyTorch gives, on every data set."""
    compiled = lockstep.compile(Model(function), examples, **options)
    for inputs in data:
        ours, theirs = compiled(*inputs), function(*inputs)
        for a, b in zip(*(x if isinstance(x, tuple) else (x,) for x in (ours, theirs)), strict=True):
            assert a.shape == b.shape and a.dtype == b.dtype
            torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-6, equal_nan=True)


some, none, every = torch.tensor([[1.0, -2, 3], [0, 5, -6]]), -torch.ones(2, 3), torch.ones(2, 3)


@pytest.mark.parametrize("name, function", {
    "nonzero": lambda x: x.nonzero(),
    "nonzero as tuple": lambda x: x.nonzero(as_tuple=True),
    "mask": lambda x: x[x > 0] * 2 + 1,
    "rows by mask": lambda x: x[x[:, 0] > 0],
    "mask and index": lambda x: x[x.sum(1) > 0, 1],
    "masked_select, broadcast": lambda x: torch.masked_select(x, x[:1] > 0),
    "unique": lambda x: torch.unique(x, return_inverse=True, return_counts=True),
    "unique rows": lambda x: torch.unique(x, dim=0, return_counts=True),
    "unique_consecutive": lambda x: torch.unique_consecutive(x, return_counts=True),
    "selected and reduced": lambda x: (x[x > 0].sum(), x[x > 0].numel() * torch.ones(2)),
    "two of one mask": lambda x: x[x > 0] * (x * 3)[x > 0],
}.items(), ids=lambda x: x if isinstance(x, str) else "")
def test_as_many_as_the_data_says(name, function):
    agree(function, some, data=[(some,), (none,), (every,)])


def test_with_a_varying_batch_too():
    agree(lambda x: (x[x > 0], x.nonzero()), some, data=[(torch.randn(n, 3),) for n in (1, 2, 7, 0)],
          dynamic={0: {0: "batch"}})


def test_room_that_nothing_bounds_grows_with_the_data():
    repeats = torch.tensor([2, 0, 3])
    agree(lambda x, r: torch.repeat_interleave(x, r, 0), torch.arange(6.0).reshape(3, 2), repeats,
          data=[(torch.rand(3, 2), torch.tensor(r)) for r in ([2, 0, 3], [100, 50, 1], [0, 0, 0], [3, 1, 1])])


def test_a_number_read_from_a_tensor_is_a_size():
    def ones(x):
        n = x[0].item()
        torch._check(n >= 0)
        return torch.ones(n, 2) * x[1]
    agree(ones, torch.tensor([3, 7]), data=[(torch.tensor([n, 5]),) for n in (3, 0, 90)])


def test_what_the_program_asserts_of_a_number_is_checked():
    def cut(x, n):
        k = n.item()
        torch._check(k >= 1)
        torch._check(k <= 4)
        return x[:k] + 0
    agree(cut, torch.randn(6), torch.tensor(2), data=[(torch.randn(6), torch.tensor(k)) for k in (1, 4)])
    compiled = lockstep.compile(Model(cut), (torch.randn(6), torch.tensor(2)))
    for k in (0, 5, -1):
        with pytest.raises(lockstep.BadInput, match="failed_guard"):
            compiled(torch.randn(6), torch.tensor(k))


def test_over_capacity_says_what_is_needed_and_changes_nothing():
    class Counting(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("runs", torch.zeros((), dtype=torch.int64))

        def forward(self, x, repeats):
            self.runs += 1
            return x + 1, torch.repeat_interleave(x, repeats)

    compiled = lockstep.compile(Counting(), (torch.ones(2), torch.tensor([1, 1])))
    library = compiled.library
    model, session = library._model, library._session
    x, repeats = np.ones(2, np.float32), np.array([5, 4])
    inputs = (_Input * 2)(_Input(x.ctypes.data, (_Index * 1)(2)), _Input(repeats.ctypes.data, (_Index * 1)(2)))
    room = [np.full(16, 77, np.float32) for _ in range(2)]
    extents = [(_Index * 1)(-1) for _ in range(2)]
    outputs = (_Output * 2)(*[_Output(a.ctypes.data, a.size, n) for a, n in zip(room, extents)])
    symbols = (_Index * 1)(3)
    assert library.symbols[0].startswith("most_") and model.prepare(session, symbols) == 0
    assert STATUS[model.run(session, inputs, outputs)] == "over_capacity"
    assert all(np.all(a == 77) for a in room) and library.state()["runs"] == 0
    model.needed(session, symbols)
    assert symbols[0] == 9 and model.prepare(session, symbols) == 0
    outputs[1].capacity = 8
    assert STATUS[model.run(session, inputs, outputs)] == "over_capacity"
    assert extents[1][0] == 9 and all(np.all(a == 77) for a in room) and library.state()["runs"] == 0
    outputs[1].capacity = 16
    assert STATUS[model.run(session, inputs, outputs)] == "ok"
    assert library.state()["runs"] == 1 and np.all(room[1][:9] == 1) and np.all(room[1][9:] == 77)


# ---- torch.export's own ways to say what varies

half = Dim("half", max=64)


@pytest.mark.parametrize("dynamic", [
    ({0: 2 * half}, {0: Dim.AUTO}), {"x": {0: 2 * half}, "y": (Dim("rows"), None)},
    {"x": [Dim.AUTO, None], "y": [Dim.DYNAMIC, None]}, [{0: Dim.AUTO}, {0: Dim("rows")}]], ids=str)
def test_dynamic_shapes_in_pytorchs_forms(dynamic):
    class Two(torch.nn.Module):
        def forward(self, x, y):
            return torch.cat([x, y]).relu(), x.reshape(-1, 2, 3).sum(1)
    model = Two()
    compiled = lockstep.compile(model, (torch.randn(4, 3), torch.randn(5, 3)), dynamic=dynamic)
    for n, m in ((4, 5), (8, 3), (20, 2)):
        x, y = torch.randn(n, 3), torch.randn(m, 3)
        for ours, theirs in zip(compiled(x, y), model(x, y), strict=True):
            torch.testing.assert_close(ours, theirs)
    with pytest.raises(lockstep.BadInput):
        compiled(torch.randn(5, 3), torch.randn(5, 3))
