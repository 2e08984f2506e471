"""Padding: a constant, the mirrored, the nearest or the opposite elements put around a tensor."""
from __future__ import annotations

from ..graph.build import concat, fixed
from . import aten
from .common import Tensor, whole


@aten("constant_pad_nd.default")
def constant_pad(x, pad, value=0):
    """pad lists (before, after) from the last dim on; negative counts cut off."""
    before, after = _by_dim(x, pad)
    return x.pad(before, after, whole(value, x.dtype))


@aten("pad.default")
def pad(x, pad, mode="constant", value=None):
    if mode == "constant":
        return constant_pad(x, pad, 0 if value is None else value)
    return {"reflect": reflection_pad, "replicate": replication_pad, "circular": circular_pad}[mode](x, pad)


@aten("_pad_enum.default")
def pad_enum(x, pad_, mode, value=None):
    return pad(x, pad_, ("constant", "reflect", "replicate", "circular")[mode], value)


@aten("reflection_pad1d.default", "reflection_pad2d.default", "reflection_pad3d.default")
def reflection_pad(x, padding):
    """Mirrored at the first and last element, which are not repeated."""
    return _around(x, padding, lambda x, dim, n, before, after: (
        x.slice(dim, 1, before + 1).flip(dim), x.slice(dim, n - 1 - after, n - 1).flip(dim)))


@aten("replication_pad1d.default", "replication_pad2d.default", "replication_pad3d.default")
def replication_pad(x, padding):
    """The first and last element repeated."""
    return _around(x, padding, lambda x, dim, n, before, after: (
        _repeated(x.slice(dim, 0, 1), dim, before), _repeated(x.slice(dim, n - 1, n), dim, after)))


@aten("_pad_circular.default")
def circular_pad(x, padding):
    """The tensor continued periodically; what is cut off (negative counts) is gone before."""
    padding = [fixed(count, "padding") for count in padding]
    cut = constant_pad(x, [min(count, 0) for count in padding])
    return _around(cut, [max(count, 0) for count in padding], lambda x, dim, n, before, after: (
        x.slice(dim, n - before, n), x.slice(dim, 0, after)))


def _by_dim(x: Tensor, pad) -> tuple[list, list]:
    """PyTorch's flat list, last dim first, as counts before and after each dim."""
    outer = [0] * (x.rank - len(pad) // 2)
    return [*outer, *pad[-2::-2]], [*outer, *pad[-1::-2]]


def _around(x: Tensor, padding, ends) -> Tensor:
    """ends(x, dim, extent, before, after) gives what comes before and after x; what is cut is cut at last."""
    for dim, (before, after) in enumerate(zip(*_by_dim(x, padding))):
        before, after = fixed(before, "padding"), fixed(after, "padding")
        n = x.dims[dim]
        front, back = ends(x, dim, n, max(before, 0), max(after, 0))
        x = concat([*([front] if before > 0 else []), x, *([back] if after > 0 else [])], dim)
        if before < 0 or after < 0:
            x = x.slice(dim, max(-before, 0), x.dims[dim] + min(after, 0))
    return x


def _repeated(x: Tensor, dim: int, count: int) -> Tensor:
    return x.expand([count if k == dim else n for k, n in enumerate(x.dims)])
