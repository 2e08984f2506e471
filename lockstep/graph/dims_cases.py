"""Extents told apart by case: minima and maxima that vanish once a symbol that is 0 is looked at on its own."""
from __future__ import annotations

from .dims import Dim, Expr, Symbol, atoms, is_static, opaque_atoms, substitute


def settled(extent: Dim) -> Dim:
    """The same extent, simpler where it can be: max(n, 1) - min(n, 1) stays, min(n + 1, 2 * n) - min(n, 1) is n.

    For each symbol that may be 0, the form that holds from 1 on is kept where it gives the right number at 0 too.
    """
    if is_static(extent) or not any(atom.op in ("min", "max") for atom in opaque_atoms(extent)):
        return extent
    for symbol in sorted((a for a in atoms(extent) if isinstance(a, Symbol) and a.least == 0), key=lambda a: a.name):
        larger = _replaced(extent, symbol, Expr({(Symbol(symbol.name, 1),): 1}))
        whole = _replaced(larger, Symbol(symbol.name, 1), Expr({(symbol,): 1}))
        if _replaced(whole, symbol, 0) == _replaced(extent, symbol, 0):
            extent = whole
            if is_static(extent):
                break
    return extent


def _replaced(extent: Dim, old: Symbol, new: Dim) -> Dim:
    return substitute(extent, lambda atom: new if atom == old else None)
