"""finish: what follows a convolution element by element is done while its sums are still in registers.

A batch norm or a bias, a tensor that is added, and the limits of a ReLU or a clamp become part of the convolution where
nothing else reads its result. The kernel then writes where they would have written, inside of a border for one.
"""
from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Mapping, Sequence

from ..graph import dims as d
from ..graph.dims import Axis, Dim
from .nest import Apply, Buffer, ChannelView, Convolve, Finish, ImageView, Literal, Load, Nest
from .settled import written
from .shape import find
from .traverse import counted, flat

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
    """The steps with nests inside the convolutions before them; not in the bodies of loops, which overwrite what they read.
    `setup` and `later` are what runs before and after them."""
    uses = counted([*steps, *later])
    settled = {buffer for step in flat(setup) for buffer in written(step)}
    done: list[Any] = []
    for step in steps:
        if isinstance(step, Nest):
            results = {one.y.buffer: one for one in done if isinstance(one, Convolve) and _is_open(one, uses)}
            change = _absorbed(step, results, settled)
            if change is not None:
                gone, step, before = change
                done = [before.get(id(one), one) for one in done if one is not gone]
        done.append(step)
    return done


def _is_open(step: Convolve, uses: Counter) -> bool:
    """Whether nothing but one other step uses what a convolution leaves."""
    return step.kernel in FINISHING and step.finish is None and step.y.buffer.kind == "arena" and uses[step.y.buffer] == 2


def _absorbed(nest: Nest, results: Mapping[Buffer, Convolve], settled: set[Buffer]) -> tuple[Convolve, Convolve, dict] | None:
    """(the convolution whose place the nest takes, what both become, id -> what an earlier one becomes whose result is added).

    `results` are those of earlier convolutions, in their order."""
    value, limits = _limits(nest.value)
    for body, more in _sums(value):
        found = _affine(body, results, settled)
        if found is None or any(load.buffer is found.result.buffer for load in find(more, Load)):
            continue
        step = results[found.result.buffer]
        roles = _roles(nest, found.result, step)
        if roles is None or nest.target.dtype != step.y.buffer.dtype or more is not None and step.kernel != "convolve":
            continue
        before, added = _finished_before(more, nest, step, results, settled)
        channels, y = _channels(found, roles, step), _image(nest.target, nest.offset, roles, step)
        addend = _image(added.buffer, added.offset, roles, step) if isinstance(added, Load) and added.dtype == nest.target.dtype else None
        if channels is not None and y is not None and (addend is None) == (more is None):
            finish = Finish(*channels, addend, **limits)
            return step, replace(step, y=y, finish=finish, origins=step.origins | nest.origins), before
    return None


def _finished_before(more: Any, nest: Nest, step: Convolve, results: Mapping[Buffer, Convolve],
                     settled: set[Buffer]) -> tuple[dict[int, Convolve], Any]:
    """An addend that is an earlier convolution's result, scaled and shifted: that one does so itself. What it becomes, and
    what is left to add."""
    other = _affine(more, results, settled)
    if other is None or not (other.scale or other.shift):
        return {}, more
    first, order = results[other.result.buffer], list(results)
    roles = _roles(nest, other.result, first)
    channels = _channels(other, roles, first) if roles is not None else None
    if channels is None or order.index(other.result.buffer) > order.index(step.y.buffer):
        return {}, more
    return {id(first): replace(first, finish=Finish(*channels))}, other.result


# ---- expressions

def _limits(value: Any) -> tuple[Any, dict[str, Any]]:
    """(what is inside the limits of a ReLU or a clamp, the limits)."""
    if isinstance(value, Apply) and value.fn == "select":
        below, zero, inner = value.args
        if below == Apply("less", (inner, zero), below.dtype) and _is_limit(zero) and zero.value == 0:
            return inner, {"least": 0, "signed_zeros": True}
    inner, most = _limit(value, "minimum")
    inner, least = _limit(inner, "maximum")
    return inner, {"least": least, "most": most}


def _limit(value: Any, fn: str) -> tuple[Any, Any]:
    """(what is inside an extremum with a number, the number); the whole and None where there is none."""
    if isinstance(value, Apply) and value.fn == fn and _is_limit(value.args[1]):
        return value.args[0], value.args[1].value
    return value, None


def _is_limit(item: Any) -> bool:
    """Whether a kernel may take it for a limit: a known number; not NaN, which makes all NaN, nor minus zero, which a zero meets."""
    if not isinstance(item, Literal) or not d.is_static(item.value):
        return False
    number = float(item.value)
    return number == number and (number != 0 or math.copysign(1, number) > 0)


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
        stride = d.coefficient_of(result.offset, axis)
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
    chunk = next((axis for axis in step.axes if axis in d.atoms(step.offset)), None)
    return chunk, next((axis for axis in step.axes if axis != chunk), None)


def _strides(offset: Dim, roles: Roles) -> dict[str, Dim | None]:
    return {role: 0 if axis is None else d.coefficient_of(offset, axis) for role, axis in vars(roles).items()}


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
