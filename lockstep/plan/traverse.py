"""What is inside of steps and expressions: every step, every part, and the same with other buffers."""
from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from typing import Any, Iterator, Mapping, Sequence

from .nest import Buffer

INNER = ("steps", "then", "otherwise")                       # where steps hold others


def flat(steps: Sequence[Any]) -> Iterator[Any]:
    """Every step, those inside others too."""
    for step in steps:
        yield step
        for inside in INNER:
            yield from flat(getattr(step, inside, ()))


def parts(item: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Every step, expression and buffer inside a step or expression, itself first, each object once."""
    seen = set() if seen is None else seen
    if isinstance(item, (tuple, list)):
        for part in item:
            yield from parts(part, seen)
    elif _is_vocabulary(item) and id(item) not in seen:
        seen.add(id(item))
        yield item
        if not isinstance(item, Buffer):
            for part in fields(item):
                yield from parts(getattr(item, part.name), seen)


def touched(step: Any) -> set[Buffer]:
    """The buffers that a step, or one inside it, reads or writes."""
    return {part for part in parts(step) if isinstance(part, Buffer)}


def named(step: Any) -> list[Buffer]:
    """The buffers that a step itself reads or writes, not those inside it, in an order that is always the same."""
    bare = replace(step, **{name: () for name in INNER if hasattr(step, name)})
    return [part for part in parts(bare) if isinstance(part, Buffer)]


def counted(steps: Sequence[Any]) -> Counter:
    """How many steps name each buffer, those inside others too."""
    return Counter(buffer for step in flat(steps) for buffer in named(step))


def with_buffers(item: Any, change: Mapping[Buffer, Buffer], memo: dict[int, Any] | None = None) -> Any:
    """Steps or expressions with buffers replaced by others; what is shared stays shared."""
    memo = {} if memo is None else memo
    if isinstance(item, tuple):
        return tuple(with_buffers(part, change, memo) for part in item)
    if isinstance(item, Buffer):
        return change.get(item, item)
    if not _is_vocabulary(item):
        return item
    if id(item) not in memo:
        changed = {f.name: with_buffers(getattr(item, f.name), change, memo) for f in fields(item)}
        same = all(changed[name] is getattr(item, name) or isinstance(changed[name], tuple)
                   and all(a is b for a, b in zip(changed[name], getattr(item, name))) for name in changed)
        memo[id(item)] = item if same else replace(item, **changed)
    return memo[id(item)]


def _is_vocabulary(item: Any) -> bool:
    """Whether it is a step, an expression or a part of one."""
    return is_dataclass(item) and type(item).__module__ == Buffer.__module__
