"""The commands on a user's own model: convert, verify, show and ops, as the command line runs them."""
from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from ..errors import BadInput, LockstepError
from ..plan.choices import Choices
from .models import OpenModel, open_model


def parse_inputs(specs: Sequence[str]) -> list[tuple[str, tuple[int, ...], str]] | None:
    """`[NAME:]1,3,10,10[:DTYPE]` as (name, shape, dtype). Raises BadInput where a piece is none of these."""
    parsed = []
    for spec in specs:
        parts = spec.split(":")
        name = parts.pop(0) if parts and not _is_shape(parts[0]) else ""
        if not parts or not _is_shape(parts[0]) or len(parts) > 2:
            raise BadInput(f"--input {spec}: write [NAME:]1,3,10,10[:DTYPE], with -1 where an extent may vary")
        shape = tuple(int(n) for n in parts[0].split(",")) if parts[0] else ()
        dtype = parts[1] if len(parts) == 2 else "float32"
        from ..graph.core import PORT_DTYPES
        if dtype not in PORT_DTYPES:
            raise BadInput(f"--input {spec}: the dtype {dtype} is none of {', '.join(PORT_DTYPES)}")
        parsed.append((name, shape, dtype))
    return parsed or None


def _is_shape(text: str) -> bool:
    return re.fullmatch(r"(-?\d+(,-?\d+)*)?", text, re.ASCII) is not None


def parse_dynamic(specs: Sequence[str]) -> dict[str | int, dict[int, str]]:
    """`x:0=batch,x:2=height` as {"x": {0: "batch", 2: "height"}}; an input may be named by its position."""
    placed: dict[str | int, dict[int, str]] = {}
    for item in (part for spec in specs for part in spec.split(",") if part):
        try:
            where, symbol = item.split("=")
            name, axis = where.rsplit(":", 1)
            placed.setdefault(int(name) if name.isdigit() else name, {})[int(axis)] = symbol.strip()
            if not name or not symbol.strip():
                raise ValueError
        except ValueError:
            raise BadInput(f"--dynamic {item}: write INPUT:DIM=NAME, for instance x:0=batch") from None
    return placed


def load_arrays(path: str | None) -> dict[str, np.ndarray] | list[np.ndarray] | None:
    """The arrays of an .npz file: by name, or in order where they are called arr_0, arr_1, ..."""
    if path is None:
        return None
    if not Path(path).is_file():
        raise BadInput(f"--inputs {path}: there is no such file; write one with numpy.savez(path, x=array)")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except Exception as failure:  # NumPy raises zip, value and system errors alike
        reason = str(failure).split(".")[0]
        raise BadInput(f"--inputs {path} cannot be read as .npz of plain arrays ({reason}); "
                       f"write it with numpy.savez(path, x=array)") from failure
    if all(re.fullmatch(r"arr_\d+", name) for name in arrays):
        return [arrays[name] for name in sorted(arrays, key=lambda n: int(n[4:]))]
    return arrays


def read(model: str, inputs: Sequence[str], npz: str | None, dynamic: Sequence[str], name: str | None) -> OpenModel:
    """The model as the options describe it; PyTorch's warnings about its own readers are not the user's business."""
    if inputs and npz:
        raise BadInput("--input and --inputs are both given; give the shapes or the file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return open_model(model, load_arrays(npz), input=parse_inputs(inputs), dynamic=parse_dynamic(dynamic),
                          name=name)


def print_report(report: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_json(), indent=1))
        return
    table = Table(title=f"{report.model}: {'right' if report.right else 'differs'}")
    for column in ("output", "type", "elements", "wrong", "undecided", "worst error / bound"):
        table.add_column(column, overflow="fold")
    for v in report.outputs:
        table.add_row(v.name, f"{v.dtype}{list(v.shape)}", str(v.elements), str(v.wrong), str(v.undecided), f"{v.worst:.3f}")
    Console(width=None if Console().is_terminal else 10_000).print(table)       # piped: no line is ever folded
    for v in report.outputs:
        if v.first:
            print(f"{v.name} {v.first}")


def stage(opened: OpenModel, name: str, choices: Choices = Choices()) -> str:
    """A stage of the conversion as text: graph, passes, plan or cpp."""
    from ..emit.unit import emit_unit
    from ..graph.print import text as graph_text
    from ..passes.pipeline import optimise
    from ..plan.pipeline import make
    from ..plan.print import text as plan_text
    if name == "graph":
        return graph_text(opened.graph)
    graph = optimise(opened.graph)
    if name == "passes":
        return graph_text(graph)
    plan = make(graph, choices)
    return plan_text(plan) if name == "plan" else emit_unit(plan, opened.name).source


def supported() -> list[str]:
    """Every ATen overload and ONNX operator that has a definition."""
    from .. import ops
    ops.load("onnx")
    onnx = [f"onnx::{name}-{one.since}" for name, all_ in sorted(ops.ONNX.items()) for one in sorted(all_, key=lambda o: o.since)]
    return sorted(name if "::" in name else f"aten::{name}" for name in ops.aten_definitions()) + onnx


def print_missing(model: str, inputs, npz, dynamic, as_json: bool) -> int:
    """What of a model has no meaning yet; exit code 0 where everything has, 3 where something is missing."""
    try:
        opened = read(model, inputs, npz, dynamic, None)
    except LockstepError as refusal:
        if refusal.exit_code != 3:
            raise
        print(json.dumps({"supported": False, "reason": str(refusal)}) if as_json else f"not supported: {refusal}")
        return 3
    used = sorted({origin.operator for node in opened.graph.nodes for origin in node.origins})
    print(json.dumps({"supported": True, "operators": used}) if as_json else
          f"everything in {Path(model).name} is supported: {len(used)} operators\n" + "\n".join(used))
    return 0
