"""The suite is itself tested: a kernel or a definition broken on purpose must be noticed."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

import lockstep
from lockstep import ops
from lockstep.cases.truth import Disputed
from lockstep.emit import package

RUNTIME = package.runtime_folder()


def model(kind: str) -> tuple[torch.nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    modules = {
        "product": (torch.nn.Linear(24, 17), torch.randn(9, 24)),
        "one row": (torch.nn.Linear(24, 77), torch.randn(1, 24)),
        "softmax": (torch.nn.Softmax(-1), torch.randn(5, 37)),
        "tanh": (torch.nn.Tanh(), torch.randn(50)),
        "pooling": (torch.nn.MaxPool2d(3, padding=1), -torch.rand(1, 2, 7, 8) - 0.5),
        "pooled convolution": (Pooled(), 1 + torch.rand(1, 16, 7, 9)),
        "sorting": (Sorted(), torch.randn(3, 11)),
        "convolution": (torch.nn.Conv2d(5, 16, 3, padding=1), torch.randn(1, 5, 7, 9)),
        "finished": (Finished(), torch.randn(1, 16, 7, 9)),
        "padding": (Applied(lambda x: 2 * torch.nn.functional.pad(x, (2, 3), value=1.5)), torch.randn(2, 40)),
        "pivots": (Applied(lambda x: torch.linalg.lu_factor(x)[0]), torch.randn(6, 6)),
        "reflections": (Applied(lambda x: torch.linalg.qr(x)[1]), torch.randn(7, 5)),
        "eigenvalues": (Applied(torch.linalg.eigvalsh), torch.randn(6, 6)),
        "singular values": (Applied(torch.linalg.svdvals), torch.randn(6, 5)),
    }
    return modules[kind][0].eval(), modules[kind][1]


class Sorted(torch.nn.Module):
    def forward(self, x):
        return torch.sort(x, dim=1).values


class Finished(torch.nn.Module):
    """Convolutions whose results are scaled, shifted, added to and limited."""

    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(16, 16, 3, padding=1, bias=False), torch.nn.BatchNorm2d(16))
        self.after = torch.nn.Conv2d(16, 16, 1)
        torch.nn.init.normal_(self.body[1].weight)
        torch.nn.init.normal_(self.body[1].bias)

    def forward(self, x):
        x = self.after(x)
        return self.after(torch.relu(x + self.body(x)))


class Pooled(torch.nn.Module):
    """A convolution of negative results, which every zero in the border of its pooling would exceed."""

    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(16, 16, 1), torch.nn.MaxPool2d(3, 1, padding=1))
        torch.nn.init.uniform_(self.body[0].weight, -1, -0.5)

    def forward(self, x):
        return self.body(x)


class Applied(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


KERNELS = {
    "a product misses its last term": ("product", "gemm.hpp", "for (Index p = depth; p > 0; --p) {", "for (Index p = depth; p > 1; --p) {"),
    "a single row misses its last term": ("one row", "gemm.hpp", "(k, a, packed + j * k, Matrix<T>",
                                          "(k - 1, a, packed + j * k, Matrix<T>"),
    "a border is zero": ("pooled convolution", "loops.hpp", "at.store(to, at.splat(value)); });", "at.store(to, at.splat(T(0))); });"),
    "a tile's row is read twice": ("product", "gemm.hpp", "const V x(*from[r]);", "const V x(*from[r / 2]);"),
    "the rest of a row is not computed": ("tanh", "loops.hpp", "smaller(i, n % N == 0 ? n : n - N)", "smaller(i, n % N == 0 ? n : n - N - 1)"),
    "the maximum starts at zero": ("pooling", "simd.hpp", "LOCKSTEP_MONOID(Max, detail::lowest<T>(), maximum(a, b))",
                                   "LOCKSTEP_MONOID(Max, T(0), maximum(a, b))"),
    "a sum loses the rest of its row": ("softmax", "loops.hpp", "if (i < n) {\n    const Index first = n - N;",
                                        "if (i + N <= n) {\n    const Index first = n - N;"),
    "a panel's last column is forgotten": ("product", "gemm.hpp", "for (Index x = columns; x < width; ++x)",
                                           "for (Index x = columns - 1; x < width; ++x)"),
    "a tile of pixels repeats its first": ("convolution", "convolution.hpp", "return row * image.row + column * image.pixel;",
                                           "return row * image.row;"),
    "a filter misses its last column": ("convolution", "convolution.hpp", "if (--columns > 0)", "if (--columns > 1)"),
    "a shift is left out": ("finished", "convolution_finish.hpp", "sums[k] = sums[k] * scale + shift;", "sums[k] *= scale;"),
    "a limit is left out": ("finished", "convolution.hpp", "limit(call.finish, sum[v]);", ""),
    "an addend is left out": ("finished", "convolution.hpp", "sum[v][p] += element;", ""),
    "a sort does not merge the last run": ("sorting", "loops.hpp", "for (Index width = 1; width < n; width *= 2)",
                                           "for (Index width = 1; 2 * width < n; width *= 2)"),
    "the last exchange of rows is forgotten": ("pivots", "linalg_factors.hpp", "for (Index i = j + 1; i < rows; ++i) {\n      if",
                                               "for (Index i = j + 1; i + 1 < rows; ++i) {\n      if"),
    "an elimination misses its last column": ("pivots", "linalg_factors.hpp", "subtract_scaled(columns - j - 1, row[j]",
                                              "subtract_scaled(columns - j - 2, row[j]"),
    "a reflection is a thousandth too short": ("reflections", "linalg_rows.hpp", "return -divisor / beta;",
                                               "return T(-0.999) * divisor / beta;"),
    "a QR step leaves out its last rotation": ("eigenvalues", "linalg_eigen.hpp", "for (Index k = first; k < last; ++k) {",
                                               "for (Index k = first; k + (last - first > 2) < last; ++k) {"),
    "rotations stop at a thousandth": ("singular values", "linalg_svd.hpp", "<= close * std::sqrt(own)",
                                       "<= T(0.05) * std::sqrt(own)"),
    "a cut begins one late": ("padding", "loops.hpp", "low = larger(low, floor_quotient(factor - 1 - rest, factor));",
                              "low = larger(low, floor_quotient(factor - rest, factor));"),
}


@pytest.mark.parametrize("mutant", KERNELS)
def test_a_broken_kernel_is_noticed(mutant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, header, right, wrong = KERNELS[mutant]
    shutil.copytree(RUNTIME, tmp_path / "runtime")
    path = tmp_path / "runtime" / "lockstep" / header
    assert right in path.read_text(), f"{header} has changed: choose another place to break"
    path.write_text(path.read_text().replace(right, wrong))
    module, x = model(kind)
    assert lockstep.verify(module, x).right
    monkeypatch.setattr(package, "runtime_folder", lambda: tmp_path / "runtime")
    assert not lockstep.verify(module, x).right


def _without_maximum(x, dim, dtype=None, *_):
    from lockstep.graph.functions import exp
    e = exp(x)
    return e / (e.sum(dim, keepdim=True) + 1e-3)


def _without_bias(x, weight, bias=None):
    from lockstep.graph.build import contract
    return contract("...k,nk->...n", x, weight)


DEFINITIONS = {"softmax.int": ("softmax", _without_maximum), "linear.default": ("product", _without_bias)}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_broken_definition_is_disputed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch and the interpreter then part before any C++ is judged."""
    kind, wrong = DEFINITIONS[name]
    monkeypatch.setitem(ops.aten_definitions(), name, ops.Definition(name, wrong))
    module, x = model(kind)
    with pytest.raises(Disputed):
        lockstep.verify(module, x)
