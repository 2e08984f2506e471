"""What the plan decides: what is done once, which steps share blocks of rows, where channels lie, what threads share."""
from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from helpers_package import compile_cpp
import lockstep
from lockstep.emit.package import runtime_folder
from lockstep.graph.interpret import evaluate
from lockstep.graph.world import World
from lockstep.judge.commands import stage
from lockstep.judge.models import open_model
from lockstep.passes.channels import channels
from lockstep.passes.pipeline import optimise
from lockstep.plan import fuse
from lockstep.plan.convolution import winograd_rooms
from lockstep.plan.nest import (Buffer, Choose, ConvolutionShape, Convolve, Gemm, Nest, PackColumns, PackFilters, Plan,
                                Repeat, SortRows)
from lockstep.plan.pipeline import make
from lockstep.plan.traverse import flat, parts


class Attention(nn.Module):
    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return nn.functional.scaled_dot_product_attention(query, key, value)


class Residual(nn.Module):
    """Three convolutions and batch norms, one with a filter a channel, around a sum; pooling behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU())
        self.inner = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, groups=32), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 32, 1))
        self.pool = nn.MaxPool2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        return self.pool(y + self.inner(y)).mean((2, 3))


def planned(module: nn.Module, *inputs: Tensor, **options) -> Plan:
    return make(optimise(open_model(module.eval(), inputs, **options).graph))


def kinds(steps) -> list[type]:
    return [type(step) for step in flat(steps)]


def test_attention_never_has_all_its_scores_in_memory():
    heads, tokens = 4, 128
    plan = planned(Attention(), *(torch.randn(1, heads, tokens, 64) for _ in range(3)))
    (by_head,) = plan.steps
    assert isinstance(by_head, Repeat) and kinds(by_head.steps).count(Gemm) == 2
    sizes = [part.size for part in parts(plan.steps) if isinstance(part, Buffer) and part.kind in ("arena", "local")]
    assert max(sizes) < tokens * tokens


def test_weights_are_packed_once_even_where_a_loop_reads_them():
    plan = planned(nn.LSTM(32, 64), torch.randn(20, 1, 32))
    assert kinds(plan.setup).count(PackColumns) == 2 and PackColumns not in kinds(plan.steps)


def test_what_an_input_decides_is_not_done_once():
    plan = planned(Attention(), *(torch.randn(1, 2, 40, 16) for _ in range(3)))
    assert plan.setup == () and PackColumns in kinds(plan.steps)


def test_convolutions_are_kernels_and_their_filters_and_scales_are_settled():
    plan = planned(Residual(), torch.randn(1, 3, 28, 28))
    assert kinds(plan.steps).count(Convolve) == 3 and kinds(plan.setup).count(PackFilters) == 3
    assert Gemm not in kinds(plan.steps)
    assert sum(isinstance(step, Nest) for step in plan.setup) >= 4               # scale and shift of two batch norms


class Projected(nn.Module):
    """Two convolutions whose results, each with its batch norm, are added up."""

    def __init__(self, reused: bool = False) -> None:
        super().__init__()
        self.left, self.right, self.leave = (nn.Conv2d(16, 16, 1, bias=False) for _ in range(3))
        self.norms = nn.ModuleList(nn.BatchNorm2d(16) for _ in range(2))
        self.reused = reused

    def forward(self, x: Tensor) -> Tensor:
        x = self.leave(x)
        left, right = self.left(x), self.right(x)
        return self.leave(torch.relu(self.norms[0](left) + (left if self.reused else self.norms[1](right))))


def test_what_follows_a_convolution_is_done_in_its_registers():
    found = [step.finish for step in flat(planned(Projected(), torch.randn(2, 16, 5, 6)).steps) if isinstance(step, Convolve)]
    assert [finish is not None for finish in found] == [False, True, True, False]
    assert found[1].scale and found[1].shift and found[1].addend is None and found[1].least is None
    assert found[2].scale and found[2].shift and found[2].addend and found[2].least == 0 and found[2].signed_zeros
    plan = planned(nn.Sequential(nn.Conv2d(3, 32, 3, groups=1), nn.ReLU6(), nn.Conv2d(32, 32, 3, groups=32), nn.Hardtanh(-2, 3),
                                 nn.Conv2d(32, 8, 1)), torch.randn(1, 3, 9, 9))
    steps = [step for step in flat(plan.steps) if isinstance(step, Convolve)]
    assert [(step.finish.least, step.finish.most) for step in steps if step.finish is not None] == [(0, 6), (-2, 3)]


@pytest.mark.parametrize("module, fetching, fetched", [(nn.Softmax(-1), 1, ["input", "output"]),      # its exponentials
                                                       (nn.LayerNorm(1024), 1, ["input"]),            # its second fold
                                                       (nn.GELU(), 0, ["input", "output"]), (nn.ReLU(), 0, [])])
def test_one_pass_over_rows_fetches_the_next_ones(module: nn.Module, fetching: int, fetched: list[str]):
    def passes(rows: int) -> list[list[str]]:
        nests = [step for step in flat(planned(module, torch.randn(rows, 1024)).steps) if isinstance(step, Nest)]
        return [[load.buffer.name for load in step.fetched] for step in nests]
    far = passes(512)
    assert far[fetching] == fetched and sum(map(bool, far)) == bool(fetched)
    assert not any(passes(16))


def test_a_difference_with_a_mean_is_computed_again_rather_than_stored():
    plan = planned(nn.LayerNorm(768), torch.randn(64, 768))
    (block,) = plan.steps
    assert isinstance(block, Repeat) and len(block.steps) == 3 and all(step.target.size < 768 for step in block.steps[:-1])


def test_what_little_a_loop_passes_on_lies_on_the_stack():
    class Recurrence(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.linear = nn.Linear(width, width)

        def forward(self, xs: Tensor) -> Tensor:
            h = torch.zeros_like(xs[0])
            for step in range(xs.size(0)):
                h = torch.tanh(self.linear(h) + xs[step])
            return h

    def kept(width: int) -> set[str]:
        plan = planned(torch.jit.script(Recurrence(width)), torch.randn(100, 1, width))
        (loop,) = [step for step in plan.steps if isinstance(step, Repeat)]
        return {part.kind for part in parts(loop) if isinstance(part, Buffer)} & {"arena", "stack"}
    assert kept(4) == {"stack"} and kept(128) == {"arena"}


@pytest.mark.parametrize("divisor, fn", [(8.0, "multiply"), (-0.25, "multiply"), (3.0, "divide"), (0.0, "divide"),
                                         (float("inf"), "divide"), (2.0 ** 120, "divide")])
def test_what_has_an_exact_reciprocal_does_not_divide(divisor: float, fn: str):
    class Divided(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x / divisor

    (nest,) = planned(Divided(), torch.randn(5)).steps
    assert nest.value.fn == fn


@pytest.mark.parametrize("limit", [float("nan"), -0.0])
def test_what_is_no_limit_of_a_kernel_stays_behind_its_convolution(limit: float):
    class Limited(nn.Sequential):
        def forward(self, x: Tensor) -> Tensor:
            return self[1](torch.clamp(self[0](x), min=limit))

    module, x = Limited(nn.Conv2d(3, 16, 1, bias=False), nn.Conv2d(16, 8, 1)).eval(), torch.randn(1, 3, 5, 6)
    steps = [step for step in flat(planned(module, x).steps) if isinstance(step, Convolve)]
    assert len(steps) == 2 and all(step.finish is None or step.finish.least is None for step in steps)


def test_what_is_used_twice_is_stored_as_it_is():
    steps = list(flat(planned(Projected(reused=True), torch.randn(2, 16, 5, 6)).steps))
    assert all(step.finish is None for step in steps if isinstance(step, Convolve))


def test_channels_stay_in_blocks_from_one_convolution_to_the_next():
    graph = optimise(open_model(Residual().eval(), (torch.randn(1, 3, 28, 28),)).graph)
    remade = [node for node in graph.nodes if node.op == "reindex" and any("//" in str(e) for e in node.attrs["index"])]
    assert len(remade) <= 1 and all(node.types[0].dims == (1, 32) for node in remade)


@pytest.mark.parametrize("count", [8, 24, 32, 40])
def test_channels_in_blocks_hold_the_same_values(count: int):
    module = nn.Sequential(nn.Conv2d(5, count, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(count, 16, 1)).eval()
    graph = open_model(module, (torch.randn(2, 5, 9, 7),)).graph
    arrays = [torch.randn(2, 5, 9, 7).numpy()]
    (before,), (after,) = (evaluate(one, arrays, World(True)) for one in (graph, channels(graph)))
    assert before.shape == after.shape and abs(before - after).max() < 1e-12


class Masked(nn.Module):
    """Attention of a batch under a mask, its layer, and a sum over tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(24, 3, 40, batch_first=True)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.layer(x, src_mask=mask).softmax(1).sum(1)


SHARED = {
    "attention": (Masked, lambda: (torch.randn(3, 11, 24), torch.randn(11, 11).tril())),
    "recurrence": (lambda: nn.GRU(5, 7, num_layers=2, bidirectional=True), lambda: (torch.randn(9, 2, 5),)),
    "convolutions": (Residual, lambda: (torch.randn(2, 3, 13, 10),)),
    "rows": (lambda: nn.Sequential(nn.Linear(6, 19), nn.GELU(), nn.LayerNorm(19), nn.LogSoftmax(-1), nn.Linear(19, 4)),
             lambda: (torch.randn(2, 3, 7, 6),)),
    "columns": (lambda: nn.Sequential(nn.BatchNorm1d(5), nn.Softmax(0), nn.Flatten(), nn.Linear(45, 8)), lambda: (torch.randn(7, 5, 9),)),
}


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("name", SHARED)
def test_blocks_of_every_size_hold_the_same_values(name: str, dynamic: bool, monkeypatch: pytest.MonkeyPatch):
    """Blocks of a few rows, so that small models have many, the last one shorter."""
    for constant, value in (("SMALL", 0), ("UNKNOWN_ROWS", 2)):
        monkeypatch.setattr(fuse, constant, value)
    make_module, make_inputs = SHARED[name]
    torch.manual_seed(3)
    module, inputs = make_module().eval(), make_inputs()
    axis = 1 if name == "recurrence" else 0
    options = {"dynamic": {0: {axis: "batch"}}} if dynamic else {}
    report = lockstep.verify(module, inputs, choices=lockstep.Choices(near=200, rows=3), **options)
    assert report.right, [verdict.first for verdict in report.outputs]


@pytest.mark.parametrize("extent", [(9, 7), (12, 16)])
def test_winograd_is_a_choice(extent: tuple[int, int]):
    module, x = nn.Sequential(nn.Conv2d(5, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 48, 3)).eval(), torch.randn(2, 5, *extent)
    fast = lockstep.Choices(fast_conv=True)
    graph = optimise(open_model(module, (x,)).graph)
    used = [[step.kernel for step in flat(make(graph, one).steps) if isinstance(step, Convolve)] for one in (lockstep.Choices(), fast)]
    assert used == [["convolve", "convolve"], ["convolve", "convolve_winograd"]]
    assert lockstep.verify(module, (x,), choices=fast).right


def test_winograd_needs_the_room_that_its_header_counts(tmp_path: Path):
    """Inside, outside, height and width of images from one tile to more than fit the cache."""
    shapes = [(16, 16, 1, 1), (16, 48, 2, 3), (48, 64, 9, 7), (64, 64, 56, 56), (512, 512, 7, 7), (128, 256, 28, 30)]
    calls = "".join(f"print(ConvolutionShape{{{', '.join(map(str, shape))}, 3, 3, 1, 1, 1, 1}});\n" for shape in shapes)
    (tmp_path / "rooms.cpp").write_text(f"""
#include <cstdio>
#include "lockstep/convolution_winograd.hpp"
using namespace lockstep;
void print(const ConvolutionShape& s) {{ std::printf("%lld %lld\\n", (long long)winograd_filters_room(s), (long long)winograd_room(s)); }}
int main() {{ {calls} }}
""")
    program = compile_cpp(tmp_path / "rooms.cpp", tmp_path / "rooms", "-std=c++17", f"-I{runtime_folder()}")
    said = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == ["{} {}".format(*winograd_rooms(ConvolutionShape(*shape, 3, 3, 1, 1, 1, 1))) for shape in shapes]


class Gate(nn.Module):
    """Turns of a small layer whose sign its sum decides, or what costs more than arithmetic: `far` by a branch."""

    def __init__(self, far: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.far = far

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            y = self.linear(x)
            if bool(y.sum() > 0):
                x = y @ y.t() @ x if self.far else y
            else:
                x = -y + x
        return x


@pytest.mark.parametrize("far", [False, True])
def test_a_branch_of_little_arithmetic_is_a_choice_of_elements(far: bool):
    torch.manual_seed(4)                                             # cubes of cubes: others lose digits in PyTorch too
    module, x = Gate(far), torch.randn(3, 4)
    opened = open_model(torch.jit.script(module), (x,))
    plan = make(optimise(opened.graph))
    assert (Choose in kinds(plan.steps)) == far
    compiled = lockstep.compile(torch.jit.script(module), (x,))
    for sample in (x, -x, torch.full((3, 4), float("nan"))):
        torch.testing.assert_close(compiled(sample), module(sample), equal_nan=True)


def test_a_little_product_is_a_sum_where_it_is_used():
    plan = planned(nn.Sequential(nn.Linear(4, 4), nn.Tanh()), torch.randn(3, 4))
    assert kinds(plan.steps) == [Nest] and kinds(plan.setup) == [Nest]


ROOT = math.sqrt(0.5)


@pytest.mark.parametrize("function, expected", [
    (nn.functional.gelu, ["normal_cdf", "multiply"]),
    (torch.special.ndtr, ["normal_cdf"]),
    (lambda x: x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0))), ["normal_cdf", "multiply"]),
    (lambda x: (torch.erf(x * ROOT) + 1) * (0.5 * x), ["normal_cdf", "multiply"]),
    (lambda x: 0.5 * (torch.erf(x * 0.70710677) + 1), ["normal_cdf"]),                  # rounded to float32
    (lambda x: x * (1 + torch.erf(x * ROOT)), ["normal_cdf", "multiply", "multiply"]),
    (lambda x: 0.5 * (1 + torch.erf(x * 0.7)), ["multiply", "erf", "add", "multiply"]),
    (lambda x: 0.5 * (2 + torch.erf(x * ROOT)), ["multiply", "erf", "add", "multiply"]),
    (lambda x: 0.5 * (1 + torch.erf(x / ROOT)), ["divide", "erf", "add", "multiply"])])
def test_the_normal_distribution_is_one_function_in_float32_alone(function, expected: list[str]):
    class Model(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return function(x)

    def functions(dtype: torch.dtype) -> list[str]:
        graph = optimise(open_model(Model().eval(), (torch.randn(5, dtype=dtype),)).graph)
        return [node.attrs["fn"] for node in graph.nodes if node.op == "map"]
    assert sorted(functions(torch.float32)) == sorted(expected)
    assert "normal_cdf" not in functions(torch.float64)
    assert lockstep.verify(Model().eval(), (torch.randn(500),)).right


class Largest(nn.Module):
    def __init__(self, count: int, whole: bool = False) -> None:
        super().__init__()
        self.count, self.whole = count, whole

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        values, indices = x.sort(1, descending=True)
        return (values[:, :self.count], indices[:, 2], *((values,) if self.whole else ()))


@pytest.mark.parametrize("module, first", [(Largest(5), 5), (Largest(1), 3), (Largest(65), None), (Largest(5, whole=True), None)])
def test_only_what_is_read_of_a_sort_is_put_in_order(module: nn.Module, first: int | None):
    x = torch.randn(3, 100)
    (sort,) = (step for step in flat(planned(module, x).steps) if isinstance(step, SortRows))
    assert (sort.first, sort.scratch is None) == (first, first is not None)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(lockstep.compile(module, (x,))(x), module(x), strict=True))


def test_layers_that_are_alike_are_compiled_once():
    layers, x = [nn.TransformerEncoderLayer(32, 2, 48, batch_first=True, activation="gelu") for _ in range(4)], torch.randn(2, 9, 32)
    module = nn.Sequential(*layers).eval()
    assert lockstep.verify(module, (x,)).right
    source = stage(open_model(module, (x,)), "cpp")
    calls = Counter(re.findall(r"^  (compute_step_\d+)\(frame", source, re.M))
    assert calls and min(calls.values()) > 1 and set(calls) == set(re.findall(r"^void (compute_step_\d+)\(", source, re.M))
    alone = stage(open_model(layers[0].eval(), (x,)), "cpp")
    assert source.count("\n") < 3 * alone.count("\n")
    for k in range(4):                                      # each call says where it comes from
        assert f"// aten.gelu.default: {k}, " in source or f"// aten.gelu.default: {k}\n" in source, k


def test_a_module_may_be_called_like_a_buffer():
    """What a comment alone names is not declared: -Werror would refuse it."""
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for k in range(9):
                setattr(self, f"t{k}", nn.Linear(40, 40))

        def forward(self, x: Tensor) -> Tensor:
            for k in range(9):
                x = getattr(self, f"t{k}")(x).softmax(0)
            return x
    source = stage(open_model(Outer(), (torch.randn(30, 40),)), "cpp")
    for function in source.split("\nint ")[1:]:
        code = re.sub(r"//.*", "", function)
        for name in re.findall(r"\* const (t\d+) = ", code):
            assert len(re.findall(rf"\b{name}\b", code)) > 1, name


@pytest.mark.parametrize("columns, rows", [(512, 32), (2048, 64)])
def test_weights_that_come_from_far_away_serve_more_rows(columns: int, rows: int):
    plan = planned(nn.Sequential(nn.Linear(1024, columns), nn.ReLU()), torch.randn(128, 1024))
    assert [step.why for step in plan.steps] == [f"{rows} of 128 rows at a time"]


def test_little_work_is_not_shared_among_threads():
    small = planned(nn.Linear(16, 16), torch.randn(4, 16))
    large = planned(nn.Linear(512, 512), torch.randn(512, 512))
    assert not any(isinstance(step, Repeat) for step in small.steps)
    assert any(isinstance(step, Repeat) and step.work > 0 for step in large.steps)


def test_one_image_is_shared_among_threads_by_its_rows():
    plan = planned(nn.Conv2d(3, 32, 3, padding=1), torch.randn(1, 3, 112, 112))
    assert "14 of 112 rows a thread" in [step.why for step in flat(plan.steps) if isinstance(step, Repeat) and step.work > 0]


def test_one_row_times_many_weights_is_shared_among_threads_by_columns():
    plan = planned(nn.Linear(1280, 1000), torch.randn(1, 1280))
    assert "128 of 1000 columns a thread" in [step.why for step in flat(plan.steps) if isinstance(step, Repeat) and step.work > 0]


RUN = """
import sys
from collections import Counter
from pathlib import Path
import numpy as np
from lockstep.build.library import Library
library = Library(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
sys.stdout.buffer.write(library.run([np.load(sys.argv[4])])[0].tobytes())
"""


IMAGES = nn.Sequential(Residual(), nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 512), nn.Softmax(-1)).eval()
DEEP = nn.TransformerEncoder(nn.TransformerEncoderLayer(256, 4, 512, batch_first=True), 3, enable_nested_tensor=False).eval()


@pytest.mark.parametrize("module, extents, function", [(IMAGES, (6, 3, 56, 56), "int compute"), (IMAGES, (1, 3, 112, 112), "int compute"),
                                                       (nn.Linear(1280, 1000).eval(), (1, 1280), "int compute"),
                                                       (nn.Sequential(nn.Linear(1280, 1000), nn.ReLU()).eval(), (1, 1280), "int compute"),
                                                       (DEEP, (1, 128, 256), "void compute_step_")])
def test_results_do_not_depend_on_the_number_of_threads(module: nn.Module, extents: tuple[int, ...], function: str, tmp_path: Path):
    x = torch.randn(extents)
    folder = lockstep.convert(module, x, out=tmp_path / "net", name="net", selftest=False)
    functions = re.findall(rf"^{function}.*?^}}", (folder / "net.cpp").read_text(), re.DOTALL | re.MULTILINE)
    assert any("LOCKSTEP_THREADS" in text for text in functions)
    library = compile_cpp(folder / "net.cpp", tmp_path / "libnet.so", "-O2", "-march=native", "-fopenmp", "-fPIC", "-shared")
    import numpy as np
    np.save(tmp_path / "x.npy", x.numpy())
    answers = []
    for threads in ("1", "2", "3"):
        done = subprocess.run([sys.executable, "-c", RUN, library, "net", folder / "net.safetensors", tmp_path / "x.npy"],
                              env={**os.environ, "OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "passive"}, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        answers.append(done.stdout)
    assert len(answers[0]) == 4 * module(x).numel() and answers[0] == answers[1] == answers[2]
