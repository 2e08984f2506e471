"""The steps from a graph to a plan, in order."""
from __future__ import annotations

from dataclasses import replace

from ..graph.core import Graph
from .ahead import fetch_ahead
from .choices import Choices
from .finish import finish
from .fuse import fuse
from .memory import lay_out
from .nest import Plan
from .parallel import parallel
from .schedule import schedule
from .settled import lift
from .shape import shape
from .support import refuse_unknown


def make(graph: Graph, choices: Choices = Choices()) -> Plan:
    """Schedules the graph's values into nests and kernels, lifts what weights alone decide out of the run, finishes
    convolutions in registers, lets steps that walk the same rows run block by block, shares blocks among threads, shapes
    the loops, fetches ahead, and lays out the memory.

    Raises Unsupported for what no C++ is written for.
    """
    refuse_unknown(graph)
    planned, names = schedule(graph, choices)
    setup, steps = lift(planned.steps)
    fused = fuse(finish(steps, setup, planned.delivery), names, planned.delivery)
    shaped = fetch_ahead(shape(parallel(fused, names)), choices)
    planned = replace(planned, setup=shape(setup), steps=shaped, delivery=shape(planned.delivery))
    return lay_out(planned, names.most)
