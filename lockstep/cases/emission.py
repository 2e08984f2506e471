"""Emits a suite: every case by every route, as one C++ file with a table of rows for the GoogleTest harness.

Routes whose program is the same, comments aside, share one emitted model.
"""
from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from ..emit.text import quoted
from ..emit.unit import Unit, copy_headers, emit_unit
from ..errors import LockstepError, Unsupported
from ..graph.core import Graph
from ..ops import aten_definitions, load_file, onnx_definition
from ..ops.define import define
from ..passes.pipeline import optimise
from ..plan.pipeline import make

ROUTE_ORDER = ("exported", "traced", "scripted", "onnx")


@dataclass(frozen=True)
class Row:
    """One case by one route: the emitted model's key, or why there is none."""

    case: str
    route: str
    dtype: str
    key: str | None
    failure: str | None = None
    gap: str | None = None


def emit_suite(name: str, index: dict, models: Path, golden: Path, target: Path) -> dict:
    """Writes <target>/<name>.cpp, tests.cmake and the weights files; returns counts {"rows", "units", "failures"}."""
    for file in index.get("ops", [])[:1]:              # behind the file of definitions, the headers of its kernels
        load_file(file)
    units: dict[str, Unit] = {}
    rows: list[Row] = []
    if index.get("skipped"):
        rows.append(Row("generator", "exported", "float32", None, gap=f"not asked here: {index['skipped']}"))
    for problem in index["problems"]:
        rows.append(Row("generator", "exported", "float32", None, problem))
    for entry in index["cases"]:
        rows += _case_rows(entry, models, golden, units)
    target.mkdir(parents=True, exist_ok=True)
    for key, unit in units.items():
        copy_headers(unit.files, target)
        if unit.weights:
            _write(target / f"{key}.safetensors", unit.weights)
    _write(target / "tests.cmake", _tests(name, rows).encode())
    _write(target / f"{name}.cpp", _source(name, rows, units).encode())
    return {"rows": len(rows), "units": len(units), "failures": [f"{r.case}/{r.route}: {r.failure}" for r in rows if r.failure]}


def _write(path: Path, data: bytes) -> None:
    """Atomically, and only where the content differs: an unchanged file keeps its time and is not built again."""
    if path.exists() and path.read_bytes() == data:
        return
    scratch = path.with_name(path.name + ".new")
    scratch.write_bytes(data)
    os.replace(scratch, path)


def _case_rows(entry: dict, models: Path, golden: Path, units: dict[str, Unit]) -> list[Row]:
    if entry["failure"]:
        return [Row(entry["name"], "exported", entry["dtype"], None, entry["failure"])]
    if entry["refuses"]:
        return _refused(entry, models)
    rows = []
    for route in ROUTE_ORDER:
        if route not in entry["routes"]:
            if route in entry["gaps"]:
                rows.append(Row(entry["name"], route, entry["dtype"], None, gap=entry["gaps"][route]))
            continue
        rows.append(_row(entry, route, models, golden, units))
    return rows


def _row(entry: dict, route: str, models: Path, golden: Path, units: dict[str, Unit]) -> Row:
    gap = entry["gaps"].get(route)
    try:
        key, unit = unit_of(convert(entry, route, models, golden))
        units.setdefault(key, unit)
        return Row(entry["name"], route, entry["dtype"], key, gap=gap)
    except LockstepError as reason:
        return Row(entry["name"], route, entry["dtype"], None, None if gap else str(reason), gap)
    except Exception as reason:  # an error in the converter is this row's failure and no other's
        return Row(entry["name"], route, entry["dtype"], None, f"{type(reason).__name__} in the converter: {reason}")


def _refused(entry: dict, models: Path) -> list[Row]:
    """A case that must be refused: no row where it is, a failing one where it is not."""
    if not entry["routes"]:
        return []
    try:
        convert(entry, "exported", models, models)
    except Unsupported as reason:
        if entry["refuses"] in str(reason):
            return []
        return [Row(entry["name"], "exported", entry["dtype"], None, f"refused, but not for '{entry['refuses']}': {reason}")]
    return [Row(entry["name"], "exported", entry["dtype"], None, f"must be refused with '{entry['refuses']}', but converts")]


def convert(entry: dict, route: str, models: Path, golden: Path) -> Graph:
    """The optimised graph of a saved case by one route."""
    return optimise(_CAPTURES[route](entry, models / entry["name"], golden / entry["name"]))


def _dynamic(entry: dict) -> dict:
    return {int(k): {int(axis): name for axis, name in dims.items()} for k, dims in entry["dynamic"].items()}


def _exported(entry: dict, folder: Path, golden: Path) -> Graph:
    from ..capture import exported
    program = exported.load(str(folder / entry["routes"]["exported"]))
    return define(exported.capture(program, list(aten_definitions()), entry["name"], _dynamic(entry)))


def _script(entry: dict, folder: Path, golden: Path, route: str) -> Graph:
    from ..capture import torchscript
    from .suites import to_torch
    from .goldens import read
    module = torchscript.load(str(folder / entry["routes"][route]))
    place = golden / "test_data_set_0"
    count = len(list(place.glob("input_*.pb")))
    inputs = tuple(to_torch(read(place / f"input_{k}.pb")) for k in range(count))
    return define(torchscript.capture(module, inputs, list(aten_definitions()), entry["name"], _dynamic(entry)))


def _onnx(entry: dict, folder: Path, golden: Path) -> Graph:
    from ..capture import onnx_file
    return define(onnx_file.capture(onnx_file.load(golden / "model.onnx"), onnx_definition, entry["name"]))


_CAPTURES: dict[str, Callable[..., Graph]] = {
    "exported": _exported, "onnx": _onnx,
    "traced": lambda entry, folder, golden: _script(entry, folder, golden, "traced"),
    "scripted": lambda entry, folder, golden: _script(entry, folder, golden, "scripted")}


def unit_of(graph: Graph) -> tuple[str, Unit]:
    """The graph's C++ and the key under which equal programs share it, whatever their routes call things."""
    plan = make(replace(graph, input_names=tuple(f"x{k}" for k in range(len(graph.inputs))),
                        output_names=tuple(f"y{k}" for k in range(len(graph.outputs)))))
    for number, weight in enumerate(plan.weights):
        weight.name = f"w{number:04d}"
    unit = emit_unit(plan, "model")
    plain = re.sub(r"\s*//.*", "", unit.source)
    key = "m" + hashlib.sha256(plain.encode() + unit.weights).hexdigest()[:16]
    named = unit.source.replace("namespace model {", f"namespace {key} {{").replace("namespace model\n", f"namespace {key}\n")
    return key, replace(unit, name=key, source=named)


def _source(name: str, rows: list[Row], units: dict[str, Unit]) -> str:
    lines = [f"// The suite {name}: every case by every route, emitted by `lockstep emit {name}`.", '#include "suite.hpp"', ""]
    headers = dict.fromkeys(header for unit in units.values() for header in unit.headers)
    lines += [f'#include "lockstep/{header}"' for header in sorted(headers)]
    lines += [""] + [unit.source for _, unit in sorted(units.items())]
    lines += ["namespace lockstep_test {", "", "const Row* suite_rows(std::size_t* count) {", "  static const Row rows[] = {"]
    for row in rows:
        model = f"{row.key}::table()" if row.key else "nullptr"
        weights = f"{row.key}.safetensors" if row.key and units[row.key].weights else None
        lines.append("    {" + ", ".join([*map(_text, (name, row.case, row.route, row.dtype)), model,
                                          *map(_text, (weights, row.failure, row.gap))]) + "},")
    lines += ["    {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr}", "  };",
              f"  *count = {len(rows)};", "  return rows;", "}", "", "}  // namespace lockstep_test", ""]
    return "\n".join(lines)


def _text(value: str | None) -> str:
    return "nullptr" if value is None else quoted(value)


def _tests(name: str, rows: list[Row]) -> str:
    """What ctest runs: one test per case and route, labelled by suite, route and dtype."""
    return "".join(f"lockstep_test({name} {row.case} {row.route} {row.dtype})\n" for row in rows)
