"""The graph that every source program becomes: values, the nodes that compute them, and the graph as a whole.

Nodes are immutable and point at their inputs, so a graph is nothing but its inputs and outputs; `Graph.nodes` lists
what is between them, producers first. What must hold of a graph is written as numbered rules in `verify.py`.
"""
from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Iterator, Mapping

from .dims import Dim, Expr, Symbol, atoms

FLOATS = ("float16", "bfloat16", "float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGERS = SIGNED + UNSIGNED
DTYPES = FLOATS + INTEGERS + ("bool",)
PARTS = {"complex64": "float32", "complex128": "float64"}      # a complex dtype, and that of its two parts
PORT_DTYPES = (*DTYPES, *PARTS)                                # what an input or output may be to the outside


@dataclass(frozen=True)
class Type:
    """A tensor's dtype (by name, as PyTorch spells it) and its dims."""

    dtype: str
    dims: tuple[Dim, ...]

    @property
    def rank(self) -> int:
        return len(self.dims)

    @property
    def as_complex(self) -> "Type":
        """What complex numbers are to the outside whose parts are interleaved here along a last dim of 2."""
        return Type(next(whole for whole, part in PARTS.items() if part == self.dtype), self.dims[:-1])

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


_serials = count()


def next_serial() -> int:
    """The number of the next node to be made: what a smaller number has, was there before."""
    return next(_serials)


class Node:
    """One primitive applied to values; it has one result or several, each with a type. Nodes are numbered as they are
    made."""

    __slots__ = ("op", "inputs", "attrs", "types", "origins", "results", "serial", "__weakref__")

    def __init__(self, op: str, inputs: tuple["Value", ...], attrs: Mapping[str, Any], types: tuple[Type, ...],
                 origins: frozenset[Origin] | None = None):
        self.op, self.inputs, self.attrs, self.types = op, tuple(inputs), dict(attrs), tuple(types)
        self.origins = _origins.get() if origins is None else origins
        self.serial = next(_serials)
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


@dataclass(frozen=True)
class Measured:
    """An extent that is found while the program runs: `value` (int64, no dims) gives it.

    most    what it never exceeds, as an extent; None where nothing is known before the run: memory is then prepared for
            as many as the caller says, and a run that finds more asks for them
    least   what it never falls below; None for a number that is no extent
    guard   whether it is measured only so that a run fails where it is out of range: nothing need name it
    """

    value: Value
    most: Dim | None = None
    least: int | None = 0
    guard: bool = False


@dataclass(frozen=True)
class Update:
    """A buffer that the model keeps from run to run: it starts as `array`, and a run leaves `value` in it."""

    name: str
    array: Any
    value: Value


@dataclass(frozen=True, eq=False)
class Graph:
    """Inputs, outputs, and through them every node between.

    names        of inputs and outputs, unique among their kind
    symbols      each named extent -> (least, greatest or None), as the source's guards state them
    tree         how the flat outputs form the source's own structure (None: as they are)
    measured     each extent that is found while the program runs, by name
    updates      buffers that a run changes; "state" nodes read what the last run left
    complex_inputs, complex_outputs
                 positions of ports that are complex to the outside: here, real and imaginary part along a last dim of 2
    """

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    symbols: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    tree: Any = None
    measured: Mapping[str, Measured] = field(default_factory=dict)
    updates: tuple[Update, ...] = ()
    complex_inputs: frozenset[int] = frozenset()
    complex_outputs: frozenset[int] = frozenset()

    @property
    def input_types(self) -> list[Type]:
        """The inputs as the outside sees them."""
        return [v.type.as_complex if k in self.complex_inputs else v.type for k, v in enumerate(self.inputs)]

    @property
    def output_types(self) -> list[Type]:
        """The outputs as the outside sees them."""
        return [v.type.as_complex if k in self.complex_outputs else v.type for k, v in enumerate(self.outputs)]

    @property
    def results(self) -> tuple[Value, ...]:
        """What a run computes: the outputs, and what it leaves in buffers."""
        return (*self.outputs, *(update.value for update in self.updates))

    @property
    def result_names(self) -> tuple[str, ...]:
        return (*self.output_names, *(update.name for update in self.updates))

    @property
    def nodes(self) -> list[Node]:
        """Every node that a result needs, producers first; the inputs' nodes are among them."""
        guards = [one.value for one in self.measured.values() if one.guard]
        return reachable([value.node for value in (*self.inputs, *self.results, *guards)], self.measured)


def reachable(roots: list[Node], measured: Mapping[str, Measured] | None = None) -> list[Node]:
    """The nodes that the roots need, producers first, without recursion (graphs run thousands of nodes deep).

    A node whose extents or indices name a measured extent needs the node that measures it.
    """
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
                if measured:
                    stack.extend((measured[name].value.node, False) for name in sorted(symbols_of(node))
                                 if name in measured and id(measured[name].value.node) not in seen)
    return order


def symbols_of(node: Node) -> set[str]:
    """The named extents that a node's types and attributes mention, those of its sub-graphs included."""
    found: set[str] = set()
    _mentioned((*(type_.dims for type_ in node.types), *node.attrs.values()), found)
    return found


def sizes_of(graph: Graph) -> set[str]:
    """The named extents that tensors of the graph, and of graphs inside it, have."""
    found: set[str] = set()
    for node in graph.nodes:
        _mentioned(tuple(type_.dims for type_ in node.types), found)
        for inner in node.attrs.values():
            found |= sizes_of(inner) if isinstance(inner, Graph) else set()
    return found


def _mentioned(item: Any, found: set[str]) -> None:
    if isinstance(item, Expr):
        found.update(atom.name for atom in atoms(item) if isinstance(atom, Symbol))
    elif isinstance(item, (tuple, list)):
        for part in item:
            _mentioned(part, found)
    elif isinstance(item, Graph):
        for node in item.nodes:
            found |= symbols_of(node)
        for inner in item.measured.values():
            _mentioned(inner.most, found)
