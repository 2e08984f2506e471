"""Saves every case's model, by every route that takes it, and its golden where that is missing or answers another case."""
from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import torch

from ..capture import exported, torchscript
from ..errors import LockstepError, Unsupported
from ..graph.source import SourceProgram
from ..ops import aten_definitions
from ..ops.custom import files_of
from ..ops.define import define
from . import goldens
from .case import Case, inputs_of
from .needs import NotInstalled
from .places import Places
from .suites import Function, Suite, load, module_of, tensors_of
from .truth import answers, flat, run, unchanged


def generate(path: Path, places: Places, fresh: bool = False, with_onnx: int = 0) -> dict:
    """Generates one suite; returns {"name", "cases": [...], "problems": [...]} and writes it beside the models.

    with_onnx: export model.onnx for up to that many goldens of the suite, its first ones in their main dtype.
    A generator that fails gives a suite without cases and its message as the only problem; one whose package is not
    installed a suite without cases and the reason as `skipped`.
    """
    os.environ.setdefault("PYTORCH_JIT_LOG_LEVEL", "")
    warnings.filterwarnings("ignore")
    try:
        suite = load(path)
    except NotInstalled as reason:
        index: dict[str, Any] = {"name": path.stem, "cases": [], "problems": [], "skipped": str(reason)}
    except LockstepError as failure:
        index = {"name": path.stem, "cases": [], "problems": [str(failure)]}
    else:
        index = {"name": suite.name, "about": suite.about, "cases": [], "problems": [],
                 "ops": list(map(str, files_of(suite.ops))) if suite.ops else []}
        first = [one.name for one in suite.cases if main_dtype(one) and one.refuses is None and "onnx" not in one.gaps]
        for one in suite.cases:
            index["cases"].append(_case(suite, one, places, fresh, one.name in first[:with_onnx]))
    folder = places.models(path.stem)
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / "cases.json.new"
    scratch.write_text(json.dumps(index, indent=1))
    os.replace(scratch, folder / "cases.json")
    return index


def _case(suite: Suite, one: Case, places: Places, fresh: bool, with_onnx: bool) -> dict:
    """Saves one case; what went wrong is kept as its `failure`, so that it becomes one failing test."""
    entry: dict[str, Any] = {"name": one.name, "dtype": one.dtype, "refuses": one.refuses,
                             "gaps": {route: why for route, why in one.gaps.items() if main_dtype(one) or route == "exported"},
                             "dynamic": {str(k): dict(v) for k, v in one.dynamic.items()}, "routes": {}, "failure": None}
    try:
        folder = places.models(suite.name) / one.name
        folder.mkdir(parents=True, exist_ok=True)
        module = module_of(suite.name, one)
        program = _export(suite, one, module)
        if program is not None:
            torch.export.save(program, folder / "exported.pt2")
            entry["routes"]["exported"] = "exported.pt2"
        if one.refuses is None:
            if main_dtype(one):
                _script_routes(suite, one, module, folder, entry)
            _golden(suite, one, module, program, places, entry, fresh, with_onnx)
    except Exception as failure:  # a model may raise anything; it is this case's failure and no other's
        entry["failure"] = f"{type(failure).__name__}: {failure}"
    return entry


def main_dtype(one: Case) -> bool:
    """Whether the case is not one of a `dtypes=` family's further members: those differ in data, not in the program
    that the TorchScript and ONNX readers see, so they go through torch.export alone."""
    return not one.name.endswith(f"_{one.dtype}") or one.dtype == "float32"


def _export(suite: Suite, one: Case, module: torch.nn.Module) -> torch.export.ExportedProgram | None:
    if isinstance(module, torch.jit.ScriptModule):
        return None
    try:
        return exported.export_module(module, tensors_of(suite.name, one), one.dynamic)
    except Unsupported:
        if one.refuses is not None or "exported" in one.gaps:
            return None
        raise


def _script_routes(suite: Suite, one: Case, module: torch.nn.Module, folder: Path, entry: dict) -> None:
    """The traced and the scripted form, each where PyTorch makes one."""
    if isinstance(module, torch.jit.ScriptModule):
        torch.jit.save(module, folder / "scripted.pt")
        entry["routes"]["scripted"] = "scripted.pt"
        return
    try:
        with unchanged(module):
            traced = torch.jit.trace(module, tensors_of(suite.name, one), check_trace=False)
        torch.jit.save(traced, folder / "traced.pt")
        entry["routes"]["traced"] = "traced.pt"
    except Exception as reason:  # what cannot be traced has no traced route
        entry["not_traced"] = first_line(reason)
    try:
        scripted = torch.jit.script(module.function if isinstance(module, Function) else module)
        with unchanged(module), unchanged(scripted):
            scripted(*tensors_of(suite.name, one))
        torch.jit.save(scripted, str(folder / "scripted.pt"))
        entry["routes"]["scripted"] = "scripted.pt"
    except Exception as reason:  # what cannot be scripted has no scripted route
        entry["not_scripted"] = first_line(reason)


def first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return lines[0] if lines else type(failure).__name__


def _golden(suite: Suite, one: Case, module: torch.nn.Module, program: Any, places: Places, entry: dict, fresh: bool,
            with_onnx: bool) -> None:
    """Makes the golden where it is missing or the case changed; finds its ONNX model."""
    folder = places.golden / suite.name / one.name
    data_sets = _data_sets(suite, one, module)
    weights = [t.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes() if t.numel() and t.dim() else str(t)
               for t in [*module.parameters(), *module.buffers()]]
    text = program.graph_module.code if program is not None else \
        "".join(part.code for part in module.modules() if hasattr(part, "code"))
    definition = goldens.digest([text, *weights, *(x for inputs in data_sets for x in inputs), one.slack])
    current = goldens.is_current(folder, definition)
    if fresh or not current:
        _ask(suite, one, module, program, folder, definition, data_sets, with_onnx, compare=fresh and current)
    elif with_onnx and not (folder / "model.onnx").exists() and main_dtype(one):
        found = onnx_model(suite, one, module)
        if found is not None:
            (folder / "model.onnx").write_bytes(found)
    goldens.note_gaps(folder, dict(one.gaps))
    if (folder / "model.onnx").exists():
        entry["routes"]["onnx"] = "model.onnx"


def _data_sets(suite: Suite, one: Case, module: torch.nn.Module) -> list[list]:
    """The inputs at one size, or at three where dims vary: empty ones among them, where PyTorch takes such."""
    if not one.dynamic:
        return [inputs_of(suite.name, one)]
    smallest = inputs_of(suite.name, one, 1, one.smallest)
    if not _runs_alike(module, smallest, inputs_of(suite.name, one, 0)):
        smallest = inputs_of(suite.name, one, 1)
    return [inputs_of(suite.name, one, 0), smallest, inputs_of(suite.name, one, 2)]


def _runs_alike(module: torch.nn.Module, inputs: list, others: list) -> bool:
    """Whether PyTorch runs on the inputs at all, and gives results of the same kind as for others."""
    try:
        found, expected = (flat(run(module, arrays)) for arrays in (inputs, others))
    except Exception:  # PyTorch says in many ways that it takes no empty tensor here
        return False
    return [(x.dtype, x.ndim) for x in found] == [(x.dtype, x.ndim) for x in expected]


def _ask(suite, one, module, program, folder, definition, data_sets, with_onnx, compare) -> None:
    """Asks PyTorch for the answers and writes the golden; with `compare`, only reports what would change."""
    graph = define(_captured(suite, one, module, program))
    found = [(inputs, answers(program, module, graph, inputs, one.slack)) for inputs in data_sets]
    if compare:
        _drift(folder, found)
        return
    facts = {"suite": suite.name, "case": one.name, "dtype": one.dtype, "torch": torch.__version__.split("+")[0],
             "dynamic": {str(k): dict(v) for k, v in one.dynamic.items()}, "outputs": str(graph.tree),
             "gaps": dict(one.gaps), "because": one.because,
             "eager": float(f"{max(a.eager for _, a in found):.3g}"), "deviations": float(f"{max(a.ratio for _, a in found):.3g}")}
    kept = folder / "model.onnx"
    model = kept.read_bytes() if kept.exists() else onnx_model(suite, one, module) if with_onnx and main_dtype(one) else None
    goldens.store(folder, definition, found, facts, model)


def _captured(suite: Suite, one: Case, module: torch.nn.Module, program: torch.export.ExportedProgram | None) -> SourceProgram:
    """The case as its exported program says it; where PyTorch has none, of control flow by data say, as its TorchScript does."""
    if program is not None:
        return exported.capture(program, list(aten_definitions()), one.name, one.dynamic)
    if not isinstance(module, torch.jit.ScriptModule):
        raise LockstepError("the case has neither an exported program nor TorchScript to take the truth from")
    return torchscript.capture(module, tensors_of(suite.name, one), list(aten_definitions()), one.name, one.dynamic)


def _drift(folder: Path, found: list) -> None:
    """Raises where PyTorch's answers are not the golden's any more."""
    import numpy as np
    for number, (_, result) in enumerate(found):
        for k, answer in enumerate(result.outputs):
            stored = goldens.read(folder / f"test_data_set_{number}" / f"output_{k}.pb")
            if not np.array_equal(stored, answer.output, equal_nan=stored.dtype.kind == "f"):
                raise LockstepError(f"drift: PyTorch's output {k} of data set {number} is not the golden's any more")


def onnx_model(suite: Suite, one: Case, module: torch.nn.Module) -> bytes | None:
    """The case as ONNX, by PyTorch's exporter; None where it refuses."""
    import tempfile

    from .onnx_export import export
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "model.onnx"
        refused = export(module, tensors_of(suite.name, one), one.dynamic, target)
        return target.read_bytes() if refused is None and target.exists() else None
