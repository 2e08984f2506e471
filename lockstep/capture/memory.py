"""Memory by strides: as_strided and resize_ address elements as they lie in memory, which values do not keep.

Where a stand-in's strides say that a tensor's elements fill its memory, in whichever order of its dims, that memory is the
value itself as one row. A view that shows a part of it is followed to what it is a view of.
"""
from __future__ import annotations

import math
from typing import Any, Sequence

import torch

from ..errors import Unsupported
from ..graph.core import Origin

BY_MEMORY = frozenset({"as_strided.default", "as_strided_copy.default", "as_strided_scatter.default", "resize.default"})


def by_memory(recorder: Any, name: str, args: tuple, kwargs: dict, out: Any, origin: Origin) -> Any:
    """One of the calls in BY_MEMORY, recorded over its operand's memory. Raises Unsupported where that is not known."""
    handle = args[0]
    if name == "resize.default":
        size = list(args[1])
        return _strided(recorder, handle, size, _row_major(size, kwargs, origin), handle.fake.storage_offset(), out, origin)
    if name == "as_strided_scatter.default":
        return _scattered(recorder, handle, args[1], _geometry(handle, args[2:], kwargs), out, origin)
    return _strided(recorder, handle, *_geometry(handle, args[1:], kwargs), out, origin)


def _geometry(handle: Any, args: Sequence, kwargs: dict) -> tuple[list, list, int]:
    """Size, stride and offset of a strided view; the offset is the operand's own where none is given."""
    size, stride, offset = (list(args) + [None] * 3)[:3]
    offset = kwargs.get("storage_offset", offset)
    return (list(kwargs.get("size", size)), list(kwargs.get("stride", stride)),
            handle.fake.storage_offset() if offset is None else offset)


def _row_major(size: list, kwargs: dict, origin: Origin) -> list[int]:
    if kwargs.get("memory_format") not in (None, torch.contiguous_format, torch.preserve_format):
        raise Unsupported(f"{origin}: resize_ to another memory format than the contiguous one is not supported")
    return [math.prod(size[k + 1:]) for k in range(len(size))]


def _strided(recorder: Any, handle: Any, size: list, stride: list, offset: int, out: Any, origin: Origin) -> Any:
    row = _row(recorder, _owner(handle, origin), origin)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    if math.prod(size) and last >= row.fake.numel():
        raise Unsupported(f"{origin}: it reaches element {last} of a memory of {row.fake.numel()}; what would lie there is "
                          f"not defined")
    return recorder.record("as_strided.default", (row, size, stride, offset), {}, out, origin)


def _scattered(recorder: Any, handle: Any, source: Any, geometry: tuple, out: Any, origin: Origin) -> Any:
    if _owner(handle, origin) is not handle:
        raise Unsupported(f"{origin}: it writes by strides into a part of another tensor; clone that part first")
    row = _row(recorder, handle, origin)
    written = recorder.record("as_strided_scatter.default", (row, source, *geometry), {}, row.fake, origin)
    order = _order(handle.fake)
    permuted = handle.fake.permute(order)
    shaped = recorder.record("reshape.default", (written, list(permuted.shape)), {}, permuted, origin)
    return recorder.record("permute.default", (shaped, [order.index(k) for k in range(len(order))]), {}, out, origin)


def _row(recorder: Any, handle: Any, origin: Origin) -> Any:
    """The elements of a tensor that fills its memory, as they lie there."""
    permuted = handle.fake.permute(_order(handle.fake))
    moved = recorder.record("permute.default", (handle, _order(handle.fake)), {}, permuted, origin)
    flat = permuted.reshape(-1)
    return recorder.record("reshape.default", (moved, list(flat.shape)), {}, flat, origin)


def _order(fake: torch.Tensor) -> list[int]:
    """The dims from the one whose steps are longest in memory to the shortest."""
    return sorted(range(fake.dim()), key=lambda k: (-fake.stride(k), fake.shape[k] != 1, k))


def _owner(handle: Any, origin: Origin) -> Any:
    """The tensor, this one or what it is a view of, whose elements fill the memory."""
    start = handle
    while handle is not None:
        if _fills(handle.fake) and handle.fake.untyped_storage().nbytes() == start.fake.untyped_storage().nbytes():
            break
        handle = handle.base
    if handle is None or handle.kind == "input" and not handle.fake.is_contiguous():
        raise Unsupported(f"{origin}: it addresses memory by strides, and how the elements lie there is not known; "
                          f"call .contiguous() first, or use slicing, unfold or reshape")
    return handle


def _fills(fake: torch.Tensor) -> bool:
    """Whether every place in memory is one element's; never where sizes are free."""
    if not all(isinstance(n, int) for n in (*fake.shape, *fake.stride(), fake.storage_offset())):
        return False
    expected = 1
    for k in reversed(_order(fake)):
        if fake.shape[k] != 1 and fake.stride(k) != expected:
            return False
        expected *= fake.shape[k]
    return fake.untyped_storage().nbytes() == fake.numel() * fake.element_size()
