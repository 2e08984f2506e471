"""share: equal nodes on equal inputs become one.

Needs: nothing. Afterwards: no two nodes have the same primitive, attributes and inputs. Origins are united.
"""
from __future__ import annotations

from typing import Any

from ..graph.core import Graph, Node, Value
from .rewrite import rebuild, within


def share(graph: Graph) -> Graph:
    seen: dict[Any, Node] = {}

    def rule(node: Node, inputs: tuple[Value, ...]):
        if node.op in ("input", "weight", "state", "kernel", "random", "compact"):
            return None
        if (changed := within(node, inputs, share)) is not None:
            return changed
        key = (node.op, tuple((id(v.node), v.index) for v in inputs), _attributes(node), node.types)
        if key in seen:
            kept = seen[key]
            kept.origins = kept.origins | node.origins
            return kept.results
        seen[key] = Node(node.op, inputs, node.attrs, node.types, node.origins)      # one that may be given more origins
        return seen[key].results
    return rebuild(graph, rule)


def _attributes(node: Node) -> str:
    """Attributes as a key: repr tells 1 from 1.0 and 0.0 from -0.0, which equality does not."""
    return repr(sorted(node.attrs.items(), key=lambda item: item[0]))
