"""Where a value lies in memory: the buffer and the strides by which a kernel may read it there, without a copy."""
from __future__ import annotations

from typing import Any

from ..graph import dims as d
from ..graph.core import Value
from ..graph.dims import Dim
from .nest import Buffer, Load


def view_source(value: Value) -> Value:
    """What must lie in memory so that an operand can be read: what its movement without guards starts from."""
    while value.node.op == "reindex" and not value.node.attrs["guard"]:
        value = value.node.inputs[0]
    return value


def lying(scope: Any, value: Value, letters: str) -> tuple[Buffer, Dim, dict[str, Dim]] | None:
    """(buffer, offset of its start, stride of each dim's letter) of a value that lies in memory by strides; None where it
    does not."""
    probe = {c: scope.names.axis(n) for c, n in zip(letters, value.dims)}
    load, _ = scope.lowered(value, tuple(probe[c] for c in letters))
    if not isinstance(load, Load) or d.opaque_atoms(load.offset):
        return None
    strides: dict[str, Dim] = {}
    rest = load.offset
    for c, axis in probe.items():
        stride = 0 if d.is_static(axis) else d.coefficient_of(load.offset, next(iter(d.atoms(axis))))
        if stride is None:
            return None
        strides[c], rest = stride, rest - stride * axis
    return load.buffer, rest, strides
