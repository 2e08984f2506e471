"""Extents that vary while a TorchScript graph is read: which stay free, and what the reading assumed of them."""
from __future__ import annotations

import itertools
from typing import Any, Mapping

import sympy
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv
from torch.utils._sympy.numbers import int_oo
from torch.utils._sympy.value_ranges import ValueRanges

from ..errors import BadInput, Unsupported
from ..graph.core import Type
from ..graph.dims import Expr, evaluate
from ..graph.source import Call
from .symbols import Symbols


class Sizes:
    """The named extents of one reading; `examples` are their sizes in it, `limits` their (least, greatest or None)."""

    def __init__(self, examples: Mapping[str, int], limits: Mapping[str, tuple[int, int | None]]):
        self.examples, self.limits = dict(examples), dict(limits)
        self.environment = ShapeEnv(specialize_zero_one=False, duck_shape=False, allow_scalar_outputs=False,
                                    allow_dynamic_output_shape_ops=True)
        self.mode = FakeTensorMode(shape_env=self.environment, allow_non_fake_inputs=False)
        self.symbols = Symbols()
        self.raw: dict[str, sympy.Symbol] = {}          # PyTorch's own symbols
        self.extents = {name: self._extent(name) for name in self.examples}

    def _extent(self, name: str) -> torch.SymInt:
        source = ConstantSource(name)
        symbol = self.environment.create_symbol(self.examples[name], source, dynamic_dim=DimDynamic.DYNAMIC,
                                                positive=None, do_not_specialize_zero_one=True)
        self.raw[name] = symbol
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

    def fixed(self) -> Unsupported | None:
        """Why the named dims are not free, where the reading fixed one to a number or to another dim."""
        for name, symbol in self.raw.items():
            expression = self.environment.replace(symbol)
            if not expression.is_Symbol:
                return Unsupported(f"the dim '{name}' was to vary, but the model fixes it to {expression}")
            if self.symbols.names[expression.name] != name:
                return Unsupported(f"the dims '{name}' and '{self.symbols.names[expression.name]}' must be equal in "
                                   f"this model; give both one name")
        return None

    def assumptions(self) -> list[sympy.Expr]:
        """What the reading assumed of the extents, as conditions on symbols called by the user's names."""
        called = {name: sympy.Symbol(name, integer=True) for name in self.examples}
        renamed = {symbol: called[name] for name, symbol in self.raw.items()}
        found = [guard.expr.xreplace(renamed) for guard in self.environment.guards]
        return [one for one in dict.fromkeys(found) if one.free_symbols]


def holds(assumption: sympy.Expr, sizes: Mapping[str, int]) -> bool:
    return bool(assumption.xreplace({one: sympy.Integer(sizes[one.name]) for one in assumption.free_symbols}))


def tried(assumption: sympy.Expr, limits: tuple[int, int | None]) -> list[int]:
    """Sizes at which a condition is looked at: the small ones, powers of two, and those around its own numbers."""
    sizes = {*range(66), *(2 ** k + j for k in range(7, 13) for j in (-1, 0, 1))}
    for number in assumption.atoms(sympy.Integer):
        sizes.update(range(abs(int(number)) - 2, abs(int(number)) + 3))
    least, greatest = limits
    return sorted(n for n in sizes if n >= least and (greatest is None or n <= greatest))


def beyond(assumption: sympy.Expr, examples: Mapping[str, int],
           limits: Mapping[str, tuple[int, int | None]]) -> list[dict[str, int]]:
    """Sizes at which a condition does not hold as in the example: one dim moved where that is enough, else several."""
    names = sorted(symbol.name for symbol in assumption.free_symbols)
    usual = holds(assumption, examples)
    found = []
    for name in names:
        moved = [n for n in tried(assumption, limits[name]) if holds(assumption, {**examples, name: n}) != usual]
        found += [{**examples, name: moved[-1]}] if moved else []
    if found or len(names) == 1:
        return found
    grid = [[n for n in (1, 2, 3, 5, 16, 64, 1000, 0) if limits[name][0] <= n <= (limits[name][1] or n)]
            for name in names]
    for sizes in itertools.product(*grid):
        if holds(assumption, {**examples, **dict(zip(names, sizes))}) != usual:
            return [{**examples, **dict(zip(names, sizes))}]
    return []


def narrowed(assumption: sympy.Expr, examples: Mapping[str, int], wrong: Mapping[str, int],
             limits: Mapping[str, tuple[int, int | None]]) -> dict[str, tuple[int, int | None]]:
    """Limits of the dim that was moved to `wrong`, within which a condition holds as in the example.

    Raises Unsupported where that is no single range of sizes.
    """
    moved = [name for name in wrong if wrong[name] != examples[name]]
    usual = holds(assumption, examples)
    empty = {name: (1, limits[name][1]) for name in moved if wrong[name] == 0}
    if len(moved) != 1 and empty:
        return empty                                             # they are given up as empty dims, and nothing else
    if len(moved) != 1:
        raise Unsupported(f"the model computes one way only where {assumption if usual else sympy.Not(assumption)}; a "
                          f"condition on several dims ({', '.join(moved)}) cannot be kept: fix one of them")
    name, = moved
    sizes = tried(assumption, limits[name])
    right = {n: holds(assumption, {**examples, name: n}) == usual for n in sizes}
    under = [n for n in sizes if n < examples[name] and not right[n]]
    over = [n for n in sizes if n > examples[name] and not right[n]]
    least, greatest = limits[name]
    least = under[-1] + 1 if under else least
    if over:
        greatest = max(n for n in sizes if n < over[0])
        if any(right[n] for n in sizes if n > over[0]):
            raise Unsupported(f"the model computes otherwise where the dim '{name}' does not satisfy {assumption}; "
                              f"fix the dim, or rewrite the model without that condition")
    if least == greatest:
        raise Unsupported(f"the dim '{name}' was to vary, but the model computes one way only where it is {least}")
    return {name: (least, greatest)}


def at(value: Any, sizes: Mapping[str, int]) -> Any:
    """Calls, arguments and types with every extent made a number."""
    if isinstance(value, Expr):
        return evaluate(value, sizes)
    if isinstance(value, Type):
        return value.dtype, at(value.dims, sizes)
    if isinstance(value, Call):
        return value.target, at(value.args, sizes), at(value.kwargs, sizes), value.results, at(value.types, sizes)
    if isinstance(value, (list, tuple)):
        return [at(x, sizes) for x in value]
    return {k: at(x, sizes) for k, x in value.items()} if isinstance(value, dict) else value


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
                raise BadInput(f"input '{names[position]}' has rank {len(shape)}: there is no dim {axis} to call "
                               f"'{name}'")
            if sizes.setdefault(name, shape[axis]) != shape[axis]:
                raise BadInput(f"the dim '{name}' is {sizes[name]} in one example input and {shape[axis]} in "
                               f"'{names[position]}'")
    return sizes

