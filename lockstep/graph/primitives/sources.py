"""Sources: constant, weight, state and iota. Inputs are bound by the interpreter."""
from __future__ import annotations

import numpy as np

from .. import dims as d
from ..world import held, spacing
from . import error, value


@value("constant")
def constant(node, inputs, world):
    number = node.attrs["value"]
    if isinstance(number, d.Expr):
        number = d.evaluate(number, world.symbols)
    return (np.asarray(number).astype(world.dtype(node.types[0].dtype)),)


@error("constant")
def constant_error(node, inputs, sigmas, outputs, world):
    """A literal that the dtype does not hold is off by up to half an ULP."""
    dtype = node.types[0].dtype
    if not dtype.startswith(("float", "bfloat")):
        return (np.zeros(()),)
    return (np.where((held(outputs[0], dtype) == outputs[0]) | ~np.isfinite(outputs[0]), 0.0, spacing(outputs[0], dtype) / np.sqrt(12)),)


@value("weight")
@value("state")
def weight(node, inputs, world):
    if id(node) not in world.kept:
        world.kept[id(node)] = node.attrs["array"].astype(world.dtype(node.types[0].dtype))
    return (world.kept[id(node)],)


@value("iota")
def iota(node, inputs, world):
    (extent,) = node.types[0].dims
    return (np.arange(d.evaluate(extent, world.symbols)).astype(world.dtype(node.types[0].dtype)),)


@error("weight")
@error("state")
@error("iota")
def exact(node, inputs, sigmas, outputs, world):
    return tuple(np.zeros(np.shape(out)) for out in outputs)
