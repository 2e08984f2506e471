"""What holds of every emitted model: no allocation, no state, no warning, the same bytes each time, exact numbers, and
nothing wrong without being said."""
from __future__ import annotations

import filecmp
import functools
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import lockstep
from helpers_package import (EXAMPLES, HERE, compile_cpp, compiler, convert_one, made, object_of,
                             own_cache, packages, program, run, weights_of)

__all__ = ["own_cache", "packages"]      # fixtures
MODELS = pytest.mark.parametrize("name", EXAMPLES)
ROOT, DRIVER = HERE.parent, HERE / "emitted_driver.cpp"


@functools.cache
def driver_object(folder: Path, *flags: str) -> Path:
    return compile_cpp(DRIVER, folder / f"driver{len(flags)}.o", "-c", "-O1", f"-I{ROOT / 'lockstep' / 'runtime'}", *flags)


def driver(package: Path, to: str, model: Path, *flags: str) -> Path:
    """The driver with the package's model in it; flags beside -D are for linking."""
    name, counted = package.name, () if not flags else ("-DUNCOUNTED",)
    stub = package.parent / "objects" / f"{name}_stub.cpp"
    stub.write_text(f'#include "lockstep/abi.h"\nextern "C" const lockstep_model* {name}_model(void);\n'
                    f'extern "C" const lockstep_model* model_under_test(void);\n'
                    f'extern "C" const lockstep_model* model_under_test(void) {{ return {name}_model(); }}\n')
    return program(package, stub, package.parent / "programs" / to, *flags,
                   objects=(driver_object(package.parent / "objects", *counted), model))


@pytest.fixture(scope="session")
def drivers(packages: Path) -> dict[str, Path]:
    return {name: driver(packages / name, f"{name}_driver", object_of(packages / name, "g++", "-O2")) for name in EXAMPLES}


# ---- run: no memory, no thread sees another

@MODELS
def test_run_allocates_nothing(packages: Path, drivers: dict[str, Path], name: str):
    done = run(drivers[name], "allocations", weights_of(packages / name), *EXAMPLES[name].extents)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"opening [1-9]\d* running 0 statuses right\n", done.stdout)


@MODELS
def test_threads_with_a_session_each_get_the_bits_of_one_alone(packages: Path, drivers: dict[str, Path], name: str):
    done = run(drivers[name], "threads", weights_of(packages / name), *EXAMPLES[name].extents)
    assert (done.returncode, done.stdout) == (0, "2000 of 2000 runs equal the one alone\n"), done.stderr


SANITISED = ("-O1", "-march=native", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@MODELS
def test_address_and_undefined_behaviour_sanitizers_find_nothing(packages: Path, name: str):
    package = packages / name
    checked = driver(package, f"{name}_sanitised", object_of(package, "g++", *SANITISED), *SANITISED)
    done = run(checked, "once", weights_of(package), *EXAMPLES[name].extents)
    assert done.returncode == 0, done.stdout + done.stderr[:3000]


# ---- text: the same each time, no warnings anywhere

def test_conversion_gives_the_same_bytes_in_another_process(packages: Path, tmp_path: Path):
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = run(sys.executable, HERE / "helpers_package.py", tmp_path / "again", cwd=tmp_path,
               env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parent)})
    assert done.returncode == 0, done.stderr[-3000:]
    for name in EXAMPLES:
        ours = sorted(p.relative_to(packages / name) for p in (packages / name).rglob("*") if p.is_file())
        theirs = sorted(p.relative_to(tmp_path / "again" / name) for p in (tmp_path / "again" / name).rglob("*") if p.is_file())
        assert ours == theirs and len(ours) > 10
        _, differ, unread = filecmp.cmpfiles(packages / name, tmp_path / "again" / name, map(str, ours), shallow=False)
        assert (differ, unread) == ([], []), f"{name}: not the same bytes"


@MODELS
def test_text_names_no_place_of_this_machine(packages: Path, name: str):
    for path in (packages / name).iterdir():
        if path.is_file():
            content = path.read_bytes()
            assert str(HERE.parent).encode() not in content and str(packages).encode() not in content, path.name


@MODELS
@pytest.mark.parametrize("arch", ["", "-march=native"], ids=["portable", "native"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("by", ["g++", "clang++"])
def test_compiles_without_a_warning_and_is_right(packages: Path, name: str, by: str, level: str, arch: str):
    compile_and_judge(packages / name, by, level, arch)


@MODELS
def test_as_cmake_builds_it_by_default(packages: Path, name: str):
    """CMake's Release is -O3, where GCC warns of more."""
    compile_and_judge(packages / name, "g++", "-O3", "-march=native", "-DNDEBUG")


def compile_and_judge(package: Path, by: str, *flags: str) -> None:
    model = object_of(package, by, *filter(None, flags))
    judge = selftest_object(package)
    made_program = package.parent / "programs" / f"{package.name}_{by}{''.join(flags)}"
    made_program.parent.mkdir(exist_ok=True)
    subprocess.run([compiler("g++"), str(judge), str(model), "-o", str(made_program)], check=True)
    done = run(made_program, package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"(\d+) of \1 elements right", done.stdout)


def selftest_object(package: Path) -> Path:
    to = package.parent / "objects" / f"{package.name}_selftest.o"
    return to if to.exists() else compile_cpp(package / f"{package.name}_selftest.cpp", to, "-c", "-O0", f"-I{package}")


def test_self_test_and_headers_compile_with_clang(packages: Path, tmp_path: Path):
    package = packages / "conv"
    assert compile_cpp(package / "conv_selftest.cpp", tmp_path / "selftest.o", "-c", f"-I{package}", by="clang++").exists()
    for by, language, standard, header in (("clang++", "c++", "-std=c++17", "mlp.hpp"), ("gcc", "c", "-std=c99", "mlp.h")):
        done = run(compiler(by), "-x", language, standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
                   "-include", packages / "mlp" / header, "/dev/null")
        assert done.returncode == 0, done.stderr


def test_embedded_model_without_exceptions_and_rtti(packages: Path, tmp_path: Path):
    package = convert_one("conv", tmp_path / "conv", embed=True, selftest=False)
    assert not weights_of(package).exists()
    bare = ("-fno-exceptions", "-fno-rtti", "-O1")
    user = tmp_path / "user.cpp"
    user.write_text(EMBEDDED_USER)
    built = program(package, user, tmp_path / "user", *bare, objects=(object_of(package, "g++", *bare),))
    done = run(built)
    assert done.returncode == 0, done.stderr
    got = np.array([float.fromhex(word) for word in done.stdout.split()], np.float32).reshape(3, 7)
    np.testing.assert_allclose(got, torch_answer("conv", np.full((3, 2, 6, 6), 0.25, np.float32)), rtol=1e-5)


EMBEDDED_USER = """#include <cstdio>
#include "conv.hpp"
int main() {
  conv::Weights weights;
  conv::Session session(weights);
  static float x[conv::kInputSize], y[conv::kOutputSize];
  for (float& one : x) one = 0.25f;
  if (session.run(x, y) != conv::Status::ok) return 1;
  for (const float one : y) std::printf("%a ", double(one));
}
"""


def torch_answer(name: str, *arrays: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return made(name)(*map(torch.from_numpy, arrays)).numpy()


# ---- the object: no state, nothing needed beyond the C library

@MODELS
def test_object_has_no_writable_data(packages: Path, name: str):
    listing = run(compiler("objdump"), "-h", object_of(packages / name, "g++", "-O2", "-fPIC"), check=True).stdout
    sections = {fields[1]: int(fields[2], 16) for fields in map(str.split, listing.splitlines())
                if len(fields) > 2 and fields[0].isdigit()}
    writable = {section: size for section, size in sections.items() if size > 0
                and re.match(r"\.(data|bss|tdata|tbss)", section) and not section.startswith(".data.rel.ro")}
    assert writable == {} and ".text" in sections      # .data.rel.ro: constants that the loader relocates


C_LIBRARY = {"close", "open", "fstat", "__fxstat", "mmap", "munmap", "free", "malloc", "aligned_alloc", "madvise",
             "snprintf", "__snprintf_chk", "memcmp", "memcpy", "memset", "memmove", "bcmp", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_", "open64", "fstat64", "mmap64"}


@MODELS
def test_object_needs_only_the_c_library(packages: Path, name: str):
    listing = run(compiler("nm"), "-u", object_of(packages / name, "g++", "-O2"), check=True).stdout
    needed = {line.split()[-1].split("@")[0] for line in listing.splitlines()}
    mathematics = {symbol for symbol in needed if re.fullmatch(r"[a-z]{3,10}\d{0,2}[fl]?", symbol) and symbol not in C_LIBRARY}
    assert needed - C_LIBRARY - mathematics == set()
    assert not mathematics & {"fopen", "fread", "printf", "puts", "calloc", "realloc", "strlen", "abort", "exit"}
    assert not any("mutex" in symbol or "thread" in symbol for symbol in needed)


def test_packages_define_one_symbol_of_their_own_name(packages: Path):
    for name in EXAMPLES:
        listing = run(compiler("nm"), "-g", "--defined-only", object_of(packages / name, "g++", "-O2"), check=True).stdout
        strong = [line.split()[-1] for line in listing.splitlines() if line.split()[-2] == "T"]
        assert all(symbol == f"{name}_model" or symbol.startswith(f"_ZN{len(name)}{name}") for symbol in strong), strong


# ---- weights: refused with what is wrong

def damaged(package: Path, how: str, to: Path) -> Path:
    data = bytearray(weights_of(package).read_bytes())
    if how == "missing":
        return to
    if how == "cut":
        del data[-1]
    elif how == "longer":
        data += b"\0"
    elif how == "empty":
        data.clear()
    elif how == "last byte":
        data[-1] ^= 1
    elif how == "first weight":
        data[8 + int.from_bytes(data[:8], "little")] ^= 0x80
    elif how == "header":
        data[12] ^= 1
    elif how == "header size":
        data[0] ^= 1
    elif how == "another model":
        data = bytearray(weights_of(package.parent / "mlp").read_bytes())
    to.write_bytes(data)
    return to


SIZE, CHECKSUM, HEADER = "does not have the expected size", "its checksum differs", "its header differs"
DAMAGES = {"missing": "cannot be opened", "cut": SIZE, "longer": SIZE, "empty": SIZE, "another model": SIZE,
           "last byte": CHECKSUM, "first weight": CHECKSUM, "header": HEADER, "header size": HEADER}


@pytest.fixture(scope="session")
def statuses(packages: Path) -> Path:
    """The program of emitted_statuses.cpp: three packages in one, compiled for different processors."""
    models = (object_of(packages / "conv", "g++", "-O2", "-march=native"), object_of(packages / "look", "g++", "-O2"),
              object_of(packages / "mlp", "g++", "-O0"))
    return compile_cpp(HERE / "emitted_statuses.cpp", packages.parent / "statuses", "-O0",
                       *(f"-I{packages / name}" for name in ("conv", "look", "mlp")), *map(str, models))


@pytest.fixture(scope="session")
def conv_library(packages: Path) -> Path:
    return compile_cpp(packages / "conv" / "conv.cpp", packages.parent / "libconv.so", "-O1", "-fPIC", "-shared")


@pytest.mark.parametrize("how", DAMAGES)
def test_weights_that_do_not_fit_are_refused(packages: Path, statuses: Path, conv_library: Path, tmp_path: Path, how: str):
    from lockstep.build.library import Library
    path = damaged(packages / "conv", how, tmp_path / "conv.safetensors")
    by_exception = run(statuses, "weights", path)
    assert by_exception.returncode == 0 and by_exception.stdout.startswith("weights=conv: weights file '")
    assert DAMAGES[how] in by_exception.stdout and str(path) in by_exception.stdout
    status, message = open_in_c(conv_library, path)
    assert status == 4 and DAMAGES[how] in message and str(path) in message
    with pytest.raises(lockstep.BadInput, match=DAMAGES[how]):
        Library(conv_library, "conv", path)


def test_weights_that_fit_are_opened(packages: Path, statuses: Path, conv_library: Path):
    assert run(statuses, "weights", weights_of(packages / "conv")).stdout == "weights=opened\n"
    assert open_in_c(conv_library, weights_of(packages / "conv")) == (0, "")
    status, message = open_in_c(conv_library, None)
    assert status == 4 and "no path was given" in message


def open_in_c(library: Path, path: Path | None) -> tuple[int, str]:
    """weights_open called through the C table: the status and the message."""
    import ctypes

    from lockstep.build.library import _Model
    entry = ctypes.CDLL(str(library)).conv_model
    entry.restype = ctypes.POINTER(_Model)
    model, weights, message = entry().contents, ctypes.c_void_p(), ctypes.create_string_buffer(512)
    status = model.weights_open(None if path is None else str(path).encode(), ctypes.byref(weights), message, 512)
    if status == 0:
        model.weights_close(weights)
    return status, message.value.decode()


def test_damaged_package_is_bad_input_in_python(packages: Path, tmp_path: Path):
    shutil.copytree(packages / "conv", tmp_path / "conv")
    damaged(packages / "conv", "last byte", tmp_path / "conv" / "conv.safetensors")
    with pytest.raises(lockstep.BadInput, match="its checksum differs"):
        lockstep.load(tmp_path / "conv")


# ---- statuses

ANSWERS = {
    "fixed.pointers": "ok", "fixed.softmax_sums": "111",
    "fixed.wrong_extent": "bad_dim", "fixed.wrong_extent.message": "input input: the extent of dim 3 must be 6",
    "fixed.small_output": "over_capacity", "fixed.small_output.message": "output 'output' needs room for 21 elements",
    "fixed.small_output.untouched": "yes",
    "fixed.general": "ok", "fixed.general.message": "ok", "fixed.general.dims": "3,7", "fixed.general.equal": "yes",
    "index.last": "ok", "index.beyond": "failed_guard", "index.negative": "failed_guard", "index.huge": "failed_guard",
    "index.beyond.message": "the data leaves what the model allows: an index its extent, say", "index.first": "ok",
    "dynamic.unprepared": "over_capacity", "dynamic.prepare": "ok", "dynamic.prepared": "ok", "dynamic.prepared.dims": "4,4",
    "dynamic.larger": "over_capacity", "dynamic.larger.untouched": "yes",
    "dynamic.larger.message": "the session was not prepared for extents as large as these",
    "dynamic.smaller": "ok", "dynamic.none": "ok", "dynamic.none.dims": "0,4", "dynamic.negative": "bad_dim",
    "dynamic.wrong_width": "bad_dim", "dynamic.wrong_width.message": "input input: the extent of dim 1 must be 6",
    "dynamic.absurd": "." * 51, "dynamic.absurd.message": "the extents are those of a tensor that fits into no memory",
    "dynamic.negative_prepare": "bad_dim",
    "dynamic.no_extents": "bad_dim", "dynamic.small_output": "over_capacity",
    "dynamic.small_output.message": "output 'output' needs room for 16 elements", "dynamic.small_output.untouched": "yes",
}


def test_every_status_where_it_is_due(packages: Path, statuses: Path):
    done = run(statuses, packages)
    assert done.returncode == 0, done.stderr
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == ANSWERS


class Many(nn.Module):
    """More outputs, or more extents, than a session has room for on its stack."""

    def __init__(self, count: int):
        super().__init__()
        self.count = count

    def forward(self, x):
        return tuple(x + k for k in range(self.count))


@pytest.mark.parametrize("count, rank", [(257, 1), (129, 8)])
def test_more_ports_than_there_is_room_for_are_refused(tmp_path: Path, count: int, rank: int):
    with pytest.raises(lockstep.Unsupported, match="outputs"):
        lockstep.convert(Many(count).eval(), torch.ones([1] * rank), out=tmp_path / "many", selftest=False)
    assert not (tmp_path / "many").exists()


# ---- numbers

class Scaled(nn.Module):
    def forward(self, x):
        return x * 0.1


@pytest.mark.parametrize("dtype, text", [("float32", "0x1.99999ap-4f"), ("float64", "0x1.999999999999ap-4")])
def test_constants_are_exact(dtype: str, text: str):
    x = torch.tensor([1.0, 3.0, -7.0, 1e-3, 16777217.0], dtype=getattr(torch, dtype))
    compiled = lockstep.compile(Scaled().eval(), x, name=f"scaled_{dtype}")
    assert text in (compiled.folder / f"scaled_{dtype}.cpp").read_text()
    assert torch.equal(compiled(x), x * 0.1)


def test_literals_come_back_bit_by_bit():
    from lockstep.emit.text import literal
    for value in (0.1, -0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e6, -2.5, 1e300, 123456.0):
        assert struct.pack("d", float.fromhex(literal(value, "float64")) if "x" in literal(value, "float64")
                           else float(literal(value, "float64"))) == struct.pack("d", value)
    assert literal(-0.0, "float32") in ("-0x0p+0f", "-0.0f")
    assert literal(float("inf"), "float32") == "std::numeric_limits<float>::infinity()"
    assert literal(float("-inf"), "float64") == "-std::numeric_limits<double>::infinity()"
    assert literal(float("nan"), "float64") == "std::numeric_limits<double>::quiet_NaN()"
    assert literal(-2**63, "int64") == "std::numeric_limits<std::int64_t>::min()"
    assert literal(-2**31, "int32") == "std::numeric_limits<std::int32_t>::min()"
    assert literal(2**64 - 1, "uint64") == f"std::uint64_t({2**64 - 1}u)"


def test_emission_does_not_change_the_plan():
    """Frozen data between the stages: a plan can be printed or emitted again and gives the same."""
    from lockstep.emit.unit import emit_unit
    from lockstep.judge.models import open_model
    from lockstep.passes.pipeline import optimise
    from lockstep.plan.pipeline import make
    plan = make(optimise(open_model(made("mlp"), EXAMPLES["mlp"].inputs()).graph))
    assert emit_unit(plan, "mlp") == emit_unit(plan, "mlp")
