"""finish: what follows a convolution element by element is done while its sums are still in registers.

A batch norm or a bias, a tensor that is added, and the limits of a ReLU become part of the convolution where its result is
read by nothing else; its kernel then writes where that would have been written, a border's inside for one.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Mapping, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim
from .nest import INNER, Apply, Buffer, ChannelView, Convolve, Finish, ImageView, Literal, Load, Nest, flat, touched
from .settled import written
from .shape import find

FINISHING = ("convolve", "convolve_depthwise")          # kernels that take a Finish


@dataclass(frozen=True)
class Affine:
    """A convolution's result, times a channel's scale, plus its shift."""

    result: Load
    scale: Load | None = None
    shift: Load | None = None


@dataclass(frozen=True)
class Roles:
    """Which axes of a nest walk which axes of a convolution's result; None for an extent of one."""

    image: Axis | None
    block: Axis | None
    row: Axis | None
    pixel: Axis | None
    lane: Axis


def finish(steps: Sequence[Any], setup: Sequence[Any] = (), later: Sequence[Any] = ()) -> list[Any]:
    """The steps with nests inside the convolutions before them. `setup` and `later` are what runs before and after them."""
    uses = Counter(buffer for step in flat([*steps, *later]) for buffer in touched(step))
    return _finished(steps, uses, {buffer for step in flat(setup) for buffer in written(step)})


def _finished(steps: Sequence[Any], uses: Counter, settled: set[Buffer]) -> list[Any]:
    done: list[Any] = []
    for step in steps:
        inner = {name: tuple(_finished(getattr(step, name), uses, settled)) for name in INNER if hasattr(step, name)}
        if inner:
            step = replace(step, **inner)
        open_ones = {one.y.buffer: one for one in done if isinstance(one, Convolve) and _is_open(one, uses)}
        change = _absorbed(step, open_ones, settled) if isinstance(step, Nest) else None
        if change is None:
            done.append(step)
            continue
        gone, addend, whole = change
        done = [addend[1] if addend and one is addend[0] else one for one in done if one is not gone] + [whole]
    return done


def _is_open(step: Convolve, uses: Counter) -> bool:
    """Whether nothing but one other step uses what a convolution leaves."""
    return step.kernel in FINISHING and step.finish is None and step.y.buffer.kind == "arena" and uses[step.y.buffer] == 2


def _absorbed(nest: Nest, convolutions: Mapping[Buffer, Convolve],
              settled: set[Buffer]) -> tuple[Convolve, tuple[Convolve, Convolve] | None, Convolve] | None:
    """(the convolution that takes the nest in, another one that is finished before it is added, what the first becomes)."""
    value, limits = _limits(nest.value)
    for body, more in _sums(value):
        found = _affine(body, convolutions, settled)
        if found is None:
            continue
        step = convolutions[found.result.buffer]
        roles = _roles(nest, found.result, step)
        other = _affine(more, convolutions, settled) if more is not None else None
        addend, before = None, None
        if roles is None or nest.target.dtype != step.y.buffer.dtype or any(
                load.buffer is found.result.buffer for load in find(more, Load)):
            continue
        if other is not None and (other.scale or other.shift):          # a sum of two: the later one adds the other
            first = convolutions[other.result.buffer]
            if list(convolutions.values()).index(first) > list(convolutions.values()).index(step):
                continue
            theirs = _roles(nest, other.result, first)
            parts_of_first = _channels(other, theirs, first) if theirs is not None else None
            if parts_of_first is None:
                continue
            before = first, replace(first, finish=Finish(*parts_of_first))
            addend = _image(other.result.buffer, other.result.offset, roles, step)
        elif isinstance(more, Load) and more.dtype == nest.target.dtype and more.buffer is not nest.target:
            addend = _image(more.buffer, more.offset, roles, step)
        channels, y = _channels(found, roles, step), _image(nest.target, nest.offset, roles, step)
        if channels is None or y is None or (more is not None and (addend is None or step.kernel != "convolve")):
            continue
        whole = replace(step, y=y, finish=Finish(*channels, addend, **limits), origins=step.origins | nest.origins)
        return step, before, whole
    return None


# ---- expressions

def _limits(value: Any) -> tuple[Any, dict[str, Any]]:
    """(what is inside the limits of a ReLU or a clamp, the limits)."""
    if isinstance(value, Apply) and value.fn == "select":
        below, zero, inner = value.args
        if below == Apply("less", (inner, zero), below.dtype) and isinstance(zero, Literal) and zero.value == 0:
            return inner, {"least": 0, "signed_zeros": True}
    inner, most = _limit(value, "minimum")
    inner, least = _limit(inner, "maximum")
    return inner, {"least": least, "most": most}


def _limit(value: Any, fn: str) -> tuple[Any, Any]:
    """(what is inside an extremum with a number, the number); the whole and None where there is none."""
    if isinstance(value, Apply) and value.fn == fn and isinstance(value.args[1], Literal) and d.is_static(value.args[1].value):
        return value.args[0], value.args[1].value
    return value, None


def _sums(value: Any) -> list[tuple[Any, Any]]:
    """The ways to read a value: all of it, or a part and what is added to it."""
    whole = [(value, None)]
    return [*whole, value.args, value.args[::-1]] if isinstance(value, Apply) and value.fn == "add" else whole


def _affine(value: Any, results: Mapping[Buffer, Convolve], settled: set[Buffer]) -> Affine | None:
    """The value as a convolution's result with a scale and a shift, either of which may be missing."""
    if isinstance(value, Load):
        return Affine(value) if value.buffer in results else None
    if not isinstance(value, Apply) or value.fn not in ("multiply", "add"):
        return None
    for inner, other in (value.args, value.args[::-1]):
        found = _affine(inner, results, settled)
        if found is not None and found.shift is None and isinstance(other, Load) and \
                (other.buffer.kind == "weight" or other.buffer in settled):
            if value.fn == "add":
                return replace(found, shift=other)
            if found.scale is None:
                return replace(found, scale=other)
    return None


# ---- where things lie

def _roles(nest: Nest, result: Load, step: Convolve) -> Roles | None:
    """What the nest's axes are to the convolution whose result it reads; None where they do not walk all of it in its order."""
    s, y = step.shape, step.y
    chunk, image = _axes(step)
    blocks = s.outside // y.block * (chunk.extent if chunk is not None else 1)
    wanted = {"lane": (1, y.block), "pixel": (y.pixel, s.width), "row": (y.row, s.height), "block": (y.group, blocks)}
    if image is not None:
        wanted["image"] = (d.coefficient_of(y.offset, image), image.extent)
    wanted = {role: pair for role, pair in wanted.items() if pair[1] != 1}
    found: dict[str, Axis] = {}
    for axis in nest.axes:
        stride = 0 if d.is_static(result.offset) else d.coefficient_of(result.offset, axis)
        role = next((role for role, pair in wanted.items() if role not in found and pair == (stride, axis.extent)), None)
        if role is None:
            return None
        found[role] = axis
    walked = sum((d.Expr({(axis,): 1}) * wanted[role][0] for role, axis in found.items()), 0)
    if set(found) != set(wanted) or "lane" not in found or result.offset != walked:
        return None
    return Roles(**{role: found.get(role) for role in ("image", "block", "row", "pixel", "lane")})


def _axes(step: Convolve) -> tuple[Axis | None, Axis | None]:
    """The axes of a convolution's loops: over chunks of channels, each with filters of its own, and over images."""
    chunk = next((axis for axis in step.axes if not d.is_static(step.offset) and axis in d.atoms(step.offset)), None)
    return chunk, next((axis for axis in step.axes if axis != chunk), None)


def _strides(offset: Dim, roles: Roles) -> dict[str, Dim | None]:
    return {role: 0 if axis is None or d.is_static(offset) else d.coefficient_of(offset, axis) for role, axis in vars(roles).items()}


def _start(offset: Dim, roles: Roles, step: Convolve) -> Dim:
    """Where a point of the convolution's loops begins."""
    chunk, image = _axes(step)
    begin = {roles.block: d.Expr({(chunk,): 1}) * (step.shape.outside // step.y.block) if chunk is not None else 0,
             roles.image: d.Expr({(image,): 1}) if image is not None else 0, roles.row: 0, roles.pixel: 0, roles.lane: 0}
    return d.substitute(offset, begin.get)


def _image(buffer: Buffer, offset: Dim, roles: Roles, step: Convolve) -> ImageView | None:
    strides = _strides(offset, roles)
    if None in strides.values() or strides["lane"] != 1:
        return None
    return ImageView(buffer, _start(offset, roles, step), step.y.block, strides["block"], strides["row"], strides["pixel"], 1)


def _channels(affine: Affine, roles: Roles, step: Convolve) -> tuple[ChannelView | None, ChannelView | None] | None:
    """Scale and shift, each a number a channel one after another; None where one lies otherwise."""
    views = []
    for load in (affine.scale, affine.shift):
        strides = _strides(load.offset, roles) if load is not None else {}
        along = {"lane": 1, "block": step.y.block if roles.block is not None else 0}
        if load is not None and (load.dtype != step.y.buffer.dtype or any(n != along.get(role, 0) for role, n in strides.items())):
            return None
        views.append(None if load is None else ChannelView(load.buffer, _start(load.offset, roles, step)))
    return tuple(views)
