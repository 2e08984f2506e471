"""A package: a folder with a model's C++, its weights, its self-test and everything needed to build it.

A new folder appears whole, by one rename, or not at all. In one that is there, Lockstep's own files are replaced and
everything else (a `build` folder, a user's notes) stays where it is.
"""
from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterable, Sequence

import jinja2
import numpy as np
from safetensors.numpy import save

from ..errors import BadInput
from ..graph import dims as d
from ..graph.core import PARTS
from ..graph.dims import Dim
from ..graph.world import as_reals
from ..plan.nest import Buffer, Plan
from ..plan.support import HALVES
from .text import PORT_TYPE, comment, identifier, index
from .unit import Unit, copy_headers, emit_unit

_TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("lockstep.emit", "templates"), trim_blocks=False,
                                keep_trailing_newline=True, autoescape=False, undefined=jinja2.StrictUndefined)
_TEMPLATES.filters["comment"] = comment
_TEMPLATES.filters["cell"] = lambda text: comment(text).replace("|", "\\|")      # of a table in Markdown


@dataclass(frozen=True)
class Example:
    """What the self-test runs: inputs, and for each output its value, and for floats truth and bound (None: exact)."""

    inputs: Sequence[np.ndarray]
    outputs: Sequence[tuple[np.ndarray, np.ndarray | None, np.ndarray | None]]


def emit_package(plan: Plan, name: str, out: Path, source: str, example: Example | None = None,
                 embed: bool = False) -> Path:
    """Writes the package `name` into the folder `out`, replacing what Lockstep wrote there before and nothing else.

    Raises BadInput where the folder cannot be written, is no package, or holds someone's file under a name that is needed.
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
            _fill(fresh, plan, name, source, example, embed)
            if _ours(out):
                _exchange(fresh, out, Path(scratch) / "before")
            else:
                os.replace(fresh, out)
                out.chmod(0o755)
    except OSError as failure:
        above = next(p for p in out.parents if p.exists())
        reason = (failure.strerror or failure) if above.is_dir() else f"{above} is not a folder"
        raise BadInput(f"{out} cannot be written: {reason}") from failure
    return out


def _ours(folder: Path) -> bool:
    """Whether the folder's package.json is a manifest of `_fill`: npm calls its own so, too."""
    return bool(_written(folder))


def _written(folder: Path) -> list[str]:
    """The files that Lockstep wrote into a folder, as its manifest lists them; [] where it has none."""
    try:
        manifest = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return []
    if not isinstance(manifest, dict) or not {"name", "weights", "symbols", "inputs", "outputs", "files"} <= set(manifest):
        return []
    inside = [Path(file) for file in manifest["files"]]
    return [str(file) for file in inside if not file.is_absolute() and ".." not in file.parts]


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _exchange(fresh: Path, out: Path, before: Path) -> None:
    """The fresh files into `out`, each by one rename, and those of the last time that are no more out of it; all as it
    was where one cannot be renamed."""
    old = [file for file in _written(out) if (out / file).is_file()]
    new = sorted(_files(fresh), key="package.json".__ne__)          # the list of what is Lockstep's first
    strange = [file for file in new if file not in old and os.path.lexists(out / file)]
    if strange:
        raise BadInput(f"{out / strange[0]} is not a file that Lockstep wrote, and a new one must go there; move it away")
    done: list[str] = []
    try:
        for file in new:
            (out / file).parent.mkdir(parents=True, exist_ok=True)
            if file in old:
                (before / file).parent.mkdir(parents=True, exist_ok=True)
                _link(out / file, before / file)
            os.replace(fresh / file, out / file)
            done.append(file)
    except BaseException:
        for file in done:
            os.replace(before / file, out / file) if file in old else (out / file).unlink()
        raise
    for file in set(old) - set(new):
        (out / file).unlink()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:                                                  # a file system without links
        shutil.copy2(source, target)


def runtime_folder() -> Path:
    """Where the runtime headers lie in this installation."""
    return Path(str(importlib.resources.files("lockstep") / "runtime"))


def _fill(folder: Path, plan: Plan, name: str, source: str, example: Example | None, embed: bool) -> None:
    inputs = _ports(plan.inputs, plan.input_names, {"Output"})
    outputs = _ports(plan.outputs, plan.output_names, {"Input", *(p["camel"] for p in inputs)})
    for port in outputs:
        port["parameter"] = _unlike(port["id"] + "_out", {p["id"] for p in inputs}, "_")
    kept = [buffer for buffer, _ in plan.state]
    ports = {"inputs": inputs, "outputs": outputs,
             "state": _ports(kept, [buffer.name for buffer in kept], {"Input", "Output"})}
    names = plan.prepared_symbols
    symbols = [{"name": s, "id": unique} for s, unique in zip(names, _identifiers(names))]
    unit = emit_unit(plan, name, embed)
    weights_file = f"{name}.safetensors" if unit.weights else ""
    shutil.copytree(runtime_folder() / "lockstep", folder / "lockstep", ignore=shutil.ignore_patterns("__pycache__"))
    copy_headers(unit.files, folder)
    if unit.weights:
        (folder / weights_file).write_bytes(unit.weights)
    context = {"name": name, "guard": name.upper(), "source": source, "symbols": symbols, "weights_file": weights_file,
               "halves": any(port["dtype"] in HALVES for port in inputs + outputs),
               "complex": any(port["dtype"] in PARTS for port in inputs + outputs),
               "fixed": not symbols and not plan.measured, "grows": bool(plan.prepared), "selftest": example is not None, **ports}
    if example is not None:
        context.update(_store_example(folder / f"{name}_selftest.safetensors", example))
        _render("selftest.cpp.jinja", folder / f"{name}_selftest.cpp", context)
    _render("model.h.jinja", folder / f"{name}.h", context)
    _render("model.hpp.jinja", folder / f"{name}.hpp", context)
    _render("CMakeLists.txt.jinja", folder / "CMakeLists.txt", context)
    _render("README.md.jinja", folder / "README.md", context)
    (folder / f"{name}.cpp").write_text(_implementation(unit, name))
    manifest = {"name": name, "weights": weights_file, "symbols": names, "choices": asdict(plan.choices),
                **{kind: [{"name": p["name"], "dtype": p["dtype"], "dims": p["dims"]} for p in ports[kind]] for kind in ports},
                "files": sorted([*_files(folder), "package.json"])}
    (folder / "package.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _implementation(unit: Unit, name: str) -> str:
    lines = [f"// The model {name}: what it computes, step by step. Emitted by Lockstep.", f'#include "{name}.h"', ""]
    lines += [f'#include "lockstep/{header}"' for header in unit.headers]
    lines += ["", unit.source, f'extern "C" const lockstep_model* {name}_model(void) {{ return {name}::table(); }}', ""]
    return "\n".join(lines)


def _unlike(name: str, taken: set[str], more: str) -> str:
    while name in taken:
        name += more
    return name


def _identifiers(names: Iterable[str]) -> list[str]:
    """A C++ identifier for each name, no two alike."""
    found: list[str] = []
    for name in names:
        found.append(_unlike(identifier(name), set(found), "_"))
    return found


def _ports(buffers: Sequence[Buffer], names: Sequence[str], camels: set[str]) -> list[dict[str, Any]]:
    """What the templates say of each input or output. `camels` holds what constants may not be called."""
    camels = set(camels)
    ports = []
    for buffer, name, unique in zip(buffers, names, _identifiers(names)):
        camel = _unlike("".join(part[:1].upper() + part[1:] for part in unique.split("_")), camels, "_")
        camels.add(camel)
        seen = buffer.port
        ports.append({"name": name, "id": unique, "camel": camel, "dtype": seen.dtype, "cpp": PORT_TYPE[seen.dtype],
                      "rank": seen.rank, "dims": [n if d.is_static(n) else str(n) for n in seen.dims],
                      "type": f"{seen.dtype}[{', '.join(map(_extent, seen.dims))}]",
                      "size": int(d.product(seen.dims)) if d.is_static(buffer.size) else None})
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
    reals = {name: as_reals(a) for name, a in arrays.items()}
    # the first byte after the header stays free, so that the offset 0 can mean "none"
    data = save({"_": np.zeros(1), **{name: np.ascontiguousarray(a).reshape(a.shape) for name, a in reals.items()}})
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
