"""The dims that may vary, as users say them: {input: {dim: name}}, or torch.export's dynamic_shapes as they are."""
from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, Sequence

from ..errors import BadInput

Free = dict[int, dict[int, str]]


def is_of_torch(dynamic: Any) -> bool:
    """Whether this is a form that torch.export takes and ours is not: sequences, collections, `Dim`s."""
    if not isinstance(dynamic, Mapping):
        return dynamic is not None
    entries = [entry for entry in dynamic.values()]
    leaves = [leaf for entry in entries if isinstance(entry, Mapping) for leaf in entry.values()]
    return not all(isinstance(entry, Mapping) for entry in entries) or not all(isinstance(leaf, str) for leaf in leaves)


def positions(dynamic: Any, names: Sequence[str], ranks: Sequence[int]) -> Free:
    """Either form as {input position: {dim: name}}; dims that torch's form leaves to PyTorch (AUTO, DYNAMIC, formulas of
    other dims) have no name here.

    names may be empty where the model takes *args; ranks has one entry an input. Raises BadInput for an input or dim
    that is not there and for a name that is no identifier.
    """
    placed: Free = {}
    for key, dims in _entries(dynamic, names):
        position = names.index(key) if key in names else key if isinstance(key, int) else -1
        if not 0 <= position < len(ranks):
            raise BadInput(f"dynamic names the input '{key}', but the model takes "
                           f"{', '.join(names) or f'{len(ranks)} inputs without names: use 0, 1, ...'}")
        label = names[position] if position < len(names) else str(position)
        for axis, leaf in dims:
            if not 0 <= int(axis) < ranks[position]:
                raise BadInput(f"dynamic names dim {axis} of input '{label}', which has the dims "
                               f"{', '.join(map(str, range(ranks[position]))) or 'none'}")
            name = _name(leaf)
            if name is None:
                continue
            if not re.fullmatch(r"[A-Za-z_]\w*", name):
                raise BadInput(f"dynamic calls dim {axis} of input '{label}' '{name}'; a name is letters, digits and _")
            placed.setdefault(position, {})[int(axis)] = name
    return placed


def _entries(dynamic: Any, names: Sequence[str]) -> Iterator[tuple[Any, list]]:
    """(input, its [(dim, leaf), ...]), whatever the nesting."""
    if not isinstance(dynamic, Mapping):
        listed = list(dynamic or ())
        if not names and len(listed) == 1 and isinstance(listed[0], (list, tuple)):      # all of *args are one argument
            listed = list(listed[0])
        dynamic = dict(enumerate(listed))
    for key, entry in dynamic.items():
        if entry is None:
            continue
        if not isinstance(entry, (Mapping, list, tuple)):
            raise BadInput(f"dynamic gives {entry!r} for the input '{key}'; give {{dim: name}}")
        yield key, list(entry.items() if isinstance(entry, Mapping) else enumerate(entry))


def _name(leaf: Any) -> str | None:
    """What a dim is called; None where it is fixed, or where PyTorch finds out."""
    if isinstance(leaf, str):
        return leaf
    of_formula = hasattr(leaf, "root")
    return getattr(leaf, "__name__", None) if not of_formula and type(leaf).__name__ == "Dim" else None
