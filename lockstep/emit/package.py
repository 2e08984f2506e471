"""A package: a folder with a model's C++, its weights, its self-test and everything needed to build it.

The folder appears whole, by one rename, or not at all.
"""
from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import jinja2
import numpy as np
from safetensors.numpy import save

from ..errors import BadInput
from ..graph import dims as d
from ..graph.dims import Dim
from ..plan.nest import Buffer, Plan
from .text import CPP_TYPE, identifier, index
from .unit import HEADERS, emit_unit

_TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("lockstep.emit", "templates"), trim_blocks=False,
                                keep_trailing_newline=True, autoescape=False, undefined=jinja2.StrictUndefined)


@dataclass(frozen=True)
class Example:
    """What the self-test runs: inputs, and for each output its value, and for floats truth and bound (None: exact)."""

    inputs: Sequence[np.ndarray]
    outputs: Sequence[tuple[np.ndarray, np.ndarray | None, np.ndarray | None]]


def emit_package(plan: Plan, name: str, out: Path, source: str, example: Example | None = None, embed: bool = False,
                 facts: dict | None = None) -> Path:
    """Writes the package `name` into the folder `out`, replacing what Lockstep wrote there before.

    Raises BadInput where the folder cannot be written or holds something that Lockstep did not write.
    """
    out = Path(out).resolve()                       # "." and links too: the folder is replaced, and must have a name
    if out.exists() and not (out.is_dir() and (_ours(out) or not any(out.iterdir()))):
        raise BadInput(f"{out} exists and is not a package that Lockstep wrote; choose another folder or remove it")
    if out.exists() and Path.cwd().is_relative_to(out):
        raise BadInput(f"{out} is the current folder, which cannot be replaced from inside; go to its parent and name it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
            fresh = Path(scratch) / "package"
            fresh.mkdir()
            _fill(fresh, plan, name, source, example, embed, facts or {})
            before = Path(scratch) / "before"
            if out.exists():
                os.replace(out, before)
            try:
                os.replace(fresh, out)
            except OSError:
                if before.exists():
                    os.replace(before, out)
                raise
            out.chmod(0o755)
    except OSError as failure:
        above = next(p for p in out.parents if p.exists())
        reason = (failure.strerror or failure) if above.is_dir() else f"{above} is not a folder"
        raise BadInput(f"{out} cannot be written: {reason}") from failure
    return out


def _ours(folder: Path) -> bool:
    """Whether the folder's package.json is a manifest of `_fill`: npm calls its own so, too."""
    try:
        manifest = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"name", "weights", "symbols", "inputs", "outputs"} <= set(manifest)


def runtime_folder() -> Path:
    """Where the runtime headers lie in this installation."""
    return Path(str(importlib.resources.files("lockstep") / "runtime"))


def _fill(folder: Path, plan: Plan, name: str, source: str, example: Example | None, embed: bool, facts: dict) -> None:
    inputs = _ports(plan.inputs, plan.input_names, {"Output"})
    outputs = _ports(plan.outputs, plan.output_names, {"Input", *(p["camel"] for p in inputs)})
    for port in outputs:
        port["parameter"] = _unlike(port["id"] + "_out", {p["id"] for p in inputs}, "_")
    ports = {"inputs": inputs, "outputs": outputs}
    symbols = [{"name": s, "id": identifier(s)} for s in plan.symbols]
    unit = emit_unit(plan, name, embed)
    weights_file = f"{name}.safetensors" if unit.weights else ""
    shutil.copytree(runtime_folder() / "lockstep", folder / "lockstep", ignore=shutil.ignore_patterns("__pycache__"))
    if unit.weights:
        (folder / weights_file).write_bytes(unit.weights)
    context = {"name": name, "guard": name.upper(), "source": source, "symbols": symbols, "weights_file": weights_file,
               "fixed": not symbols, "selftest": example is not None, **ports}
    if example is not None:
        context.update(_store_example(folder / f"{name}_selftest.safetensors", example))
        _render("selftest.cpp.jinja", folder / f"{name}_selftest.cpp", context)
    _render("model.h.jinja", folder / f"{name}.h", context)
    _render("model.hpp.jinja", folder / f"{name}.hpp", context)
    _render("CMakeLists.txt.jinja", folder / "CMakeLists.txt", context)
    _render("README.md.jinja", folder / "README.md", context)
    (folder / f"{name}.cpp").write_text(_implementation(unit.source, name))
    manifest = {"name": name, "weights": weights_file, "symbols": list(plan.symbols),
                **{kind: [{"name": p["name"], "dtype": p["dtype"], "dims": p["dims"]} for p in ports[kind]] for kind in ports},
                **facts}
    (folder / "package.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _implementation(source: str, name: str) -> str:
    lines = [f"// The model {name}: what it computes, step by step. Emitted by Lockstep.", f'#include "{name}.h"', ""]
    lines += [f'#include "lockstep/{header}"' for header in HEADERS]
    lines += ["", source, f'extern "C" const lockstep_model* {name}_model(void) {{ return {name}::table(); }}', ""]
    return "\n".join(lines)


def _unlike(name: str, taken: set[str], more: str) -> str:
    while name in taken:
        name += more
    return name


def _ports(buffers: Sequence[Buffer], names: Sequence[str], camels: set[str]) -> list[dict[str, Any]]:
    """What the templates say of each input or output. `camels` holds what constants may not be called."""
    taken: set[str] = set()
    camels = set(camels)
    ports = []
    for buffer, name in zip(buffers, names):
        unique = _unlike(identifier(name), taken, "_")
        camel = _unlike("".join(part[:1].upper() + part[1:] for part in unique.split("_")), camels, "_")
        taken.add(unique)
        camels.add(camel)
        ports.append({"name": name, "id": unique, "camel": camel, "dtype": buffer.dtype, "cpp": CPP_TYPE[buffer.dtype],
                      "rank": len(buffer.dims), "dims": [n if d.is_static(n) else str(n) for n in buffer.dims],
                      "type": f"{buffer.dtype}[{', '.join(map(_extent, buffer.dims))}]",
                      "size": int(buffer.size) if d.is_static(buffer.size) else None})
    return ports


def _extent(extent: Dim) -> str:
    return str(extent) if d.is_static(extent) else index(extent).replace("size_", "")


def _store_example(path: Path, example: Example) -> dict[str, Any]:
    """Writes inputs, outputs, truths and bounds as one safetensors file; gives where each lies."""
    arrays: dict[str, np.ndarray] = {}
    for k, array in enumerate(example.inputs):
        arrays[f"input_{k}"] = array
    for k, (value, truth, bound) in enumerate(example.outputs):
        arrays[f"output_{k}"] = value
        if bound is not None:
            arrays[f"truth_{k}"], arrays[f"bound_{k}"] = truth.astype(np.float64), bound.astype(np.float64)
    # the first byte after the header stays free, so that the offset 0 can mean "none"
    data = save({"_": np.zeros(1), **{name: np.ascontiguousarray(a).reshape(a.shape) for name, a in arrays.items()}})
    path.write_bytes(data)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    offset = {name: entry["data_offsets"][0] for name, entry in header.items() if name != "__metadata__"}
    dims: list[int] = []
    rows: dict[str, list] = {"input": [], "output": []}
    for kind, group in (("input", example.inputs), ("output", [value for value, _, _ in example.outputs])):
        for k, array in enumerate(group):
            rows[kind].append({"offset": offset[f"{kind}_{k}"], "size": array.size, "dims": len(dims),
                               "truth": offset.get(f"truth_{k}", 0) if kind == "output" else 0,
                               "bound": offset.get(f"bound_{k}", 0) if kind == "output" else 0})
            dims += array.shape
    return {"dims": dims, "inputs_stored": rows["input"], "outputs_stored": rows["output"], "header_size": size}


def _render(template: str, path: Path, context: dict[str, Any]) -> None:
    path.write_text(_TEMPLATES.get_template(template).render(context))
