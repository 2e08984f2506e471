"""PyTorch's symbolic sizes as extent expressions."""
from __future__ import annotations

from typing import Any, Mapping

import sympy
import torch

from ..errors import Unsupported
from ..graph import dims as d
from ..graph.core import Type
from ..graph.dims import Dim

DTYPES = {torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float32: "float32", torch.float64: "float64",
          torch.int8: "int8", torch.int16: "int16", torch.int32: "int32", torch.int64: "int64", torch.uint8: "uint8",
          torch.bool: "bool", torch.complex64: "complex64", torch.complex128: "complex128", torch.uint16: "uint16",
          torch.uint32: "uint32", torch.uint64: "uint64"}


class Symbols:
    """Translates the sympy symbols of one program; each is called what the user calls it, else by its own name."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.least: dict[str, int] = {}
        self.limits: dict[str, tuple[int | None, int | None]] = {}

    def bound(self, ranges: Mapping[sympy.Symbol, Any]) -> None:
        """What PyTorch's guards say of each symbol: between `lower` and `upper`."""
        self.limits.update({symbol.name: (_known(limit.lower), _known(limit.upper))
                            for symbol, limit in ranges.items() if symbol.is_Symbol})

    def range(self, symbol: sympy.Symbol) -> tuple[int | None, int | None]:
        """(least, greatest) of a symbol, None where nothing is known."""
        return self.limits.get(symbol.name, (None, None))

    def dim(self, size: Any) -> Dim:
        """An int or torch.SymInt as an extent."""
        if isinstance(size, torch.SymInt):
            return self.expression(size.node.expr)
        if isinstance(size, (torch.SymFloat, torch.SymBool)):
            raise Unsupported(f"a number computed from sizes ({size}) is used as a float or bool; fix the size instead")
        return int(size)

    def expression(self, e: sympy.Expr) -> Dim:
        if e.is_Integer:
            return int(e)
        if e.is_Symbol:
            name = self.names.get(e.name, e.name)
            return d.symbol(name, self.least.get(name, 0))
        parts = [self.expression(a) for a in e.args] if e.func.__name__ not in ("Pow", "TruncToInt") else []
        kind = e.func.__name__
        if kind == "Add":
            return sum(parts[1:], parts[0])
        if kind == "Mul":
            return d.product(parts)
        if kind == "Pow" and e.args[1].is_Integer and int(e.args[1]) > 0:
            return d.product([self.expression(e.args[0])] * int(e.args[1]))
        if kind in ("FloorDiv", "CleanDiv", "IntTrueDiv"):
            return parts[0] // parts[1]
        if kind in ("Mod", "PythonMod"):
            return d.mod(parts[0], parts[1])
        if kind in ("Max", "Min"):
            choose = d.maximum if kind == "Max" else d.minimum
            result = parts[0]
            for part in parts[1:]:
                result = choose(result, part)
            return result
        if kind == "TruncToInt" and e.args[0].is_Mul and [a.func.__name__ for a in e.args[0].args] == ["Float", "ToFloat"]:
            factor, whole = e.args[0].args                          # interpolate's scale_factor
            if (size := d.scaled(self.expression(whole.args[0]), float(factor))) is not None:
                return size
        raise Unsupported(f"a size is the expression {e}, whose {kind} has no meaning here; fix one of its dims")

    def type(self, fake: torch.Tensor) -> Type:
        """A (fake) tensor's type; Unsupported for sparse, quantised and other layouts."""
        if fake.layout != torch.strided:
            raise Unsupported(f"a tensor has the layout {fake.layout}; only dense (strided) tensors are converted: call .to_dense()")
        if fake.dtype not in DTYPES:
            raise Unsupported(f"a tensor has the dtype {fake.dtype}, which is not supported; convert it to another (.to or .dequantize)")
        return Type(DTYPES[fake.dtype], tuple(self.dim(n) for n in fake.shape))

    def ranges(self) -> dict[str, tuple[int, int | None]]:
        """(least, greatest) of every extent that the inputs tell, by the user's name."""
        found = {}
        for symbol, name in self.names.items():
            least, greatest = self.limits.get(symbol, (None, None))
            found[name] = (max(self.least.get(name, 0), least or 0), greatest)
        return found


def _known(limit: sympy.Expr) -> int | None:
    """A limit as a number; None for the infinities, and for what PyTorch writes in their place."""
    return int(limit) if limit.is_Integer and abs(int(limit)) < 2 ** 62 else None
