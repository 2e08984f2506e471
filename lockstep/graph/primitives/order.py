"""sort: values in order and where they came from."""
from __future__ import annotations

import numpy as np

from . import REACH, error, value


@value("sort")
def sort(node, inputs, world):
    """Stable; NaN is the largest; descending keeps the order of equals too."""
    (x,), axis = inputs, node.attrs["axis"]
    if node.attrs["descending"]:
        turned = np.flip(x, axis)
        order = x.shape[axis] - 1 - np.flip(np.argsort(turned, axis=axis, kind="stable"), axis)
    else:
        order = np.argsort(x, axis=axis, kind="stable")
    return np.take_along_axis(x, order, axis), order.astype(np.int64)


@error("sort")
def sort_error(node, inputs, sigmas, outputs, world):
    """An index is too close to call where a neighbour in the order is within reach."""
    (sigma,), (ordered, places), axis = sigmas, outputs, node.attrs["axis"]
    moved = np.take_along_axis(sigma, places, axis)
    if not np.any(sigma) or ordered.shape[axis] < 2:
        return moved, np.zeros(np.shape(ordered))
    gap = np.abs(np.diff(ordered.astype(np.float64), axis=axis))
    close = gap <= REACH * (np.delete(moved, 0, axis) + np.delete(moved, -1, axis))
    flagged = np.zeros(ordered.shape, bool)
    front, back = [slice(None)] * ordered.ndim, [slice(None)] * ordered.ndim
    front[axis], back[axis] = slice(None, -1), slice(1, None)
    flagged[tuple(front)] |= close
    flagged[tuple(back)] |= close
    return moved, np.where(flagged, np.nan, 0.0)
