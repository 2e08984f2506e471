"""Complex tensors: pairs of reals inside, complex numbers to whoever calls; every form of a model, Python, C and C++."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lockstep
from lockstep import ops
from lockstep.cases.truth import Disputed
from lockstep.graph import build
from lockstep.graph.world import as_complex, as_reals
from lockstep.ops.complex import Complex, common_dtype
from helpers_package import compile_cpp, run


class Filter(nn.Module):
    """A complex gain on a complex signal, and the size of what comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor([1 + 2j, -0.5j, 3.0], dtype=torch.complex64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * self.gain.conj()
        return y, y.abs()


SIGNAL = torch.tensor([[1 + 1j, 2 - 3j, 0.5j], [-1 - 1j, 4, 1e-3 + 2j]], dtype=torch.complex64)


@pytest.mark.parametrize("form", [lambda m: m, lambda m: torch.jit.trace(m, SIGNAL), torch.jit.script,
                                  lambda m: torch.export.export(m, (SIGNAL,))], ids=["module", "traced", "scripted", "exported"])
def test_every_form_of_a_model_is_right(form):
    report = lockstep.verify(form(Filter().eval()), (SIGNAL,))
    assert report.right and [(v.dtype, v.shape) for v in report.outputs] == [("complex64", (2, 3)), ("float32", (2, 3))]


def test_tensors_and_arrays_go_in_and_come_out():
    compiled = lockstep.compile(Filter().eval(), (SIGNAL,))
    y, size = compiled(SIGNAL)
    assert y.dtype == torch.complex64 and torch.allclose(y, Filter()(SIGNAL)[0])
    found, _ = compiled(SIGNAL.numpy())
    assert found.dtype == np.complex64 and np.array_equal(found, y.numpy())
    with pytest.raises(lockstep.BadInput, match="complex128, the model takes complex64"):
        compiled(SIGNAL.to(torch.complex128))


def test_half_complex_is_refused():
    with pytest.raises(lockstep.Unsupported, match="complex32"):
        lockstep.compile(Filter().eval(), (SIGNAL.to(torch.complex32),))


def test_an_operator_without_a_complex_meaning_is_refused_by_name():
    class Running(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.logcumsumexp(x, 1)
    with pytest.raises(lockstep.Unsupported, match="logcumsumexp.default of complex tensors is not supported"):
        lockstep.compile(Running().eval(), (SIGNAL,))


def test_a_broken_definition_is_disputed(monkeypatch: pytest.MonkeyPatch):
    wrong = ops.Definition("complex _conj.default", lambda x: x)
    monkeypatch.setitem(ops.aten_definitions(), wrong.name, wrong)
    with pytest.raises(Disputed):
        lockstep.verify(Filter().eval(), (SIGNAL,))


def test_each_part_is_judged_by_itself():
    """A small part beside a large one may not hide behind the bound of the large one."""
    from lockstep.judge.verdict import judge
    value = np.array([1e6 + 1e-3j], np.complex64)
    truth, bound = as_reals(value).astype(np.float64), np.array([[0.1, 1e-9]])
    assert judge("y", value, value, truth, bound).right
    assert judge("y", value + np.complex64(0.06), value, truth, bound).right
    verdict = judge("y", value + np.complex64(1e-4j), value, truth, bound)
    assert verdict.wrong == 1 and "[0, 1]" in verdict.first


# ---- the package

@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("complex") / "filter"
    return lockstep.convert(Filter().eval(), (SIGNAL,), out=folder, name="filter", dynamic={0: {0: "rows"}})


CPP = """
#include "filter.hpp"
#include <complex>
#include <type_traits>
#include <vector>
int main() {
  filter::Weights weights("WEIGHTS");
  filter::Session session(weights);
  if (session.prepare(2) != filter::Status::ok) return 1;
  const std::complex<float> x[6] = {{1, 1}, {2, -3}, {0, 0.5f}, {-1, -1}, {4, 0}, {0, 2}};
  std::complex<float> y[6];
  float size[6];
  filter::Inputs inputs;
  inputs.x = {x, 2, 3};
  filter::Outputs outputs;
  outputs.output_0 = {y, 6};
  outputs.output_1 = {size, 6};
  if (session.run(inputs, outputs) != filter::Status::ok) return 2;
  if (y[0] != std::complex<float>(3, -1) || y[2] != std::complex<float>(0, 1.5f) || size[4] != 2) return 3;
  if (outputs.output_0.dims[0] != 2 || outputs.output_0.dims[1] != 3) return 4;
  outputs.output_0 = {y, 5};
  return session.run(inputs, outputs) == filter::Status::over_capacity ? 0 : 5;
}
"""

C_FACE = """
#include "filter.h"
int main() {
  const lockstep_model* const model = filter_model();
  const lockstep_port x = model->input[0], y = model->output[0], size = model->output[1];
  if (x.dtype != LOCKSTEP_COMPLEX64 || y.dtype != LOCKSTEP_COMPLEX64 || size.dtype != LOCKSTEP_FLOAT32) return 1;
  return x.rank == 2 && x.dims[0] == -1 && x.dims[1] == 3 && y.rank == 2 ? 0 : 2;
}
"""


def test_cpp_sees_complex_numbers_and_their_extents(package: Path, tmp_path: Path):
    (tmp_path / "user.cpp").write_text(CPP.replace("WEIGHTS", str(package / "filter.safetensors")))
    model = compile_cpp(package / "filter.cpp", tmp_path / "filter.o", "-c", "-O1")
    assert run(compile_cpp(tmp_path / "user.cpp", tmp_path / "user", f"-I{package}", str(model))).returncode == 0


def test_c_sees_complex_ports(package: Path, tmp_path: Path):
    (tmp_path / "user.cpp").write_text(C_FACE)
    model = compile_cpp(package / "filter.cpp", tmp_path / "filter.o", "-c", "-O1")
    assert run(compile_cpp(tmp_path / "user.cpp", tmp_path / "user", f"-I{package}", str(model))).returncode == 0


def test_the_self_test_judges_both_parts(package: Path, tmp_path: Path):
    model = compile_cpp(package / "filter.cpp", tmp_path / "filter.o", "-c", "-O1")
    program = compile_cpp(package / "filter_selftest.cpp", tmp_path / "selftest", f"-I{package}", str(model))
    done = run(program, package)
    assert done.returncode == 0 and "18 of 18 elements right" in done.stdout, done.stdout + done.stderr


def test_the_manifest_and_a_loaded_package_say_complex(package: Path):
    ports = json.loads((package / "package.json").read_text())
    assert ports["inputs"] == [{"name": "x", "dtype": "complex64", "dims": ["rows", 3]}]
    assert ports["outputs"][0]["dtype"] == "complex64" and ports["outputs"][0]["dims"] == ["rows", 3]
    y, _ = lockstep.load(package)(SIGNAL.numpy()[:1])
    assert y.dtype == np.complex64 and y.shape == (1, 3)


# ---- values and dtypes

@pytest.mark.parametrize("dtype", ["complex64", "complex128", "clongdouble"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (3, 0, 2)])
def test_parts_and_wholes_are_each_other_inverse(dtype: str, shape: tuple[int, ...]):
    array = np.full(shape, 1 - 2j, dtype)
    back = as_complex(as_reals(array))
    assert as_reals(array).shape == (*shape, 2) and back.dtype == array.dtype and np.array_equal(back, array)


def _tensor(dtype: str, shape: tuple[int, ...]):
    part = {"complex64": "float32", "complex128": "float64"}.get(dtype)
    return Complex(build.full(shape, 1, part), build.full(shape, 1, part)) if part else build.full(shape, 1, dtype)


@pytest.mark.parametrize("whole", ["complex64", "complex128"])
@pytest.mark.parametrize("other", ["bool", "int64", "bfloat16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shapes", [((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())])
def test_dtypes_promote_as_pytorch_promotes_them(whole: str, other: str, shapes):
    a, b = (torch.ones(shape, dtype=getattr(torch, name)) for shape, name in zip(shapes, (whole, other)))
    assert common_dtype(_tensor(whole, shapes[0]), _tensor(other, shapes[1])) == \
        str(torch.result_type(a, b)).removeprefix("torch.")


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32", "float64", "complex128"])
@pytest.mark.parametrize("shape", [(2,), ()])
def test_complex_numbers_promote_as_pytorch_promotes_them(dtype: str, shape):
    x = torch.ones(shape, dtype=getattr(torch, dtype))
    assert common_dtype(_tensor(dtype, shape), 2j) == str(torch.result_type(x, 2j)).removeprefix("torch.")


def test_every_definition_on_parts_has_a_real_one():
    """What is defined on complex tensors part by part is taken from the real definition of the same name."""
    from lockstep.ops import aten_complex_parts as table
    names = [table._overload(name) for name in (*table._MOVED, *table._WRITTEN)]
    assert [name for name in names if name not in ops.aten_definitions()] == []


def test_the_room_for_a_transform_is_what_the_header_takes():
    """A length's stages, and the power of two that a chirp needs."""
    from lockstep.graph.primitives.kernels_fft import has_stages, scratch

    class Node:
        def __init__(self, n: int):
            self.attrs = {"n": n}
    assert has_stages(2 * 3 * 5 * 7 * 11 * 13) and not has_stages(17) and has_stages(1)
    assert scratch(Node(8)) == 8 * (2 + 4 * 16)
    assert scratch(Node(17)) == 64 * (2 + 4 * 16) + 2 * 17 + 2 * 64
    assert scratch(Node(1 << 20)) == (1 << 20) * 6
