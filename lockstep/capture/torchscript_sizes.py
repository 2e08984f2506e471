"""Extents that vary while a TorchScript graph is read: which stay free, and what the reading assumed of them."""
from __future__ import annotations

from typing import Mapping

import sympy
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv
from torch.utils._sympy.numbers import int_oo
from torch.utils._sympy.value_ranges import ValueRanges

from ..errors import BadInput, Unsupported
from .symbols import Symbols

LARGEST = 4096        # sizes up to here are tried against what the reading assumed


class Sizes:
    """The named extents of one reading; `examples` are their sizes in it, `limits` their (least, greatest or None)."""

    def __init__(self, examples: Mapping[str, int], limits: Mapping[str, tuple[int, int | None]]):
        self.examples, self.limits = dict(examples), dict(limits)
        self.environment = ShapeEnv(specialize_zero_one=False, duck_shape=False, allow_scalar_outputs=False,
                                    allow_dynamic_output_shape_ops=False)
        self.mode = FakeTensorMode(shape_env=self.environment, allow_non_fake_inputs=False)
        self.symbols = Symbols()
        self.extents = {name: self._extent(name) for name in self.examples}

    def _extent(self, name: str) -> torch.SymInt:
        source = ConstantSource(name)
        symbol = self.environment.create_symbol(self.examples[name], source, dynamic_dim=DimDynamic.DYNAMIC,
                                                positive=None, do_not_specialize_zero_one=True)
        least, greatest = self.limits[name]
        self.environment.var_to_range[symbol] = ValueRanges(least, int_oo if greatest is None else greatest)
        self.symbols.names[symbol.name] = name
        self.symbols.least[name] = least
        return self.environment.create_symintnode(symbol, hint=self.examples[name], source=source)

    def fake(self, tensor: torch.Tensor, named: Mapping[int, str]) -> torch.Tensor:
        """A contiguous tensor without data, of the example's dtype and shape, its named dims free."""
        shape = [self.extents[named[axis]] if axis in named else n for axis, n in enumerate(tensor.shape)]
        with self.mode:
            return torch.empty(shape, dtype=tensor.dtype)

    def assumptions(self) -> list[sympy.Expr]:
        """What the reading assumed of the extents, as conditions on symbols called by the user's names.

        Raises Unsupported, naming the dim, where one was fixed.
        """
        called = {name: sympy.Symbol(name, integer=True) for name in self.examples}
        for name, extent in self.extents.items():
            expression = self.environment.replace(extent.node.expr)
            if not expression.is_Symbol:
                raise Unsupported(f"the dim '{name}' was to vary, but the model fixes it to {expression}")
            if self.symbols.names[expression.name] != name:
                raise Unsupported(f"the dims '{name}' and '{self.symbols.names[expression.name]}' must be equal in "
                                  f"this model; give both one name")
        renamed = {extent.node.expr: called[name] for name, extent in self.extents.items()}
        found = [guard.expr.xreplace(renamed) for guard in self.environment.guards]
        return [one for one in dict.fromkeys(found) if one.free_symbols]


def allowed(assumption: sympy.Expr) -> tuple[str, list[int], list[int]]:
    """The one name in a condition, the sizes up to LARGEST for which it holds, and those for which it does not."""
    names = sorted(symbol.name for symbol in assumption.free_symbols)
    if len(names) != 1:
        raise Unsupported(f"the model computes one way only where {assumption}; a condition on several dims "
                          f"({', '.join(names)}) cannot be kept: fix one of them")
    symbol, = assumption.free_symbols
    edge = {0, 1, 2, *range(3, 130), *(2 ** k + j for k in range(7, 13) for j in (-1, 0, 1) if 2 ** k + j <= LARGEST)}
    for number in assumption.atoms(sympy.Integer):
        edge.update(n for n in range(int(number) - 2, int(number) + 3) if 0 <= n)
    holds: dict[int, bool] = {n: bool(assumption.xreplace({symbol: sympy.Integer(n)})) for n in sorted(edge)}
    return names[0], [n for n in holds if holds[n]], [n for n in holds if not holds[n]]


def narrowed(name: str, right: list[int], wrong: list[int], assumption: sympy.Expr,
             limits: tuple[int, int | None]) -> tuple[int, int | None]:
    """Limits within which a condition holds. Raises Unsupported where it holds for no single range of sizes."""
    least, greatest = right[0], None
    above = [n for n in wrong if n > least]
    if above and above[0] == 1 and len(above) == 1:
        least, above = 2, []                                 # 0 and from 2 on: an empty dim is given up too
    if above:
        greatest = max(n for n in right if n < above[0])
        if any(n > above[0] for n in right):
            raise Unsupported(f"the model computes otherwise where the dim '{name}' does not satisfy {assumption}; "
                              f"fix the dim, or rewrite the model without that condition")
    old_least, old_greatest = limits
    if greatest is not None and old_greatest is not None:
        greatest = min(greatest, old_greatest)
    return max(least, old_least), old_greatest if greatest is None else greatest


def example_sizes(tensors: Mapping[int, torch.Tensor], names: Mapping[int, str],
                  dynamic: Mapping[int, Mapping[int, str]]) -> dict[str, int]:
    """The size of every named dim in the example. Raises BadInput where two examples disagree or a dim is not there."""
    sizes: dict[str, int] = {}
    for position, named in dynamic.items():
        if position not in tensors:
            raise BadInput(f"the dynamic dims name input {position}, but the model has {len(tensors)} tensor inputs")
        for axis, name in named.items():
            shape = tuple(tensors[position].shape)
            if not 0 <= axis < len(shape):
                raise BadInput(f"input '{names[position]}' has rank {len(shape)}: there is no dim {axis} to call '{name}'")
            if sizes.setdefault(name, shape[axis]) != shape[axis]:
                raise BadInput(f"the dim '{name}' is {sizes[name]} in one example input and {shape[axis]} in "
                               f"'{names[position]}'")
    return sizes

