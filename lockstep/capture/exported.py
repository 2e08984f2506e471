"""Capture through torch.export: an nn.Module with example inputs, an ExportedProgram, or a .pt2 file."""
from __future__ import annotations

import logging
import re
import zipfile
import zlib
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, Mapping, Sequence

import torch
from torch.utils import _pytree as pytree

from .. import vision
from ..errors import BadInput, Unsupported
from ..graph.core import Origin
from ..graph.source import Ref, SourceProgram, source_line
from . import exported_rules  # noqa: F401
from .shadows import Shadowed
from .recorder import Handle, Recorder, is_read
from .replay import attribute, record_node
from .symbols import Symbols


def export_module(module: torch.nn.Module, args: tuple, dynamic: Mapping[int, Mapping[int, str]] | None = None,
                  least: int = 0, shapes: Any = None) -> torch.export.ExportedProgram:
    """torch.export with named dynamic dims: {input position: {dim: name}}, or `shapes` in PyTorch's own form. A dim that the
    model itself limits, as a table of positions does, gets those limits. Raises Unsupported with PyTorch's reason."""
    shapes = dynamic_shapes(module, len(args), dynamic, least) if shapes is None else shapes
    try:
        # where it refuses, it prints the graph it got so far
        with torch.no_grad(), Shadowed(), redirect_stderr(StringIO()):
            return without_vmap(torch.export.export(module, args, dynamic_shapes=shapes, strict=False))
    except Exception as failure:  # torch.export raises many kinds; its message is what the user needs
        narrower = _narrower(shapes, str(failure))
        if narrower is not None:
            return export_module(module, args, shapes=narrower)
        raise Unsupported(f"torch.export refused {type(module).__name__}: {_reason(failure)}") from failure


def without_vmap(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """The program with the batches that torch.vmap and associative_scan leave marked in it written out as plain dims."""
    modules = [m for m in program.graph_module.modules() if isinstance(m, torch.fx.GraphModule)]
    marked = any(getattr(node.target, "__module__", "") == "torch._functorch.predispatch" for m in modules for node in m.graph.nodes)
    return program.run_decompositions({}) if marked else program


def _narrower(shapes: Any, message: str) -> Any:
    """The dynamic dims with the limits that PyTorch's message suggests; None where it suggests anything else, such as a
    number, or nothing new."""
    reasons, _, rest = message.partition("Suggested fixes:")
    fixes = [line.strip() for line in rest.partition("\n\n")[0].splitlines() if line.strip()]
    if not fixes or any(re.fullmatch(r"(\w+) = Dim\('\1'.*\)", fix) is None for fix in fixes):
        return None
    refine = torch.export.dynamic_shapes.refine_dynamic_shapes_from_suggested_fixes
    narrower = refine(f"{reasons}Suggested fixes:\n" + "\n".join(fixes), shapes)
    return None if _limits(narrower) == _limits(shapes) else narrower


def _limits(shapes: Any) -> dict[str, tuple]:
    return {dim.__name__: (dim.min, dim.max) for dim in pytree.tree_leaves(shapes) if hasattr(dim, "min")}


def _reason(failure: Exception) -> str:
    """PyTorch's first line; for a dynamic dim that the model fixes, the lines that say which and why."""
    lines = str(failure).strip().splitlines() or [type(failure).__name__]
    if not lines[0].startswith("Constraints violated"):
        return lines[0]
    why = [line.strip(" -") for line in lines[1:] if line.lstrip().startswith("- ")]
    return f"{lines[0].partition('!')[0]}: {' '.join(why) or 'a dynamic dim is fixed by the model'}; leave it out of dynamic"


def dynamic_shapes(module: torch.nn.Module, count: int, dynamic: Mapping[int, Mapping[int, str]] | None,
                   least: int = 0) -> Any:
    """{input position: {dim: name}} for `count` inputs as torch.export's argument of that name (None: all fixed)."""
    if not dynamic:
        return None
    named: dict[str, Any] = {}
    shapes = tuple({axis: named.setdefault(name, torch.export.Dim(name, min=least)) for axis, name in
                    dynamic.get(position, {}).items()} or None for position in range(count))
    return _for_signature(module, shapes)


def _for_signature(module: torch.nn.Module, shapes: tuple) -> Any:
    """dynamic_shapes follows the signature: positional inputs of a `*args` forward are one nested tuple."""
    import inspect
    parameters = list(inspect.signature(module.forward).parameters.values())
    if parameters and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL:
        return (shapes,)
    return shapes


def capture(program: torch.export.ExportedProgram, defined: Sequence[str], name: str,
            dynamic: Mapping[int, Mapping[int, str]] | None = None) -> SourceProgram:
    """The source program of an exported program. Raises Unsupported (operator, place) where something has no meaning."""
    program = without_vmap(program)
    symbols = Symbols()
    signature = program.graph_signature
    placeholders = [node for node in program.graph.nodes if node.op == "placeholder"]
    users = [node for node in placeholders if node.name in signature.user_inputs]
    _name_symbols(symbols, program, users, dynamic or {})
    recorder = Recorder(defined, symbols)
    recorder.taken.update(node.name for node in users)
    env: dict[torch.fx.Node, Any] = {}
    inputs = []
    stored = {**signature.inputs_to_parameters, **signature.inputs_to_buffers,
              **signature.inputs_to_lifted_tensor_constants}
    for node in placeholders:
        found = node.meta.get("val")
        if node.name in stored:
            env[node] = recorder.weight(stored[node.name], _stored(program, stored[node.name]), found)
        elif isinstance(found, torch.Tensor):
            inputs.append((node.name, symbols.type(found)))
            env[node] = recorder.input(node.name, found)
        else:
            env[node] = found                              # a number fixed at export
    result = None
    for node in program.graph.nodes:
        if node.op == "call_function":
            env[node] = record_node(recorder, node, env, origin_of(node))
        elif node.op == "get_attr":
            env[node] = attribute(recorder, program.graph_module, node.target)
        elif node.op == "output":
            result = pytree.tree_map_only(torch.fx.Node, env.__getitem__, node.args[0])
    recorder.check()
    flat = [value for spec, value in zip(signature.output_specs, pytree.tree_leaves(result))
            if spec.kind.name == "USER_OUTPUT"]
    for k, value in enumerate(flat):
        if isinstance(value, (torch.SymInt, torch.SymFloat, torch.SymBool)):
            what = "a Python number that is read from a tensor; return the tensor" if is_read(value) else \
                f"a size that varies ({value}); return a tensor, or fix the dim"
            raise Unsupported(f"output {k} is {what}")
    origin = Origin("output")
    updates = {**recorder.updates(), **_mutations(recorder, signature, result, origin)}
    outputs = tuple((f"output_{k}" if len(flat) > 1 else "output",
                     recorder.read(value, origin) if isinstance(value, Handle) else recorder.argument(value, origin))
                    for k, value in enumerate(flat))
    return SourceProgram("aten", name, tuple(inputs), recorder.weights, tuple(recorder.calls), outputs,
                         symbols.ranges(), program.call_spec.out_spec, updates)


def _mutations(recorder: Recorder, signature: Any, result: Any, origin: Origin) -> dict[str, Ref]:
    """What a program in functional form gives as new values of its buffers."""
    updates = {}
    for spec, value in zip(signature.output_specs, pytree.tree_leaves(result)):
        if spec.kind.name in ("BUFFER_MUTATION", "PARAMETER_MUTATION"):
            updates[spec.target] = recorder.read(value, origin)
        elif "MUTATION" in spec.kind.name:
            raise Unsupported(f"the model writes to its input '{spec.target}' in place, and what its caller gave would stay "
                              f"as it was; clone the input first, or return the new value")
    return updates


def _stored(program: torch.export.ExportedProgram, name: str) -> torch.Tensor:
    if name in program.state_dict:
        return program.state_dict[name]
    return program.constants[name]


def _name_symbols(symbols: Symbols, program, users: list[torch.fx.Node], dynamic: Mapping) -> None:
    """Calls each symbolic size what the user called it; refuses a dim that PyTorch fixed although it was to vary."""
    for position, node in enumerate(users):
        found = node.meta.get("val")
        for axis, name in dynamic.get(position, {}).items():
            size = found.shape[axis]
            if not isinstance(size, torch.SymInt) or not size.node.expr.is_Symbol:
                raise Unsupported(f"dim {axis} of input '{node.name}' was to vary as '{name}', but the model fixes it to {size}")
            symbols.names[size.node.expr.name] = name
    for position, node in enumerate(users):
        found = node.meta.get("val")
        for axis, size in enumerate(getattr(found, "shape", ())):
            for symbol in size.node.expr.free_symbols if isinstance(size, torch.SymInt) else ():
                symbols.names.setdefault(symbol.name, f"{node.name}_{axis}" if size.node.expr.is_Symbol else symbol.name)
    symbols.bound(program.range_constraints)


def origin_of(node: torch.fx.Node) -> Origin:
    """The operator, the path of the module that called it, and the source line (relative to its package)."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path = stack[-1][0] if stack else ""
    name = str(node.target)
    return Origin(name, re.sub(r"^L\['self'\]\.?", "", path), source_line(node.meta.get("stack_trace") or ""))


def load(path: str) -> torch.export.ExportedProgram:
    """A .pt2 file. Raises BadInput, saying what the file is and what to do, where it is none."""
    what = _what_else(Path(path))
    if what is not None:
        raise BadInput(f"{path}: {what}")
    vision.register_for(path)
    logger = logging.getLogger("torch.export")               # it logs a traceback for what is an error message here
    before, logger.disabled = logger.disabled, True
    try:
        return torch.export.load(path)
    except Exception as failure:  # the loader raises zip, JSON, pickle and schema errors alike
        reason = str(failure).strip().splitlines()
        raise BadInput(f"{path} is not a readable .pt2 file ({reason[0] if reason else type(failure).__name__}); "
                       f"save it with torch.export.save") from failure
    finally:
        logger.disabled = before


def _what_else(path: Path) -> str | None:
    """What a file that is no exported program is, and what to do with it; None where it looks like one."""
    if not path.is_file():
        return "there is no such file"
    if path.stat().st_size == 0:
        return "the file is empty; save it again with torch.export.save"
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            start = file.read(2)
        return "the archive is truncated; save or copy it again" if start == b"PK" else \
            "this is no exported program; save one with torch.export.save"
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = {name.split("/", 1)[-1] for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as failure:
        return f"the archive is damaged ({failure}); save or copy it again"
    if damaged is not None:
        return f"the archive is damaged ({damaged} does not have its checksum); save or copy it again"
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return "this is TorchScript; name it .pt, and it is read as that"
    return "this was saved with torch.save, which holds no program; save an exported program with torch.export.save" \
        if "data.pkl" in names and "archive_format" not in names else None




def _name_return_types() -> None:
    """PyTorch's named results (torch.return_types.sort, ...) have no name to be saved under: give them one."""
    for name, kind in vars(torch.return_types).items():
        if isinstance(kind, type) and kind in pytree.SUPPORTED_SERIALIZED_TYPES:
            stored = pytree.SUPPORTED_SERIALIZED_TYPES[kind]
            pytree.SUPPORTED_SERIALIZED_TYPES[kind] = stored._replace(serialized_type_name=f"torch.return_types.{name}")
            pytree.SERIALIZED_TYPE_TO_PYTHON_TYPE[f"torch.return_types.{name}"] = kind


_name_return_types()
