"""Movement: the same elements in another order or shape."""
from __future__ import annotations

from . import aten


@aten("transpose.int", "swapaxes.default", "swapdims.default")
def transpose(x, a, b):
    return x.transpose(a, b) if x.rank else x


@aten("permute.default")
def permute(x, order):
    return x.permute(order)


@aten("view.default", "reshape.default", "_unsafe_view.default", "_reshape_alias.default")
def reshape(x, shape, *_):
    return x.reshape(shape)
