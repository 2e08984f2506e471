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
    """An index is too close to call where a neighbour in the order is within reach, or equal and no order is promised."""
    (sigma,), (ordered, places), axis = sigmas, outputs, node.attrs["axis"]
    moved = np.take_along_axis(sigma, places, axis)
    stable = node.attrs["stable"]
    if stable and not np.any(sigma) or ordered.shape[axis] < 2:
        return moved, np.zeros(np.shape(ordered))
    first, second = np.delete(ordered, -1, axis), np.delete(ordered, 0, axis)
    reach = REACH * (np.delete(moved, 0, axis) + np.delete(moved, -1, axis))
    with np.errstate(all="ignore"):
        close = (np.abs(second.astype(np.float64) - first.astype(np.float64)) <= reach) & ((reach > 0) | (not stable))
        if not stable:
            close |= (first == second) | (first != first) & (second != second)
    flagged = np.zeros(ordered.shape, bool)
    front, back = [slice(None)] * ordered.ndim, [slice(None)] * ordered.ndim
    front[axis], back[axis] = slice(None, -1), slice(1, None)
    flagged[tuple(front)] |= close
    flagged[tuple(back)] |= close
    return moved, np.where(flagged, np.nan, 0.0)
