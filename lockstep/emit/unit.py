"""One model's C++: its description, its checks of extents, and `compute`. Packages and suites both include this text."""
from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Sequence

import numpy as np
from safetensors.numpy import save

from ..errors import Unsupported
from ..graph import dims as d
from ..graph.dims import Dim, Symbol
from ..graph.scalar import SCALARS
from ..plan.nest import Apply, Buffer, KernelCall, Plan, parts
from .nest import Lines
from .steps import write_steps
from .text import CPP_TYPE, comment, identifier, index, quoted, size

DTYPE_CODE = {name: f"LOCKSTEP_{name.upper()}" for name in CPP_TYPE}
HEADERS = ("gemm.hpp", "half.hpp", "loops.hpp", "math.hpp", "model.hpp", "simd.hpp")


@dataclass(frozen=True)
class Unit:
    """A model as text: `source` goes into a namespace of its own, after the runtime headers that it includes; `weights`
    is the safetensors file or b""."""

    name: str
    source: str
    weights: bytes
    headers: tuple[str, ...] = HEADERS


def emit_unit(plan: Plan, name: str, embed: bool = False) -> Unit:
    """The C++ of a plan. `name` is the namespace; with `embed` the weights become part of the source."""
    _check_limits(plan)
    data, offsets = pack_weights(plan.weights)
    names = _rename(plan)
    out = Lines()
    out.depth = 0
    out.add(f"namespace {name} {{")
    out.add("namespace {")
    out.add("")
    out.add("using namespace lockstep;")
    out.add("")
    _ports(out, "input", plan.inputs, plan.input_names)
    _ports(out, "output", plan.outputs, plan.output_names)
    symbols = list(plan.symbols)
    if symbols:
        out.add("const char* const symbol_names[] = {" + ", ".join(quoted(s) for s in symbols) + "};")
        out.add("")
    _bind(out, plan, symbols)
    _extents(out, plan, symbols)
    _arena(out, plan, symbols)
    _compute(out, plan, symbols, offsets, names)
    _embedded(out, data if embed else b"")
    _description(out, plan, name, symbols, data, embed)
    out.add("}  // namespace")
    out.add("")
    out.add("const lockstep_model* table() { return &description.table; }")
    out.add("")
    out.add(f"}}  // namespace {name}")
    for buffer in (*plan.inputs, *plan.outputs, *plan.weights):     # the plan is left as it was
        buffer.name = names[id(buffer)]
    return Unit(name, "\n".join(out.lines) + "\n", b"" if embed else data, _headers(plan))


def _headers(plan: Plan) -> tuple[str, ...]:
    """What every program includes, and what the functions and kernels of this one need besides."""
    found = {part.header if isinstance(part, KernelCall) else SCALARS[part.fn].header for part in parts(plan.steps)
             if isinstance(part, KernelCall) or isinstance(part, Apply) and part.fn in SCALARS}
    return HEADERS + tuple(sorted(found - {"", *HEADERS}))


def _check_limits(plan: Plan) -> None:
    """What model.hpp keeps on the stack has a fixed size (kMaxPorts, kMaxDims, kMaxSymbols there)."""
    for kind, buffers in (("inputs", plan.inputs), ("outputs", plan.outputs)):
        extents = sum(len(buffer.dims) for buffer in buffers)
        if len(buffers) > 256 or extents > 1024:
            raise Unsupported(f"the model has {len(buffers)} {kind} with {extents} extents together; at most 256 with 1024 are "
                              f"converted: stack some of them to one tensor")
    if len(plan.symbols) > 64:
        raise Unsupported(f"the model has {len(plan.symbols)} extents that may vary; at most 64 are converted: fix some of them")
    named: dict[str, str] = {}
    for symbol in plan.symbols:
        if named.setdefault(size(symbol), symbol) != symbol:
            raise Unsupported(f"the extents '{named[size(symbol)]}' and '{symbol}' have names that C++ cannot tell apart; "
                              f"rename one")


def pack_weights(weights: Sequence[Buffer]) -> tuple[bytes, dict[str, int]]:
    """The safetensors file of the weights, and each one's offset in bytes after the header."""
    if not weights:
        return b"", {}
    data = save({buffer.name: np.ascontiguousarray(buffer.array) for buffer in weights})       # ml_dtypes' bfloat16 too
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    return data, {name: entry["data_offsets"][0] for name, entry in header.items() if name != "__metadata__"}


def _rename(plan: Plan) -> dict[int, str]:
    """Every buffer's C++ name, set on the buffers themselves; the result holds the names from before."""
    files = {}
    taken: set[str] = set()
    for prefix, buffers in (("x_", plan.inputs), ("y_", plan.outputs), ("w_", plan.weights)):
        for buffer in buffers:
            files[id(buffer)] = buffer.name
            name = prefix + identifier(buffer.name)
            while name in taken:
                name += "_"
            taken.add(name)
            buffer.name = name
    return files


def _ports(out: Lines, kind: str, buffers: Sequence[Buffer], names: Sequence[str]) -> None:
    for k, buffer in enumerate(buffers):
        extents = ", ".join(str(n) if d.is_static(n) else "-1" for n in buffer.dims) or "0"
        out.add(f"const std::int64_t {kind}_dims_{k}[] = {{{extents}}};")
    rows = [f"{{{quoted(name)}, {DTYPE_CODE[b.dtype]}, {len(b.dims)}, {kind}_dims_{k}}}"
            for k, (b, name) in enumerate(zip(buffers, names))]
    if rows:
        out.open(f"const lockstep_port {kind}_ports[] = {{")
        for row in rows:
            out.add(row + ",")
        out.close("};")
    out.add("")


def _bind(out: Lines, plan: Plan, symbols: list[str]) -> None:
    """Symbols from the inputs' extents, then every extent checked against what the model was converted for."""
    out.open("const char* bind([[maybe_unused]] const Index* dims, [[maybe_unused]] Index* symbols) {")
    known: set[str] = set()
    position = 0
    checks = []
    for buffer, name in zip(plan.inputs, plan.input_names):
        for axis, extent in enumerate(buffer.dims):
            atoms = [] if d.is_static(extent) else list(d.atoms(extent))
            plain = len(atoms) == 1 and extent == d.Expr({(atoms[0],): 1})
            if plain and atoms[0].name not in known:
                known.add(atoms[0].name)
                out.add(f"const Index {size(atoms[0].name)} = dims[{position}];")
            else:
                checks.append((position, extent, name, axis))
            position += 1
    for symbol in symbols:
        if symbol not in known:
            out.add(f"const Index {size(symbol)} = 0;")
    for position, extent, name, axis in checks:
        wanted = str(extent)
        out.add(f"if (dims[{position}] != {index(extent)}) return {quoted(f'input {name}: the extent of dim {axis} must be {wanted}')};")
    for k, symbol in enumerate(symbols):
        least, greatest = plan.symbols[symbol]
        out.add(f"if ({size(symbol)} < {least}) return {quoted(f'{symbol} must be at least {least}')};")
        if greatest is not None:
            out.add(f"if ({size(symbol)} > {greatest}) return {quoted(f'{symbol} must be at most {greatest}')};")
        out.add(f"symbols[{k}] = {size(symbol)};")
    out.add("return nullptr;")
    out.close()
    out.add("")


def _sizes(out: Lines, symbols: list[str], used: Sequence[Dim]) -> None:
    needed = {atom.name for e in used if not d.is_static(e) for atom in d.atoms(e) if isinstance(atom, Symbol)}
    for k, symbol in enumerate(symbols):
        if symbol in needed:
            out.add(f"const Index {size(symbol)} = symbols[{k}];")


def _extents(out: Lines, plan: Plan, symbols: list[str]) -> None:
    out.open("void output_extents([[maybe_unused]] const Index* symbols, [[maybe_unused]] Index* dims) {")
    extents = [n for buffer in plan.outputs for n in buffer.dims]
    _sizes(out, symbols, extents)
    for k, extent in enumerate(extents):
        out.add(f"dims[{k}] = {index(extent)};")
    out.close()
    out.add("")


def _arena(out: Lines, plan: Plan, symbols: list[str]) -> None:
    out.open("Index arena_bytes([[maybe_unused]] const Index* symbols) {")
    _sizes(out, symbols, [plan.arena])
    out.add(f"return {index(plan.arena)};")
    out.close()
    out.add("")


def _compute(out: Lines, plan: Plan, symbols: list[str], offsets: dict[str, int], files: dict[int, str]) -> None:
    body = Lines()
    write_steps(body, plan.steps)
    text = "\n".join(body.lines)
    out.add("bool compute([[maybe_unused]] const void* const* inputs, [[maybe_unused]] void* const* outputs,")
    out.add("             [[maybe_unused]] const unsigned char* weights, [[maybe_unused]] unsigned char* arena,")
    out.open("             [[maybe_unused]] const Index* symbols) {")
    words = _words(text)
    for k, symbol in enumerate(symbols):
        if size(symbol) in words or any(not d.is_static(b.offset) and size(symbol) in index(b.offset) for b in plan.buffers):
            out.add(f"[[maybe_unused]] const Index {size(symbol)} = symbols[{k}];")
    for kind, buffers, source in (("const ", plan.inputs, "inputs"), ("", plan.outputs, "outputs")):
        for k, buffer in enumerate(buffers):
            if buffer.name in words:
                t = CPP_TYPE[buffer.dtype]
                out.add(f"{kind}{t}* const {buffer.name} = static_cast<{kind}{t}*>({source}[{k}]);")
    for buffer in plan.weights:
        t, file = CPP_TYPE[buffer.dtype], files[id(buffer)]
        out.add(f"const {t}* const {buffer.name} = reinterpret_cast<const {t}*>(weights + {offsets[file]});  // {comment(file)}")
    for buffer in plan.buffers:
        if buffer.name in words:
            t = CPP_TYPE[buffer.dtype]
            shape = comment(", ".join(map(str, buffer.dims)))
            out.add(f"{t}* const {buffer.name} = reinterpret_cast<{t}*>(arena + {index(buffer.offset)});  // [{shape}]")
    out.add("bool valid = true;")
    out.lines += body.lines
    out.add("return valid;")
    out.close()
    out.add("")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _embedded(out: Lines, data: bytes) -> None:
    if not data:
        return
    out.open("alignas(64) const unsigned char embedded_weights[] = {")
    for start in range(0, len(data), 24):
        out.add(", ".join(map(str, data[start:start + 24])) + ",")
    out.close("};")
    out.add("")


def _description(out: Lines, plan: Plan, name: str, symbols: list[str], data: bytes, embed: bool) -> None:
    header_size = int.from_bytes(data[:8], "little") if data else 0
    header = data[8:8 + header_size].decode() if data else ""
    crc = zlib.crc32(data[8 + header_size:]) if data else 0
    input_dims, output_dims = (sum(len(b.dims) for b in group) for group in (plan.inputs, plan.outputs))
    out.add("extern const Description description;")
    out.open("const Description description = {")
    ports = [f"{kind}_ports" if group else "nullptr" for kind, group in (("input", plan.inputs), ("output", plan.outputs))]
    out.add(f"{{{quoted(name)}, {len(plan.inputs)}, {len(plan.outputs)}, {len(symbols)}, {ports[0]}, {ports[1]}, "
            f"{'symbol_names' if symbols else 'nullptr'},")
    out.add(" Bound<description>::weights_open, close_weights, Bound<description>::session_open, close_session,")
    out.add(" Bound<description>::symbols_of, Bound<description>::prepare, Bound<description>::run, Bound<description>::message},")
    out.add(f"{{{quoted(header)}, {header_size}, {len(data)}, {crc}u, {'embedded_weights' if embed and data else 'nullptr'}}},")
    out.add(f"{input_dims}, {output_dims}, bind, output_extents, arena_bytes, compute}};")
    out.depth -= 1
    out.add("")

