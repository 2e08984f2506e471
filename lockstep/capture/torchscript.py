"""Capture of TorchScript: traced and scripted modules and functions, and the .pt files they are saved in."""
from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import Any, Mapping, Sequence

import sympy
import torch
from torch._dispatch.python import enable_python_dispatcher
from torch.fx.experimental import _config as shape_config
from torch.utils import _pytree as pytree

from .. import vision
from ..errors import BadInput, LockstepError, Unsupported
from ..graph.core import Origin
from ..graph.source import SourceProgram
from .recorder import Recorder
from .torchscript_lists import is_open, items_of
from .torchscript_reader import Reader
from .torchscript_sizes import Sizes, at, beyond, example_sizes, narrowed
from .torchscript_values import OPAQUE, Datum, Module, Number, Place

Dynamic = Mapping[int, Mapping[int, str]]
PROBES = 24           # readings at other sizes before giving up


def capture(module: torch.jit.ScriptModule | torch.jit.ScriptFunction, example_inputs: Sequence,
            defined: Sequence[str], name: str, dynamic: Dynamic | None = None,
            method: str = "forward") -> SourceProgram:
    """The source program of a TorchScript module's method, or of a function.

    The example inputs (tensors, or what else the signature takes) give ranks, dtypes and the sizes that do not vary;
    `dynamic` is {position among the tensors: {dim: name}}. Every condition on a named dim that the reading met is tried
    at a size where it does not hold: the program must come out the same, or the dim's range is narrowed.

    Raises BadInput where the examples do not fit, Unsupported (operator, module path, line) where something has no
    meaning here.
    """
    entry = Entry(module, method, example_inputs, dynamic or {})
    limits = {symbol: (0, None) for symbol in entry.sizes}
    for _ in range(len(limits) * 4 + 1):
        program, assumed, fixed = entry.read(entry.sizes, limits, defined, name)
        if fixed is not None:
            raise fixed
        narrower = settle(entry, program, assumed, limits, defined, name)
        if narrower == limits:
            return program
        limits = narrower
    raise Unsupported(f"the sizes for which {name} computes in one way could not be found; fix a dynamic dim")


def settle(entry: "Entry", program: SourceProgram, assumed: list, limits: dict, defined: Sequence[str],
           name: str) -> dict:
    """Limits of the named dims within which one program holds: readings beyond each assumption are compared with it."""
    known, waiting = set(assumed), list(assumed)
    for _ in range(PROBES):
        if not waiting:
            return limits
        waiting.sort(key=lambda one: -len(one.free_symbols))       # those of one dim first
        assumption = waiting.pop()
        for sizes in beyond(assumption, entry.sizes, limits):
            try:
                other, more, fixed = entry.read(sizes, limits, defined, name)
                same = (other.calls, other.outputs) == (program.calls, program.outputs) if not fixed else \
                    at((other.calls, other.outputs), sizes) == at((program.calls, program.outputs), sizes)
            except LockstepError:
                same, more = False, []
            if not same:
                return {**limits, **narrowed(assumption, entry.sizes, sizes, limits)}
            fresh = [one for one in more if one not in known and sympy.Not(one) not in known]
            known.update(fresh)
            waiting += fresh
    raise Unsupported(f"the model asks too much of its dynamic dims ({', '.join(limits)}); fix them")


class Entry:
    """A method with its arguments: the tensors among them are the program's inputs, the rest is fixed."""

    def __init__(self, module: Any, method: str, example_inputs: Sequence, dynamic: Dynamic):
        script = getattr(module, "_c", None)
        function = isinstance(module, torch.jit.ScriptFunction)
        if not function and (not isinstance(module, torch.jit.ScriptModule) or script is None):
            raise BadInput(f"a {type(module).__name__} is no TorchScript module; trace or script it first")
        if not function and not script._has_method(method):
            raise BadInput(f"the module has no method '{method}'; it has {', '.join(script._method_names())}")
        if not function and (script._get_forward_hooks() or script._get_forward_pre_hooks()):
            raise Unsupported("the module has forward hooks; remove them, or put them into its forward")
        chosen = module if function else script._get_method(method)
        self.graph, self.owner = chosen.graph, [] if function else [Module(script, "")]
        self.arguments = filled(chosen.schema, list(example_inputs), len(self.owner))
        self.names = self._names()
        self.flat, self.spec = pytree.tree_flatten(self.arguments)
        self.flat_names = self._flat_names()
        tensors = [k for k, value in enumerate(self.flat) if isinstance(value, torch.Tensor)]
        self.places = dict(enumerate(tensors))
        self._check()
        self.dynamic = dynamic
        self.sizes = example_sizes({p: self.flat[k] for p, k in self.places.items()},
                                   {p: self.flat_names[k] for p, k in self.places.items()}, dynamic)

    def _names(self) -> list[str]:
        """The arguments' names as identifiers: `x` of `x.1`, made unique by a number."""
        names: list[str] = []
        for value in list(self.graph.inputs())[len(self.owner):]:
            plain = re.sub(r"\.\d+$", "", value.debugName())
            plain = re.sub(r"\W", "_", plain)
            plain = f"input_{plain}" if not plain or plain[0].isdigit() else plain
            names.append(unique(plain, names))
        return names

    def _flat_names(self) -> list[str]:
        names: list[str] = []
        for name, argument in zip(self.names, self.arguments):
            count = len(pytree.tree_leaves(argument))
            single = isinstance(argument, torch.Tensor) or not isinstance(argument, (list, tuple, dict))
            for k in range(count):
                names.append(unique(name if single else f"{name}_{k}", names))
        return names

    def _check(self) -> None:
        """Raises BadInput where an example does not fit what the graph says of the argument."""
        for name, argument, value in zip(self.names, self.arguments, list(self.graph.inputs())[len(self.owner):]):
            type_ = value.type()
            if type_.kind() != "TensorType":
                _check_plain(name, argument, type_)
                continue
            if not isinstance(argument, torch.Tensor):
                raise BadInput(f"input '{name}' must be a tensor, not {type(argument).__name__}")
            sizes, dtype = type_.varyingSizes(), type_.dtype()
            if sizes is not None and len(sizes) != argument.dim():
                raise BadInput(f"input '{name}' has rank {argument.dim()}, but the model was traced with rank "
                               f"{len(sizes)}")
            if dtype is not None and category(dtype) != category(argument.dtype):
                raise BadInput(f"input '{name}' has dtype {str(argument.dtype)[6:]}, but the model was traced with "
                               f"{str(dtype)[6:]}")

    def read(self, sizes: Mapping[str, int], limits: Mapping, defined: Sequence[str], name: str) -> tuple:
        """One reading, the named dims at these sizes: the program, what it assumed of them, and why one is not free."""
        with torch.no_grad(), enable_python_dispatcher(), shape_config.patch(backed_size_oblivious=True):
            state = Sizes(sizes, limits)
            recorder = Recorder(defined, state.symbols)
            reader, flat, inputs = Reader(recorder, state), list(self.flat), []
            for position, k in self.places.items():
                fake = state.fake(flat[k], self.dynamic.get(position, {}))
                flat[k] = recorder.input(self.flat_names[k], fake)
                recorder.taken.add(self.flat_names[k])
                inputs.append(flat[k])
            arguments = pytree.tree_unflatten(flat, self.spec)
            types = [(handle.name, state.symbols.type(handle.fake)) for handle in inputs]
            results = reader.run(self.graph, [*self.owner, *arguments], Place())
            recorder.check()
            outputs, tree = finished(reader, results)
            recorder.check()
            updates = reader.updates()
            assumed, fixed = state.assumptions(), state.fixed()
        program = SourceProgram("aten", name, tuple(types), recorder.weights, tuple(recorder.calls), outputs,
                                dict(limits), tree, updates)
        return program, assumed, fixed


def finished(reader: Reader, results: list) -> tuple[tuple, Any]:
    """The flat outputs as references or numbers, and the tree that they form."""
    origin, outputs = Origin("output"), []
    whole = results[0] if len(results) == 1 else tuple(results)
    listed = pytree.tree_map(lambda xs: items_of(reader, xs, origin) if is_open(xs) else xs, whole, is_leaf=is_open)
    flat, tree = pytree.tree_flatten(listed)
    for k, value in enumerate(flat):
        if value is OPAQUE or isinstance(value, Datum):
            raise Unsupported(f"output {k} is a Python number or string that is read from a tensor; return the tensor")
        if isinstance(value, Number):
            value = value.handle or reader.tensor(value, [], origin)
        outputs.append((f"output_{k}" if len(flat) > 1 else "output", reader.recorder.argument(value, origin)))
    return tuple(outputs), tree


def filled(schema: Any, given: list, skipped: int) -> list:
    """The arguments, missing ones by their defaults. Raises BadInput where there are too few or too many."""
    wanted = list(schema.arguments)[skipped:]
    if len(given) > len(wanted):
        raise BadInput(f"{len(given)} example inputs for {len(wanted)} arguments "
                       f"({', '.join(a.name for a in wanted) or 'none'})")
    missing = [a.name for a in wanted[len(given):] if not a.has_default_value()]
    if missing:
        raise BadInput(f"no example input for {', '.join(repr(n) for n in missing)}")
    return given + [a.default_value for a in wanted[len(given):]]


def unique(name: str, taken: Sequence[str]) -> str:
    k, fresh = 1, name
    while fresh in taken:
        k, fresh = k + 1, f"{name}_{k}"
    return fresh


def category(dtype: torch.dtype) -> str:
    return "complex" if dtype.is_complex else "floating" if dtype.is_floating_point else \
        "bool" if dtype == torch.bool else "integer"


def _check_plain(name: str, argument: Any, type_: Any) -> None:
    wanted = {"ListType": (list, tuple), "TupleType": (tuple, list), "DictType": dict, "IntType": int, "BoolType": bool,
              "FloatType": (int, float), "StringType": str}.get(type_.kind())
    if wanted is not None and not isinstance(argument, wanted):
        raise BadInput(f"input '{name}' must be {type_.annotation_str}, not {type(argument).__name__}")


# -- files

def load(path: str | Path) -> torch.jit.ScriptModule:
    """A TorchScript file. Raises BadInput, saying what the file is and what to do, where it is none."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise BadInput(f"{path}: the file is empty")
    what = kind_of(path)
    if what is not None:
        raise BadInput(f"{path}: {what}")
    vision.register_for(path)
    try:
        module = torch.jit.load(str(path), map_location="cpu")
    except Exception as failure:  # the reader raises RuntimeError and more for whatever is wrong inside
        raise BadInput(f"{path}: the TorchScript archive cannot be read ({str(failure).strip().splitlines()[0][:200]}); "
                       f"save it again with torch.jit.save") from failure
    return module


def kind_of(path: Path) -> str | None:
    """What a file that is no TorchScript archive is, and what to do with it; None where it looks like one."""
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            start = file.read(4)
        if start[:2] == b"PK":
            return "the archive is truncated; save or copy it again"
        if start[:1] == b"\x80":
            return pickled(path)
        return "this is no TorchScript file; save one with torch.jit.save(torch.jit.trace(module, inputs), path)"
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {entry.split("/", 1)[-1] for entry in archive.namelist()}
            names = archive.namelist()
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as failure:
        return f"the archive is damaged ({failure}); save or copy it again"
    if damaged is not None:
        return f"the archive is damaged ({damaged} does not have its checksum); save or copy it again"
    if "constants.pkl" in inside and any(entry.startswith("code/") for entry in inside):
        return None
    if "archive_format" in inside or any("serialized_exported_program" in n or n.endswith("models/model.json")
                                         for n in names):
        return "this is an exported program; name it .pt2, and it is read as one"
    return pickled(path) if "data.pkl" in inside else \
        "this zip archive holds no TorchScript; save one with torch.jit.save"


def pickled(path: Path) -> str:
    """What torch.save wrote into a file, found without running anything in it."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as failure:  # the unpickler raises for every class it does not know
        if re.search(r"unsupported (global|class)|not an allowed global|WeightsUnpickler", str(failure), re.I):
            return ("this is a pickled module or object saved with torch.save, which holds no program; load it in "
                    "Python with its class and convert it there, or save torch.jit.script(module) with torch.jit.save")
        reason = str(failure).strip().splitlines()[0][:200]
        return f"the file cannot be read ({reason}); save it again with torch.jit.save"
    if isinstance(found, dict) and any(isinstance(x, torch.Tensor) for x in found.values()):
        return ("this is a state dict: weights without a program; make the module in Python, load_state_dict, and "
                "convert the module")
    return (f"this is a {type(found).__name__} saved with torch.save, which holds no program; save the module with "
            f"torch.jit.save")
