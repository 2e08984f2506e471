"""Goldens: a case's answers on disk, in the layout of ONNX's backend tests, with truth and bound beside them.

golden/<suite>/<case>/ holds manifest.json, model.onnx where ONNX can express the case, and test_data_set_N/ with
input_k.pb, output_k.pb, truth_k.pb and bound_k.pb. Where an output must be met bit by bit, truth and bound are left out.
"""
from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

import numpy as np
import onnx
from onnx import numpy_helper

if TYPE_CHECKING:                  # truth asks PyTorch; goldens are read without it
    from .truth import Answers

FORMAT = 1


def write(folder: Path, name: str, array: np.ndarray) -> None:
    tensor = numpy_helper.from_array(np.ascontiguousarray(array).reshape(np.shape(array)), name)
    (folder / f"{name}.pb").write_bytes(tensor.SerializeToString())


def read(path: Path) -> np.ndarray:
    """A tensor that `write` wrote."""
    tensor = onnx.TensorProto()
    tensor.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(tensor)


def digest(parts: Sequence[Any]) -> str:
    """A hash of arrays, bytes and text: what a golden depends on."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(f"{part.dtype}{part.shape}".encode())
            total.update(np.ascontiguousarray(part).tobytes())
        else:
            total.update(part if isinstance(part, bytes) else str(part).encode())
        total.update(b"\0")
    return total.hexdigest()[:24]


def manifest(folder: Path) -> dict | None:
    """A golden's manifest; None where there is no golden or it is unreadable."""
    try:
        return json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        return None


def index_of(suite: str, folder: Path) -> dict:
    """What `generate` would write of a suite, from its goldens alone: the cases that have an ONNX model."""
    cases = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        found = manifest(place)
        if found is not None and (place / "model.onnx").exists():
            gaps = {route: why for route, why in found["gaps"].items() if route == "onnx"}
            cases.append({"name": place.name, "dtype": found["dtype"], "gaps": gaps, "refuses": None, "failure": None,
                          "dynamic": found["dynamic"], "routes": {"onnx": "model.onnx"}})
    return {"name": suite, "cases": cases, "problems": []}


def is_current(folder: Path, definition: str) -> bool:
    """Whether the golden there answers this very definition."""
    found = manifest(folder)
    return found is not None and found.get("format") == FORMAT and found.get("definition") == definition


def note_gaps(folder: Path, gaps: dict) -> None:
    """Keeps a manifest's gaps as the generator says them: what is known not to work changes no answer."""
    found = manifest(folder)
    if found is not None and found["gaps"] != gaps:
        scratch = folder / "manifest.json.new"
        scratch.write_text(json.dumps({**found, "gaps": gaps}, indent=1, sort_keys=True) + "\n")
        os.replace(scratch, folder / "manifest.json")


def store(folder: Path, definition: str, data_sets: Sequence[tuple[Sequence[np.ndarray], Answers]],
          facts: dict, onnx_model: bytes | None) -> None:
    """Writes a golden beside its place and renames it there: it is either whole or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        fresh = Path(scratch) / "golden"
        for number, (inputs, answers) in enumerate(data_sets):
            place = fresh / f"test_data_set_{number}"
            place.mkdir(parents=True)
            for k, array in enumerate(inputs):
                write(place, f"input_{k}", array)
            for k, answer in enumerate(answers.outputs):
                write(place, f"output_{k}", answer.output)
                if answer.bound is not None and np.any(answer.bound != 0):
                    write(place, f"truth_{k}", answer.truth)
                    write(place, f"bound_{k}", answer.bound)
        if onnx_model is not None:
            (fresh / "model.onnx").write_bytes(onnx_model)
        text = json.dumps({"format": FORMAT, "definition": definition, **facts}, indent=1, sort_keys=True)
        (fresh / "manifest.json").write_text(text + "\n")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
