"""Control flow, extents found at run time and random bits, as definitions make them.

A body is a Python function over values. What it uses from outside it captures by itself: every value that was there
before the body was built becomes an input of the body's graph.
"""
from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import count
from typing import Callable, Collection, Iterable, Iterator, Sequence

from ..errors import Unsupported
from . import dims as d
from .build import Tensor, apply, constant, placeholder
from .core import Graph, Measured, Node, Type, Value, next_serial
from .dims import Dim

ENDLESS = 2 ** 46          # turns of a loop that nothing bounds

_measured: ContextVar[dict[str, Measured] | None] = ContextVar("measured", default=None)
_names: ContextVar[tuple[Iterator[int], Collection[str]] | None] = ContextVar("names", default=None)


@contextmanager
def measuring(taken: Iterable[str] = ()) -> Iterator[dict[str, Measured]]:
    """Collects the extents that are measured inside. A whole program's are numbered from 0, past the names that are taken."""
    found: dict[str, Measured] = {}
    token = _measured.set(found)
    names = _names.set(_names.get() or (count(), frozenset(taken)))
    try:
        yield found
    finally:
        _measured.reset(token)
        _names.reset(names)


def _fresh(stem: str) -> str:
    numbers, taken = _names.get() or (count(next_serial()), ())
    return next(name for name in (f"{stem}{k}" for k in numbers) if name not in taken)


def _measure(name: str, value: Value, most: Dim | None, least: int | None = 0, guard: bool = False) -> None:
    found = _measured.get()
    if found is None:
        raise Unsupported("an extent that depends on data can only be measured inside a program")
    found[name] = Measured(value, most, least, guard)


def extent(value: Tensor, most: Dim | None = None, least: int | None = 0) -> Dim:
    """A whole number (no dims) as an extent, or (`least` None) as a number in index arithmetic.

    The run fails where it is less than `least` or more than `most`. Where `most` is None and tensors are as large as it
    says, the caller of the program prepares memory for as many as are to be expected.
    """
    name = _fresh("n")
    _measure(name, value.cast("int64"), most, least)
    return d.symbol(name, -2 ** 63 if least is None else least)


def random_bits(dims: Sequence[Dim]) -> Tensor:
    """A whole number of 32 random bits (int64) for every element, others at every run."""
    numbers, _ = _names.get() or (count(next_serial()), ())
    return Node("random", (), {"stream": next(numbers)}, (Type("int64", tuple(dims)),)).results[0]


def require(condition: Tensor) -> None:
    """The run fails (failed_guard) where the condition (bool, no dims) is false."""
    _measure(_fresh("holds"), condition.cast("int64"), None, 1, guard=True)


def require_equal(a: Dim, b: Dim) -> None:
    """The run fails where two extents differ. Raises Unsupported where they are equal only at one value of an input's
    extent, which then cannot vary."""
    found = d.solve(a - b) or d.solve(b - a)
    if found is not None and found[0] not in (_measured.get() or {}):
        raise Unsupported(f"{a} and {b} are equal only where {found[0]} is {-found[2] / found[1]:g}: fix that dim")
    require(apply("equal", constant(a, "int64"), constant(b, "int64")))


def compact(mask: Tensor) -> Tensor:
    """The positions (int64, in order) at which a mask of one dim is true."""
    name = _fresh("n")
    found = Node("compact", (mask,), {}, (Type("int64", (d.symbol(name),)), Type("int64", ())))
    _measure(name, found.results[1], mask.dims[0])
    return found.results[0]


# ---- bodies

def enclose(inputs: Sequence[Tensor], body: Callable[[], Sequence[Tensor]], start: int) -> tuple[Graph, list[Value]]:
    """The graph of what `body()` gives, and the values from outside that it uses: those made before `start`, which become
    inputs of the graph after `inputs`. Weights, numbers and counters are the same inside and outside."""
    with measuring() as measured:
        outputs = list(body())
    captured: dict[tuple[int, int], tuple[Value, Value]] = {}
    given = {id(value.node) for value in inputs}
    made: dict[int, Node] = {}

    def inside(value: Value) -> Value:
        node = value.node
        if id(node) in given or node.op in ("weight", "constant", "iota", "random"):
            return value
        if node.serial >= start:
            return made[id(node)].results[value.index]
        key = (id(node), value.index)
        if key not in captured:
            captured[key] = (value, placeholder(f"captured{len(captured)}", value.dtype, value.dims))
        return captured[key][1]

    for node in _made_since(start, [v.node for v in (*outputs, *(m.value for m in measured.values()))], given):
        operands = tuple(map(inside, node.inputs))
        same = all(a is b for a, b in zip(operands, node.inputs))
        made[id(node)] = node if same else Node(node.op, operands, node.attrs, node.types, node.origins)
    results = tuple(map(inside, outputs))
    found = {name: replace(one, value=inside(one.value)) for name, one in measured.items()}
    graph = Graph((*inputs, *(inner for _, inner in captured.values())), results, measured=found)
    return graph, [outer for outer, _ in captured.values()]


def _made_since(start: int, roots: Sequence[Node], given: set[int]) -> list[Node]:
    """The nodes below the roots that were made since, in the order in which they were made."""
    found: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.serial >= start and id(node) not in found and id(node) not in given:
            found[id(node)] = node
            stack += [value.node for value in node.inputs]
    return sorted(found.values(), key=lambda node: node.serial)


# ---- branch and loop

def branch(condition: Tensor, then: Callable[[], Sequence[Tensor]], otherwise: Callable[[], Sequence[Tensor]]) -> list[Tensor]:
    """then() where the condition (bool, no dims) is true, else otherwise(); only the one that is chosen runs."""
    start = next_serial()
    graphs, captured = zip(*(enclose((), body, start) for body in (then, otherwise)))
    types = [tuple(value.type for value in graph.outputs) for graph in graphs]
    if types[0] != types[1]:
        raise Unsupported(f"the sides of a branch give {_list(types[0])} and {_list(types[1])}: they must be alike")
    node = Node("branch", (condition, *captured[0], *captured[1]),
                {"then": graphs[0], "otherwise": graphs[1], "captured": len(captured[0])}, types[0])
    return list(node.results)


def _list(types: Sequence[Type]) -> str:
    return ", ".join(map(repr, types)) or "nothing"


def loop(trip: Dim, carried: Sequence[Tensor], slices: Sequence[Tensor], body: Callable) -> list[Tensor]:
    """`trip` turns of `body(step, carried, slices) -> (carried, rows)`; gives the carried values, then the rows stacked.

    Turn i sees slice x[i] of every tensor in `slices`; what it gives as rows becomes row i of the stacked results.
    """
    carry, rows, captured, graph = _body(carried, slices, body)
    types = (*(x.type for x in carried), *(Type(x.dtype, (trip, *x.dims)) for x in rows))
    node = Node("loop", (*carry, *slices, *captured),
                {"trip": trip, "body": graph, "carried": len(carried), "slices": len(slices), "while": False}, types)
    return list(node.results)


def while_loop(condition: Tensor, carried: Sequence[Tensor], body: Callable, trip: Dim = ENDLESS) -> list[Tensor]:
    """Turns of `body(step, carried) -> (condition, carried, rows)` while the condition (bool, no dims) is true, at most `trip`.

    Gives the carried values, then the rows stacked; there are as many rows as turns, which is known after the loop.
    """
    def inner(step: Tensor, values: Sequence[Tensor], _: Sequence[Tensor]) -> tuple:
        again, values, rows = body(step, values[1:])
        return [again, *values], rows

    carry, rows, captured, graph = _body([condition, *carried], (), inner)
    name = _fresh("turns")
    types = (*(x.type for x in carry), *(Type(x.dtype, (d.symbol(name), *x.dims)) for x in rows), Type("int64", ()))
    node = Node("loop", (*carry, *captured),
                {"trip": trip, "body": graph, "carried": len(carry), "slices": 0, "while": True}, types)
    if rows:
        _measure(name, node.results[-1], None if d.is_static(trip) and trip >= ENDLESS else trip)
    return list(node.results[1:-1])


def _body(carried: Sequence[Tensor], slices: Sequence[Tensor], body: Callable) -> tuple:
    start = next_serial()
    step = placeholder("step", "int64", ())
    step.node.attrs["counter"] = True
    values = [placeholder(f"carried{k}", x.dtype, x.dims) for k, x in enumerate(carried)]
    parts = [placeholder(f"slice{k}", x.dtype, x.dims[1:]) for k, x in enumerate(slices)]
    rows: list[Tensor] = []

    def outputs() -> list[Tensor]:
        following, stacked = body(step, values, parts)
        for before, after in zip(carried, following, strict=True):
            if before.type != after.type:
                raise Unsupported(f"a loop carries {before.type!r} in and {after.type!r} out: they must be equal")
        rows.extend(stacked)
        return [*following, *stacked]

    graph, captured = enclose((step, *values, *parts), outputs, start)
    if any(node.op == "random" for node in graph.nodes):
        raise Unsupported("random numbers inside a loop are not supported; draw them before it")
    return list(carried), rows, captured, graph
