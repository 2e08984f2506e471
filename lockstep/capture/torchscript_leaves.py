"""Values that control flow by data passes on: which tensors and numbers stand for them, and how they are made again."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterator

import torch

from ..errors import Unsupported
from ..graph.core import Origin
from .recorder import Handle
from .torchscript_values import OPAQUE, UNINITIALIZED, Datum, Number, Object, is_symbolic, number_dtype, settled

if TYPE_CHECKING:
    from .torchscript_reader import Reader


@dataclass(frozen=True)
class Same:
    """A value that is the same whatever the data says."""

    value: Any


@dataclass(frozen=True)
class Leaf:
    """A tensor, or a number as a tensor without dims, that the data decides; `fake` is it without data."""

    fake: torch.Tensor
    number: bool

    def value(self, handle: Handle) -> Any:
        return Datum(handle) if self.number else handle

    def __str__(self) -> str:
        kind = str(self.fake.dtype)[6:]
        return f"a number ({kind})" if self.number else f"{kind}[{', '.join(map(str, self.fake.shape))}]"


@dataclass(frozen=True)
class Parts:
    """A list, tuple, dict or object, part by part; `make` puts parts together."""

    make: Callable[[list], Any]
    parts: tuple[Any, ...]


Pattern = Any        # Same | Leaf | Parts, and torchscript_lists.Grown in a loop


def is_same(a: Any, b: Any) -> bool:
    """Whether two values are one constant, or one variable."""
    if a is b:
        return True
    if isinstance(a, Datum) and isinstance(b, Datum):
        return a.handle is b.handle
    if isinstance(a, Number) and isinstance(b, Number):
        return a.handle is b.handle is None and (a.dtype, a.wrapped) == (b.dtype, b.wrapped) and is_same(a.value, b.value)
    if is_symbolic(a) or is_symbolic(b):
        return type(a) is type(b) and a.node.expr == b.node.expr
    if isinstance(a, float) and isinstance(b, float):
        return repr(a) == repr(b)                                # signed zeros differ, NaN is NaN
    plain = (bool, int, complex, str, torch.dtype, torch.device, type(None))
    return type(a) is type(b) and isinstance(a, plain) and a == b


def leaf_of(reader: Reader, value: Any) -> Leaf | None:
    """The leaf that can stand for a tensor or a number; None for any other value."""
    if isinstance(value, Handle):
        return Leaf(value.fake, False)
    dtype = value.dtype if isinstance(value, Number) else number_dtype(value)
    if dtype is None:
        return None
    with reader.sizes.mode:
        return Leaf(torch.empty((), dtype=dtype), not isinstance(value, Number))


def split(value: Any) -> tuple[tuple, Callable[[list], Any], list] | None:
    """(what must be alike, how to make it again, its parts) of a list, tuple, dict or object; None for any other value."""
    if isinstance(value, (list, tuple)):
        kind = type(value)
        return (kind, len(value)), (lambda parts: kind(parts) if kind in (list, tuple) else kind(*parts)), list(value)
    if isinstance(value, dict):
        keys = list(value)
        return (dict, tuple(keys)), (lambda parts: dict(zip(keys, parts))), list(value.values())
    if isinstance(value, Object) and value not in (UNINITIALIZED, OPAQUE):
        names, type_ = sorted(value.attributes), value.type
        return ((Object, type_.qualified_name(), tuple(names)), lambda parts: Object(type_, dict(zip(names, parts))),
                [value.attributes[name] for name in names])
    return None


def united(reader: Reader, a: Any, b: Any, what: str) -> Pattern:
    """The pattern of a value that is `a` or `b` as data says. Raises Unsupported where they cannot be one value."""
    a, b = settled(a), settled(b)
    if is_same(a, b):
        return Same(a)
    if a is UNINITIALIZED or b is UNINITIALIZED:
        return pattern_of(reader, b if a is UNINITIALIZED else a, what)
    one, other = split(a), split(b)
    if one is not None and other is not None and one[0] == other[0]:
        return Parts(one[1], tuple(united(reader, x, y, what) for x, y in zip(one[2], other[2])))
    first, second = leaf_of(reader, a), leaf_of(reader, b)
    if first is not None and second is not None and alike(reader, first, second):
        return first
    raise Unsupported(f"{what} {described(first, a)} and {described(second, b)}, which cannot be one value"
                      f"{advice(a, b, first, second)}")


def pattern_of(reader: Reader, value: Any, what: str) -> Pattern:
    """The pattern of a value whose every tensor and number data may decide."""
    value = settled(value)
    parts = split(value)
    if parts is not None:
        return Parts(parts[1], tuple(pattern_of(reader, x, what) for x in parts[2]))
    return leaf_of(reader, value) or Same(value)


def alike(reader: Reader, a: Leaf, b: Leaf) -> bool:
    symbols = reader.recorder.symbols
    return a.number == b.number and symbols.type(a.fake) == symbols.type(b.fake)


def described(leaf: Leaf | None, value: Any) -> str:
    if leaf is not None:
        return str(leaf)
    return f"a {type(value).__name__} of {len(value)}" if isinstance(value, (list, tuple, dict)) else repr(value) \
        if isinstance(value, (str, type(None))) else f"a {type(value).__name__.lower()}"


def advice(a: Any, b: Any, first: Leaf | None, second: Leaf | None) -> str:
    if a is None or b is None:
        return "; give a tensor in place of None (zeros, say), and a flag beside it"
    if first is not None and second is not None and first.number == second.number:
        return "; make dtype and shape equal (allocate the largest shape and mask it, or convert with .to)"
    if isinstance(a, list) and isinstance(b, list):
        return "; give lists of equal length, or keep the rows in one tensor and count them"
    return ""


def leaves_in(pattern: Pattern, value: Any) -> Iterator[tuple[Leaf, Any]]:
    """Every leaf of a pattern with what stands there in a value."""
    value = settled(value)
    if isinstance(pattern, Leaf):
        yield pattern, value
    elif isinstance(pattern, Parts):
        parts = split(value)
        for k, part in enumerate(pattern.parts):
            yield from leaves_in(part, UNINITIALIZED if parts is None else parts[2][k])


def made(pattern: Pattern, handles: Iterator[Handle]) -> Any:
    """The value of a pattern with tensors in place of its leaves."""
    if isinstance(pattern, Leaf):
        return pattern.value(next(handles))
    if isinstance(pattern, Parts):
        return pattern.make([made(part, handles) for part in pattern.parts])
    return pattern.value


def tensor_at(reader: Reader, leaf: Leaf, value: Any, origin: Origin) -> Handle:
    """What stands at a leaf as a tensor; zeros where nothing was put there yet."""
    if value is UNINITIALIZED:
        size, dtype = list(leaf.fake.shape), leaf.fake.dtype
        return reader.call(torch.ops.aten.full.default, [size, 0, dtype, None, None, None], origin)
    if isinstance(value, Datum):
        return value.handle
    if isinstance(value, Handle):
        return value
    return reader.number_tensor(value.value if isinstance(value, Number) else value, leaf.fake.dtype, origin)
