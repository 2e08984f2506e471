"""Integer expressions as text, in Python's spelling or in any other, and read back from it."""
from __future__ import annotations

import ast
from typing import Callable

from .dims import Atom, Dim, Opaque, floordiv, is_static, maximum, minimum, mod, symbol


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


def parse(written: str) -> Dim:
    """The expression that `text` wrote, read back with Python's own parser. Raises ValueError for anything else."""
    operators = {ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
                 ast.FloorDiv: floordiv, ast.Mod: mod}

    def build(node: ast.AST) -> Dim:
        if isinstance(node, ast.Expression):
            return build(node.body)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.Name):
            return symbol(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return 0 - build(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in operators:
            return operators[type(node.op)](build(node.left), build(node.right))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
            return (minimum if node.func.id == "min" else maximum)(*map(build, node.args))
        raise ValueError(f"{written!r} is no integer expression")
    return build(ast.parse(written, mode="eval"))
