"""Padding as steps: the border is filled, and the inside is computed without asking where the border is."""
from __future__ import annotations

from typing import Any, Sequence

from ..graph import dims as d
from ..graph.build import axes_for
from ..graph.core import Node
from ..graph.dims import Axis, Dim
from .nest import Buffer, Literal, Nest, plain


def padding(node: Node) -> list[tuple[Dim, Dim]] | None:
    """For every dim of a reindex where its inside begins and ends; None where its guards cut no box."""
    dims = node.types[0].dims
    axes = axes_for(dims)
    low, high = [0] * len(dims), list(dims)
    for guard in node.attrs["guard"]:
        atoms = [atom for atom in d.atoms(guard) if isinstance(atom, Axis)]
        if len(atoms) != 1 or d.opaque_atoms(guard):
            return None
        place = axes.index(d.Expr({(atoms[0],): 1}))
        factor = d.coefficient_of(guard, atoms[0])
        rest = guard - factor * axes[place] if d.is_static(factor) else None
        if factor == 1 and d.is_static(rest) and low[place] == 0:
            low[place] = -rest
        elif factor == -1 and high[place] == dims[place]:
            high[place] = rest + 1
        else:
            return None
    sane = all(d.not_negative(b - a) and d.not_negative(n - b) and d.not_negative(a) for a, b, n in zip(low, high, dims))
    return list(zip(low, high)) if sane else None


def write(scope: Any, node: Node, target: Buffer, box: Sequence[tuple[Dim, Dim]]) -> None:
    """Appends the steps that fill a padded value's buffer."""
    dims = node.types[0].dims
    for k, (low, high) in enumerate(box):
        around = [*box[:k], None, *((0, n) for n in dims[k + 1:])]
        for slab in ((0, low), (high, dims[k])):
            if slab[1] - slab[0] != 0:
                around[k] = slab
                axes, _, offset = _part(scope, target, around)
                scope.steps.append(Nest(plain(axes), target, offset, Literal(node.attrs["fill"], target.dtype),
                                        origins=node.origins, why="border"))
    axes, places, offset = _part(scope, target, box)
    index = {f"o{j}": place for j, place in enumerate(places)}
    inner = tuple(d.substitute(e, lambda atom: index.get(atom.name) if isinstance(atom, Axis) else None)
                  for e in node.attrs["index"])
    value, inlined = scope.lowered(node.inputs[0], inner)
    scope.steps.append(Nest(plain(axes), target, offset, value, origins=node.origins | inlined, why="inside of a border"))


def _part(scope: Any, target: Buffer, box: Sequence[tuple[Dim, Dim]]) -> tuple[list[Dim], list[Dim], Dim]:
    """(axes over the box, places in the whole, offset in the buffer)."""
    axes = [scope.names.axis(high - low) for low, high in box]
    places = [axis + low for axis, (low, _) in zip(axes, box)]
    return axes, places, sum((place * stride for place, stride in zip(places, target.strides)), 0)
