"""Every step of a plan as C++, each under a comment that names where it comes from."""
from __future__ import annotations

import math
from typing import Any, Iterable

from ..graph import dims as d
from ..graph.core import Origin
from ..graph.dims import Dim
from ..plan.nest import (Buffer, Choose, Compact, ConvolutionShape, Convolve, Finish, Gemm, ImageView, KernelCall,
                         MatrixView, Measure, Nest, PackColumns, PackFilters, Repeat, ScanNest, ScatterNest, SortRows)
from ..plan.parallel import WORTH
from ..plan.traverse import parts
from .nest import MONOID, Elements, Lines, write_nest
from .scan import write_scan
from .text import CPP_TYPE, comment, index, literal, size


PACKERS = {"convolve": "pack_filters", "convolve_depthwise": "pack_depthwise_filters",
           "convolve_winograd": "pack_winograd_filters"}


def write_steps(out: Lines, steps: Iterable[Any]) -> None:
    for step in steps:
        _comment(out, step)
        _WRITERS[type(step)](out, step)


def _comment(out: Lines, step: Any) -> None:
    for text in sorted(map(describe, step.origins))[:4]:
        out.add(f"// {text}")
    if getattr(step, "why", ""):
        out.add(f"// {step.why}")


def describe(origin: Origin) -> str:
    place = ", ".join(part for part in (origin.module, origin.line) if part)
    return comment(f"{origin.operator}{': ' + place if place else ''}")


def _scatter(out: Lines, step: ScatterNest) -> None:
    opened = out.loops(step.axes)
    out.open("{")
    out.add("const Chunk<1> at(0);")
    elements = Elements(out, None)
    terms, checks = [index(step.offset)], []
    for place, stride, extent in step.places:
        lane = elements.value(place)
        checks.append(f"{lane}[0] >= 0 && {lane}[0] < {index(extent)}")
        terms.append(f"{lane}[0] * ({index(stride)})")
    value = elements.value(step.value)
    out.open(f"if ({' && '.join(checks) or 'true'}) {{")
    out.add(f"auto* const slot = {step.target.name} + {' + '.join(terms)};")
    out.add(f"at.store(slot, {value});" if step.mode == "set"
            else f"at.store(slot, {MONOID[step.mode]}::combine(at.load(slot), {value}));")
    out.close("} else {")
    out.depth += 1
    out.add("valid = false;")
    out.close()
    out.close()
    out.end(opened)


def _sort(out: Lines, step: SortRows) -> None:
    opened = out.loops(step.axes)
    name, last = ("sort_row", step.scratch.name) if step.first is None else ("sort_first", f"Index({step.first})")
    out.add(f"{name}({step.source.name} + {index(step.source_offset)}, {index(step.source_stride)}, {index(step.extent)}, "
            f"{'true' if step.descending else 'false'},")
    out.add(f"         {step.values.name} + {index(step.offset)}, {step.indices.name} + {index(step.offset)}, "
            f"{index(step.stride)}, {last});")
    out.end(opened)


def _matrix(view: MatrixView, const: str) -> str:
    return f"Matrix<{const}{CPP_TYPE[view.buffer.dtype]}>{{{_at(view.buffer, view.offset)}, {index(view.row)}, {index(view.column)}}}"


def _at(buffer: Buffer, offset: Dim) -> str:
    return buffer.name if offset == 0 else f"{buffer.name} + {index(offset)}"


def _pack(out: Lines, step: PackColumns) -> None:
    opened = out.loops(step.axes)
    out.add(f"pack_columns<{step.vectors}>({index(step.n)}, {index(step.k)}, {_matrix(step.matrix, 'const ')}, "
            f"{_at(step.target, step.offset)});")
    out.end(opened)


def _gemm(out: Lines, step: Gemm) -> None:
    opened = out.loops(step.axes)
    # tiles of several rows are not even compiled where there is only one
    row = step.m == 1 and step.c.column == 1 and step.vectors == "kFlat"
    product = "gemm_row(" if row else f"gemm<{step.vectors}>({index(step.m)}, "
    out.add(f"{product}{index(step.n)}, {index(step.k)}, {_matrix(step.a, 'const ')},")
    out.add(f"     {_at(step.packed, step.offset)}, {_matrix(step.c, '')});")
    out.end(opened)


def _numbers(shape: ConvolutionShape) -> str:
    return f"ConvolutionShape{{{', '.join(index(number) for number in vars(shape).values())}}}"


def _image(view: ImageView, const: str) -> str:
    strides = (view.block, view.group, view.row, view.pixel, view.channel)
    return f"Image<{const}{CPP_TYPE[view.buffer.dtype]}>{{{_at(view.buffer, view.offset)}, {', '.join(map(index, strides))}}}"


def _pack_filters(out: Lines, step: PackFilters) -> None:
    opened = out.loops(step.axes)
    name, strides = PACKERS[step.kernel], step.strides if step.kernel != "convolve_depthwise" else (step.strides[0], *step.strides[2:])
    out.add(f"{name}({_numbers(step.shape)}, {_at(step.filters, step.start)}, {', '.join(map(index, strides))}, "
            f"{_at(step.target, step.offset)});")
    out.end(opened)


def _convolve(out: Lines, step: Convolve) -> None:
    opened = out.loops(step.axes)
    border = "".join(f"{index(number)}, " for number in step.border)
    last = [step.scratch.name] if step.scratch is not None else []
    out.add(f"{step.kernel}({_numbers(step.shape)}, {border}{_image(step.x, 'const ')},")
    out.add(f"         {', '.join([_at(step.packed, step.offset), _image(step.y, ''), *last])}{');' if step.finish is None else ','}")
    if step.finish is not None:
        out.add(f"         {_finish(step.finish, step.y.buffer.dtype)});")
    out.end(opened)


def _finish(finish: Finish, dtype: str) -> str:
    numbers = ["nullptr" if view is None else _at(view.buffer, view.offset) for view in (finish.scale, finish.shift)]
    if finish.least is not None or finish.most is not None:
        numbers += [literal(end if limit is None else limit, dtype)
                    for limit, end in ((finish.least, -math.inf), (finish.most, math.inf))] + ["true"] * finish.signed_zeros
    addend = f", {_image(finish.addend, 'const ')}" if finish.addend is not None else ""
    return f"Finish<{CPP_TYPE[dtype]}>{{{', '.join(numbers)}}}{addend}"


def _kernel(out: Lines, step: KernelCall) -> None:
    buffers = [b.name for b in (*step.inputs, *step.outputs)] + ([step.scratch.name] if step.scratch else [])
    numbers = [_argument(v) for v in step.arguments.values()]
    # qualified, as users' kernels are: the model itself, and so its namespace, may be called as the kernel is
    name = step.name if step.name.startswith("::") else f"lockstep::{step.name}"
    out.add(f"valid &= {name}({', '.join(buffers + numbers)});")


def _argument(number: Any) -> str:
    if isinstance(number, bool):
        return "true" if number else "false"
    return literal(number, "float64") if isinstance(number, float) else f"Index({index(number)})"


def _repeat(out: Lines, step: Repeat) -> None:
    if step.condition is not None:
        _while(out, step)
        return
    begin, shared = len(out.lines), step.axis is not None and step.blocks and step.work != 0
    if step.axis is None:
        out.open("{")
    else:
        out.loops([step.axis])
    if shared:
        _own_buffers(out, step)
    write_steps(out, step.steps)
    out.close()
    if shared:
        checked = any("valid &=" in line for line in out.lines[begin:])
        worth = "true" if d.is_static(step.work) else f"{index(step.work)} >= {WORTH}"
        out.insert(begin, f"LOCKSTEP_{'CHECKED_' if checked else ''}THREADS({worth})")


def _own_buffers(out: Lines, step: Repeat) -> None:
    """A thread's own memory lies behind what all share."""
    own = [part for part in parts(step.steps) if isinstance(part, Buffer) and part.kind == "local"]
    if own:
        out.add("unsigned char* const local = frame.local + thread_number() * frame.local_bytes;")
    for buffer in own:
        kind = CPP_TYPE[buffer.dtype]
        out.add(f"{kind}* const {buffer.name} = reinterpret_cast<{kind}*>(local + {index(buffer.offset)});")


def _while(out: Lines, step: Repeat) -> None:
    axis = step.axis
    out.open("{")
    out.add(f"Index {axis.name} = 0;")
    out.open(f"for (; {axis.name} < {index(axis.extent)} && *{step.condition.name}; ++{axis.name}) {{")
    write_steps(out, step.steps)
    out.close()
    out.add(f"*{step.turns.name} = {axis.name};")
    out.close()


def _choose(out: Lines, step: Choose) -> None:
    out.open("{")
    out.add("const Chunk<1> at(0);")
    out.open(f"if (all({Elements(out, None).value(step.condition)})) {{")
    write_steps(out, step.then)
    if step.otherwise:
        out.close("} else {")
        out.depth += 1
        write_steps(out, step.otherwise)
    out.close()
    out.close()


def _compact(out: Lines, step: Compact) -> None:
    out.open("{")
    out.add("const Chunk<1> at(0);")
    out.add("Index found = 0;")
    opened = out.loops([step.axis])
    out.add(f"if (all({Elements(out, None).value(step.mask)})) {step.places.name}[found++] = {step.axis.name};")
    out.end(opened)
    out.add(f"*{step.found.name} = found;")
    out.close()


def _measure(out: Lines, step: Measure) -> None:
    """A run that goes on has a right extent: what comes after may use it as it is."""
    name = size(step.name)
    out.add(f"{name} = *{step.value.name};")
    wrong = ["!valid"] + ([] if step.least is None else [f"{name} < {step.least}"])
    if step.most is not None and not step.prepared:
        wrong.append(f"{name} > {index(step.most)}")
    out.add(f"if ({' || '.join(wrong)}) return LOCKSTEP_FAILED_GUARD;")
    if step.prepared:
        out.open(f"if ({name} > {index(step.most)}) {{")
        out.add(f"{index(step.most)} = {name};")
        out.add("return LOCKSTEP_OVER_CAPACITY;")
        out.close()


_WRITERS = {Nest: write_nest, ScatterNest: _scatter, ScanNest: write_scan, SortRows: _sort, Gemm: _gemm, PackColumns: _pack, PackFilters: _pack_filters, Convolve: _convolve, KernelCall: _kernel,
            Repeat: _repeat, Choose: _choose, Compact: _compact, Measure: _measure}
