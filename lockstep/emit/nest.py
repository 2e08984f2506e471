"""Loop nests as C++: the loops, and the expression of one element over vector lanes or for a single element."""
from __future__ import annotations

from typing import Any, Iterable, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim, Expr
from ..graph.scalar import SCALARS
from ..plan.memory import ITEM
from ..plan.nest import (Apply, ArgReduced, Buffer, GatherLoad, Guarded, IndexValue, Literal, Load, Nest, RandomBits,
                         Reduced)
from ..plan.shape import (WIDTH, at_place, best_arg_axis, best_reduce_axis, depends, find, is_short, rereads,
                          turned_loads)
from .text import CPP_TYPE, HALVES, REGISTER_TYPE, index, literal, rounded

UNROLLED = 16           # the most iterations of a reduction that are written out: a window, a few channels
FEW = 4                 # the most vectors of a nest on the stack that are
MANY = 256                  # elements of a row that is walked by two vectors a turn
NARROWEST = 4           # the lanes of the narrowest vector that a whole loop should run in
GROUP = 8               # vectors side by side in a reduction of rows
BLOCK = 256             # rows that such a reduction takes before it adds what it has to the whole

MONOID = {"sum": "Sum", "prod": "Prod", "max": "Max", "min": "Min", "any": "Any", "all": "All"}


class Lines:
    """C++ lines with their indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.named = 0

    def fresh(self) -> str:
        """A name that no line uses yet."""
        self.named += 1
        return f"v{self.named}"

    def add(self, text: str) -> None:
        self.insert(len(self.lines), text)

    def insert(self, place: int, text: str) -> None:
        """A line before another, as far in as the next one would be."""
        self.lines.insert(place, "  " * self.depth + text if text else "")

    def open(self, text: str) -> None:
        self.add(text)
        self.depth += 1

    def close(self, text: str = "}") -> None:
        self.depth -= 1
        self.add(text)

    def loops(self, axes: Sequence[Axis], written_out: bool = False) -> int:
        """Loops, which the compiler writes out if so told."""
        for axis in axes:
            if written_out:
                self.lines.append(f"#pragma GCC unroll {axis.extent}")
            self.open(f"for (Index {axis.name} = 0; {axis.name} < {index(axis.extent)}; ++{axis.name}) {{")
        return len(axes)

    def end(self, count: int) -> None:
        for _ in range(count):
            self.close()


def _few(axes: Sequence[Axis], most: int = UNROLLED) -> bool:
    """Whether loops have so few iterations that they may be written out."""
    return all(d.is_static(axis.extent) for axis in axes) and 0 < d.product(axis.extent for axis in axes) <= most


def _held(buffers: Iterable[Buffer], outer: Sequence[Axis], lanes: Axis) -> bool:
    """Whether loops take so few vectors of what lies on the stack that registers may hold it once they are written out."""
    return (any(buffer.kind == "stack" for buffer in buffers) and d.is_static(lanes.extent) and lanes.extent > 0
            and _few(outer, FEW // -(-lanes.extent // _lanes(lanes.extent))))


def _read(item: Any) -> list[Buffer]:
    return [load.buffer for load in find(item, (Load, GatherLoad))]


def write_nest(out: Lines, nest: Nest) -> None:
    """target[offset] = value for every point: outer loops as they are, the vector axis over lanes."""
    outer = [axis for axis in nest.axes if axis not in (nest.vector, nest.transposed, nest.interleaved)]
    opened = out.loops(outer, _is_held(nest))
    if nest.transposed is not None:
        _square_loop(out, nest)
    elif nest.interleaved is not None:
        _interleaved_loop(out, nest)
    elif nest.vector is None:
        out.open("{")
        out.add("const Chunk<1> at(0);")
        _store(out, nest, Elements(out, None, fetched=nest.fetched))
        out.close()
    else:
        _vector_loop(out, nest)
    out.end(opened)


def _vector_loop(out: Lines, nest: Nest) -> None:
    axis = nest.vector
    if _is_filled(nest) and not _is_held(nest):
        number = literal(nest.value.value, nest.value.dtype)
        out.add(f"fill({_pointer(nest.target, nest.offset - _expr(axis))}, {index(axis.extent)}, {number});")
        return
    cuts = {g.guards for g in find(nest.value, Guarded) if any(_factor(x, axis) != 0 for x in g.guards)}
    grouped = _grouped(nest) if not cuts else None
    if grouped is not None:
        _group_loop(out, nest, grouped)
        return
    if not cuts:
        out.open(f"{_each(nest, axis)}({index(axis.extent)}, [&](auto at) {{")
        elements = Elements(out, axis, fetched=nest.fetched)
        elements.fetch()
        _store(out, nest, elements)
        out.close("});")
        return
    (guards,) = cuts
    out.open("{")
    out.add(f"Cut cut({index(axis.extent)});")
    for guard in guards:
        factor = _factor(guard, axis)
        out.add(f"cut.require({index(factor)}, {index(guard - factor * _expr(axis))});")
    out.open("each_cut(cut, [&](auto at, auto inside) {")
    _store(out, nest, Elements(out, axis, guards))
    out.close("});")
    out.close()


def _is_held(nest: Nest) -> bool:
    """Whether a nest is written out for registers to hold what it reads or gives."""
    outer = [axis for axis in nest.axes if axis != nest.vector]
    return nest.vector is not None and nest.transposed is None and _held([nest.target, *_read(nest.value)], outer, nest.vector)


def _is_filled(nest: Nest) -> bool:
    """Whether every element of a row is the same number, as memory holds it."""
    value, target = nest.value, nest.target
    return (isinstance(value, Literal) and value.dtype == target.dtype and target.dtype not in HALVES
            and _factor(nest.offset, nest.vector) == 1)


def _grouped(nest: Nest) -> Reduced | None:
    """The reduction of rows whose running values stay in registers, several vectors of them side by side."""
    found = find(nest.value, (Reduced, ArgReduced, GatherLoad))
    axis = nest.vector
    long = d.is_static(axis.extent) and axis.extent >= 2 * WIDTH
    if len(found) != 1 or not isinstance(found[0], Reduced) or not long:
        return None
    (one,) = found
    walked = all(_factor(load.offset, axis) in (0, 1) for load in find(one.inner, Load))
    held = walked and one.axes and not _few(one.axes) and not find(nest.value, Guarded) and not rereads(nest)
    return one if held else None


def _group_loop(out: Lines, nest: Nest, one: Reduced) -> None:
    """Rows folded into a group of vectors, then the rest of the expression for each of them."""
    axis, monoid, kind, name = nest.vector, MONOID[one.monoid], REGISTER_TYPE[one.dtype], out.fresh()
    vectors = min(GROUP, axis.extent // WIDTH)
    identity = f"group.splat({monoid}::template identity<{kind}>())"
    out.open(f"each_group<{vectors}>({index(axis.extent)}, [&](auto group) LOCKSTEP_BODY {{")
    out.add(f"auto {name} = {identity};")
    *outer, rows = one.axes
    opened = out.loops(outer)
    begin, end = f"{name}_begin", index(rows.extent)       # a sum of many numbers is rounded less in blocks
    out.open(f"for (Index {begin} = 0; {begin} < {end}; {begin} += {BLOCK}) {{")
    out.add(f"auto {name}_block = {identity};")
    out.open(f"for (Index {rows.name} = {begin}; {rows.name} < smaller({begin} + {BLOCK}, {end}); ++{rows.name}) {{")
    out.open(f"group.template fold<{monoid}>({name}_block, [&](auto at) LOCKSTEP_BODY {{")
    out.add(f"return {Elements(out, axis).value(one.inner)};")
    out.close("});")
    out.close()
    out.add(f"group.template join<{monoid}>({name}, {name}_block);")
    out.close()
    out.end(opened)
    out.open(f"group.each({name}, [&](auto at, auto total) LOCKSTEP_BODY {{")
    elements = Elements(out, axis)
    elements.known[id(one)] = rounded("total", one.dtype)
    _store(out, nest, elements)
    out.close("});")
    out.close("});")


def _each(nest: Nest, axis: Axis) -> str:
    """The loop over an axis without guards: whole vectors only, where elements may be computed twice."""
    if rereads(nest):
        return "each"
    return f"each_of_few<{_lanes(axis.extent)}>" if _is_held(nest) else vector_loop(axis)


def vector_loop(axis: Axis) -> str:
    """The loop over an axis by vectors, where elements may be computed twice."""
    if not d.is_static(axis.extent) or axis.extent == 0:
        return "each"
    return f"each_{'of_many' if axis.extent >= MANY else 'whole'}<{_lanes(axis.extent)}>"


def _lanes(extent: int) -> int:
    """The widest vector of which an extent has one; or a narrower one that divides it, where that is a vector more at
    most: vectors that overlap make whoever reads them back from memory wait until they are all written."""
    widest = min(WIDTH, 1 << extent.bit_length() - 1)
    dividing = min(WIDTH, extent & -extent)
    return dividing if dividing >= NARROWEST and extent // dividing <= -(-extent // widest) + 1 else widest


def _square_loop(out: Lines, nest: Nest) -> None:
    """Square tiles over the rows that loads walk and the columns that stores walk."""
    rows, columns, loads = nest.transposed, nest.vector, turned_loads(nest)
    extents = f"{index(rows.extent)}, {index(columns.extent)}"

    def corner(buffer: Buffer, offset: Dim) -> str:
        walked = _factor(offset, rows) * _expr(rows) + _factor(offset, columns) * _expr(columns)
        return _pointer(buffer, offset - walked)

    if nest.value == loads[0] and nest.target.dtype == loads[0].dtype:
        out.add(f"transpose({extents}, {corner(nest.value.buffer, nest.value.offset)}, "
                f"{index(_factor(nest.value.offset, columns))}, {corner(nest.target, nest.offset)}, "
                f"{index(_factor(nest.offset, rows))});")
        return
    widest = max((load.dtype for load in [*loads, nest.target]), key=lambda dtype: ITEM[dtype])
    out.open(f"each_square<{CPP_TYPE[widest]}>({extents}, [&](auto square) LOCKSTEP_BODY {{")
    turned = {load: out.fresh() for load in loads}
    for load, name in turned.items():
        stride = index(_factor(load.offset, columns))
        out.add(f"const auto {name} = square.load({corner(load.buffer, load.offset)}, {stride});")
    out.open(f"square.{'each_row_at_once' if is_short(nest.value) else 'each_row'}"
             f"([&](Index {rows.name}, auto at) LOCKSTEP_BODY {{")
    elements = Elements(out, columns)
    elements.given = {load: f"{name}.row({rows.name})" for load, name in turned.items()}
    _store(out, nest, elements)
    out.close("});")
    out.close("});")


def _interleaved_loop(out: Lines, nest: Nest) -> None:
    """A vector of every element of the short axis, stored lane by lane in turn."""
    axis, between = nest.vector, nest.interleaved
    out.open(f"{_each(nest, axis)}({index(axis.extent)}, [&](auto at) {{")
    values = [Elements(out, axis).value(at_place(nest.value, between, k)) for k in range(between.extent)]
    first = nest.offset - between.extent * _expr(axis) - _expr(between)
    out.add(f"interleave(at, {_pointer(nest.target, first)}, {', '.join(values)});")
    out.close("});")


def _pointer(buffer: Buffer, place: Dim) -> str:
    return buffer.name if d.is_static(place) and place == 0 else f"{buffer.name} + {index(place)}"


def _store(out: Lines, nest: Nest, elements: "Elements") -> None:
    value = elements.value(nest.value)
    stride = _factor(nest.offset, elements.axis) if elements.axis is not None else 0
    place = index(nest.offset - stride * _expr(elements.axis)) if elements.axis is not None else index(nest.offset)
    target = nest.target.name if place == "0" else f"{nest.target.name} + {place}"
    out.add(f"at.store({target}, {value});" if stride == 1 or elements.axis is None
            else f"at.store({target}, {index(stride)}, {value});")


def _expr(axis: Axis) -> Dim:
    return Expr({(axis,): 1})


def _factor(expression: Dim, axis: Axis | None) -> Dim:
    """How far an index moves when the axis moves by one."""
    if axis is None or d.is_static(expression):
        return 0
    factor = d.coefficient_of(expression, axis)
    assert factor is not None, f"{expression} is not affine in {axis.name}: the plan may not give it the lanes"
    return factor


class Elements:
    """Writes expressions inside one loop body; `at` names the place, `axis` the axis that runs over its lanes, `fetched` what
    the innermost loop brings nearer."""

    def __init__(self, out: Lines, axis: Axis | None, cut: tuple | None = None, fetched: Sequence[Load] = ()):
        self.out, self.axis, self.cut, self.fetched = out, axis, cut, fetched
        self.known: dict[int, str] = {}
        self.given: dict[Load, str] = {}            # loads that a square tile has done
        self.kept: list[Any] = []

    def value(self, item: Any) -> str:
        """A name or short text that holds the expression's value; shared sub-expressions are written once."""
        if id(item) in self.known:
            return self.known[id(item)]
        text = getattr(self, f"_{type(item).__name__.lower()}")(item)
        if not isinstance(item, (Literal,)) and not text.isidentifier():
            name = self.out.fresh()
            self.out.add(f"const auto {name} = {text};")
            text = name
        self.known[id(item)] = text
        self.kept.append(item)
        return text

    def fetch(self) -> None:
        for load in self.fetched:
            self.out.add(f"at.fetch({_pointer(load.buffer, load.offset - _expr(self.axis))});")

    def _literal(self, item: Literal) -> str:
        number = f"at.splat({literal(item.value, item.dtype)})"
        return rounded(number, item.dtype) if isinstance(item.value, Expr) else number

    def _load(self, item: Load) -> str:
        if item in self.given:
            return self.given[item]
        stride = _factor(item.offset, self.axis)
        place = item.offset - stride * _expr(self.axis) if stride != 0 else item.offset
        pointer = _pointer(item.buffer, place)
        if self.axis is None:
            return f"at.load({pointer})"
        if stride == 0:
            return f"at.splat({item.buffer.name}[{index(place)}])"
        if stride == 2:
            return f"every_second(at, {pointer})"
        return f"at.load({pointer})" if stride == 1 else f"at.load({pointer}, {index(stride)})"

    def _indexvalue(self, item: IndexValue) -> str:
        stride = _factor(item.expression, self.axis)
        kind = REGISTER_TYPE[item.dtype]
        if stride == 0:
            return rounded(f"at.splat({kind}({index(item.expression)}))", item.dtype)
        rest = item.expression - stride * _expr(self.axis)
        lanes = "at.template index<Index>()"
        lanes = lanes if stride == 1 else f"{lanes} * Index({index(stride)})"
        lanes = lanes if rest == 0 else f"{lanes} + Index({index(rest)})"
        return rounded(f"cast<{kind}>({lanes})", item.dtype)

    def _randombits(self, item: RandomBits) -> str:
        return f"random_bits(frame.seed, frame.draw, {item.stream}u, {self.value(item.place)})"

    def _apply(self, item: Apply) -> str:
        arguments = [self.value(a) for a in item.args]
        if item.fn == "cast":
            return rounded(f"cast<{REGISTER_TYPE[item.dtype]}>({arguments[0]})", item.dtype)
        return rounded(SCALARS[item.fn].cpp.format(*arguments), item.dtype)

    def _gatherload(self, item: GatherLoad) -> str:
        stride = _factor(item.offset, self.axis)
        offset = item.offset - stride * _expr(self.axis) if stride != 0 else item.offset
        if self.axis is not None and stride in (0, 1) and not depends(item.places, self.axis):
            return self._row(item, offset, "at.load({})" if stride == 1 else "at.splat(*({}))")
        terms = [f"Index({index(offset)})"] if not (d.is_static(offset) and offset == 0) else []
        if stride != 0:
            terms.append(f"at.template index<Index>() * Index({index(stride)})")
        checks = []
        for place, step, extent in item.places:
            lane = self.value(place)
            checks.append(f"({lane} >= Index(0)) & ({lane} < Index({index(extent)}))")
            terms.append(lane if step == 1 else f"{lane} * Index({index(step)})")
        within = self.out.fresh()
        self.out.add(f"const auto {within} = {' & '.join(checks)};")
        self.out.add(f"valid &= all({within} | ~at.active());")
        # lanes first: a number on its own would not be a vector
        ordered = sorted(terms, key=lambda t: t.startswith("Index("))
        return f"gather_within(at, {within}, {item.buffer.name}, {' + '.join(ordered)})"

    def _row(self, item: GatherLoad, offset: Dim, load: str) -> str:
        """A gather whose places are the same for all lanes."""
        terms, checks = [item.buffer.name, index(offset)], []
        for place, step, extent in item.places:
            name = self.out.fresh()
            self.out.open(f"const Index {name} = single([&](auto at) {{")
            self.out.add(f"return {Elements(self.out, None).value(place)};")
            self.out.close("});")
            checks.append(f"{name} >= 0 && {name} < {index(extent)}")
            terms.append(name if step == 1 else f"{name} * ({index(step)})")
        within = self.out.fresh()
        self.out.add(f"const bool {within} = {' && '.join(checks)};")
        self.out.add(f"valid &= {within};")
        pointer = " + ".join(term for term in terms if term != "0")
        return f"guarded({within}, [&] {{ return {load.format(pointer)}; }}, at.splat({CPP_TYPE[item.dtype]}()))"

    def _guarded(self, item: Guarded) -> str:
        name = self.out.fresh()
        fill = self._literal(item.fill)
        if self.cut is not None and item.guards == self.cut:
            condition = "inside"
        else:
            condition = " && ".join(f"{index(g)} >= 0" for g in item.guards)
        self.out.open(f"const auto {name} = guarded({condition}, [&] {{")
        inner = Elements(self.out, self.axis, self.cut)
        inner.known = dict(self.known)
        self.out.add(f"return {inner.value(item.inner)};")
        self.kept.append(inner)
        self.out.close(f"}}, {fill});")
        return name

    def _reduced(self, item: Reduced) -> str:
        monoid, kind, name = MONOID[item.monoid], REGISTER_TYPE[item.dtype], self.out.fresh()
        lanes = best_reduce_axis(item) if self.axis is None else None
        if lanes is None:
            self.out.add(f"auto {name} = at.splat({monoid}::template identity<{kind}>());")
            opened = self.out.loops(item.axes, _few(item.axes))
            inner = Elements(self.out, self.axis, self.cut)
            self.out.add(f"{name} = {monoid}::combine({name}, {inner.value(item.inner)});")
            self.out.end(opened)
            return rounded(name, item.dtype)
        outer = [axis for axis in item.axes if axis != lanes]
        whole = d.is_static(lanes.extent) and lanes.extent > 0
        kinds = f"{monoid}, {kind}, {_lanes(lanes.extent)}" if whole else f"{monoid}, {kind}"
        row = f"({index(lanes.extent)}, [&](auto at) LOCKSTEP_BODY {{"
        if not outer:
            self.out.open(f"const {kind} {name}_total = {'fold_row' if whole else 'reduce'}<{kinds}>{row}")
        else:
            self.out.add(f"auto {name}_total = " + (f"lanes_to_fold<{kinds}>();" if whole else f"{monoid}::template identity<{kind}>();"))
            self.out.loops(outer, _held(_read(item.inner), outer, lanes))
            self.out.open(f"{name}_total = {monoid}::combine({name}_total, {'fold_to_lanes' if whole else 'reduce'}<{kinds}>{row}")
        elements = Elements(self.out, lanes, fetched=self.fetched)
        elements.fetch()
        self.out.add(f"return {elements.value(item.inner)};")
        self.out.close("}));" if outer else "});")
        self.out.end(len(outer))
        total = f"{monoid}::fold({name}_total)" if outer and whole else f"{name}_total"
        return rounded(f"at.splat({total})", item.dtype)

    def _argreduced(self, item: ArgReduced) -> str:
        assert self.axis is None, "an arg-reduction runs element by element"
        name, axis, monoid = self.out.fresh(), item.axis, MONOID[item.which]
        if best_arg_axis(item) is not None:
            search = f"arg_reduce_row<{monoid}, {REGISTER_TYPE[item.inner.dtype]}, {_lanes(axis.extent)}>"
            given, inner = "auto at) LOCKSTEP_BODY", Elements(self.out, axis)
        else:
            search, given, inner = f"arg_reduce<{monoid}>", f"Index {axis.name})", Elements(self.out, None)
        self.out.open(f"const Index {name}_place = {search}({index(axis.extent)}, [&]({given} {{")
        self.out.add(f"return {inner.value(item.inner)};")
        self.out.close("});")
        return f"at.splat(std::int64_t({name}_place))"
