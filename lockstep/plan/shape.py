"""Shapes a nest's loops: reshapes become digits, axes that walk memory together become one, one axis takes the lanes."""
from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, Callable, Iterable

from ..graph import dims as d
from ..graph.dims import Axis, Dim, Expr
from .memory import ITEM
from .nest import Apply, ArgReduced, Buffer, Choose, GatherLoad, Guarded, Literal, Load, Nest, Reduced, Repeat

SHORT = {"add", "subtract", "multiply", "negative", "abs", "maximum", "minimum", "select", "cast", "equal", "not_equal",
         "less", "less_equal", "greater", "greater_equal", "bit_and", "bit_or", "bit_xor", "bit_not"}
WIDTH = 16              # lanes of the widest target: an axis much shorter than this gains nothing from vectors


def shape(steps: Iterable[Any]) -> tuple:
    """Every nest among the steps, shaped; the other steps as they are."""
    return tuple(map(_shaped, steps))


def _shaped(step: Any) -> Any:
    if isinstance(step, Nest):
        return shape_nest(step)
    if isinstance(step, Repeat):
        return replace(step, steps=shape(step.steps))
    if isinstance(step, Choose):
        return replace(step, then=shape(step.then), otherwise=shape(step.otherwise))
    return step


def shape_nest(nest: Nest) -> Nest:
    return choose_vector(collapse(digits(nest)))


# ---- rewriting

def rewrite(item: Any, on_dim: Callable[[Dim], Dim], memo: dict | None = None) -> Any:
    """The expression with every index expression replaced; axes of loops are left to the caller. What is shared stays
    shared: without that, a diamond of expressions would be written out once a path."""
    memo = {} if memo is None else memo
    if isinstance(item, Expr):
        return on_dim(item)
    if isinstance(item, tuple):
        return tuple(rewrite(part, on_dim, memo) for part in item)
    if not _is_expression(item):
        return item
    if id(item) not in memo:
        changed = {f.name: rewrite(getattr(item, f.name), on_dim, memo) for f in fields(item)
                   if f.name not in ("axes", "axis")}
        memo[id(item)] = replace(item, **changed) if any(changed[k] is not getattr(item, k) for k in changed) else item
    return memo[id(item)]


def _is_expression(item: Any) -> bool:
    return is_dataclass(item) and not isinstance(item, (Buffer, Axis))


def walk(item: Any, seen: set | None = None) -> Iterable[Any]:
    """Every sub-expression and index expression, outermost first, each object once."""
    seen = set() if seen is None else seen
    if isinstance(item, tuple):
        for part in item:
            yield from walk(part, seen)
    elif isinstance(item, Expr):
        yield item
    elif _is_expression(item) and id(item) not in seen:
        seen.add(id(item))
        yield item
        for f in fields(item):
            if f.name not in ("axes", "axis"):
                yield from walk(getattr(item, f.name), seen)


def expressions(item: Any) -> list[Dim]:
    """Every index expression inside."""
    return [e for e in walk(item) if isinstance(e, Expr)]


def find(item: Any, kind: Any) -> list:
    """Every sub-expression of a kind, outermost first."""
    return [x for x in walk(item) if isinstance(x, kind)]


def rewrite_loads(item: Any, change: Callable[[Load], Load], memo: dict | None = None) -> Any:
    """The expression with every load changed; what is shared stays shared."""
    memo = {} if memo is None else memo
    if isinstance(item, tuple):
        return tuple(rewrite_loads(part, change, memo) for part in item)
    if not _is_expression(item):
        return item
    if id(item) not in memo:
        inner = {f.name: rewrite_loads(getattr(item, f.name), change, memo) for f in fields(item)}
        made = replace(item, **inner) if any(inner[k] is not getattr(item, k) for k in inner) else item
        memo[id(item)] = change(made) if isinstance(made, Load) else made
    return memo[id(item)]


def replace_axis(nest: Nest, old: Axis, new: tuple[Axis, ...], value: Dim) -> Nest:
    """The nest with an axis replaced by others, everywhere it is looped over and used."""
    def in_axes(axes: tuple) -> tuple:
        return tuple(a for axis in axes for a in (new if axis == old else (axis,)))

    memo: dict = {}

    def loops(item: Any) -> Any:
        if isinstance(item, tuple):
            return tuple(loops(part) for part in item)
        if not _is_expression(item):
            return item
        if id(item) not in memo:
            memo[id(item)] = replace(item, **{
                f.name: in_axes(getattr(item, f.name)) if f.name == "axes" else loops(getattr(item, f.name))
                for f in fields(item) if f.name != "axis"})
        return memo[id(item)]

    def on_dim(e: Dim) -> Dim:
        return d.substitute(e, lambda atom: value if atom == old else None)
    return replace(rewrite(loops(nest), on_dim), axes=in_axes(nest.axes))


# ---- digits

def digits(nest: Nest) -> Nest:
    """Splits axes until divisions by constants are gone, where one axis can be split evenly."""
    for _ in range(16):
        own = {*nest.axes, *(axis for reduced in find(nest.value, Reduced) for axis in reduced.axes)}    # a loop around stays
        split = next((one for one in map(_split_for, _opaques(nest)) if one is not None and one[0] in own), None)
        if split is None or _is_arg_axis(nest, split[0]):
            return nest
        axis, inner = split
        high, low = d.axis(axis.name + "h", axis.extent // inner), d.axis(axis.name + "l", inner)
        atoms = tuple(next(iter(d.atoms(e))) for e in (high, low) if not d.is_static(e))
        nest = replace_axis(nest, axis, atoms, high * inner + low)
    return nest


def _is_arg_axis(nest: Nest, axis: Axis) -> bool:
    return any(arg.axis == axis for arg in find(nest.value, ArgReduced))


def _opaques(nest: Nest) -> list:
    return [o for e in [nest.offset, *expressions(nest.value)] if not d.is_static(e) for o in d.opaque_atoms(e)]


def _split_for(opaque) -> tuple[Axis, Dim] | None:
    """The axis (and its inner extent) whose splitting resolves a floor-division or remainder; None if none does."""
    if opaque.op not in ("floordiv", "mod") or d.is_static(opaque.a) or len(opaque.a.terms) != 1:
        return None
    (monomial, coefficient), = opaque.a.terms.items()
    axes = [atom for atom in monomial if isinstance(atom, Axis)]
    if len(axes) != 1 or len(monomial) != 1:
        return None
    (axis,), inner = axes, opaque.b
    if coefficient != 1:
        if not (d.is_static(inner) and inner % coefficient == 0):
            return None
        inner = inner // coefficient
    if d.is_static(inner) and d.is_static(axis.extent):
        return (axis, inner) if 1 < inner < axis.extent and axis.extent % inner == 0 else None
    return (axis, inner) if d.mod(axis.extent, inner) == 0 and axis.extent != inner else None


# ---- collapsing

def collapse(nest: Nest) -> Nest:
    """Joins axes that every access walks as one: outer stride = inner extent * inner stride."""
    changed = True
    while changed:
        changed = False
        groups = [nest.axes] + [r.axes for r in find(nest.value, Reduced)]
        for outer, inner in ((a, b) for axes in groups for a in axes for b in axes if a is not b):
            if joined(nest, outer, inner):
                joint = d.axis(f"{inner.name}", outer.extent * inner.extent)
                nest = replace_axis(nest, outer, (), 0)
                nest = replace_axis(nest, inner, tuple(d.atoms(joint)) if not d.is_static(joint) else (), joint)
                changed = True
                break
    return nest


def joined(nest: Nest, outer: Axis, inner: Axis) -> bool:
    """Whether every access walks the two axes as one."""
    for e in [nest.offset, *expressions(nest.value)]:
        if d.is_static(e):
            continue
        a, b = d.coefficient_of(e, outer), d.coefficient_of(e, inner)
        if a is None or b is None or a != inner.extent * b:
            return False
    return True


# ---- lanes

def choose_vector(nest: Nest) -> Nest:
    """Gives the lanes to the axis along which memory is walked best: an output axis, or each reduction's own."""
    reduced = find(nest.value, Reduced)
    blocked = bool(find(nest.value, ArgReduced))
    best, best_score = None, 0.0
    turning = {axis for one in reduced for axis in one.axes}
    once = [load.offset for load in find(nest.value, Load) if reduced and not d.atoms(load.offset) & turning]
    often = [offset for offset in _loads(nest.value) if offset not in once]
    store = 0.5 if reduced else 3.0                    # a reduction stores once for all that it loads
    for axis in (a for a in nest.axes if not blocked and _walkable(nest, a)):
        score = _score(axis, [nest.offset, *once], store) + _score(axis, often, 1.0)
        if score > best_score:
            best, best_score = axis, score
    inner_best = max((_score(a, _loads(r.inner), 1.0) for r in reduced for a in r.axes), default=0.0)
    if reduced and inner_best > best_score:
        best = None
    if best is None:
        return nest
    across = None if reduced else _transposition(nest, best)
    if across is not None:
        best, rows = across
        order = tuple(a for a in nest.axes if a not in across) + (rows, best)
        why = f"square tiles: loads walk {rows.name}, stores walk {best.name}"
        return replace(nest, axes=order, vector=best, transposed=rows, why="; ".join(filter(None, (nest.why, why))))
    wide = next((a for a in nest.axes if _between(nest, a) == best), best)
    best, between = wide, _between(nest, wide)
    order = tuple(a for a in nest.axes if a not in (best, between)) + (best,) + ((between,) if between else ())
    return replace(nest, axes=order, vector=best, interleaved=between)


def _between(nest: Nest, vector: Axis) -> Axis | None:
    """The axis of 2 or 4 elements that stores find next to each other, where those of `vector` lie as many apart and
    loads are near."""
    strides = [None if offset is None else d.coefficient_of(offset, vector) for offset in _loads(nest.value)]
    if not _long(vector) or any(stride not in (0, 1) for stride in strides) or rereads(nest) or \
            find(nest.value, (Reduced, ArgReduced)) or has_division((nest.offset, nest.value), vector):
        return None
    return next((a for a in nest.axes if a.extent in (2, 4) and d.coefficient_of(nest.offset, a) == 1
                 and d.coefficient_of(nest.offset, vector) == a.extent), None)


def at_place(item: Any, axis: Axis, place: int) -> Any:
    """An expression where the axis has come to a place."""
    return rewrite(item, lambda e: d.substitute(e, lambda atom: place if atom == axis else None))


def _transposition(nest: Nest, best: Axis) -> tuple[Axis, Axis] | None:
    """The axes that stores and that loads walk, where these differ and both are long enough for tiles; `best` is the
    axis that would take the lanes otherwise."""
    stored = [a for a in nest.axes if d.coefficient_of(nest.offset, a) == 1 and _long(a) and _walkable(nest, a)]
    for axis in stored[:1]:
        if any(d.coefficient_of(g, axis) != 0 for guarded in find(nest.value, Guarded) for g in guarded.guards):
            return None
        walked = [rows for load in own_loads(nest.value, nest.target)
                  for rows in nest.axes if rows != axis and _is_turned(load, axis, rows) and _long(rows)
                  and d.coefficient_of(nest.offset, rows) is not None]
        rows = best if best in walked else next(iter(walked), None)
        return None if rows is None or (best != axis and best not in walked) else (axis, rows)
    return None


def turned_loads(nest: Nest) -> list[Load]:
    """The loads that go through square tiles, each once."""
    loads = own_loads(nest.value, nest.target) if nest.transposed is not None else []
    return list(dict.fromkeys(load for load in loads if _is_turned(load, nest.vector, nest.transposed)))


def own_loads(item: Any, target: Buffer) -> Iterable[Load]:
    """The loads that every point of a nest makes: none under a guard, in a reduction, or of what the nest overwrites."""
    if isinstance(item, Load) and item.buffer is not target:
        yield item
    elif isinstance(item, Apply):
        for argument in item.args:
            yield from own_loads(argument, target)


def _is_turned(load: Load, axis: Axis, rows: Axis) -> bool:
    """Whether a load walks memory along `rows` and jumps along `axis`."""
    return d.coefficient_of(load.offset, rows) == 1 and d.coefficient_of(load.offset, axis) not in (None, 0, 1)


def is_short(item: Any) -> bool:
    """Whether an expression is so few instructions that a loop around it may be written out."""
    if isinstance(item, Apply):
        return len(find(item, Apply)) <= 8 and item.fn in SHORT and all(map(is_short, item.args))
    return isinstance(item, (Load, Literal)) and ITEM[item.dtype] >= 4       # compilers take narrow vectors apart


def _long(axis: Axis) -> bool:
    return not d.is_static(axis.extent) or axis.extent >= WIDTH // 2


def _walkable(nest: Nest, axis: Axis) -> bool:
    """Whether lanes can run along an axis: no index divides along it, and at most one set of guards depends on it."""
    if any(d.coefficient_of(e, axis) is None for e in [nest.offset, *expressions(nest.value)] if not d.is_static(e)):
        return False
    folded = {a for r in find(nest.value, Reduced) for a in r.axes}
    depending = {g.guards for g in find(nest.value, Guarded) if any(d.coefficient_of(x, axis) != 0 for x in g.guards)}
    if depending and rereads(nest):
        return False
    return len(depending) <= 1 and not any(d.atoms(x) & folded for guards in depending for x in guards)


def rereads(nest: Nest) -> bool:
    """Whether a nest reads what it overwrites: then no element may be computed twice."""
    return any(load.buffer is nest.target for load in find(nest.value, (Load, GatherLoad)))


def _loads(item: Any) -> list[Dim]:
    return [load.offset for load in find(item, Load)] + [None] * len(find(item, GatherLoad))


def _score(axis: Axis, offsets: list, weight: float) -> float:
    """How well memory is walked along an axis: contiguous is good, far strides and divisions are bad, short is bad."""
    total = 0.5
    for offset in offsets:
        stride = 0 if offset is None or d.is_static(offset) else d.coefficient_of(offset, axis)
        total += weight * (-1.0 if stride is None else 0.25 if stride == 0 else 1.0 if stride == 1 else -0.5)
    if d.is_static(axis.extent) and axis.extent < WIDTH:
        total *= axis.extent / WIDTH
    return total


def best_reduce_axis(reduced: Reduced) -> Axis | None:
    """The axis of a reduction that takes the lanes when the nest around it is scalar; None where none is contiguous."""
    scored = [(_score(axis, _loads(reduced.inner), 1.0), -k, axis) for k, axis in enumerate(reduced.axes)]
    score, _, axis = max(scored, default=(0.0, 0, None), key=lambda item: item[:2])
    return axis if score > 0 and not find(reduced.inner, (Reduced, ArgReduced)) and not has_division(reduced.inner, axis) else None


def best_arg_axis(item: ArgReduced) -> Axis | None:
    """The axis of a search for an extremum where lanes can walk it, and are sure to be filled once."""
    axis, loads = item.axis, _loads(item.inner)
    near = d.is_static(axis.extent) and axis.extent > 1 and None not in loads \
        and all(d.coefficient_of(offset, axis) in (0, 1) for offset in loads)
    return axis if near and not find(item.inner, (Reduced, ArgReduced)) and not has_division(item.inner, axis) else None


def depends(item: Any, axis: Axis) -> bool:
    """Whether an expression is another at other places along the axis."""
    return any(d.coefficient_of(e, axis) != 0 for e in expressions(item) if not d.is_static(e))


def has_division(item: Any, axis: Axis) -> bool:
    """True where an index divides by something along the axis, or a guard depends on it: lanes cannot walk that."""
    for e in expressions(item):
        if d.coefficient_of(e, axis) is None:
            return True
    return any(d.coefficient_of(g, axis) != 0 for guarded in find(item, Guarded) for g in guarded.guards if not d.is_static(g))
