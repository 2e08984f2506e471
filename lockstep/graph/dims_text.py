"""Integer expressions as text, in Python's spelling or in any other."""
from __future__ import annotations

from typing import Callable

from .dims import Atom, Dim, Opaque, is_static


def text(value: Dim, name: Callable[[Atom], str] = lambda atom: atom.name, div: str = "({a} // {b})",
         mod: str = "({a} % {b})", choose: str = "{op}({a}, {b})") -> str:
    """The expression as text; the templates make it Python (default) or C++."""
    if is_static(value):
        return str(value)
    parts: list[str] = []
    ordered = [item for item in value.terms.items() if item[0]] + [item for item in value.terms.items() if not item[0]]
    for monomial, coefficient in ordered:
        factors = []
        for atom in monomial:
            if isinstance(atom, Opaque):
                a, b = (_operand(side, name, div, mod, choose, atom.op) for side in (atom.a, atom.b))
                template = {"floordiv": div, "mod": mod}.get(atom.op, choose)
                factors.append(template.format(a=a, b=b, op=atom.op))
            else:
                factors.append(name(atom))
        size = abs(coefficient)
        if size != 1 or not factors:
            factors.append(str(size))
        parts.append((" - " if coefficient < 0 else " + ") + " * ".join(factors))
    joined = "".join(parts)
    return joined[3:] if joined.startswith(" + ") else "-" + joined[3:]


def _operand(side: Dim, name, div: str, mod: str, choose: str, op: str) -> str:
    written = text(side, name, div, mod, choose)
    return f"({written})" if op in ("floordiv", "mod") and not is_static(side) and " " in written else written
