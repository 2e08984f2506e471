"""The steps from a graph to a plan, in order."""
from __future__ import annotations

from dataclasses import replace

from ..graph.core import Graph
from .nest import Plan
from .schedule import schedule
from .shape import shape
from .support import refuse_unknown


def make(graph: Graph) -> Plan:
    """Schedules the graph's values into nests and kernels, shapes the loops, and lays out the memory.

    Raises Unsupported for what no C++ is written for.
    """
    refuse_unknown(graph)
    planned = schedule(graph)
    return replace(planned, steps=shape(planned.steps), delivery=shape(planned.delivery))
