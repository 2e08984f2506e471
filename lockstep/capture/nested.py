"""Programs inside a program: what a recorder records for the side of a branch or the body of a loop."""
from __future__ import annotations

from typing import Any, Callable, Sequence

import torch
from torch.utils import _pytree as pytree

from ..graph.core import Origin
from ..graph.source import SubProgram
from .recorder import Handle, Recorder


def nested(recorder: Recorder, inputs: Sequence[Any], record: Callable[[list], Any], origin: Origin,
           also: Sequence[Handle] = ()) -> tuple[SubProgram, list[Handle]]:
    """The calls that `record(handles of the inputs)` makes, and the tensors from outside that they write to.

    `inputs` are tensors without data, or anything else, which is passed on as it is. The outputs are what `record`
    gives, flat, then what the tensors `also` hold at the end. Outside, everything is as it was before.
    """
    before = _settled(recorder, origin)
    calls, recorder.calls = recorder.calls, []
    count = len(recorder.values)
    handles = [recorder.fresh(x) if isinstance(x, torch.Tensor) else x for x in inputs]
    given = tuple((handle.name, recorder.type_of(handle.fake, origin)) for handle in handles if isinstance(handle, Handle))
    try:
        results = pytree.tree_leaves(record(list(handles)))
        outputs = tuple(recorder.argument(value, origin) for value in [*results, *also])
        written = [handle for handle in (*_bases(recorder, count), *(h for h in handles if isinstance(h, Handle)))
                   if handle.version != before.get(id(handle), (handle.stored, 0, 0))[1]]
        return SubProgram(given, tuple(recorder.calls), outputs), written
    finally:
        recorder.calls = calls
        del recorder.values[count:]
        for handle in recorder.handles():
            handle.name, handle.version, handle.seen = before.get(id(handle), (handle.stored, 0, 0))


def _bases(recorder: Recorder, count: int) -> list[Handle]:
    """The tensor variables of outside that own their memory."""
    return [handle for handle in (*recorder.inputs, *recorder.weight_handles.values(), *recorder.values[:count])
            if handle.base is None]


def _settled(recorder: Recorder, origin: Origin) -> dict[int, tuple[str, int, int]]:
    """What every tensor variable stands for now; views are taken anew first, outside. A weight that is met for the first
    time inside is not among them: it stands for itself."""
    for handle in recorder.handles():
        recorder.read(handle, origin)
    return {id(handle): (handle.name, handle.version, handle.seen) for handle in recorder.handles()}
