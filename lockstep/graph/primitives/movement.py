"""Movement that is known before the run: reindex and concat. Errors move with their values."""
from __future__ import annotations

import math

import numpy as np

from .. import dims as d
from ..build import axes_for, reshape_index
from . import error, value


def shape_of(node, world, k: int = 0) -> tuple[int, ...]:
    return tuple(int(d.evaluate(n, world.symbols)) for n in node.types[k].dims)


@value("reindex")
def reindex(node, inputs, world):
    return (move(node, inputs[0], world, node.attrs["fill"]),)


@error("reindex")
def reindex_error(node, inputs, sigmas, outputs, world):
    return (move(node, sigmas[0], world, 0.0),)


def move(node, x, world, fill):
    """x reindexed as the node says: as a view where that is possible, else by fancy indexing."""
    shape, index, guard = shape_of(node, world), node.attrs["index"], node.attrs["guard"]
    if not guard and (0 in shape or 0 in x.shape):
        return np.zeros(shape, x.dtype)
    view = None if guard else _as_view(x, index, node.types[0].dims, shape, world)
    if view is not None:
        return view
    if not guard and x.size == math.prod(shape) and list(index) == reshape_index(node.inputs[0].dims, node.types[0].dims):
        return x.reshape(shape)
    grid = np.ogrid[tuple(slice(n) for n in shape)] if shape else []
    env = {**world.symbols, **{f"o{k}": g for k, g in enumerate(grid)}}
    allowed = np.asarray(True)
    for g in guard:
        allowed = allowed & (d.evaluate(g, env) >= 0)
    fill = d.evaluate(fill, world.symbols) if isinstance(fill, d.Expr) else fill
    if 0 in x.shape:
        return np.full(shape, np.asarray(fill).astype(x.dtype))
    places = tuple(np.clip(d.evaluate(i, env), 0, n - 1) if guard else d.evaluate(i, env)
                   for i, n in zip(index, x.shape))
    moved = np.broadcast_to(x[places], shape)
    return np.where(allowed, moved, np.asarray(fill).astype(x.dtype)) if guard else np.array(moved)


def _as_view(x, index, dims, shape, world):
    """A strided view where every index is affine in the axes; None where one is not."""
    strides, offset = [0] * len(shape), 0
    axes = [next(iter(d.atoms(axis)), None) if not d.is_static(axis) else None for axis in axes_for(dims)]
    for expression, stride in zip(index, x.strides):
        if d.opaque_atoms(expression):
            return None
        rest = expression
        for k, axis in enumerate(axes):
            if not isinstance(axis, d.Axis):
                continue
            factor = d.coefficient_of(expression, axis)
            if factor is None:
                return None
            if not d.is_static(factor) or factor:
                strides[k] += int(d.evaluate(factor, world.symbols)) * stride
                rest = rest - factor * d.Expr({(axis,): 1})
        offset += int(d.evaluate(rest, world.symbols)) * stride
    base = x.view(np.uint8).reshape(-1) if x.flags.c_contiguous and x.ndim else None
    if offset and base is not None:
        start = np.ndarray((), x.dtype, buffer=x, offset=offset)
        return np.lib.stride_tricks.as_strided(start, shape, strides, writeable=False)
    if offset:
        return None
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


@value("concat")
def concat(node, inputs, world):
    return (np.concatenate(inputs, axis=node.attrs["axis"]),)


@error("concat")
def concat_error(node, inputs, sigmas, outputs, world):
    return (np.concatenate(sigmas, axis=node.attrs["axis"]),)
