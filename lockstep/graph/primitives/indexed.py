"""Movement whose places are data: gather and scatter."""
from __future__ import annotations

import numpy as np

from .. import dims as d
from . import error, value
from ..core import FLOATS
from ..world import spacing
from .movement import shape_of

_COMBINE = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


def places_of(node, shape, extents, tensors, world):
    """The index arrays of a gather or scatter; IndexError where one leaves its extent."""
    grid = np.ogrid[tuple(slice(n) for n in shape)] if shape else []
    env = {**world.symbols, **{f"o{k}": g for k, g in enumerate(grid)}}
    places = []
    for place, extent in zip(node.attrs["index"], extents):
        found = tensors[place[1]] if isinstance(place, tuple) else np.asarray(d.evaluate(place, env))
        if found.size and 0 not in shape and (found.min() < 0 or found.max() >= extent):
            raise IndexError(f"index {found.min() if found.min() < 0 else found.max()} leaves an extent of {extent}")
        places.append(np.broadcast_to(found, shape).astype(np.int64))
    return tuple(places)


@value("gather")
def gather(node, inputs, world):
    x, *tensors = inputs
    shape = shape_of(node, world)
    places = places_of(node, shape, x.shape, tensors, world)
    return (np.zeros(shape, x.dtype) if 0 in shape else x[places],)


@error("gather")
def gather_error(node, inputs, sigmas, outputs, world):
    moved, = gather(node, [sigmas[0], *inputs[1:]], world)
    for sigma in sigmas[1:]:
        moved = np.where(np.isnan(sigma), np.nan, moved)
    return (moved,)


@value("scatter")
def scatter(node, inputs, world):
    base, updates, *tensors = inputs
    mode = node.attrs["mode"]
    places = tuple(p.reshape(-1) for p in places_of(node, updates.shape, base.shape, tensors, world))
    result = np.array(base)
    if not updates.size:
        return (result,)
    if mode == "set":
        result[places] = updates.reshape(-1)
        return (result,)
    with np.errstate(all="ignore"):
        _COMBINE[mode].at(result, places, updates.reshape(-1).astype(result.dtype))
    if mode in ("sum", "prod") and world.noise is not None and node.types[0].dtype in FLOATS:
        hit = np.zeros(result.shape)
        np.add.at(hit, places, 1)
        noisy = world.rounded(node.types[0].dtype, result, 0.5,
                              np.sqrt(hit) * spacing(result, node.types[0].dtype) / np.sqrt(12))
        result = np.where(hit > 0, noisy, result)
    return (result,)


@error("scatter")
def scatter_error(node, inputs, sigmas, outputs, world):
    base, updates, *tensors = inputs
    mode, dtype = node.attrs["mode"], node.types[0].dtype
    places = tuple(p.reshape(-1) for p in places_of(node, updates.shape, base.shape, tensors, world))
    result = np.array(sigmas[0], np.float64)
    if not updates.size:
        return (result,)
    if mode == "set":
        result[places] = sigmas[1].reshape(-1)
    elif mode in ("max", "min"):
        np.maximum.at(result, places, sigmas[1].reshape(-1))
    else:
        hit, variance = np.zeros(result.shape), result ** 2
        np.add.at(hit, places, 1)
        scale = 1.0 if mode == "sum" else np.abs(outputs[0].astype(np.float64))
        relative = sigmas[1].reshape(-1) if mode == "sum" else \
            sigmas[1].reshape(-1) / np.maximum(np.abs(updates.reshape(-1).astype(np.float64)), 1e-300)
        np.add.at(variance, places, relative ** 2)
        partial = np.abs(base.astype(np.float64))
        np.add.at(partial, places, np.abs(updates.reshape(-1).astype(np.float64)))
        size = partial if mode == "sum" else np.abs(outputs[0].astype(np.float64))
        result = np.sqrt(variance * scale ** 2 + hit * (spacing(size, dtype) ** 2) / 12)
    for sigma in sigmas[2:]:
        if np.any(np.isnan(sigma)):
            result = np.full(result.shape, np.nan)
    return (result,)
