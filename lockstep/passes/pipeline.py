"""Every rewrite, in order."""
from __future__ import annotations

from ..graph.core import Graph
from .absorb import absorb
from .channels import channels
from .fold import fold
from .foremost import foremost
from .select import select
from .share import share

PASSES = (select, fold, absorb, share, channels, share, foremost)


def optimise(graph: Graph) -> Graph:
    """The graph after all passes."""
    for one in PASSES:
        graph = one(graph)
    return graph
