"""kernel: what is no loop nest (a decomposition, a transform, a user's own function), whole, by name.

A kernel registers here what it computes (NumPy), how far an implementation may be off, and the runtime header that
holds its C++ template of the same name. The C++ gets pointers to the inputs, to the outputs, to scratch memory where
the kernel asks for some, then the node's attributes in order as numbers, and returns false where the data has no answer.

Rounding is stated as a backward error (Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 1): the
computed answer is the exact one for inputs that are a little off. Monte Carlo runs move the inputs and compute all
results from the moved ones, so that results which belong together stay together.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import numpy as np

from .. import dims as d
from ..world import spacing
from . import REACH, error, value

RUNS = 8


def of_matrix(x: np.ndarray) -> np.ndarray:
    """One magnitude a matrix (the last two dims, or all there are): the root mean square times the root of its extent."""
    axes = tuple(range(max(x.ndim - 2, 0), x.ndim))
    return _root_mean_square(x, axes) * np.sqrt(max((x.shape[k] for k in axes), default=1))


def of_columns(x: np.ndarray) -> np.ndarray:
    """One magnitude a column, its Euclidean length; what is zero stays so: elimination leaves columns of zeros alone."""
    return _root_mean_square(x, (x.ndim - 2,)) * np.sqrt(x.shape[-2]) * (x != 0)


def of_elements(x: np.ndarray) -> np.ndarray:
    """Every element its own magnitude."""
    return np.abs(np.asarray(x, np.float64))


def of_basis(x: np.ndarray) -> np.ndarray:
    """Half the root of the extent everywhere: what orthonormal vectors miss grows so (measured against LAPACK)."""
    return np.full(np.shape(x), np.sqrt(max(x.shape[-2:])) / 2)


def _root_mean_square(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    magnitudes = np.abs(np.asarray(x, np.float64))
    largest = np.max(magnitudes, axis=axes, keepdims=True, initial=0.0)
    unit = np.where(np.isfinite(largest) & (largest > 0), largest, 1.0)       # squares neither overflow nor vanish
    return unit * np.sqrt(np.mean(np.square(magnitudes / unit), axis=axes, keepdims=True))


@dataclass(frozen=True)
class Kernel:
    """value(*arrays, **attributes) gives an array or a tuple of them, in the arrays' precision.

    header    the runtime header ("linalg.hpp"); "" where it is always included
    growth    how far an implementation may be off: its answer is exact for inputs that differ from the given ones by at
              most so many ULP of what `scale` says
    scale     the magnitude, element by element, that an input's backward error is relative to; a tuple: one an input
    free      results that are free in sign, direction or order (singular vectors) or only meant together (the factors of
              one matrix), by position, with the magnitude that their own rounding is relative to: their propagated
              deviation is that rounding alone, and how the data moves them is left to the Monte Carlo runs, which move
              them together
    error     the node's own error meaning, as in `primitives`, where the backward error is no good model
    scratch   elements of scratch memory in the first input's dtype, as an extent of the node; None for none
    file      where a user's own header lies, which is copied into what is emitted; None for a runtime header
    """

    value: Callable
    header: str = ""
    growth: float = 4.0
    scale: Callable | tuple[Callable, ...] = of_matrix
    free: Mapping[int, Callable] = field(default_factory=dict)
    error: Callable | None = None
    scratch: Callable[[Any], d.Dim] | None = None
    file: Path | None = None


KERNELS: dict[str, Kernel] = {}


class FailedGuard(IndexError):
    """The data has no answer: what the C++ reports as failed_guard."""


def kernel_of(node: Any) -> Kernel:
    return KERNELS[node.attrs["name"]]


@value("kernel")
def kernel(node, inputs, world):
    if world.noise is None:
        return _results(node, inputs, world)
    if kernel_of(node).error is not None:
        return _scattered(node, inputs, world)
    moved = [world.rounded(v.dtype, x, 0.5, _width(node, k, x)) if _moves(x) else x
             for k, (v, x) in enumerate(zip(node.inputs, inputs))]
    try:
        results = _results(node, moved, world)
    except FailedGuard:                                        # the inputs lie at the edge of what has an answer
        results = _results(node, inputs, world)
    return tuple(world.rounded(type_.dtype, result, 0.5, _local(node, k, result)) if result.dtype.kind == "f" else result
                 for k, (type_, result) in enumerate(zip(node.types, results)))


def _scattered(node, inputs, world):
    """The results, each element moved as the kernel's own error meaning says of exact inputs."""
    results = _results(node, inputs, world)
    deviations = kernel_of(node).error(node, inputs, [np.zeros(np.shape(x)) for x in inputs], results, world)
    return tuple(world.rounded(type_.dtype, result, 0.5, deviation) if result.dtype.kind == "f" else result
                 for type_, result, deviation in zip(node.types, results, deviations))


def _results(node, inputs, world):
    attributes = {k: d.evaluate(v, world.symbols) if isinstance(v, d.Expr) else v
                  for k, v in node.attrs.items() if k != "name"}
    with np.errstate(all="ignore"):
        results = kernel_of(node).value(*inputs, **attributes)
    results = results if isinstance(results, tuple) else (results,)
    return tuple(np.asarray(r).astype(world.dtype(t.dtype), copy=False) for r, t in zip(results, node.types))


@error("kernel")
def kernel_error(node, inputs, sigmas, outputs, world):
    own = kernel_of(node).error
    return own(node, inputs, sigmas, outputs, world) if own is not None else \
        backward_error(node, inputs, sigmas, outputs, world)


def backward_error(node, inputs, sigmas, outputs, world):
    """The spread of the exact answers to inputs moved by their own deviations and by the kernel's backward error.

    Whole numbers are too close to call where inputs moved half as far as a bound reaches give others.
    """
    rng = np.random.Generator(np.random.Philox(key=17))
    quiet = type(world)(world.wide, world.symbols)
    near = [_answers(node, inputs, sigmas, rng, quiet, 1.0)] if _is_spread(node, outputs) else []
    far = [_answers(node, inputs, sigmas, rng, quiet, REACH / 2)] if any(o.dtype.kind != "f" for o in outputs) else []
    deviations = []
    for k, out in enumerate(outputs):
        if out.dtype.kind != "f":
            changed = [result[k] != out for results in far for result in results]
            deviations.append(np.where(np.any(changed, axis=0), np.nan, 0.0) if changed else np.zeros(np.shape(out)))
            continue
        own = _local(node, k, out)
        if k not in kernel_of(node).free:
            with np.errstate(all="ignore"):
                squares = [np.square(np.asarray(result[k], np.float64) - np.asarray(out, np.float64))
                           for results in near for result in results]
                own = np.sqrt(np.mean(squares, axis=0)) if squares else np.full(np.shape(out), np.nan)
        deviations.append(np.hypot(own, spacing(out, node.types[k].dtype) / np.sqrt(12)))
    return tuple(deviations)


def _is_spread(node, outputs) -> bool:
    return any(out.dtype.kind == "f" and k not in kernel_of(node).free for k, out in enumerate(outputs))


def _answers(node, inputs, sigmas, rng, world, reach: float) -> list[tuple]:
    """The results for `RUNS` draws of moved inputs, without those that have no answer."""
    found = []
    for _ in range(RUNS):
        moved = [(x + rng.standard_normal(x.shape) * reach * np.hypot(_width(node, k, x), sigma)).astype(x.dtype)
                 if _moves(x) else x for k, (x, sigma) in enumerate(zip(inputs, sigmas))]
        try:
            found.append(_results(node, moved, world))
        except FailedGuard:
            continue
    return found


def _moves(x) -> bool:
    return np.asarray(x).dtype.kind == "f" and np.size(x) > 0


def _width(node, k, x) -> np.ndarray:
    """The standard deviation of the backward error of input k: so many ULP at most, evenly spread."""
    scale = kernel_of(node).scale
    scale = scale[k] if isinstance(scale, tuple) else scale
    with np.errstate(all="ignore"):
        size = np.broadcast_to(scale(x), np.shape(x))
        return kernel_of(node).growth * spacing(size, node.inputs[k].dtype) / np.sqrt(12) * (size > 0)


def _local(node, k, out) -> np.ndarray:
    """The rounding of result k itself, where it is not zero."""
    own = kernel_of(node)
    with np.errstate(all="ignore"):
        size = np.broadcast_to(own.free[k](out), np.shape(out)) if k in own.free else out
        growth = own.growth if k in own.free else 1.0
        return growth * spacing(size, node.types[k].dtype) / np.sqrt(12) * (out != 0)
