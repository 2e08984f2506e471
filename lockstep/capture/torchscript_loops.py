"""Loops that are recorded, not written out: their number of turns depends on data or on a varying extent, or is large.

One turn is read with what it carries unknown. What that is shows by itself: reading starts with everything as it is
before the loop, and whatever a turn leaves otherwise is carried from then on, until another reading finds nothing new.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator

import torch

from ..errors import Unsupported
from ..graph.source import SubProgram
from . import torchscript_numbers as numbers
from .recorder import Handle
from .torchscript_branches import forbid, forbid_shared, root_of, share
from .torchscript_leaves import (Leaf, Parts, Pattern, Same, alike, is_same, leaf_of, leaves_in, made, pattern_of, split,
                                 tensor_at, united)
from .torchscript_lists import Growing, Rows, is_open
from .torchscript_state import Reading
from .torchscript_values import UNINITIALIZED, Attribute, Datum, Place, is_symbolic, settled

if TYPE_CHECKING:
    from .torchscript_reader import Reader

ENDLESS = 2 ** 63 - 1       # what TorchScript gives a `while` as its greatest number of turns
READINGS = 12               # of one body, before what it carries must be known
WHAT = "a turn of a loop gets and gives"


@dataclass(frozen=True)
class Grown:
    """A list that every turn appends to: what it was before, the pattern of what a turn appends, and whether the last item is
    carried (it is where there was one before)."""

    before: tuple
    row: Pattern
    with_last: bool


class Loop:
    """One prim::Loop while what it carries is being found; `slots` are what the body may change, by name or owner."""

    def __init__(self, reader: Reader, node: Any, trips: Any, condition: Any, carried: list, env: dict, place: Place):
        self.reader, self.node, self.env, self.place = reader, node, env, place
        self.origin = reader.origin(node, place)
        self.trips, self.condition = trips, condition
        self.body, = node.blocks()
        self.index, *self.inner = [value.unique() for value in self.body.inputs()]
        self.before: dict[Any, Any] = {k: settled(value) for k, value in enumerate(carried)}
        self.patterns: dict[Any, Pattern] = {k: Same(value) for k, value in self.before.items()}
        self.written: list[Handle] = []
        self.demanding = False

    # -- what is carried

    def settle(self) -> None:
        """Reads the body until what it carries is known."""
        for _ in range(READINGS):
            self.reading = self._read()
            found = {slot: joined(self.reader, self.patterns[slot], self.before[slot], after)
                     for slot, after in self._afters().items()}
            written = list(dict.fromkeys([*self.written, *self.reading.written]))
            if self._is_known(found) and written == self.written and self.demanding >= bool(self.reading.demands):
                return
            self.patterns, self.written = found, written
            self.demanding = self.demanding or bool(self.reading.demands)
        raise Unsupported("what the loop carries from turn to turn is not found; write it with tensors of one shape")

    def _afters(self) -> dict[Any, Any]:
        """What a turn leaves in every slot; those that are new start as they were before."""
        for slot, (before, _) in self.reading.changed.items():
            if slot not in self.before:
                self.before[slot], self.patterns[slot] = before, Same(before)
        return {slot: self.reading.results[slot + 1] if isinstance(slot, int) else self.reading.endings[slot]
                for slot in self.before}

    def _is_known(self, found: dict) -> bool:
        return all(same_pattern(self.reader, self.patterns[slot], pattern) for slot, pattern in found.items())

    def _read(self) -> Reading:
        reader, inner = self.reader, dict(self.env)

        def run() -> list:
            recorder = reader.recorder
            self.step = reader.fresh((), torch.int64)
            self.given = [recorder.fresh(leaf.fake) for leaf, _ in self._leaves(self.before)]
            self.held = [recorder.fresh(handle.fake) for handle in self.written]
            self.fine = reader.fresh((), torch.bool)
            for handle, given in zip(self.written, self.held):
                recorder.write(handle, Handle(given.name, given.fake), self.origin)
            handles = iter(self.given)
            self.starts = {slot: start(pattern, handles) for slot, pattern in self.patterns.items()}
            for slot, value in self.starts.items():
                if not isinstance(slot, int):
                    slot.put(value)
            inner[self.index] = Datum(self.step)
            inner.update(zip(self.inner, self.starts.values()))
            reader.block(self.body, inner, self.place)
            if any(handle.version for handle in self.given):
                raise Unsupported("the loop writes in place to a tensor that it carries; clone it first, or use the form "
                                  "that is not in place")
            return [settled(inner[value.unique()]) for value in self.body.outputs()]
        return Reading(reader, self.env, run, self.origin)

    def _leaves(self, values: dict) -> list[tuple[Leaf, Any]]:
        found: list[tuple[Leaf, Any]] = []
        for slot, pattern in self.patterns.items():
            if not isinstance(pattern, Grown):
                found += leaves_in(pattern, values[slot])
            elif pattern.with_last:
                found += leaves_in(pattern.row, values[slot][-1])
        return found

    # -- the call

    def record(self) -> list:
        """The loop as one call; what it changed is changed. Gives the carried values after it."""
        self.settle()
        reader, origin, before = self.reader, self.origin, self._leaves(self.before)
        afters = self._afters()
        last = self.reading.results[0]
        turns = not isinstance(self.trips, Datum) and self.condition is True and last is True
        entered = None if turns else self._entered()
        initial = [tensor_at(reader, leaf, value, origin) for leaf, value in before] + self.written
        if self.demanding:
            initial.append(reader.number_tensor(True, torch.bool, origin))
        rows = [(leaf, value) for slot, pattern in self.patterns.items() if isinstance(pattern, Grown)
                for leaf, value in leaves_in(pattern.row, afters[slot][-1])]
        self._refuse_shared_memory([*before, *self._leaves(afters), *rows])
        body = self._program(self._leaves(afters), rows, None if turns else last)
        length = self.trips if turns else reader.unknown_extent() if rows else None
        fakes = [x.fake for x in initial]
        fakes += [reader.empty((length, *leaf.fake.shape), leaf.fake.dtype) for leaf, _ in rows]
        if not fakes:
            return list(self.before.values())
        found = reader.control("lockstep::loop", (self.trips, body, initial), fakes, origin) if turns else \
            reader.control("lockstep::while", (None, entered, body, initial), fakes, origin)
        return self._after(found, before, afters, length, entered)

    def _entered(self) -> Handle:
        """Whether there is a first turn."""
        reader, holds = self.reader, numbers.truth(self.reader, self.condition, self.origin)
        return holds if self._is_endless() else numbers.both(reader, holds, self._is_turn(0))

    def _is_endless(self) -> bool:
        return isinstance(self.trips, int) and self.trips == ENDLESS

    def _is_turn(self, k: Any) -> Handle:
        """Whether turn k is one of the greatest number of turns."""
        sides = [numbers.as_int(self.reader, x, self.origin) for x in (k, self.trips)]
        return self.reader.call(torch.ops.aten.lt.Tensor, sides, self.origin)

    def _program(self, leaves: list, rows: list, last: Any) -> SubProgram:
        """One turn: step and carried values in; whether another follows (in a while), carried values and rows out."""
        reader, origin = self.reader, self.origin
        with self.reading.reopened() as calls:
            outputs = [tensor_at(reader, leaf, value, origin) for leaf, value in leaves] + self.written
            if self.demanding:
                outputs.append(numbers.both(reader, self.fine, *self.reading.demands))
            outputs += [tensor_at(reader, leaf, value, origin) for leaf, value in rows]
            if last is not None:
                outputs.insert(0, self._again(last))
            arguments = tuple(reader.recorder.argument(output, origin) for output in outputs)
        given = [self.step, *self.given, *self.held] + [self.fine] * self.demanding
        inputs = tuple((handle.name, reader.recorder.type_of(handle.fake, origin)) for handle in given)
        return SubProgram(inputs, tuple(calls), arguments)

    def _again(self, last: Any) -> Handle:
        reader = self.reader
        holds = [numbers.truth(reader, last, self.origin)]
        if not self._is_endless():
            following = reader.call(torch.ops.aten.add.Scalar, [self.step, 1], self.origin)
            holds.append(self._is_turn(Datum(following)))
        return numbers.both(reader, *holds, *self.reading.demands)

    def _after(self, found: list[Handle], before: list, afters: dict, length: Any, entered: Handle | None) -> list:
        """The values after the loop, and what it changed put where it was."""
        reader, origin = self.reader, self.origin
        carried, rest = found[:len(before)], found[len(before):]
        for handle, result in zip(self.written, rest):
            reader.recorder.write(handle, result, origin)
        rest = rest[len(self.written):]
        if self.demanding:
            reader.require(rest.pop(0), origin)
        self._note_memory(carried, before, afters, entered)
        lasts = [leaf for slot, pattern in self.patterns.items() if isinstance(pattern, Grown)
                 for leaf in leaves_in(pattern.row, afters[slot][-1])]
        ends = [value for _, value in (*self._leaves(afters), *lasts)]
        forbid_shared(list(zip([*carried, *rest], ends)), "a loop")
        handles, rows, results = iter(carried), iter(rest), {}
        for slot, pattern in self.patterns.items():
            if isinstance(pattern, Grown):
                if pattern.with_last:
                    made(pattern.row, handles)
                tensors = [next(rows) for _ in leaves_in(pattern.row, afters[slot][-1])]
                results[slot] = [*pattern.before, Rows(tensors, pattern.row, length)]
            else:
                results[slot] = made(pattern, handles)
            if not isinstance(slot, int):
                slot.put(results[slot])
                if isinstance(slot.owner, Attribute):
                    slot.owner.read = True
        return [results[k] for k in range(len(self.inner))]

    # -- memory

    def _refuse_shared_memory(self, leaves: list[tuple[Leaf, Any]]) -> None:
        """What is carried or appended must not be, in any turn, the memory of a tensor that the loop writes to."""
        for _, value in leaves:
            if isinstance(value, Handle) and root_of(value) in self.written:
                raise Unsupported("the loop carries or appends a tensor that it also writes to in place; clone it")

    def _note_memory(self, carried: list[Handle], before: list, afters: dict, entered: Handle | None) -> None:
        """Without a turn, a carried tensor after the loop is the one before it."""
        reader, origin = self.reader, self.origin
        for result, (leaf, value), (_, after) in zip(carried, before, self._leaves(afters)):
            if leaf.number:
                continue
            if isinstance(after, Handle) and self.reading.is_outside(root_of(after)):
                forbid(result, [root_of(after)], "a loop")
            elif isinstance(value, Handle) and not (isinstance(self.trips, int) and entered is None and self.trips > 0):
                ran = entered if entered is not None else numbers.truth(reader, self.trips > 0, origin)
                share(reader, result, value, numbers.negated(reader, ran, origin), origin)


def start(pattern: Pattern, handles: Iterator[Handle]) -> Any:
    """What a slot holds when a turn starts."""
    if isinstance(pattern, Grown):
        return [Growing(made(pattern.row, handles) if pattern.with_last else None)]
    return made(pattern, handles)


def joined(reader: Reader, pattern: Pattern, before: Any, after: Any) -> Pattern:
    """The pattern of what was there before the loop, given what a turn that started with `pattern` leaves."""
    after = settled(after)
    if isinstance(pattern, Grown):
        if isinstance(after, list) and [isinstance(x, (Growing, Rows)) for x in after] == [True, False]:
            row = united_patterns(reader, pattern.row, pattern_of(reader, after[1], WHAT))
            return Grown(pattern.before, row, pattern.with_last)
        raise Unsupported("a list grows by more than one item in a turn, or not in every turn; append once in every turn, "
                          "and keep the rows that count (or their number) in tensors")
    if isinstance(pattern, Same):
        if isinstance(before, list) and isinstance(after, list) and len(after) > len(before) and not is_open(after) and \
                all(is_same(a, b) for a, b in zip(before, after)):
            if len(after) > len(before) + 1:
                raise Unsupported("a list grows by more than one item in a turn; append to one list for each")
            row = pattern_of(reader, after[-1], WHAT)
            carried = bool(before) and same_pattern(reader, row, pattern_of(reader, before[-1], WHAT))
            return Grown(tuple(before), row, carried)
        return united(reader, before, after, WHAT)
    if isinstance(pattern, Parts):
        parts, first = split(after), split(before)
        if parts is None or len(parts[2]) != len(pattern.parts):
            return united(reader, before, after, WHAT)
        olds = first[2] if first is not None else [UNINITIALIZED] * len(pattern.parts)
        return Parts(pattern.make, tuple(joined(reader, *three) for three in zip(pattern.parts, olds, parts[2])))
    leaf = leaf_of(reader, after)
    if after is UNINITIALIZED or leaf is not None and alike(reader, pattern, leaf):
        return pattern
    return united(reader, before, after, WHAT)


def united_patterns(reader: Reader, one: Pattern, other: Pattern) -> Pattern:
    """A row's pattern. Raises Unsupported where two readings of the body disagree on it."""
    if same_pattern(reader, one, other):
        return one
    raise Unsupported("a loop appends items of different shapes or kinds to one list")


def same_pattern(reader: Reader, one: Pattern, other: Pattern) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Same):
        return is_same(one.value, other.value) or one.value is other.value
    if isinstance(one, Leaf):
        return alike(reader, one, other)
    if isinstance(one, Grown):
        return same_pattern(reader, one.row, other.row)
    return len(one.parts) == len(other.parts) and all(same_pattern(reader, a, b) for a, b in zip(one.parts, other.parts))


def recorded(reader: Reader, node: Any, trips: Any, condition: Any, carried: list, env: dict, place: Place) -> list:
    """A loop as one call: its carried values after it."""
    if is_symbolic(trips) and trips.node.expr.is_Integer:
        trips = int(trips)
    return Loop(reader, node, trips, condition, carried, env, place).record()
