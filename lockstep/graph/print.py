"""A graph as text: one line a node, values numbered, sub-graphs indented."""
from __future__ import annotations

from typing import Any

from .core import Graph, Node


def text(graph: Graph, indent: str = "") -> str:
    """`%3 = map exp(%2) : float32[2, 3]  # softmax in layers.0`, producers first."""
    names: dict[tuple[int, int], str] = {}
    lines: list[str] = []
    for name, value in zip(graph.input_names or [f"input{k}" for k in range(len(graph.inputs))], graph.inputs):
        names[id(value.node), value.index] = f"%{name}"
        lines.append(f"{indent}input %{name} : {value.type!r}")
    for node in graph.nodes:
        if node.op != "input":
            lines += _node(node, names, indent)
    for name, value in zip(graph.output_names or [f"output{k}" for k in range(len(graph.outputs))], graph.outputs):
        lines.append(f"{indent}output {name} = {names[id(value.node), value.index]}")
    for name, one in graph.measured.items():
        most = "" if one.most is None else f", at most {one.most}"
        lines.append(f"{indent}extent {name} = {names[id(one.value.node), one.value.index]}{most}")
    for update in graph.updates:
        lines.append(f"{indent}buffer {update.name} = {names[id(update.value.node), update.value.index]}")
    return "\n".join(lines)


def _node(node: Node, names: dict, indent: str) -> list[str]:
    results = []
    for k in range(len(node.types)):
        names[id(node), k] = f"%{len(names)}"
        results.append(names[id(node), k])
    operands = ", ".join(names[id(v.node), v.index] for v in node.inputs)
    types = ", ".join(map(repr, node.types))
    origin = "; ".join(sorted(map(str, node.origins)))
    line = f"{indent}{', '.join(results)} = {node.op}{_attributes(node)}({operands}) : {types}"
    lines = [line + (f"  # {origin}" if origin else "")]
    for value in node.attrs.values():
        if isinstance(value, Graph):
            lines.append(text(value, indent + "    "))
    return lines


def _attributes(node: Node) -> str:
    # not `in ((), None)`: a long double compared with () is an array
    shown = [f"{key}={_short(value)}" for key, value in node.attrs.items()
             if not isinstance(value, Graph) and key != "array" and value is not None and repr(value) != "()"]
    return f"[{', '.join(shown)}]" if shown else ""


def _short(value: Any) -> str:
    return "(" + ", ".join(map(_short, value)) + ")" if isinstance(value, tuple) else str(value)
