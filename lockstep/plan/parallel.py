"""parallel: which steps are worth the threads, and how they are shared among them.

A step whose blocks are independent runs them in any order. How the work is cut does not depend on the number of threads,
and no sum is cut: the results are the same to the bit, whatever their number.
"""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Sequence

from ..graph import dims as d
from ..graph.dims import Dim
from .fuse import Walk, along_lanes, blocks_of, cut, greatest
from .nest import Apply, Convolve, Gemm, Nest, Reduced, Repeat
from .shape import find, has_division

WORTH = 1 << 22             # operations: less is done before another thread has woken
PIECE = 1 << 14             # elements of a block of one long loop
PANELS = 64                 # columns: those of a product's packed panels begin anew after so many, on any target
STREAMED = 8                # operations that it takes to load a weight which few rows multiply,
APART = 3                   # and to compute with a filter that only one channel has
PIECES, PIXELS = 8, 84      # of an image: about so many parts, of at least so many pixels, each of which reads all filters
BY_ROWS = ("convolve", "convolve_depthwise", "convolve_rows")       # kernels that compute any part of an image's rows
APPLIED = 8                 # operations that a function of an element costs, memory included


def parallel(steps: Sequence[Any], names: Any) -> list[Any]:
    """The steps with those that are worth it cut into blocks for threads."""
    return [_shared(step, names) for step in steps]


def _shared(step: Any, names: Any) -> Any:
    if isinstance(step, Repeat) and not step.blocks:
        return replace(step, steps=tuple(parallel(step.steps, names)))
    effort = work(step)
    if d.is_static(effort) and effort < WORTH:
        return step
    blocks = step if isinstance(step, Repeat) else _in_blocks(step, names)
    return replace(blocks, work=effort) if isinstance(blocks, Repeat) else blocks


def _in_blocks(step: Any, names: Any) -> Any:
    if isinstance(step, Gemm) and not step.axes:
        by_rows = _cut(Walk(step, None), names.choices.rows, names)
        return by_rows if by_rows is not step else _by_columns(step, names)
    if isinstance(step, (Gemm, Convolve, Nest)):
        outer = next((a for a in step.axes if a.extent != 1 and not (isinstance(step, Nest) and _needed_inside(step, a))), None)
        if outer is None and isinstance(step, Convolve) and step.kernel in BY_ROWS and d.is_static(step.shape.width):
            s = step.shape
            return _cut(Walk(step, None), max(-(-s.height // PIECES) if d.is_static(s.height) else 1, -(-PIXELS // s.width)), names)
        if outer is not None:
            return Repeat(outer, (replace(step, axes=tuple(a for a in step.axes if a != outer)),), why="shared", blocks=True)
        if isinstance(step, Nest) and len(step.axes) == 1:
            return _cut(Walk(step, step.axes[0]), PIECE, names)
    return step


def _needed_inside(nest: Nest, axis: Any) -> bool:
    """Whether the axis is better left to the nest: the only one, where memory lies along it, or where an index divides it."""
    return len(nest.axes) == 1 or along_lanes(nest, axis) or has_division(nest.value, axis)


def _cut(walk: Walk, rows: int, names: Any) -> Any:
    extent = walk.extent
    if d.is_static(extent) and extent < 2 * rows:
        return walk.step
    axis, start, count = blocks_of(extent, rows, names)
    return Repeat(axis, (cut(walk, start, count, {}, names),), why=f"{rows} of {extent} rows a thread", blocks=True)


def _by_columns(step: Gemm, names: Any) -> Any:
    """Few rows: each thread takes some of the panels."""
    columns = PANELS * -(-step.n // (PANELS * PIECES)) if d.is_static(step.n) else PANELS
    if not d.is_static(step.k) or d.is_static(step.n) and step.n < 2 * columns:
        return step
    axis, start, count = blocks_of(step.n, columns, names)
    part = replace(step, n=count, offset=step.offset + start * step.k, c=replace(step.c, offset=step.c.offset + start * step.c.column))
    return Repeat(axis, (part,), why=f"{columns} of {step.n} columns a thread", blocks=True)


def work(step: Any) -> Dim:
    """About how many operations a step takes; the last block counts as a whole one."""
    times = d.product(map(_whole, (axis.extent for axis in getattr(step, "axes", ()))))
    if isinstance(step, Repeat):
        return _whole(step.axis.extent if step.axis is not None else 1) * sum((work(inner) for inner in step.steps), 0)
    if isinstance(step, Gemm):
        return times * d.maximum(2 * _whole(step.m), STREAMED) * step.n * step.k
    if isinstance(step, Convolve):
        s = step.shape
        inside = APART if "depthwise" in step.kernel else s.inside
        return 2 * times * inside * s.outside * s.height * s.width * s.kernel_height * s.kernel_width
    if isinstance(step, Nest):
        folded = d.product(axis.extent for one in find(step.value, Reduced) for axis in one.axes)
        return times * folded * APPLIED * (1 + len(find(step.value, Apply)))
    return 0


def _whole(extent: Dim) -> Dim:
    return d.substitute(extent, lambda atom: greatest(d.Expr({(atom,): 1})) if isinstance(atom, d.Opaque) else None)
