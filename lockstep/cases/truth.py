"""Truth and bound of a case: PyTorch's own program in float64, agreed to by the interpreter, and how far one may be off.

float32 cases: PyTorch runs the exported program with every float32 widened to float64, and the interpreter in float64
must agree. float64 cases: the interpreter in long double, and PyTorch's float64 must agree. What is not a float is
PyTorch's exactly. Where PyTorch's answer in the case's own dtype is not finite, that answer decides the class.
"""
from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Iterator, Sequence

import numpy as np
import torch
from torch.utils import _pytree as pytree

from ..capture.recorder import to_numpy
from ..errors import Differs
from ..graph import dims as d
from ..graph.core import FLOATS, Graph
from ..graph.error import bounds
from ..graph.interpret import bind_symbols, evaluate
from ..graph.ulp import ulp_of
from ..graph.world import HALVES, LARGEST, World, as_complex, as_reals, numpy_dtype, spacing
from .suites import to_torch


class Disputed(Differs):
    """PyTorch and the interpreter do not agree on what the truth is: one of them, or the bound, is wrong."""


@dataclass(frozen=True)
class Answer:
    """One output: its value in the output's dtype, and for floats the truth (float64) and the bound (float64); of complex
    numbers these two are for real and imaginary part, along a last dim of 2."""

    output: np.ndarray
    truth: np.ndarray | None
    bound: np.ndarray | None


@dataclass(frozen=True)
class Answers:
    """All outputs of one data set; eager is PyTorch's own worst error as a fraction of the bound, ratio that of the
    two deviations the bound is the larger of."""

    outputs: tuple[Answer, ...]
    eager: float
    ratio: float


def answers(program: torch.export.ExportedProgram | None, module: torch.nn.Module, graph: Graph,
            inputs: Sequence[np.ndarray], slack: float = 1.0) -> Answers:
    """Truth, bound and rounded answer for given inputs. Raises Disputed where PyTorch and the interpreter part. Of random
    numbers, which PyTorch draws differently, it confirms dtype and shape alone."""
    if draws(graph):
        return _drawn(module, graph, inputs)
    native, given, inputs = results_of(module, graph, inputs), inputs, list(map(as_reals, inputs))
    symbols = bind_symbols(graph, [x.shape for x in inputs])
    exact, limits, ratios = bounds(graph, inputs, symbols)
    wide = _widened(program, graph, given) if program is not None and not _names_its_precision(graph) else None
    narrow = evaluate(graph, inputs, World(False, symbols)) if _overflows(graph, inputs, symbols) else None
    if len(native) != len(graph.results):
        raise Disputed(f"PyTorch gives {len(native)} outputs, the graph {len(graph.results)}")
    result, eager = [], 0.0
    native, wide = _parts(graph, native), None if wide is None else _parts(graph, wide)
    for k, value in enumerate(graph.results):
        if value.dtype not in FLOATS:
            _agree_exactly(k, native[k], exact[k], limits[k])
            bound = limits[k] if np.isnan(limits[k]).any() else None
            result.append(Answer(native[k], None if bound is None else native[k].astype(np.float64), bound))
            continue
        one = _float_answer(k, value.dtype, native[k], None if wide is None else wide[k], exact[k],
                            None if narrow is None else narrow[k], limits[k] * slack, _float64_scale(graph))
        eager = max(eager, _fraction(native[k], one))
        result.append(replace(one, output=as_complex(one.output)) if k in graph.complex_outputs else one)
    return Answers(tuple(result), eager, max(ratios, default=1.0))


def draws(graph: Graph) -> bool:
    """Whether random numbers are drawn."""
    return any(node.op == "random" or any(draws(g) for g in node.attrs.values() if isinstance(g, Graph)) for node in graph.nodes)


def _drawn(module: torch.nn.Module, graph: Graph, inputs: Sequence[np.ndarray]) -> Answers:
    native = _parts(graph, results_of(module, graph, inputs))
    inputs = list(map(as_reals, inputs))
    exact, limits, ratios = bounds(graph, inputs, bind_symbols(graph, [x.shape for x in inputs]))
    result = []
    for k, (value, answer, truth, limit) in enumerate(zip(graph.results, native, exact, limits, strict=True)):
        if answer.dtype != numpy_dtype(value.dtype) or answer.ndim != value.rank or \
                any(d.is_static(n) and n != m for n, m in zip(value.dims, answer.shape)):
            raise Disputed(f"output {k}: PyTorch gives {answer.dtype}{list(answer.shape)}, the graph {value.type!r}")
        output = np.asarray(truth).astype(numpy_dtype(value.dtype))
        result.append(Answer(as_complex(output) if k in graph.complex_outputs else output,
                             np.asarray(truth, np.float64), np.asarray(limit, np.float64)))
    return Answers(tuple(result), 0.0, max(ratios, default=1.0))


def _widened(program: torch.export.ExportedProgram, graph: Graph,
             inputs: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """PyTorch's answers in float64; None where it has none, because an operator takes float32 alone (kernels of packed
    weights, many C++ extensions): the interpreter's are the truth then, and PyTorch's float32 confirms them."""
    try:
        return run_wide(program, graph, inputs)
    except (RuntimeError, NotImplementedError, TypeError, ValueError):
        return None


def _parts(graph: Graph, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """PyTorch's outputs as the graph has them. Raises Disputed where one is complex and the other is not."""
    for k, array in enumerate(arrays):
        if (array.dtype.kind == "c") != (k in graph.complex_outputs):
            raise Disputed(f"output {k}: PyTorch gives {array.dtype}, the graph {graph.output_types[k]!r}")
    return list(map(as_reals, arrays))


def _names_its_precision(graph: Graph) -> bool:
    """Whether the program means something else in another precision, so that widening it would change the question."""
    return any(node.op == "map" and node.attrs["fn"] == "nextafter" or _computes_in_16_bits(node) for node in graph.nodes)


def _computes_in_16_bits(node: Any) -> bool:
    """Whether PyTorch rounds here to a 16-bit float, however wide the rest of the program is; where the program itself
    casts to one, the truth does too."""
    if node.types[0].dtype not in HALVES:
        return False
    return node.op in ("contract", "reduce", "scan", "scatter", "loop", "branch", "kernel") or \
        node.op == "map" and (node.attrs["fn"] != "cast" or "unrounded" in node.attrs)


def _overflows(graph: Graph, inputs: Sequence[np.ndarray], symbols: dict) -> bool:
    """Whether a float32 intermediate leaves float32's range, although float64 holds it."""
    found = []

    def watch(node: Any, results: tuple) -> None:
        if node.op == "weight":                        # it is stored in its own dtype
            return
        for type_, result in zip(node.types, results):
            if type_.dtype == "float32" and np.any(np.isfinite(result) & (np.abs(result) > np.finfo(np.float32).max)):
                found.append(node)
    evaluate(graph, inputs, World(True, symbols), watch)
    return bool(found)


def _float64_scale(graph: Graph) -> float:
    """How a float32 bound shrinks for float64: by the formats' precision, and by what functions are off in each."""
    rows = [(ulp_of(node.attrs["fn"], "float32"), ulp_of(node.attrs["fn"], "float64")) for node in graph.nodes
            if node.op == "map" and node.attrs["fn"] != "cast" and node.types[0].dtype == "float32"]
    return 2.0 ** -29 * max((b / a for a, b in rows if a > 0), default=1.0)


def _agree_exactly(k: int, native: np.ndarray, interpreted: np.ndarray, limit: np.ndarray) -> None:
    if native.shape != interpreted.shape or native.dtype != interpreted.dtype:
        raise Disputed(f"output {k}: PyTorch gives {native.dtype}{list(native.shape)}, the interpreter "
                       f"{interpreted.dtype}{list(interpreted.shape)}")
    if not np.all((native == interpreted) | np.isnan(limit)):
        place = np.argwhere((native != interpreted) & ~np.isnan(limit))[0]
        raise Disputed(f"output {k}: PyTorch gives {native[tuple(place)]}, the interpreter {interpreted[tuple(place)]} "
                       f"at {list(place)}")


def _float_answer(k: int, dtype: str, native: np.ndarray, wide: np.ndarray | None, interpreted: np.ndarray,
                  narrow: np.ndarray | None, limit: np.ndarray, float64_scale: float) -> Answer:
    """One output's answer: wide is PyTorch in float64 (or None), interpreted the interpreter one precision wider, narrow
    the interpreter in the model's own precision where an intermediate overflows there."""
    if native.shape != interpreted.shape or native.dtype != numpy_dtype(dtype):
        raise Disputed(f"output {k}: PyTorch gives {native.dtype}{list(native.shape)}, the graph {dtype}"
                       f"{list(interpreted.shape)}")
    with np.errstate(all="ignore"):
        if dtype == "float64":
            truth, other, scale = interpreted, native, 1.0
        else:
            truth = interpreted if wide is None else wide.astype(np.float64)
            other = native if wide is None else interpreted
            scale = 1.0 if wide is None else float64_scale
            truth, other, scale, limit = _in_range(dtype, native, truth, other, narrow, limit, scale)
        settled = np.isfinite(native.astype(np.float64)) & np.isfinite(np.asarray(truth, np.float64))
        floor = np.where(np.asarray(scale) != 1.0, 2 * spacing(truth, "float64"), spacing(truth, dtype))
        # a bound of zero demands bit equality in the case's dtype; in float64 an ULP stays an ULP
        room = np.fmax(limit * scale, floor)
        apart = np.abs(np.asarray(truth, np.longdouble) - np.asarray(other, np.longdouble))
        wrong = settled & ~(apart <= room) & ~np.isnan(limit)
        if truth is interpreted or dtype == "float64":              # a finite answer that the truth has none for
            wrong |= np.isfinite(native.astype(np.float64)) & ~np.isfinite(np.asarray(truth, np.float64)) & ~np.isnan(limit)
        # where bits must match, the sign of a zero must too
        wrong |= settled & (limit == 0) & (native == 0) & (np.signbit(native) != np.signbit(interpreted))
        if wrong.any():
            place = tuple(np.argwhere(wrong)[0])
            raise Disputed(f"output {k} at {list(map(int, place))}: PyTorch and the interpreter disagree on the truth: "
                           f"{float(truth[place])!r} and {float(other[place])!r}, apart {float(apart[place]):.3g}, "
                           f"allowed {float(np.asarray(room)[place]):.3g}")
        output = np.where(np.isfinite(native.astype(np.float64)), truth.astype(np.float64), native.astype(np.float64))
        rounded = np.asarray(output).astype(numpy_dtype(dtype))
        # a bound of zero that PyTorch itself misses, by a rounding, is none
        limit = np.where(settled & (limit == 0) & (native != rounded), spacing(truth, dtype), limit)
        # exact results keep PyTorch's bits, the sign of zero among them
        rounded = np.where((limit == 0) & settled, native, rounded).astype(numpy_dtype(dtype))
        limit = np.where(np.isfinite(limit), limit, np.nan)
        limit = np.where(np.isfinite(rounded.astype(np.float64)) & np.isfinite(output), limit, 0.0)
    return Answer(rounded, np.asarray(output, np.float64), np.asarray(limit, np.float64))


def _in_range(dtype: str, native, truth, other, narrow, limit, scale) -> tuple:
    """(truth, what confirms it, the bound's scale, the bound): where float64's answer is not the question's, float32's range is.

    That is where float64 goes beyond float32 while PyTorch's answer is finite, and where an intermediate overflowed and
    the interpreter in float32 arrives where PyTorch does.
    """
    beyond = (np.abs(truth) > LARGEST[dtype]) & np.isfinite(native) & np.isfinite(truth)
    moved, arrived = np.zeros(native.shape, bool), truth
    room = np.where(np.isfinite(limit), np.fmax(limit, spacing(native, dtype)), spacing(native, dtype))
    if narrow is not None:
        arrived = np.asarray(narrow, np.float64)
        moved = ~(np.abs(arrived - truth) <= limit) & (np.abs(arrived - native) <= room) & np.isfinite(arrived)
    place = beyond | moved
    return (np.where(beyond, other, np.where(moved, arrived, truth)), np.where(place, native.astype(np.float64), other),
            np.where(place, 1.0, scale), np.where(moved, room, limit))


def _fraction(native: np.ndarray, answer: Answer) -> float:
    with np.errstate(all="ignore"):
        apart = np.abs(native.astype(np.float64) - answer.truth)
        fraction = np.where((answer.bound > 0) & np.isfinite(apart), apart / answer.bound, 0.0)
    return float(np.max(fraction, initial=0.0))


def run(module: torch.nn.Module, inputs: Sequence[np.ndarray]) -> Any:
    """PyTorch's eager answer, on fresh tensors; the module's buffers are left as they were."""
    with torch.no_grad(), unchanged(module):
        return module(*[to_torch(x) for x in inputs])


def results_of(module: torch.nn.Module, graph: Graph, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """PyTorch's eager outputs, flat, then what the run leaves in the buffers that the graph updates."""
    with torch.no_grad(), unchanged(module):
        return _kept(module, graph, module(*[to_torch(x) for x in inputs]))


def _kept(module: torch.nn.Module, graph: Graph, result: Any) -> list[np.ndarray]:
    return flat(result) + [to_numpy(reduce(getattr, one.name.split("."), module)) for one in graph.updates]


@contextmanager
def unchanged(module: Any) -> Iterator[None]:
    """Whatever a run does to a module's buffers, and to tensors that are its plain attributes, is undone after it."""
    owners = module.modules() if hasattr(module, "modules") else ()
    held = [(owner, name, tensor, tensor._version, tensor.detach().clone()) for owner in owners
            for name, tensor in [*owner.named_buffers(recurse=False), *_attributes(owner)]]
    try:
        yield
    finally:
        for owner, name, tensor, version, before in held:
            if getattr(owner, name) is not tensor and isinstance(owner, torch.nn.Module):
                setattr(owner, name, tensor)
            if tensor._version != version or _moved(tensor, before):
                tensor.copy_(before)


def _moved(tensor: torch.Tensor, before: torch.Tensor) -> bool:
    """Whether a tensor's numbers are others than before: PyTorch does not count writes to running statistics as versions."""
    return tensor.is_floating_point() and tensor.layout == torch.strided and not torch.equal(_bits(tensor), _bits(before))


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().reshape(-1).contiguous().view(torch.uint8)


def _attributes(module: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    """The tensors that a module holds without having registered them."""
    script = getattr(module, "_c", None)          # PyTorch lists a ScriptModule's attributes nowhere else
    named = vars(module).items() if script is None else torch._C._jit_debug_module_iterators(script)["named_attributes"]
    known = {id(tensor) for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False))}
    return [(name, x) for name, x in named if isinstance(x, torch.Tensor) and id(x) not in known]


def flat(result: Any) -> list[np.ndarray]:
    """The tensors of a result as arrays. Its numbers, strings and None are fixed at capture, and are no outputs."""
    return [to_numpy(x) for x in pytree.tree_leaves(result) if isinstance(x, torch.Tensor)]


def run_wide(program: torch.export.ExportedProgram, graph: Graph, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """`results_of` the exported program in float64: state, inputs, and every float32 that the program itself names."""
    module = copy.deepcopy(program.module(check_guards=False)).double()        # the program shares the model's weights
    for name, tensor in list(module.named_buffers()):
        module.get_submodule(name.rpartition(".")[0])._buffers[name.rpartition(".")[2]] = tensor.to(_double(tensor.dtype))
    for tensor in module.parameters():
        tensor.data = tensor.data.to(_double(tensor.dtype))
    for graph_module in [m for m in module.modules() if isinstance(m, torch.fx.GraphModule)]:
        _widen(graph_module)
    tensors = [to_torch(x) for x in inputs]
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            return _kept(module, graph, module(*[t.to(_double(t.dtype)) for t in tensors]))
    finally:
        torch.set_default_dtype(before)


def _widen(graph_module: torch.fx.GraphModule) -> None:
    """float32 as an argument becomes float64; assertions on dtypes are dropped; tensor constants are widened."""
    for node in list(graph_module.graph.nodes):
        if node.op == "call_function":
            if "_assert_tensor_metadata" in str(node.target) or "_guards_fn" in str(node.target):
                graph_module.graph.erase_node(node)
                continue
            node.args, node.kwargs = pytree.tree_map_only(torch.dtype, _double, (node.args, node.kwargs))
            if node.target is torch.ops.aten.rms_norm.default and (len(node.args) < 4 or node.args[3] is None):
                # its default epsilon is the dtype's own: that of the question, not of the wider answer
                node.args = (*node.args[:2], node.args[2] if len(node.args) > 2 else None, torch.finfo(torch.float32).eps)
        elif node.op == "get_attr":
            owner, _, leaf = node.target.rpartition(".")
            holder = graph_module.get_submodule(owner)
            tensor = getattr(holder, leaf, None)
            if isinstance(tensor, torch.Tensor) and not isinstance(tensor, torch.nn.Parameter) and \
                    tensor.dtype != _double(tensor.dtype):
                setattr(holder, leaf, tensor.to(_double(tensor.dtype)))
    graph_module.recompile()


def _double(dtype: torch.dtype) -> torch.dtype:
    return {torch.float32: torch.float64, torch.complex64: torch.complex128}.get(dtype, dtype)
