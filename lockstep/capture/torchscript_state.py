"""What reading a block of a TorchScript graph on its own gives and changes: the side of a branch, the body of a loop."""
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator

from ..errors import Unsupported
from ..graph.core import Origin
from ..graph.source import Call
from .recorder import Handle
from .torchscript_values import Attribute, Number, Object, leaves

if TYPE_CHECKING:
    from .torchscript_reader import Reader


class Trial:
    """Reading that may be taken back: everything is again as it was where it comes to nothing."""

    def __init__(self, reader: Reader, env: dict, origin: Origin):
        self.reader, self.env, self.origin = reader, env, origin

    def of(self, read: Callable[[], list | None]) -> list | None:
        """What `read()` gives; None where it gives that, and then nothing was read."""
        before = _Outside(self.reader, self.env, self.origin)
        found = read()
        if found is None:
            before.restore()
        else:
            self.reader.recorder.calls[:0] = before.calls
        return found


class Reading:
    """A block read on its own, everything outside being afterwards as it was before.

    results   what the block gave
    endings   what every list, dict, object and attribute of outside holds at its end
    changed   {what: (before, after)} of the lists, dicts, objects and attributes of outside that it changed
    written   the tensors of outside that it wrote to, by way of those that own the memory
    demands   tensors (bool, no dims) that must hold, or the run fails
    """

    def __init__(self, reader: Reader, env: dict, run: Callable[[], list], origin: Origin):
        self.reader, self.origin = reader, origin
        while True:
            outside = _Outside(reader, env, origin)
            reader.demands.append([])
            try:
                self.results = run()
                promoted = outside.promoted()
                self.changed, self.endings = outside.changed(), outside.endings()
                self.calls, self.demands = reader.recorder.calls, reader.demands[-1]
                self.written = outside.written()
                self.ends = [(handle, handle.name, handle.version, handle.seen) for handle in _all_handles(reader)]
            finally:
                outside.restore()
                reader.demands.pop()
            self.known = {id(handle) for handle, *_ in outside.handles}
            if not promoted:
                return
            for number in promoted:                      # a known number that is written to inside is a tensor outside
                number.handle = reader.promoted(number, origin)

    def is_outside(self, handle: Handle) -> bool:
        return id(handle) in self.known or handle.kind != "value"

    @contextmanager
    def reopened(self) -> Iterator[list[Call]]:
        """Recording goes on at the end of the block; what is read is what stands there."""
        outside = _Outside(self.reader, {}, self.origin)
        try:
            self.reader.recorder.calls = self.calls
            for handle, handle.name, handle.version, handle.seen in self.ends:
                pass
            yield self.calls
        finally:
            outside.restore()


class _Outside:
    """All that reading a block can change, as it is now; reading goes on with no calls, and `restore` ends that."""

    def __init__(self, reader: Reader, env: dict, origin: Origin):
        self.reader, recorder = reader, reader.recorder
        for handle in recorder.handles():
            recorder.read(handle, origin)
        self.handles = [(handle, handle.name, handle.version, handle.seen) for handle in _all_handles(reader)]
        self.shapes = [(handle, handle.fake) for handle, *_ in self.handles]
        self.calls, recorder.calls = recorder.calls, []
        self.count = len(recorder.values)
        self.attributes = {key: one.value for key, one in reader.attributes.items()}
        self.extents = dict(reader.extents)
        roots = [*env.values(), *self.attributes.values()]
        self.containers = [(one, contents(one)) for one in containers(roots)]
        values = [*roots, *(x for _, held in self.containers for x in _flat(held))]
        self.numbers = [one for value in values for one in leaves(value) if isinstance(one, Number) and one.handle is None]

    def written(self) -> list[Handle]:
        """The tensors of outside that were written to; weights are of outside even where they are met inside first."""
        before = {id(handle): version for handle, _, version, _ in self.handles}
        return [handle for handle in _all_handles(self.reader) if handle.base is None and
                (id(handle) in before or handle.kind == "weight") and handle.version != before.get(id(handle), 0)]

    def promoted(self) -> list[Number]:
        return [number for number in self.numbers if number.handle is not None]

    def changed(self) -> dict[Any, tuple[Any, Any]]:
        """What the block changed, before and after: {container itself or attribute: (contents, contents)}."""
        found: dict[Any, tuple[Any, Any]] = {}
        for container, before in self.containers:
            after = contents(container)
            if len(before) != len(after) or any(a is not b for a, b in zip(_flat(before), _flat(after))):
                found[Slot(container)] = (before, after)
        for key, one in self.reader.attributes.items():
            if one.value is not self.attributes.get(key, one.first):
                found[Slot(one)] = (self.attributes.get(key, one.first), one.value)
            elif key not in self.attributes and one.is_changed_inside():
                raise Unsupported("a list or dict of the module is changed inside a branch or loop that data decides; "
                                  "return it instead")
        for handle, fake in self.shapes:
            if handle.fake is not fake:
                raise Unsupported("a tensor from outside is reshaped in place inside a branch or loop that data decides; "
                                  "use the form that is not in place")
        return found

    def endings(self) -> dict[Any, Any]:
        return {**{Slot(container): contents(container) for container, _ in self.containers},
                **{Slot(one): one.value for one in self.reader.attributes.values()}}

    def restore(self) -> None:
        reader, recorder = self.reader, self.reader.recorder
        recorder.calls = self.calls
        before = {id(handle): (name, version, seen) for handle, name, version, seen in self.handles}
        for handle in _all_handles(reader):
            handle.name, handle.version, handle.seen = before.get(id(handle), (handle.stored or handle.name, 0, 0))
        del recorder.values[self.count:]
        for container, held in self.containers:
            put(container, held)
        for key, one in reader.attributes.items():
            one.value = self.attributes.get(key, one.first)
        for number in self.numbers:
            number.handle = None
        reader.extents = self.extents


class Slot:
    """A list, dict, object or attribute as a key: the same one, whatever it holds."""

    def __init__(self, owner: Any):
        self.owner = owner

    def __hash__(self) -> int:
        return id(self.owner)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slot) and other.owner is self.owner

    def put(self, value: Any) -> None:
        put(self.owner, value)


def _all_handles(reader: Reader) -> list[Handle]:
    """Every tensor variable, and what those are views of."""
    found: dict[int, Handle] = {}
    for handle in reader.recorder.handles():
        while handle is not None and id(handle) not in found:
            found[id(handle)] = handle
            handle = handle.base
    return list(found.values())


def containers(values: list) -> list[Any]:
    """The lists, dicts and objects that can be reached from some values."""
    found: dict[int, Any] = {}
    stack = list(values)
    while stack:
        value = stack.pop()
        if isinstance(value, (list, dict)) or isinstance(value, Object) and value.type is not None:
            if id(value) in found:
                continue
            found[id(value)] = value
        if isinstance(value, (list, tuple)):
            stack += value
        elif isinstance(value, dict):
            stack += value.values()
        elif isinstance(value, Object):
            stack += value.attributes.values()
    return list(found.values())


def contents(container: Any) -> Any:
    return dict(container.attributes) if isinstance(container, Object) else container.copy()


def put(owner: Any, value: Any) -> None:
    """Makes a list, dict, object or attribute hold what `contents` gave."""
    if isinstance(owner, Attribute):
        owner.value = value
    elif isinstance(owner, list):
        owner[:] = value
    else:
        held = owner.attributes if isinstance(owner, Object) else owner
        held.clear()
        held.update(value)


def _flat(held: Any) -> list:
    return [x for pair in held.items() for x in pair] if isinstance(held, dict) else held
