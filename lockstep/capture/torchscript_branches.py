"""Branches that data decides: both sides are recorded, and what they give or change becomes results of one call."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..graph.core import Origin
from ..graph.source import SubProgram
from . import torchscript_numbers as numbers
from .recorder import Handle
from .torchscript_leaves import Leaf, leaves_in, made, tensor_at, united
from .torchscript_state import Reading
from .torchscript_values import Attribute, Place, settled

if TYPE_CHECKING:
    from .torchscript_reader import Reader

WHAT = "the sides of a branch that data decides give"


def branch(reader: Reader, node: Any, condition: Any, env: dict, place: Place) -> list:
    """prim::If on a condition that is read from tensors: the values of its outputs.

    A side that only raises is no side: the run fails there, and goes on with the other.
    """
    origin = reader.origin(node, place)
    chosen = numbers.truth(reader, condition, origin)
    blocks = list(node.blocks())
    for k, (block, holds) in enumerate(zip(blocks, (numbers.negated(reader, chosen, origin), chosen))):
        if any(inner.kind() == "prim::RaiseException" for inner in block.nodes()):
            reader.require(holds, origin)
            reader.block(blocks[1 - k], env, place)
            return [env[value.unique()] for value in blocks[1 - k].outputs()]
    sides = [_side(reader, block, env, place, origin) for block in blocks]
    return _joined(reader, chosen, sides, origin)


def _side(reader: Reader, block: Any, env: dict, place: Place, origin: Origin) -> Reading:
    inner = dict(env)

    def run() -> list:
        reader.block(block, inner, place)
        return [settled(inner[value.unique()]) for value in block.outputs()]
    return Reading(reader, env, run, origin)


def _joined(reader: Reader, chosen: Handle, sides: list[Reading], origin: Origin) -> list:
    """One call of both sides; what they changed is changed by what it gives."""
    recorder = reader.recorder
    slots = list(dict.fromkeys(slot for side in sides for slot in side.changed))
    befores = {slot: before for side in sides for slot, (before, _) in side.changed.items()}
    values = [[*side.results, *(side.changed[slot][1] if slot in side.changed else befores[slot] for slot in slots)]
              for side in sides]
    patterns = [united(reader, a, b, WHAT) for a, b in zip(*values)]
    written = list(dict.fromkeys(handle for side in sides for handle in side.written))
    demanding = any(side.demands for side in sides)
    found = [[leaf for pattern, value in zip(patterns, side) for leaf in leaves_in(pattern, value)] for side in values]
    programs = [_program(reader, side, leaves, written, demanding, origin) for side, leaves in zip(sides, found)]
    fakes = [leaf.fake for leaf, _ in found[0]] + [handle.fake for handle in written]
    if demanding:
        fakes.append(reader.empty((), torch.bool))
    results = reader.control("cond", (chosen, *programs, []), fakes, origin) if fakes else []
    if demanding:
        reader.require(results.pop(), origin)
    for handle, result in zip(written, results[len(found[0]):]):
        recorder.write(handle, result, origin)
    for result, (leaf, a), (_, b) in zip(results, *found):
        _note_memory(reader, chosen, result, leaf, [a, b], sides, origin)
    for leaves in found:
        forbid_shared([(result, value) for result, (_, value) in zip(results, leaves)], "a branch")
    handles = iter(results)
    merged = [made(pattern, handles) for pattern in patterns]
    for slot, value in zip(slots, merged[len(sides[0].results):]):
        slot.put(value)
        if isinstance(slot.owner, Attribute):
            slot.owner.read = True                       # the side that did not set it keeps what the last run left
    return merged[:len(sides[0].results)]


def _program(reader: Reader, side: Reading, leaves: list[tuple[Leaf, Any]], written: list[Handle], demanding: bool,
             origin: Origin) -> SubProgram:
    with side.reopened() as calls:
        outputs = [tensor_at(reader, leaf, value, origin) for leaf, value in leaves] + written
        if demanding:
            outputs.append(numbers.both(reader, *side.demands) if side.demands else
                           reader.number_tensor(True, torch.bool, origin))
        arguments = tuple(reader.recorder.argument(output, origin) for output in outputs)
        return SubProgram((), tuple(calls), arguments)


def _note_memory(reader: Reader, chosen: Handle, result: Handle, leaf: Leaf, values: list, sides: list[Reading],
                 origin: Origin) -> None:
    """A result that may be a tensor of outside itself, not a copy: writes to the one are seen in the other."""
    if leaf.number:
        return
    outside = [isinstance(value, Handle) and side.is_outside(value) for value, side in zip(values, sides)]
    if sum(outside) == 1:
        taken = chosen if outside[0] else numbers.negated(reader, chosen, origin)
        share(reader, result, values[outside.index(True)], taken, origin)
    roots = [(root_of(value), side.is_outside(value)) for value, side in zip(values, sides)
             if isinstance(value, Handle) and side.is_outside(root_of(value))]
    if sum(outside) == 2 or any(not is_itself for _, is_itself in roots):       # either of two, or a view made inside
        forbid(result, [root for root, _ in roots], "a branch")


def share(reader: Reader, result: Handle, source: Handle, taken: Handle, origin: Origin) -> None:
    """`result` is the memory of `source` where `taken` (bool, no dims) holds, and memory of its own elsewhere."""
    def where(condition: Handle, one: Handle, other: Handle) -> Handle:
        return reader.call(torch.ops.aten.where.self, [condition, one, other], origin)

    result.base, result.seen = source, source.version
    result.redo = lambda parent: where(taken, parent, Handle(result.name, result.fake))
    result.undo = lambda parent, new: where(taken, new, parent)


def forbid_shared(pairs: list[tuple[Handle, Any]], what: str) -> None:
    """Results that were one tensor's memory inside are not written to: outside they are several."""
    groups: dict[int, list[Handle]] = {}
    for result, value in pairs:
        if isinstance(value, Handle):
            groups.setdefault(id(root_of(value)), []).append(result)
    for group in groups.values():
        if len(group) > 1:
            forbid(group[0], group[1:], what)


def forbid(result: Handle, roots: list[Handle], what: str) -> None:
    """Writes in place to tensors of which one may be another's memory, as data says, are refused from here on."""
    for handle in (result, *roots):
        handle.shared = f"a tensor that {what} may have made the same as another"


def root_of(handle: Handle) -> Handle:
    while handle.base is not None:
        handle = handle.base
    return handle
