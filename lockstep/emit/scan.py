"""Running folds as C++: lanes run over an axis beside the fold's own where memory allows, else element after element."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.core import FLOATS
from ..graph.dims import Axis
from ..plan.nest import ArgReduced, GatherLoad, Load, Reduced, ScanNest
from ..plan.shape import find, has_division
from .nest import MONOID, Elements, Lines, vector_loop
from .text import REGISTER_TYPE, index


def write_scan(out: Lines, step: ScanNest) -> None:
    """target[offset] = the fold of the values up to there, and where that was found, for every place of `along`."""
    axis = _beside(step)
    opened = out.loops([a for a in step.axes if a != axis])
    if axis is None:
        _element_by_element(out, step)
    else:
        _beside_each_other(out, step, axis)
    out.end(opened)


def _beside(step: ScanNest) -> Axis | None:
    """An axis along which results and all that they need lie next to each other."""
    targets = [step.target] + ([step.index_target] if step.index_target is not None else [])
    loads = find(step.value, Load)
    if find(step.value, (Reduced, ArgReduced, GatherLoad)) or any(load.buffer in targets for load in loads):
        return None
    return next((a for a in step.axes if d.coefficient_of(step.offset, a) == 1 and not has_division(step.value, a)
                 and all(d.coefficient_of(load.offset, a) in (0, 1) for load in loads)), None)


def _beside_each_other(out: Lines, step: ScanNest, axis: Axis) -> None:
    monoid, kind = MONOID[step.monoid], REGISTER_TYPE[step.target.dtype]
    place = index(step.offset - d.Expr({(axis,): 1}))
    out.open(f"{vector_loop(axis)}({index(axis.extent)}, [&](auto at) {{")
    out.add(f"auto running = at.splat({monoid}::template identity<{kind}>());")
    if step.index_target is not None:
        out.add("auto place = at.splat(Index(0));")
    inner = out.loops([step.along] if step.along is not None else [])
    value = Elements(out, axis).value(step.value)
    out.add(f"running = {monoid}::combine(running, {value});")
    out.add(f"at.store({step.target.name} + {place}, running);")
    if step.index_target is not None:
        out.add(f"place = select((running == {value}) | ({value} != {value}), at.splat(Index({_here(step)})), place);")
        out.add(f"at.store({step.index_target.name} + {place}, place);")
    out.end(inner)
    out.close("});")


def _element_by_element(out: Lines, step: ScanNest) -> None:
    monoid, kind, place = MONOID[step.monoid], REGISTER_TYPE[step.target.dtype], index(step.offset)
    out.open("{")
    out.add("const Chunk<1> at(0);")
    out.add(f"{kind} running = {monoid}::template identity<{kind}>();")
    if step.index_target is not None:
        out.add("Index place = 0;")
    inner = out.loops([step.along] if step.along is not None else [])
    out.add(f"const {kind} value = {Elements(out, None).value(step.value)}[0];")
    out.add(f"running = {monoid}::combine(running, value);")
    out.add(f"at.store({step.target.name} + {place}, at.splat(running));")
    if step.index_target is not None:
        is_nan = " || value != value" if step.target.dtype in FLOATS else ""
        out.add(f"if (running == value{is_nan}) place = {_here(step)};")
        out.add(f"{step.index_target.name}[{place}] = place;")
    out.end(inner)
    out.close()


def _here(step: ScanNest) -> str:
    return step.along.name if step.along is not None else "0"
