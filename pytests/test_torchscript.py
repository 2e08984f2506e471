"""Capture of TorchScript: what is recorded, under which names, with which dims; and what is refused, with which words."""
from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Optional, Tuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.capture.torchscript import capture, load
from lockstep.errors import BadInput, Unsupported
from lockstep.graph.interpret import bind_symbols, evaluate
from lockstep.graph.world import World
from lockstep.ops import aten_definitions
from lockstep.ops.define import define

pytestmark = pytest.mark.filterwarnings("ignore")


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 2)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class Flattening(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(inplace=True))
        self.head = nn.Linear(48, 5)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            x = x + 1
        y = self.features(x)
        return self.head(y.view(y.size(0), -1))


class Pieces(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Dict[str, Tensor]]:
        pieces: List[Tensor] = []
        for k in range(3):
            pieces.append(x * k)
        return torch.cat(pieces, 1), {"last": pieces[-1]}


class SliceWritten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        y[:, 1:].add_(x[:, :1])
        return y


class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if bool(x.sum() > 0):
            return x
        return -x


class While(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        while bool(x.sum() < 100):
            x = x * 2
        return x


class ByRow(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros([3])
        for k in range(x.size(0)):
            total = total + x[k]
        return total


class OneIsSpecial(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.size(0) == 1 else x


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.runs = 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        return x * self.runs


class Checked(nn.Module):
    def forward(self, x: Tensor, scale: Optional[Tensor] = None) -> Tensor:
        if x.dim() != 2:
            raise ValueError("two dims are needed")
        return x if scale is None else x * scale


def recorded(module: nn.Module, *inputs: Tensor, route: str = "scripted", dynamic=None):
    module = module.eval()
    script = torch.jit.script(module) if route == "scripted" else torch.jit.trace(module, inputs, check_trace=False)
    return capture(script, inputs, list(aten_definitions()), "model", dynamic)


def targets(program) -> list[str]:
    return [call.target for call in program.calls]


def agrees(module: nn.Module, program, *inputs: Tensor) -> None:
    """The program's graph, interpreted, gives what the module gives."""
    graph = define(program)
    arrays = [x.numpy().copy() for x in inputs]
    found = evaluate(graph, arrays, World(symbols=bind_symbols(graph, [a.shape for a in arrays])))
    with torch.no_grad():
        expected = torch.utils._pytree.tree_leaves(module(*[x.clone() for x in inputs]))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("route", ["traced", "scripted"])
def test_linear_and_relu_know_their_modules(route: str) -> None:
    module, x = Mlp(), torch.randn(2, 3)
    program = recorded(module, x, route=route)
    assert targets(program) == ["linear.default", "relu.default"] * 2
    assert [call.origin.module for call in program.calls if "linear" in call.target] == ["layers.0", "layers.1"]
    assert program.calls[1].origin.line.startswith("pytests/test_torchscript.py:")
    assert set(program.weights) == {"layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"}
    assert [name for name, _ in program.inputs] == ["x"]
    agrees(module, program, x)


@pytest.mark.parametrize("route", ["traced", "scripted"])
def test_a_dynamic_batch_stays_free(route: str) -> None:
    module, x = Flattening(), torch.randn(2, 2, 4, 4)
    program = recorded(module, x, route=route, dynamic={0: {0: "batch"}})
    assert str(program.inputs[0][1]) == "float32[batch, 2, 4, 4]"
    assert str(program.calls[-1].types[0]) == "float32[batch, 5]"
    assert "batch" in program.symbols and program.symbols["batch"][0] <= 1
    for batch in (1, 2, 7):
        agrees(module, program, torch.randn(batch, 2, 4, 4))


def test_lists_tuples_and_dicts_give_flat_outputs() -> None:
    module, x = Pieces(), torch.randn(2, 3)
    program = recorded(module, x)
    assert [name for name, _ in program.outputs] == ["output_0", "output_1"]
    first, second = torch.utils._pytree.tree_unflatten([1, 2], program.tree)
    assert (first, second) == (1, {"last": 2})
    agrees(module, program, x)


@pytest.mark.parametrize("route", ["traced", "scripted"])
def test_writes_through_a_view_are_seen(route: str) -> None:
    module, x = SliceWritten(), torch.randn(2, 3)
    program = recorded(module, x, route=route)
    assert "slice_scatter.default" in targets(program)
    agrees(module, program, x)


def test_saved_and_loaded_is_the_same_program(tmp_path: Path) -> None:
    module, x = Flattening().eval(), torch.randn(2, 2, 4, 4)
    script = torch.jit.script(module)
    script.save(str(tmp_path / "model.pt"))
    before, after = (capture(one, (x,), list(aten_definitions()), "m") for one in (script, load(tmp_path / "model.pt")))
    assert targets(before) == targets(after)
    assert [c.origin.module for c in before.calls] == [c.origin.module for c in after.calls]
    agrees(module, after, x)


def test_a_function_is_captured_too() -> None:
    program = capture(torch.jit.trace(lambda a, b: a + b * 2, (torch.ones(3), torch.ones(3))),
                      (torch.ones(3), torch.ones(3)), list(aten_definitions()), "sum")
    assert targets(program) == ["mul.Tensor", "add.Tensor"]


def test_a_size_that_is_special_narrows_the_dim() -> None:
    program = recorded(OneIsSpecial(), torch.randn(3, 2), dynamic={0: {0: "batch"}})
    assert program.symbols["batch"] == (2, None)


def test_an_input_called_like_a_weight_keeps_its_name() -> None:
    class Clash(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([1.0, 2.0]))
            self.v1 = nn.Parameter(torch.tensor([3.0, 4.0]))

        def forward(self, weight: Tensor) -> Tensor:
            return (weight * self.weight + 1) * self.v1

    module, x = Clash(), torch.tensor([5.0, 7.0])
    agrees(module, recorded(module, x), x)


@pytest.mark.parametrize("module, inputs, message", [
    (Counting(), (torch.ones(3),), "the model changes its attribute 'runs'"),
])
def test_a_number_that_is_kept_from_run_to_run_is_refused(module, inputs, message) -> None:
    with pytest.raises(Unsupported, match=message):
        recorded(module, *inputs)


def test_an_operator_without_a_definition_is_refused_with_its_place() -> None:
    class Mine(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.linalg.eigvals(x).real

    with pytest.raises(Unsupported, match=r"aten.linalg_eigvals.default in .*test_torchscript.py:\d+"):
        capture(torch.jit.script(Mine()), (torch.randn(2, 2),), [], "m")


def test_a_loop_over_a_free_dim_is_one_loop_and_over_a_fixed_one_is_written_out() -> None:
    free, fixed = recorded(ByRow(), torch.randn(4, 3), dynamic={0: {0: "rows"}}), recorded(ByRow(), torch.ones(4, 3))
    assert targets(free).count("lockstep::loop") == 1 and "lockstep::loop" not in targets(fixed)
    agrees(ByRow(), fixed, torch.randn(4, 3))
    for rows in (1, 4, 9):
        agrees(ByRow(), free, torch.randn(rows, 3))


@pytest.mark.parametrize("module", [Gate(), While()])
def test_what_data_decides_is_recorded_whole(module) -> None:
    program = recorded(module, torch.randn(3))
    for x in (torch.ones(3), torch.tensor([1.0, -3.0, 1.0]), torch.full([3], 99.0)):
        if isinstance(module, Gate) or x.sum() > 0:
            agrees(module, program, x)


def test_a_dim_that_the_model_fixes_is_refused() -> None:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.view(4, 3) + 1

    with pytest.raises(Unsupported, match="dim 'batch' was to vary"):
        recorded(Fixed(), torch.randn(4, 3), dynamic={0: {0: "batch"}})


def test_examples_that_do_not_fit_are_bad_input() -> None:
    with pytest.raises(BadInput, match="no example input for 'x'"):
        capture(torch.jit.script(Mlp()), (), [], "m")
    with pytest.raises(BadInput, match="2 example inputs for 1 argument"):
        capture(torch.jit.script(Mlp()), (torch.ones(1, 3),) * 2, [], "m")
    with pytest.raises(BadInput, match="input 'x' has rank 3"):
        capture(torch.jit.trace(Mlp(), torch.ones(1, 3)), (torch.ones(1, 1, 3),), [], "m")
    with pytest.raises(BadInput, match="input 'x' has dtype int64"):
        capture(torch.jit.trace(Mlp(), torch.ones(1, 3)), (torch.ones(1, 3, dtype=torch.int64),), [], "m")
    with pytest.raises(BadInput, match="linear.default in layers.0 .*PyTorch refuses"):
        recorded(Mlp(), torch.ones(1, 5))
    with pytest.raises(BadInput, match="two dims are needed"):
        recorded(Checked(), torch.ones(3))
    with pytest.raises(BadInput, match="no dim 2"):
        recorded(Mlp(), torch.ones(1, 3), dynamic={0: {2: "width"}})


def test_an_argument_left_out_takes_its_default() -> None:
    assert recorded(Checked(), torch.ones(2, 3)).calls == ()
    assert targets(recorded(Checked(), torch.ones(2, 3), torch.ones(3))) == ["mul.Tensor"]


def test_files_that_are_no_torchscript_say_what_they_are(tmp_path: Path) -> None:
    def written(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    torch.jit.script(Mlp()).save(str(tmp_path / "good.pt"))
    good = (tmp_path / "good.pt").read_bytes()
    torch.save(Mlp(), tmp_path / "module.pt")
    torch.save(Mlp().state_dict(), tmp_path / "state.pt")
    torch.export.save(torch.export.export(Mlp(), (torch.ones(1, 3),)), str(tmp_path / "program.pt2"))
    exported = written("program.pt", (tmp_path / "program.pt2").read_bytes())
    for path, message in [(tmp_path / "missing.pt", "no such file"), (written("empty.pt", b""), "is empty"),
                          (written("cut.pt", good[:len(good) // 2]), "truncated"),
                          (written("noise.pt", b"hello, world"), "no TorchScript file"),
                          (tmp_path / "module.pt", "pickled module"), (tmp_path / "state.pt", "a state dict"),
                          (exported, r"name it \.pt2")]:
        with pytest.raises(BadInput, match=message):
            load(path)
    middle = len(good) // 2
    with pytest.raises(BadInput):
        load(written("corrupt.pt", good[:middle] + bytes(200) + good[middle + 200:]))
