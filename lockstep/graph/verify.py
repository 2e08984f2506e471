"""What must hold of every graph, as numbered rules, and the check of them.

G1  Every input, output and operand is a result of a node of the graph, and producers come first.
G2  Names of inputs are unique, and so are names of outputs; there is one name each.
G3  Every dtype is one of `core.DTYPES`; every dim is a number >= 0 or an expression over the graph's symbols.
G4  map: operands have the dims of the result; all but a select's condition share a dtype.
G5  reindex: one index expression a dim of the operand, over the axes of the result alone.
G6  concat, reduce, scan, sort: axes lie within the rank.
G7  contract: one letter a dim; every letter of one operand is an output letter or in the other operand too.
G8  loop: the body carries out what it carries in; one that stops on a condition carries that first, a bool without dims.
G9  branch: both sides give values of the node's types; the condition is a bool without dims.
G10 Every named extent is one of the graph's symbols, or is measured in it or around it.
"""
from __future__ import annotations

from . import dims as d
from .core import DTYPES, Graph, Node, Type, symbols_of


def verify(graph: Graph, around: frozenset[str] = frozenset()) -> None:
    """Raises AssertionError with the rule's number and the node that breaks it. `around`: extents named outside."""
    seen: set[int] = set()
    named = around | set(graph.symbols) | set(graph.measured)
    for node in graph.nodes:
        _require(all(id(v.node) in seen for v in node.inputs), "G1", node)
        seen.add(id(node))
        for type_ in node.types:
            _require(type_.dtype in DTYPES, "G3", node)
            _require(all(not d.is_static(n) or n >= 0 for n in type_.dims), "G3", node)
        check = _RULES.get(node.op)
        if check is not None:
            check(node)
        inner = [value for value in node.attrs.values() if isinstance(value, Graph)]
        for one in inner:
            verify(one, frozenset(named))
        if not inner:
            _require(symbols_of(node) <= named, "G10", node)
    for names, values in ((graph.input_names, graph.inputs), (graph.output_names, graph.outputs)):
        assert not names or (len(set(names)) == len(names) == len(values)), f"G2: {names}"


def _require(holds: bool, rule: str, node: Node) -> None:
    assert holds, f"{rule} does not hold of {node!r} {node.attrs}"


def _map(node: Node) -> None:
    _require(all(v.dims == node.types[0].dims for v in node.inputs), "G4", node)
    operands = node.inputs[1:] if node.attrs["fn"] == "select" else node.inputs
    _require(len({v.dtype for v in operands}) == 1, "G4", node)


def _reindex(node: Node) -> None:
    axes = {atom for extent in (d.axis(f"o{k}", n) for k, n in enumerate(node.types[0].dims)) if not d.is_static(extent)
            for atom in d.atoms(extent) if isinstance(atom, d.Axis)}
    _require(len(node.attrs["index"]) == node.inputs[0].rank, "G5", node)
    for expression in (*node.attrs["index"], *node.attrs["guard"]):
        _require(all(atom.name in {a.name for a in axes} for atom in d.atoms(expression) if isinstance(atom, d.Axis)), "G5", node)


def _axes(node: Node) -> None:
    axes = node.attrs.get("axes", (node.attrs.get("axis", 0),))
    _require(all(0 <= k < max(node.inputs[0].rank, 1) for k in axes), "G6", node)


def _contract(node: Node) -> None:
    terms, out = node.attrs["equation"].split("->")
    left, right = terms.split(",")
    _require((len(left), len(right)) == (node.inputs[0].rank, node.inputs[1].rank), "G7", node)
    _require(all(c in out or (c in left and c in right) for c in left + right), "G7", node)


def _loop(node: Node) -> None:
    body, carried = node.attrs["body"], node.attrs["carried"]
    _require([v.type for v in body.inputs[1:1 + carried]] == [v.type for v in body.outputs[:carried]], "G8", node)
    _require(not node.attrs["while"] or node.inputs[0].type == Type("bool", ()), "G8", node)


def _branch(node: Node) -> None:
    _require(node.inputs[0].type == Type("bool", ()), "G9", node)
    for side in ("then", "otherwise"):
        _require(tuple(v.type for v in node.attrs[side].outputs) == node.types, "G9", node)


_RULES = {"map": _map, "reindex": _reindex, "concat": _axes, "reduce": _axes, "scan": _axes, "sort": _axes, "arg_reduce": _axes,
          "contract": _contract, "loop": _loop, "branch": _branch}
