"""What no C++ is written for, refused by name before anything is planned."""
from __future__ import annotations

from ..errors import Unsupported
from ..graph.core import DTYPES, Graph, Node

HALVES = ("float16", "bfloat16")


def refuse_unknown(graph: Graph) -> None:
    """Raises Unsupported, with the operator (or input) and its place, for a dtype that C++ does not hold, and for what is
    not computed in a dtype that it does."""
    places = {id(value.node): f"input '{name}'" for name, value in zip(graph.input_names, graph.inputs)}
    for node in dict.fromkeys([*(value.node for value in graph.inputs), *graph.nodes]):
        place = places.get(id(node)) or min(map(str, node.origins), default="a weight")
        for dtype in [one.dtype for one in node.types] + [value.dtype for value in node.inputs]:
            _check(node, dtype, place)
        for inner in node.attrs.values():
            if isinstance(inner, Graph):
                refuse_unknown(inner)


def _check(node: Node, dtype: str, place: str) -> None:
    if dtype not in DTYPES:
        instead = "keep real and imaginary parts as two tensors" if dtype.startswith("complex") else \
            "convert the model in float32 (model.float())"
        raise Unsupported(f"{place} has the dtype {dtype}, which is not supported in C++; {instead}")
    if dtype not in HALVES:
        return
    if node.op == "map" and node.attrs["fn"] == "nextafter":        # registers hold a float, whose neighbour is another
        raise Unsupported(f"{place} takes the next {dtype}, which is not supported in C++; take it of a float32")
    if node.op == "kernel":
        raise Unsupported(f"{place} (the kernel {node.attrs['name']}) is not there for {dtype}; cast to float32 before it")
