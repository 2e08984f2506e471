"""TorchScript whose branches and loops data decides: each construct, taken every way, against PyTorch within its bounds."""
from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import lockstep
import scripted_models as models
from helpers_package import own_cache
from lockstep.capture.torchscript import capture
from lockstep.errors import BadInput, Unsupported
from lockstep.ops import aten_definitions

__all__ = ["own_cache"]      # a fixture
pytestmark = pytest.mark.filterwarnings("ignore")

GENERATOR = torch.Generator().manual_seed(3)
UP = torch.rand(4, 3, generator=GENERATOR)
DOWN, MIXED, LONGER = -UP, torch.randn(4, 3, generator=GENERATOR), torch.randn(9, 3, generator=GENERATOR)
ROWS = {"x": {0: "rows"}}


def count(n: int) -> Tensor:
    return torch.tensor(n)


TAKEN = [
    (models.ElseIf, [(torch.tensor([4.0, -1]),), (torch.tensor([2.5, -1]),), (torch.tensor([1.0, 0.5]),),
                     (torch.tensor([0.0, -1]),), (torch.tensor([1.0, -1]),)], None),
    (models.EarlyReturn, [(UP,), (DOWN,), (DOWN - 1,)], None),
    (models.EarlyReturn, [(UP,), (LONGER,), (DOWN[:1],)], ROWS),
    (models.Arithmetic, [(torch.tensor([2.0, 1.5, 1]),), (torch.tensor([5.0, -0.5, -1]),), (torch.tensor([0.0, 2.5, 0]),)], None),
    (models.Sized, [(MIXED, count(3)), (MIXED, count(1)), (MIXED, count(0))], None),
    (models.SizesInside, [(MIXED, count(3)), (LONGER, count(5)), (MIXED, count(0))], ROWS),
    (models.Windows, [(MIXED,), (LONGER,), (UP[:1],)], ROWS),
    (models.ListItem, [(MIXED, count(0)), (MIXED, count(2)), (MIXED, count(-1))], None),
    (models.Nested, [(UP,), (MIXED,), (LONGER * 9,)], {"x": {0: "rows", 1: "columns"}}),
    (models.BreakAndContinue, [(UP,), (MIXED,), (DOWN,), (UP / 9,)], None),
    (models.BreakAndContinue, [(UP,), (LONGER,), (UP[:0],)], ROWS),
    (models.ReturnInside, [(MIXED, count(9)), (DOWN, count(9)), (UP * 3, count(2)), (UP, count(0))], None),
    (models.Collected, [(MIXED,), (LONGER,), (UP[:1],)], ROWS),
    (models.Collected, [(MIXED,)], None),
    (models.Comprehended, [(MIXED,), (LONGER,)], ROWS),
    (models.WhileRows, [(UP,), (UP * 8,)], None),
    (models.Structures, [(MIXED,), (UP,), (DOWN,)], None),
    (models.Structures, [(MIXED,), (LONGER,)], ROWS),
    (models.Forked, [(UP,), (DOWN,)], None),
    (models.Raises, [(torch.tensor([3.0, 1, 2]),), (torch.tensor([0.0, 99, -1]),)], None),
    (models.Positions, [(MIXED,), (DOWN,)], None),
    (models.MaybeItself, [(UP,), (DOWN,), (UP[:1],)], None),
    (models.MaybeItself, [(UP,), (DOWN,)], ROWS),
    (models.WrittenThroughViews, [(UP,), (DOWN,)], None),
]


@pytest.mark.parametrize("module, inputs, dynamic", TAKEN,
                         ids=[f"{one[0].__name__}{'_any_size' if one[2] else ''}" for one in TAKEN])
def test_every_way_through_is_right(module: type, inputs: list, dynamic: dict | None) -> None:
    script = torch.jit.script(module().eval())
    for given in inputs:
        report = lockstep.verify(script, given, dynamic=dynamic)
        assert report.right, [verdict.first for verdict in report.outputs]


REFUSED = [
    (models.NoneOnOneSide, (UP,), None, "and None, which cannot be one value; give a tensor in place of None"),
    (models.AppendedSometimes, (UP,), ROWS, "a list of [01] and a list of [01], which cannot be one value"),
    (models.GrowingTensor, (UP,), ROWS, "cannot be one value; make dtype and shape equal"),
    (models.OtherDtype, (UP,), None, r"bool\[4, 3\] and float32\[4, 3\], which cannot be one value"),
    (models.SameRowAgain, (UP,), ROWS, "appends a tensor that it also writes to in place; clone it"),
    (models.CarriedIsWritten, (UP,), ROWS, "writes in place to a tensor that it carries; clone it first"),
    (models.TwoNames, (UP,), ROWS, "a loop may have made the same as another"),
    (models.ViewOfOneSide, (UP,), None, "a branch may have made the same as another"),
    (models.NumberOut, (UP,), None, "a Python number or string that is read from a tensor; return the tensor"),
    (models.StringAsked, (UP[0],), None, "of a string that is made of a number"),
    (models.ListOut, (UP,), ROWS, "a list whose length varies is returned; return torch.stack of it"),
    (models.KeyFromData, (UP[0],), None, "use a tensor in place of the dict"),
    (models.ReadsGrowing, (UP,), ROWS, "grows in this loop; carry what you need in a variable"),
]


@pytest.mark.parametrize("module, inputs, dynamic, reason", REFUSED, ids=[one[0].__name__ for one in REFUSED])
def test_what_has_no_one_meaning_is_refused(module: type, inputs: tuple, dynamic: dict | None, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason) as refusal:
        lockstep.verify(torch.jit.script(module().eval()), inputs, dynamic=dynamic)
    assert "scripted_models.py:" in str(refusal.value) or "output 0" in str(refusal.value) or "list" in str(refusal.value)


@pytest.mark.parametrize("data", [[-1.0, 1, 1], [10.0, 1, 1], [2.0, 60, 1], [0.0, 1, -5]])
def test_where_the_model_raises_the_run_fails(data: list[float]) -> None:
    script = torch.jit.script(models.Raises())
    compiled = lockstep.compile(script, torch.tensor([3.0, 1, 2]))
    with pytest.raises(Exception):
        script(torch.tensor(data))
    with pytest.raises(BadInput, match="failed_guard"):
        compiled(torch.tensor(data))


def test_a_long_loop_is_one_loop() -> None:
    class Long(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            for k in range(1000):
                x = torch.tanh(x * 0.9 + k * 0.01)
            return x

    program = capture(torch.jit.script(Long()), (UP,), list(aten_definitions()), "long")
    assert [call.target for call in program.calls].count("lockstep::loop") == 1 and len(program.calls) < 20
    assert lockstep.verify(torch.jit.script(Long()), UP).right


def test_a_short_loop_is_written_out() -> None:
    program = capture(torch.jit.script(models.Comprehended()), (UP,), list(aten_definitions()), "short")
    assert not any("loop" in call.target for call in program.calls)


def test_a_python_branch_on_an_item_is_scripted_never_baked_in() -> None:
    with pytest.warns(UserWarning, match="it is read as TorchScript instead"):
        compiled = lockstep.compile(models.EarlyReturn().eval(), UP)
    for x in (UP, DOWN, DOWN - 1):
        assert torch.equal(compiled(x), models.EarlyReturn()(x))


def test_a_python_branch_that_neither_exports_nor_scripts_is_refused() -> None:
    class Unscriptable(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            chosen = {True: torch.sin, False: torch.cos}[x.sum().item() > 0]
            return chosen(x)

    with pytest.raises(Unsupported, match="torch.export refused Unscriptable"):
        lockstep.compile(Unscriptable(), UP)


def test_frozen_and_optimised_models_keep_their_branches() -> None:
    class Head(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x) if x.sum() > 0 else x

    frozen = torch.jit.freeze(torch.jit.script(Head().eval()))
    for x in (UP, DOWN):
        assert lockstep.verify(frozen, x).right


def test_trace_module_and_its_scripted_part(tmp_path) -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.early = torch.jit.script(models.EarlyReturn())

        def forward(self, x: Tensor) -> Tensor:
            return self.early(x) * 2

    traced = torch.jit.trace_module(Twice().eval(), {"forward": (UP,)})
    torch.jit.save(traced, tmp_path / "twice.pt")
    for x in (UP, DOWN, DOWN - 1):
        assert lockstep.verify(tmp_path / "twice.pt", x).right


class Ignoring(nn.Module):
    @torch.jit.ignore
    def in_python(self, x):
        return x * 2

    def forward(self, x: Tensor) -> Tensor:
        return self.in_python(x) + 1


class Unused(nn.Module):
    @torch.jit.unused
    def in_python(self, x):
        return x * 2

    def forward(self, x: Tensor) -> Tensor:
        return self.in_python(x) if x.sum() > 0 else x + 1


class OtherMethod(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x

    @torch.jit.export
    def infer(self, x: Tensor) -> Tensor:
        return torch.softmax(x, -1) if x.sum() > 0 else x


class CallsOtherMethod(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = OtherMethod()

    def forward(self, x: Tensor) -> Tensor:
        return self.inner.infer(x)


def test_an_ignored_method_is_refused_and_an_unused_one_fails_where_it_is_reached() -> None:
    with pytest.raises(Unsupported, match="@torch.jit.ignore.*only Python can run"):
        lockstep.compile(torch.jit.script(Ignoring()), UP)
    compiled = lockstep.compile(torch.jit.script(Unused()), DOWN)
    assert torch.equal(compiled(DOWN), DOWN + 1)
    with pytest.raises(BadInput, match="failed_guard"):
        compiled(UP)


def test_an_exported_method_converts_through_a_module_that_calls_it() -> None:
    for script in (torch.jit.script(CallsOtherMethod().eval()),
                   torch.jit.optimize_for_inference(torch.jit.script(CallsOtherMethod().eval()))):
        assert all(lockstep.verify(script, x).right for x in (UP, DOWN))
