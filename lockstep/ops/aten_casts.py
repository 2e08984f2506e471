"""Casts and copies: the same values in another dtype, or just again. Memory layout means nothing here."""
from __future__ import annotations

from ..graph.core import DTYPES
from ..graph.world import HALVES
from . import aten
from .common import expand, refuse


def _cast(x, dtype):
    if dtype is not None and dtype not in DTYPES:
        refuse(f"{dtype} is not supported; complex numbers must be kept as two real tensors")
    return x if dtype is None else x.cast(dtype)


@aten("_to_copy.default", "to.dtype_layout")
def to_copy(x, *, dtype=None, **_):
    return _cast(x, dtype)


@aten("lockstep::rounded_to", "prims::convert_element_type.default")
def rounded_to(x, dtype):
    """The cast to 16 bits at the end of a decomposition, which computes in float32 as the operator itself does."""
    return x.rounded_to(dtype) if x.dtype == "float32" and dtype in HALVES else x.cast(dtype)


@aten("to.dtype", "_autocast_to_full_precision.default")
def to_dtype(x, dtype, *_, **__):
    return _cast(x, dtype if isinstance(dtype, str) else None)


@aten("to.device")
def to_device(x, device, dtype, *_, **__):
    return _cast(x, dtype)


@aten("to.other", "type_as.default")
def to_other(x, other, *_, **__):
    return x.cast(other.dtype)


@aten("clone.default", "alias.default", "detach.default", "contiguous.default", "lift_fresh_copy.default",
      "lift_fresh.default", "lift.default", "alias_copy.default", "detach_copy.default", "positive.default",
      "resolve_conj.default", "resolve_neg.default", "conj.default", "_conj.default", "conj_physical.default",
      "real.default")
def same(x, *_, **__):
    """The tensor itself: values cannot be written to here, so a copy is nothing."""
    return x


@aten("copy.default")
def copy(x, source, non_blocking=False):
    """The source in the dtype and shape of what is written to."""
    return expand(source.cast(x.dtype), x.dims)
