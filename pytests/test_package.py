"""A converted package on its own: built by CMake, used from C++ and from C, replaced whole, and never over a stranger."""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

import absent  # noqa: F401  (registers its operators)
import lockstep
from helpers_package import compile_cpp, compiler, convert_one, made, object_of, own_cache, packages, program, run, weights_of

__all__ = ["own_cache", "packages"]      # fixtures


# ---- CMake

@pytest.fixture(scope="session")
def built(packages: Path) -> Path:
    """The package `conv` built by its own CMakeLists.txt, from a copy that lies alone."""
    package = packages.parent / "alone" / "conv"
    shutil.copytree(packages / "conv", package)
    environment = {k: v for k, v in os.environ.items() if k not in ("CXXFLAGS", "CFLAGS", "LDFLAGS")}
    for step in ((compiler("cmake"), "-S", package, "-B", package.parent / "build", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"),
                 (compiler("cmake"), "--build", package.parent / "build")):
        done = run(*step, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
    return package.parent / "build"


def test_builds_alone_and_its_self_test_passes(built: Path):
    assert "CMAKE_BUILD_TYPE:STRING=" in (built / "CMakeCache.txt").read_text()
    done = run("ctest", "--test-dir", built, "--output-on-failure")
    assert done.returncode == 0 and "100% tests passed" in done.stdout, done.stdout + done.stderr


def test_damaged_answer_fails_the_self_test(built: Path, tmp_path: Path):
    folder = tmp_path / "conv"
    shutil.copytree(built.parent / "conv", folder)
    stored = load_file(folder / "conv_selftest.safetensors")
    for name in ("output_0", "truth_0"):
        stored[name] = stored[name].copy()
        stored[name][1, 3] += 0.001
    save_file(stored, folder / "conv_selftest.safetensors")
    done = run(built / "conv_selftest", folder)
    assert done.returncode == 1
    assert "20 of 21 elements right" in done.stdout and re.match(r"output 'output' element 10: got ", done.stderr)


def test_self_test_without_its_files_fails_with_words(built: Path, tmp_path: Path):
    done = run(built / "conv_selftest", tmp_path)
    assert done.returncode == 1 and "conv_selftest.safetensors cannot be read" in done.stderr
    shutil.copy(built.parent / "conv" / "conv_selftest.safetensors", tmp_path)
    done = run(built / "conv_selftest", tmp_path)
    assert done.returncode == 1 and "conv.safetensors' cannot be opened" in done.stderr


def test_package_is_a_part_of_a_larger_cmake_project(packages: Path, tmp_path: Path):
    """add_subdirectory gives a target with its include folder and language standard; no self-test is forced on the user."""
    (tmp_path / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.16)\nproject(user LANGUAGES CXX)\n"
        f"add_subdirectory({packages / 'mlp'} mlp)\nadd_subdirectory({packages / 'conv'} conv)\n"
        f"add_executable(user user.cpp)\ntarget_link_libraries(user PRIVATE mlp conv)\n")
    (tmp_path / "user.cpp").write_text('#include "conv.hpp"\n#include "mlp.hpp"\n'
                                       "int main() { return conv_model()->inputs + mlp_model()->inputs - 2; }\n")
    build = tmp_path / "build"
    for step in (("cmake", "-S", tmp_path, "-B", build, "-DCMAKE_BUILD_TYPE=Debug"), ("cmake", "--build", build),
                 (build / "user",)):
        done = run(*step)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not list(build.rglob("*selftest"))


# ---- C++ and C

USER = """#include <cstdio>
#include "conv.hpp"
int main(int, char** arguments) {
  conv::Weights weights(arguments[1]);
  conv::Session session(weights);
  float x[conv::kInputSize], y[conv::kOutputSize];
  for (int k = 0; k < conv::kInputSize; ++k) x[k] = 0.125f * float(k % 11) - 0.5f;
  if (session.run(x, y) != conv::Status::ok) return std::fprintf(stderr, "%s\\n", session.message()), 1;
  for (const float one : y) std::printf("%a ", double(one));
}
"""


def conv_answer() -> np.ndarray:
    x = (0.125 * (np.arange(216) % 11) - 0.5).astype(np.float32).reshape(3, 2, 6, 6)
    with torch.no_grad():
        return made("conv")(torch.from_numpy(x)).numpy()


def numbers(text: str) -> np.ndarray:
    return np.array([float.fromhex(word) for word in text.split()], np.float32).reshape(3, 7)


def test_users_program(packages: Path, tmp_path: Path):
    (tmp_path / "user.cpp").write_text(USER)
    user = program(packages / "conv", tmp_path / "user.cpp", tmp_path / "user")
    done = run(user, weights_of(packages / "conv"))
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(numbers(done.stdout), conv_answer(), rtol=1e-5)


def test_header_comment_is_a_program_that_compiles(packages: Path, tmp_path: Path):
    """The lines at the head of the interface are what a user copies first."""
    lines = (packages / "conv" / "conv.hpp").read_text().splitlines()
    snippet = "\n".join(line[2:] for line in lines[1:lines.index("#pragma once")] if line.startswith("//   "))
    assert "conv::Weights" in snippet and "session.run(" in snippet
    (tmp_path / "snippet.cpp").write_text('#include "conv.hpp"\nint main() {\n  float input[conv::kInputSize] = {}, '
                                          f"output[conv::kOutputSize];\n{snippet}\n  return output[0] > 0 ? 0 : 1;\n}}\n")
    user = program(packages / "conv", tmp_path / "snippet.cpp", tmp_path / "snippet")
    assert run(user, cwd=packages / "conv").returncode == 0


PLAIN = """import ctypes as c, sys
I, V = c.c_int64, c.c_void_p
class Input(c.Structure): _fields_ = [("data", V), ("dims", c.POINTER(I))]
class Output(c.Structure): _fields_ = [("data", V), ("capacity", I), ("dims", c.POINTER(I))]
class Model(c.Structure):
    _fields_ = [("name", c.c_char_p), ("inputs", c.c_int32), ("outputs", c.c_int32), ("symbols", c.c_int32),
                ("states", c.c_int32), ("input", V), ("output", V), ("state", V), ("symbol_names", V), ("weights_open", c.CFUNCTYPE(c.c_int, c.c_char_p, c.POINTER(V), c.c_char_p,
                c.c_size_t)), ("weights_close", c.CFUNCTYPE(None, V)), ("session_open", c.CFUNCTYPE(c.c_int, V, c.POINTER(V))),
                ("session_close", c.CFUNCTYPE(None, V)), ("symbols_of", V), ("prepare", V),
                ("run", c.CFUNCTYPE(c.c_int, V, c.POINTER(Input), c.POINTER(Output))), ("message", c.CFUNCTYPE(c.c_char_p, V))]
entry = c.CDLL(sys.argv[1]).conv_model
entry.restype = c.POINTER(Model)
m, weights, session, message = entry().contents, V(), V(), c.create_string_buffer(256)
assert (m.name, m.inputs, m.outputs, m.symbols) == (b"conv", 1, 1, 0)
assert m.weights_open(sys.argv[2].encode(), c.byref(weights), message, 256) == 0, message.value
assert m.session_open(weights, c.byref(session)) == 0
x, y, dims = (c.c_float * 216)(*[0.125 * (k % 11) - 0.5 for k in range(216)]), (c.c_float * 21)(), (I * 2)()
assert m.run(session, Input(c.cast(x, V), None), Output(c.cast(y, V), 21, dims)) == 0, m.message(session)
assert list(dims) == [3, 7]
m.session_close(session), m.weights_close(weights)
assert not {"lockstep", "torch", "numpy"} & set(sys.modules)
print(*[v.hex() for v in y])
"""


def test_c_interface_from_a_plain_python(packages: Path, tmp_path: Path):
    library = compile_cpp(packages / "conv" / "conv.cpp", tmp_path / "libconv.so", "-O1", "-fPIC", "-shared")
    (tmp_path / "plain.py").write_text(PLAIN)
    done = run(sys.executable, "-I", "-S", tmp_path / "plain.py", library, weights_of(packages / "conv"))
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(numbers(done.stdout), conv_answer(), rtol=1e-5)


def test_c_program(packages: Path, tmp_path: Path):
    (tmp_path / "user.c").write_text("""#include <stdio.h>
#include "conv.h"
int main(int count, char** arguments) {
  static float x[216], y[21];
  void *weights = NULL, *session = NULL;
  char message[256];
  const lockstep_model* model = conv_model();
  lockstep_input input = {x, NULL};
  lockstep_output output = {y, 21, NULL};
  int k;
  if (count != 2) return 2;
  for (k = 0; k < 216; ++k) x[k] = 0.125f * (float)(k % 11) - 0.5f;
  if (model->weights_open(arguments[1], &weights, message, sizeof message) != LOCKSTEP_OK) return 3;
  if (model->session_open(weights, &session) != LOCKSTEP_OK) return 4;
  if (model->run(session, &input, &output) != LOCKSTEP_OK) return 5;
  for (k = 0; k < 21; ++k) printf("%a ", (double)y[k]);
  model->session_close(session);
  model->weights_close(weights);
  return 0;
}
""")
    subprocess.run([compiler("gcc"), "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{packages / 'conv'}", "-c",
                    tmp_path / "user.c", "-o", tmp_path / "user.o"], check=True)
    subprocess.run([compiler("g++"), tmp_path / "user.o", object_of(packages / "conv", "g++", "-O2"), "-o", tmp_path / "user"],
                   check=True)
    done = run(tmp_path / "user", weights_of(packages / "conv"))
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(numbers(done.stdout), conv_answer(), rtol=1e-5)


# ---- names that C++ has taken

class Plus(nn.Module):
    def forward(self, x, y):
        return x + y


def small_package(out: Path, **options) -> Path:
    return lockstep.convert(Plus().eval(), (torch.ones(2), torch.ones(2)), out=out, selftest=False, **options)


def compiles_for_a_user(package: Path, tmp_path: Path) -> bool:
    """Model and interface are compiled, the interface together with the headers that users include most."""
    source, header = next(package.glob("*.cpp")), next(package.glob("*.hpp"))
    (tmp_path / "user.cpp").write_text(f'#include <cmath>\n#include <cstdlib>\n#include <unistd.h>\n#include "{header.name}"\n')
    return all((compile_cpp(source, tmp_path / "model.o", "-c", "-O0").exists(),
                compile_cpp(tmp_path / "user.cpp", tmp_path / "user.o", "-c", f"-I{package}").exists()))


class Double(nn.Module):
    def forward(self, x):
        return x * 2


class Select(Double):
    pass


@pytest.mark.parametrize("module", [nn.Tanh, Double, Select], ids=lambda m: m.__name__)
def test_class_named_like_something_of_cpp(tmp_path: Path, module: type[nn.Module]):
    """nn.Tanh alone would be a package `tanh`, which is a function of C's: nobody chose that name."""
    package = lockstep.convert(module().eval(), torch.ones(2), out=tmp_path / "package", selftest=False)
    assert compiles_for_a_user(package, tmp_path)


@pytest.mark.parametrize("name", ["double", "tanh", "index", "std", "lockstep", "main", "new", "select", "int64_t",
                                  "malloc", "mode_t", "inputs", "weights", "table", "description", "run", "compute"])
def test_chosen_name_is_refused_or_compiles(tmp_path: Path, name: str):
    try:
        package = small_package(tmp_path / "package", name=name)
    except lockstep.BadInput as refusal:
        assert f"'{name}'" in str(refusal)
        return
    assert compiles_for_a_user(package, tmp_path)


PORTS = [(["a*/b", "/*"], ["y\n#error"]), (["a\\", "a|b"], ["y\r\u2028z"]), (["x", "x_out"], ["x"]), (["a_b", "aB"], ["c"]), (["inputs", "class"], ["outputs"]), (["x", "y"], ["x"]),
         (["run", "prepare"], ["Status"]), (["1", "2"], ["3"]), (["a.b", "a b"], ["a/b"]), (["x", "y"], ["input"]),
         (["größe", "名"], ["\U0001F600"])]


@pytest.mark.parametrize("inputs, outputs", PORTS, ids=lambda names: "+".join(names).encode("unicode_escape").decode())
def test_ports_of_any_name(tmp_path: Path, inputs: list[str], outputs: list[str]):
    package = small_package(tmp_path / "package", name="plus", input_names=inputs, output_names=outputs)
    (tmp_path / "user.cpp").write_text('#include "plus.hpp"\nint main() { return plus_model()->inputs - 2; }\n')
    model = compile_cpp(package / "plus.cpp", tmp_path / "model.o", "-c", "-O0")
    assert run(compile_cpp(tmp_path / "user.cpp", tmp_path / "user", f"-I{package}", str(model))).returncode == 0
    manifest = json.loads((package / "package.json").read_text())
    assert [p["name"] for p in manifest["inputs"]] == inputs and [p["name"] for p in manifest["outputs"]] == outputs


class Outer(nn.Module):
    def forward(self, x, y):
        return x[:, None] * y


def test_extents_whose_names_differ_by_an_underscore(tmp_path: Path):
    out = lockstep.convert(Outer().eval(), (torch.ones(3), torch.ones(4)), out=tmp_path / "outer", selftest=False,
                           dynamic={0: {0: "n"}, 1: {0: "n_"}})
    assert compiles_for_a_user(out, tmp_path)
    x, y = np.arange(5, dtype=np.float32), np.arange(2, dtype=np.float32)
    np.testing.assert_array_equal(lockstep.load(out)(x, y), x[:, None] * y)


# ---- 16-bit floats

HALVES = {"float16": (torch.float16, 2e-3), "bfloat16": (torch.bfloat16, 2e-2)}


def small_network(dtype: torch.dtype) -> tuple[nn.Module, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        network = nn.Sequential(nn.Linear(24, 40), nn.ReLU(), nn.Linear(40, 7), nn.Softmax(-1)).to(dtype).eval()
        return network, torch.randn(5, 24).to(dtype)


@pytest.mark.parametrize("name", HALVES)
def test_network_of_16_bit_floats(tmp_path: Path, name: str):
    """Weights, inputs and outputs of 16 bits; a loose check, whose tight one is the self-test by computed bounds."""
    dtype, tolerance = HALVES[name]
    network, x = small_network(dtype)
    out = lockstep.convert(network, x, out=tmp_path / "network", name="network")
    assert compiles_for_a_user(out, tmp_path)
    with torch.no_grad():
        got, want = lockstep.load(out)(x), network(x)
    assert got.dtype == want.dtype == dtype
    torch.testing.assert_close(got.float(), want.float(), rtol=tolerance, atol=tolerance)
    test = program(out, out / "network_selftest.cpp", tmp_path / "selftest")
    done = run(test, out)
    assert done.returncode == 0 and "35 of 35 elements right" in done.stdout, done.stdout + done.stderr


def test_interface_of_16_bit_floats(tmp_path: Path):
    """The element types are the user's to fill and read."""
    out = lockstep.convert(Double().eval(), torch.ones(3, dtype=torch.float16), out=tmp_path / "double", name="twice",
                           selftest=False, embed=True)
    (tmp_path / "user.cpp").write_text("""#include "twice.hpp"
int main() {
  twice::Weights weights;
  twice::Session session(weights);
  const lockstep::half x[] = {lockstep::narrowed<lockstep::half>(1.5f), {0x3c00}, {0x7bff}};
  lockstep::half y[3];
  if (session.run(x, y) != twice::Status::ok) return 1;
  return lockstep::widened(y[0]) == 3.0f && y[1].bits == 0x4000 && y[2].bits == 0x7c00 ? 0 : 2;
}
""")
    model = compile_cpp(out / "twice.cpp", tmp_path / "twice.o", "-c", "-O1")
    assert run(compile_cpp(tmp_path / "user.cpp", tmp_path / "user", f"-I{out}", str(model))).returncode == 0


def test_what_is_not_computed_in_16_bits_is_refused(tmp_path: Path):
    class Next(nn.Module):
        def forward(self, x):
            return torch.nextafter(x, x + 1)
    with pytest.raises(lockstep.Unsupported, match="nextafter.*bfloat16"):
        lockstep.convert(Next().eval(), torch.ones(2, dtype=torch.bfloat16), out=tmp_path / "next")


def test_dtype_without_cpp_is_refused_with_its_operator():
    """Where capture lets one through, the plan names operator and dtype."""
    from lockstep.graph.core import Graph, Node, Origin, Type
    from lockstep.plan.pipeline import make
    x = Node("input", (), {"name": "x"}, (Type("float32", (2,)),), frozenset()).results[0]
    y = Node("map", (x,), {"fn": "cast"}, (Type("complex64", (2,)),), frozenset({Origin("aten.to.dtype", "block")})).results[0]
    for graph, place in ((Graph(inputs=(x,), outputs=(y,), input_names=("x",), output_names=("y",)), "aten.to.dtype in block"),
                         (Graph(inputs=(y,), outputs=(x,), input_names=("z",), output_names=("y",)), "input 'z'")):
        with pytest.raises(lockstep.Unsupported, match=f"{place}.*complex64"):
            make(graph)


# ---- the folder

def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_package_is_replaced_whole(tmp_path: Path):
    out = tmp_path / "package"
    small_package(out, name="first")
    small_package(out, name="second")
    assert (out / "second.cpp").exists() and not list(out.glob("first*"))
    assert [p.name for p in tmp_path.iterdir()] == ["package"]
    assert sorted(json.loads((out / "package.json").read_text())["files"]) == sorted(content(out))


def test_what_the_user_put_into_the_package_stays(tmp_path: Path):
    """The build folder of the README above all; an own header beside ours too."""
    out = small_package(tmp_path / "package", name="first")
    mine = {"build/CMakeCache.txt": "built", "notes.txt": "work", "lockstep/mine.hpp": "// work"}
    for name, text in mine.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(text)
    small_package(out, name="second")
    assert {name: (out / name).read_text() for name in mine} == mine
    assert (out / "second.cpp").exists() and not list(out.glob("first*"))


def test_file_of_the_user_is_not_overwritten(tmp_path: Path):
    out = small_package(tmp_path / "package", name="first")
    (out / "second.cpp").write_text("work")
    before = content(out)
    with pytest.raises(lockstep.BadInput, match="second.cpp is not a file that Lockstep wrote"):
        small_package(out, name="second")
    assert content(out) == before and [p.name for p in tmp_path.iterdir()] == ["package"]


def test_manifest_that_names_files_elsewhere_takes_none_of_them_away(tmp_path: Path):
    out = small_package(tmp_path / "package", name="first")
    (tmp_path / "thesis.tex").write_text("years of work")
    manifest = json.loads((out / "package.json").read_text())
    manifest["files"] += ["../thesis.tex", str(tmp_path / "thesis.tex")]
    (out / "package.json").write_text(json.dumps(manifest))
    small_package(out, name="second")
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


class Refused(nn.Module):
    def forward(self, x):
        return torch.ops.absent.first(x)


def test_what_cannot_be_converted_leaves_the_package_there(tmp_path: Path):
    out = small_package(tmp_path / "package", name="first")
    before = content(out)
    with pytest.raises(lockstep.Unsupported, match="absent::first"):
        lockstep.convert(Refused().eval(), torch.ones(2, 2), out=out)
    assert content(out) == before and [p.name for p in tmp_path.iterdir()] == ["package"]


def test_failure_while_writing_leaves_the_package_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from lockstep.emit import package
    out = small_package(tmp_path / "package", name="first")
    before = content(out)

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(package, "_render", full)
    with pytest.raises(lockstep.BadInput, match="No space left on device"):
        small_package(out, name="second")
    assert content(out) == before and [p.name for p in tmp_path.iterdir()] == ["package"]


@pytest.mark.parametrize("last", ["CMakeLists.txt", "lockstep/simd.hpp", "second.hpp"])
def test_package_is_as_it_was_where_its_replacement_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str):
    """A failure of any rename, the last one too, must not leave half a package."""
    from lockstep.emit import package
    out = small_package(tmp_path / "package", name="first")
    before = content(out)
    replace = os.replace

    def failing(source, target):
        if Path(target) == out / last:
            raise OSError(5, "Input/output error")
        replace(source, target)
    with monkeypatch.context() as patched, pytest.raises(lockstep.BadInput, match="Input/output error"):
        patched.setattr(package.os, "replace", failing)
        small_package(out, name="second")
    assert content(out) == before and [p.name for p in tmp_path.iterdir()] == ["package"]


def test_empty_folder_is_taken(tmp_path: Path):
    (tmp_path / "package").mkdir()
    assert (small_package(tmp_path / "package", name="first") / "first.hpp").exists()


STRANGERS = {
    "someone's files": {"thesis.tex": "years of work"},
    "an npm project": {"package.json": '{"name": "shop", "version": "1.0.0", "dependencies": {}}', "index.js": "work"},
    "a broken package.json": {"package.json": "{", "notes.txt": "work"},
}


@pytest.mark.parametrize("what", STRANGERS)
def test_folder_of_someone_else_is_refused(tmp_path: Path, what: str):
    out = tmp_path / "package"
    out.mkdir()
    for name, text in STRANGERS[what].items():
        (out / name).write_text(text)
    before = content(out)
    with pytest.raises(lockstep.BadInput, match="not a package that Lockstep wrote"):
        small_package(out)
    assert content(out) == before and [p.name for p in tmp_path.iterdir()] == ["package"]


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "package").write_text("work")
    with pytest.raises(lockstep.BadInput, match="choose another folder"):
        small_package(tmp_path / "package")
    assert (tmp_path / "package").read_text() == "work"


def test_embedding_leaves_no_weights_file(tmp_path: Path):
    out = convert_one("mlp", tmp_path / "mlp")
    assert weights_of(out).exists()
    convert_one("mlp", out, embed=True)
    assert not weights_of(out).exists() and json.loads((out / "package.json").read_text())["weights"] == ""
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 6)
    with torch.no_grad():
        np.testing.assert_allclose(lockstep.load(out)(x), made("mlp")(torch.from_numpy(x)).numpy(), rtol=1e-5, atol=1e-6)
