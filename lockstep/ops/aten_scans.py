"""Running sums, products and extremes along one dim."""
from __future__ import annotations

from ..graph.build import scan
from ..graph.control import loop
from . import aten
from .aten_mathematics import logaddexp
from .aten_reductions import accumulated
from .common import full


def _running(monoid: str):
    def apply(x, dim, *, dtype=None):
        x = accumulated(x, dtype)
        return x if x.rank == 0 else scan(monoid, x, dim)[0]
    return apply


def _running_extreme(monoid: str):
    def apply(x, dim):
        """The last of equal elements is named; once NaN is met it stays, each further NaN named anew."""
        return (x, full((), 0, "int64")) if x.rank == 0 else scan(monoid, x, dim)
    return apply


for _name in ("sum", "prod"):
    aten(f"cum{_name}.default")(_running(_name))
for _name in ("max", "min"):
    aten(f"cum{_name}.default")(_running_extreme(_name))


@aten("logcumsumexp.default", "_logcumsumexp.default")
def logcumsumexp(x, dim):
    """One logaddexp a step: each partial sum keeps a maximum of its own."""
    if x.rank == 0:
        return x
    rows = x.transpose(dim, 0)

    def step(_, carried, slices):
        total = logaddexp(carried[0], slices[0])
        return [total], [total]
    _, running = loop(rows.dims[0], [full(rows.dims[1:], float("-inf"), x.dtype)], [rows], step)
    return running.transpose(dim, 0)
