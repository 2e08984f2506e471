"""One model's C++: its description, its checks of extents, and `compute`. Packages and suites both include this text."""
from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping, Sequence

import numpy as np
from safetensors.numpy import save

from ..errors import Unsupported
from ..graph import dims as d
from ..graph.dims import Dim, Symbol
from ..graph.primitives.kernels import KERNELS
from ..graph.scalar import SCALARS
from ..plan.memory import ALIGNMENT, ITEM, bytes_of
from ..plan.nest import Apply, Buffer, Convolve, KernelCall, Plan, RandomBits
from ..plan.traverse import parts
from .alike import is_code, write_alike
from .nest import Lines
from .text import CPP_TYPE, PORT_TYPE, comment, identifier, index, quoted, size

DTYPE_CODE = {name: f"LOCKSTEP_{name.upper()}" for name in PORT_TYPE}
HEADERS = ("gemm.hpp", "half.hpp", "loops.hpp", "math.hpp", "model.hpp", "simd.hpp")


@dataclass(frozen=True)
class Unit:
    """A model as text: `source` goes into a namespace of its own, after the runtime headers that it includes; `weights`
    is the safetensors file or b"". `files` says where those of its headers lie that are a user's own."""

    name: str
    source: str
    weights: bytes
    headers: tuple[str, ...] = HEADERS
    files: Mapping[str, Path] = field(default_factory=dict)


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
    if plan.prepared_symbols:
        out.add("const char* const symbol_names[] = {" + ", ".join(map(quoted, plan.prepared_symbols)) + "};")
        out.add("")
    _bind(out, plan)
    _extents(out, plan)
    _arena(out, plan)
    if plan.setup:
        _function(out, plan, "derive", plan.setup, offsets, names)
    _function(out, plan, "compute", plan.steps, offsets, names)
    if plan.delivery:
        _function(out, plan, "deliver", plan.delivery, offsets, names)
    _embedded(out, data if embed else b"")
    _kept(out, plan, offsets, names)
    _description(out, plan, name, data, embed)
    out.add("}  // namespace")
    out.add("")
    out.add("const lockstep_model* table() { return &description.table; }")
    out.add("")
    out.add(f"}}  // namespace {name}")
    for buffer in plan.ports:                                       # the plan is left as it was
        buffer.name = names[id(buffer)]
    return Unit(name, "\n".join(out.lines) + "\n", b"" if embed else data, _headers(plan), _files(plan))


def _headers(plan: Plan) -> tuple[str, ...]:
    """What every program includes, and what the functions and kernels of this one need besides."""
    used = list(parts([*plan.setup, *plan.steps, *plan.delivery]))
    found = {SCALARS[part.fn].header for part in used if isinstance(part, Apply) and part.fn in SCALARS}
    found |= {part.header for part in used if isinstance(part, KernelCall)}
    found |= {f"{part.kernel.replace('convolve', 'convolution')}.hpp" for part in used if isinstance(part, Convolve)}
    found |= {"random.hpp" for part in used if isinstance(part, RandomBits)}
    return HEADERS + tuple(sorted(found - {"", *HEADERS}))


def _files(plan: Plan) -> dict[str, Path]:
    """The headers of users' own kernels, and where they lie."""
    files = {part.header: KERNELS[part.name].file for part in parts(plan.steps) if isinstance(part, KernelCall)}
    return {header: file for header, file in sorted(files.items()) if file is not None}


def copy_headers(files: Mapping[str, Path], folder: Path) -> None:
    """Users' own headers to where emitted code includes them: `lockstep/custom` in the folder of the code. A file that is
    the same already keeps its time."""
    for header, file in files.items():
        target, text = folder / "lockstep" / header, file.read_bytes()
        if not target.exists() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)


def _check_limits(plan: Plan) -> None:
    """What model.hpp keeps on the stack has a fixed size (kMaxPorts, kMaxDims, kMaxSymbols there)."""
    for kind, buffers in (("inputs", plan.inputs), ("outputs", plan.outputs)):
        extents = sum(buffer.port.rank for buffer in buffers)
        if len(buffers) > 256 or extents > 1024:
            raise Unsupported(f"the model has {len(buffers)} {kind} with {extents} extents together; at most 256 with 1024 are "
                              f"converted: stack some of them to one tensor")
    if len(plan.all_symbols) > 64:
        raise Unsupported(f"the model has {len(plan.all_symbols)} extents that may vary; at most 64 are converted: fix some "
                          f"of them")
    named: dict[str, str] = {}
    for symbol in plan.all_symbols:
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
    kept = [buffer for buffer, _ in plan.state]
    for prefix, buffers in (("x_", plan.inputs), ("y_", plan.outputs), ("w_", plan.weights), ("s_", kept)):
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
        extents = ", ".join(str(n) if d.is_static(n) else "-1" for n in buffer.port.dims) or "0"
        out.add(f"const std::int64_t {kind}_dims_{k}[] = {{{extents}}};")
    rows = [f"{{{quoted(name)}, {DTYPE_CODE[b.port.dtype]}, {b.port.rank}, {kind}_dims_{k}}}"
            for k, (b, name) in enumerate(zip(buffers, names))]
    if rows:
        out.open(f"const lockstep_port {kind}_ports[] = {{")
        for row in rows:
            out.add(row + ",")
        out.close("};")
    out.add("")


def _bind(out: Lines, plan: Plan) -> None:
    """Symbols from the inputs' extents, then every extent checked against what the model was converted for."""
    out.open("const char* bind([[maybe_unused]] const Index* dims, [[maybe_unused]] Index* symbols) {")
    symbols = list(plan.symbols)
    known: set[str] = set()
    position = 0
    checks = []
    for buffer, name in zip(plan.inputs, plan.input_names):
        for axis, extent in enumerate(buffer.port.dims):
            symbol, factor, rest = d.solve(extent) or ("", 0, 0)
            if symbol and symbol not in known:
                whole = f"dims[{position}]" if rest == 0 else f"(dims[{position}] - {rest})"
                out.add(f"const Index {size(symbol)} = {whole if factor == 1 else f'{whole} / {factor}'};")
            if symbol in known or (factor, rest) != (1, 0):
                checks.append((position, extent, name, axis))
            known.add(symbol)
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


def _sizes(out: Lines, plan: Plan, used: Sequence[Dim]) -> None:
    needed = {atom.name for e in used if not d.is_static(e) for atom in d.atoms(e) if isinstance(atom, Symbol)}
    for k, symbol in enumerate(plan.all_symbols):
        if symbol in needed:
            out.add(f"const Index {size(symbol)} = symbols[{k}];")


def _extents(out: Lines, plan: Plan) -> None:
    out.open("void output_extents([[maybe_unused]] const Index* symbols, [[maybe_unused]] Index* dims) {")
    extents = [n for buffer in plan.outputs for n in buffer.port.dims]
    _sizes(out, plan, extents)
    for k, extent in enumerate(extents):
        out.add(f"dims[{k}] = {index(extent)};")
    out.close()
    out.add("")


def _arena(out: Lines, plan: Plan) -> None:
    for name, size_of in (("arena_bytes", plan.arena), ("local_bytes", plan.local)):
        out.open(f"Index {name}([[maybe_unused]] const Index* symbols) {{")
        _sizes(out, plan, [size_of])
        out.add(f"return {index(size_of)};")
        out.close()
        out.add("")


def _function(out: Lines, plan: Plan, name: str, steps: Sequence, offsets: dict[str, int], files: dict[int, str]) -> None:
    """Steps as a function of a Frame; it begins with a name for everything that the steps use."""
    body = Lines()
    everything = [*plan.inputs, *plan.outputs, *plan.weights, *(buffer for buffer, _ in plan.state), *plan.buffers]
    write_alike(out, body, name, steps, {buffer.name: buffer for buffer in everything})
    words = _words("\n".join(filter(is_code, body.lines)))       # a comment may name a file called like a buffer
    used = [buffer for buffer in plan.buffers if buffer.name in words and buffer.kind != "local"]
    words |= _words(" ".join(index(buffer.offset) for buffer in used))
    out.open(f"int {name}([[maybe_unused]] const Frame& frame) {{")
    _symbols(out, plan, name, words)
    for kind, buffers, source in (("const ", plan.inputs, "inputs"), ("", plan.outputs, "outputs")):
        for k, buffer in enumerate(buffers):
            if buffer.name in words:
                t = CPP_TYPE[buffer.dtype]
                out.add(f"{kind}{t}* const {buffer.name} = static_cast<{kind}{t}*>(frame.{source}[{k}]);")
    for buffer in plan.weights:
        if buffer.name in words:
            t, file = CPP_TYPE[buffer.dtype], files[id(buffer)]
            out.add(f"const {t}* const {buffer.name} = reinterpret_cast<const {t}*>(frame.weights + {offsets[file]});  "
                    f"// {comment(file)}")
    for buffer in [*(buffer for buffer, _ in plan.state), *used]:
        if buffer.name in words:
            t, shape = CPP_TYPE[buffer.dtype], comment(", ".join(map(str, buffer.dims)))
            place = f"reinterpret_cast<{t}*>(frame.{buffer.kind} + {index(buffer.offset)})"
            out.add(f"alignas({ALIGNMENT}) {t} {buffer.name}[{buffer.size}];  // [{shape}]" if buffer.kind == "stack" else
                    f"{t}* const {buffer.name} = {place};  // [{shape}]")
    out.add("bool valid = true;")
    out.lines += body.lines
    if name == "compute":
        for k, symbol in enumerate(plan.all_symbols):
            if symbol in plan.measured:
                out.add(f"frame.symbols[{k}] = {size(symbol)};")
    out.add("return valid ? LOCKSTEP_OK : LOCKSTEP_FAILED_GUARD;")
    out.close()
    out.add("")


def _symbols(out: Lines, plan: Plan, name: str, words: set[str]) -> None:
    """The extents: known ones, those that memory is prepared for (written where there is too little), measured ones."""
    for k, symbol in enumerate(plan.all_symbols):
        if name == "compute" and symbol in plan.measured:
            out.add(f"Index {size(symbol)} = 0;")
        elif size(symbol) in words:
            kind = "const Index" if symbol in plan.symbols or name != "compute" else "Index&"
            out.add(f"{kind} {size(symbol)} = frame.symbols[{k}];")


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


def _kept(out: Lines, plan: Plan, offsets: dict[str, int], files: dict[int, str]) -> None:
    """The buffers kept from run to run: their ports, and where each lies and starts."""
    if not plan.state:
        return
    kept = [buffer for buffer, _ in plan.state]
    _ports(out, "state", kept, [files[id(buffer)] for buffer in kept])
    out.open("const Kept kept[] = {")
    for buffer, start in plan.state:
        out.add(f"{{{buffer.offset}, {offsets[files[id(start)]]}, {int(buffer.size) * ITEM[buffer.dtype]}}},")
    out.close("};")
    out.add("")


def _description(out: Lines, plan: Plan, name: str, data: bytes, embed: bool) -> None:
    header_size = int.from_bytes(data[:8], "little") if data else 0
    header = data[8:8 + header_size].decode() if data else ""
    crc = zlib.crc32(memoryview(data)[8 + header_size:]) if data else 0      # a slice of bytes would copy them
    input_dims, output_dims = (sum(b.port.rank for b in group) for group in (plan.inputs, plan.outputs))
    kept = [buffer for buffer, _ in plan.state]
    out.add("extern const Description description;")
    out.open("const Description description = {")
    ports = [f"{kind}_ports" if group else "nullptr"
             for kind, group in (("input", plan.inputs), ("output", plan.outputs), ("state", kept))]
    out.add(f"Bound<description>::table({quoted(name)}, {len(plan.inputs)}, {len(plan.outputs)}, "
            f"{len(plan.prepared_symbols)}, {len(kept)}, {', '.join(ports)}, "
            f"{'symbol_names' if plan.prepared_symbols else 'nullptr'}),")
    out.add(f"{{{quoted(header)}, {header_size}, {len(data)}, {crc}u, {'embedded_weights' if embed and data else 'nullptr'}}},")
    state_bytes = sum(int(bytes_of(buffer)) for buffer in kept)
    out.add(f"{input_dims}, {output_dims}, {len(plan.symbols)}, {state_bytes}, {'kept' if kept else 'nullptr'}, "
            f"{'true' if plan.measured else 'false'},")
    out.add(f"{plan.derived}, {plan.setup_arena}, bind, output_extents, arena_bytes, local_bytes, "
            f"{'derive' if plan.setup else 'nullptr'}, compute, {'deliver' if plan.delivery else 'nullptr'}}};")
    out.depth -= 1
    out.add("")
