"""contract: an einsum of two operands; the error is the einsum of values and variances."""
from __future__ import annotations

import numpy as np

from . import error, value
from .reductions import sum_deviation


def _count(node, inputs):
    """How many products each output element sums."""
    terms, out = node.attrs["equation"].split("->")
    left, right = terms.split(",")
    extents = dict(zip(left, inputs[0].shape)) | dict(zip(right, inputs[1].shape))
    return int(np.prod([n for c, n in extents.items() if c not in out]))


def _einsum(equation, a, b):
    if a.dtype.name in ("float16", "bfloat16"):          # products and sums of 16-bit floats are rounded once, at the end
        a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(all="ignore"):
        return np.einsum(equation, a, b, optimize=a.dtype in (np.float32, np.float64))


@value("contract")
def contract(node, inputs, world):
    result = _einsum(node.attrs["equation"], *inputs).astype(inputs[0].dtype)
    dtype = node.types[0].dtype
    if world.noise is not None and dtype.startswith(("float", "bfloat")):
        result = world.rounded(dtype, result, 0.5, _rounding(node, inputs, result, dtype))
    return (result,)


def _rounding(node, inputs, result, dtype):
    squares = _einsum(node.attrs["equation"], *(np.square(x.astype(np.float64)) for x in inputs))
    # each product is rounded too (where it is not fused): as one more addition a term
    return np.sqrt(np.square(sum_deviation(result, squares, _count(node, inputs) + 1, dtype)) + squares * (
        2.0 ** -104 if dtype == "float64" else 2.0 ** -46) / 12)


@error("contract")
def contract_error(node, inputs, sigmas, outputs, world):
    dtype = node.types[0].dtype
    if not dtype.startswith(("float", "bfloat")):
        return (np.zeros(np.shape(outputs[0])),)
    equation = node.attrs["equation"]
    variance = np.square(_rounding(node, inputs, outputs[0], dtype))
    a, b = (np.square(x.astype(np.float64)) for x in inputs)
    s, t = map(np.square, sigmas)
    if np.any(s):
        variance = variance + _einsum(equation, s, b + t)
    if np.any(t):
        variance = variance + _einsum(equation, a, t)
    return (np.sqrt(variance),)
