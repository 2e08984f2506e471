"""Memory by strides: as_strided and resize_ address elements as they lie in memory, which values do not keep.

Where strides say that a tensor's elements fill its memory, in whichever order of its dims, that memory is the value itself
as one row. A view is made again of an empty stand-in, which tells where in that memory it lies.
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
    owner, shown = _memory(args[0], origin)
    if name == "resize.default":
        size, stride, offset = list(args[1]), _row_major(args[1], kwargs, origin), shown.storage_offset()
    else:
        size, stride, offset = _geometry(args[2 if name == "as_strided_scatter.default" else 1:], kwargs)
        offset = shown.storage_offset() if offset is None else offset
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    if math.prod(size) and last >= owner.fake.numel():
        raise Unsupported(f"{origin}: it reaches element {last} of a memory of {owner.fake.numel()}; what would lie there is "
                          f"not defined")
    if name == "as_strided_scatter.default":
        return _scattered(recorder, args, owner, (size, stride, offset), out, origin)
    return recorder.record("as_strided.default", (_row(recorder, owner, origin), size, stride, offset), {}, out, origin)


def _geometry(args: Sequence, kwargs: dict) -> tuple[list, list, int | None]:
    """Size, stride and offset of a strided view."""
    size, stride, offset = (list(args) + [None] * 3)[:3]
    return list(kwargs.get("size", size)), list(kwargs.get("stride", stride)), kwargs.get("storage_offset", offset)


def _row_major(size: Sequence, kwargs: dict, origin: Origin) -> list[int]:
    if kwargs.get("memory_format") not in (None, torch.contiguous_format, torch.preserve_format):
        raise Unsupported(f"{origin}: resize_ to another memory format than the contiguous one is not supported")
    return [math.prod(size[k + 1:]) for k in range(len(size))]


def _scattered(recorder: Any, args: tuple, owner: Any, geometry: tuple, out: Any, origin: Origin) -> Any:
    if owner is not args[0]:
        raise Unsupported(f"{origin}: it writes by strides into a part of another tensor; clone that part first")
    row, order = _row(recorder, owner, origin), _order(owner.fake)
    written = recorder.record("as_strided_scatter.default", (row, args[1], *geometry), {}, row.fake, origin)
    permuted = owner.fake.permute(order)
    shaped = recorder.record("reshape.default", (written, list(permuted.shape)), {}, permuted, origin)
    return recorder.record("permute.default", (shaped, [order.index(k) for k in range(len(order))]), {}, out, origin)


def _row(recorder: Any, owner: Any, origin: Origin) -> Any:
    """The elements of a tensor that fills its memory, as they lie there."""
    permuted = owner.fake.permute(_order(owner.fake))
    moved = recorder.record("permute.default", (owner, _order(owner.fake)), {}, permuted, origin)
    flat = permuted.reshape(-1)
    return recorder.record("reshape.default", (moved, list(flat.shape)), {}, flat, origin)


def _order(fake: torch.Tensor) -> list[int]:
    """The dims from the one whose steps are longest in memory to the shortest."""
    return sorted(range(fake.dim()), key=lambda k: (-fake.stride(k), fake.shape[k] != 1, k))


def _memory(handle: Any, origin: Origin) -> tuple[Any, torch.Tensor]:
    """Whose elements fill the memory that a tensor lies in, and a stand-in for the tensor that tells where it lies there."""
    views = []
    while handle.base is not None and handle.shown is not None:
        views.append(handle)
        handle = handle.base
    owner = handle
    if handle.base is not None or not _fills(handle.fake) or handle.kind == "input" and not handle.fake.is_contiguous():
        raise _unknown(origin)
    shown = torch.empty_strided(handle.fake.shape, handle.fake.stride(), dtype=handle.fake.dtype, device="meta")
    for view in reversed(views):
        following = view.shown(shown)
        if following.dtype != shown.dtype:
            raise _unknown(origin)
        if not torch._C._is_alias_of(following, shown):           # reshape and its like may copy
            owner = view
        shown = following
    return owner, shown


def _unknown(origin: Origin) -> Unsupported:
    return Unsupported(f"{origin}: it addresses memory by strides, and how the elements lie there is not known; "
                       f"call .contiguous() first, or use slicing, unfold or reshape")


def _fills(fake: torch.Tensor) -> bool:
    """Whether every place in memory, from the first on, is one element's; never where sizes are free."""
    if not all(isinstance(n, int) for n in (*fake.shape, *fake.stride())) or fake.storage_offset() != 0:
        return False
    expected = 1
    for k in reversed(_order(fake)):
        if fake.shape[k] != 1 and fake.stride(k) != expected:
            return False
        expected *= fake.shape[k]
    return True
