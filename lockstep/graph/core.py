"""The graph that every source program becomes: values, the nodes that compute them, and the graph as a whole.

Nodes are immutable and point at their inputs, so a graph is nothing but its inputs and outputs; `Graph.nodes` lists
what is between them, producers first. What must hold of a graph is written as numbered rules in `verify.py`.
"""
from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping

from .dims import Dim

FLOATS = ("float16", "bfloat16", "float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGERS = SIGNED + UNSIGNED
DTYPES = FLOATS + INTEGERS + ("bool",)


@dataclass(frozen=True)
class Type:
    """A tensor's dtype (by name, as PyTorch spells it) and its dims."""

    dtype: str
    dims: tuple[Dim, ...]

    @property
    def rank(self) -> int:
        return len(self.dims)

    def __repr__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.dims))}]"


@dataclass(frozen=True)
class Origin:
    """Where a node comes from: the source operator, the module that called it, and the source line."""

    operator: str
    module: str = ""
    line: str = ""

    def __str__(self) -> str:
        place = " ".join(part for part in (self.module, f"({self.line})" if self.line else "") if part)
        return f"{self.operator} in {place}" if place else self.operator


_origins: ContextVar[frozenset[Origin]] = ContextVar("origins", default=frozenset())


@contextmanager
def originating(origins: frozenset[Origin]) -> Iterator[None]:
    """Every node made inside carries these origins."""
    token = _origins.set(origins)
    try:
        yield
    finally:
        _origins.reset(token)


class Node:
    """One primitive applied to values; it has one result or several, each with a type."""

    __slots__ = ("op", "inputs", "attrs", "types", "origins", "results", "__weakref__")

    def __init__(self, op: str, inputs: tuple["Value", ...], attrs: Mapping[str, Any], types: tuple[Type, ...],
                 origins: frozenset[Origin] | None = None):
        self.op, self.inputs, self.attrs, self.types = op, tuple(inputs), dict(attrs), tuple(types)
        self.origins = _origins.get() if origins is None else origins
        self.results = tuple(_value_class()(self, k) for k in range(len(self.types)))

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(repr, self.types))})"


def _value_class() -> type["Value"]:
    from .build import Tensor
    return Tensor


class Value:
    """One result of a node."""

    __slots__ = ("node", "index")

    def __init__(self, node: Node, index: int):
        self.node, self.index = node, index

    @property
    def type(self) -> Type:
        return self.node.types[self.index]

    @property
    def dtype(self) -> str:
        return self.type.dtype

    @property
    def dims(self) -> tuple[Dim, ...]:
        return self.type.dims

    @property
    def rank(self) -> int:
        return len(self.type.dims)


@dataclass(frozen=True, eq=False)
class Graph:
    """Inputs, outputs, and through them every node between.

    names        of inputs and outputs, unique among their kind
    symbols      each named extent -> (least, greatest or None), as the source's guards state them
    tree         how the flat outputs form the source's own structure (None: as they are)
    """

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    symbols: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    tree: Any = None

    @property
    def nodes(self) -> list[Node]:
        """Every node that an output needs, producers first; the inputs' nodes are among them."""
        return reachable([value.node for value in (*self.inputs, *self.outputs)])


def reachable(roots: list[Node]) -> list[Node]:
    """The nodes that the roots need, producers first, without recursion (graphs run thousands of nodes deep)."""
    order: list[Node] = []
    seen: set[int] = set()
    for root in roots:
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((value.node, False) for value in reversed(node.inputs) if id(value.node) not in seen)
    return order
