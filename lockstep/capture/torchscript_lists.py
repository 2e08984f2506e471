"""Lists whose length is not known while a TorchScript graph is read: rows of tensors stand in them in place of items."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..errors import BadInput, Unsupported
from ..graph.core import Origin
from . import torchscript_numbers as numbers
from .recorder import Handle
from .torchscript_leaves import Leaf, Pattern, made, tensor_at
from .torchscript_values import Datum, is_symbolic, leaves

if TYPE_CHECKING:
    from .torchscript_reader import Reader

aten = torch.ops.aten


@dataclass(eq=False)
class Rows:
    """Items of a list, as many as the first dim of some tensors: item k is made, by `pattern`, of row k of each."""

    tensors: list[Handle]
    pattern: Pattern
    length: Any

    def item(self, reader: Reader, index: Any, origin: Origin) -> Any:
        self.require_some(reader, origin)
        return made(self.pattern, iter([row(reader, tensor, index, origin) for tensor in self.tensors]))

    def require_some(self, reader: Reader, origin: Origin) -> None:
        """The run fails, as PyTorch does, where there is no row."""
        if is_symbolic(self.length) and not reader.at_least(self.length, 1):
            reader.require(numbers.truth(reader, self.length > 0, origin), origin)

    def stacked(self) -> Handle:
        if not isinstance(self.pattern, Leaf):
            raise Unsupported("a list of tuples that grows in a loop is stacked; keep one list for each")
        return self.tensors[0]


@dataclass(eq=False)
class Growing:
    """What a list holds at the start of a turn of the loop that it grows in; `last` is its last item, where there is one."""

    last: Any = None


def row(reader: Reader, tensor: Handle, index: Any, origin: Origin) -> Handle:
    """tensor[index] for an index of any kind."""
    return reader.select(tensor, 0, index, origin)


def is_open(value: Any) -> bool:
    """Whether this is a list whose length is not known."""
    return isinstance(value, list) and any(isinstance(x, (Rows, Growing)) for x in value)


def unbound(reader: Reader, tensor: Handle, dim: int, origin: Origin) -> list | None:
    """unbind of a dim whose extent varies; None where it does not."""
    if not is_symbolic(tensor.fake.shape[dim]):
        return None
    if dim % tensor.fake.dim():
        tensor = reader.call(aten.movedim.int, [tensor, dim, 0], origin)
    with reader.sizes.mode:
        leaf = Leaf(torch.empty(tuple(tensor.fake.shape[1:]), dtype=tensor.fake.dtype), False)
    return [Rows([tensor], leaf, tensor.fake.shape[0])]


def operator(reader: Reader, name: str, inputs: list, origin: Origin) -> Any:
    """An operator on lists of which one's length is not known. Raises Unsupported where it has no meaning then."""
    short, xs = name.split("::")[1], inputs[0]
    if short in OPERATORS and (short in GROWING or not _reaches(xs, short, inputs)):
        return OPERATORS[short](reader, xs, *inputs[1:], origin=origin)
    growing = any(isinstance(x, Growing) for value in inputs if isinstance(value, list) for x in value)
    raise Unsupported(f"{name} of a list that {'grows in this loop' if growing else 'has a length that varies'}; "
                      f"{'carry what you need in a variable' if growing else 'use torch.stack or torch.cat of it'}")


def _reaches(xs: list, short: str, inputs: list) -> bool:
    """Whether a list that grows in the loop around is asked for more than what this turn appended."""
    if not any(isinstance(x, Growing) for x in xs):
        return False
    index = inputs[1] if short == "__getitem__" else None
    return not isinstance(index, int) or index >= 0 or -index - (xs[0].last is not None) >= len(xs)


def _append(reader: Reader, xs: list, x: Any, origin: Origin) -> list:
    xs.append(x)
    return xs


def _length(reader: Reader, xs: list, origin: Origin) -> Any:
    return sum(x.length if isinstance(x, Rows) else 1 for x in xs)


def _item(reader: Reader, xs: list, index: Any, origin: Origin) -> Any:
    if len(xs) == 1 and isinstance(xs[0], Rows) or isinstance(index, Datum) or is_symbolic(index):
        return _as_rows(reader, xs, origin).item(reader, index, origin)
    walked = reversed(xs) if index < 0 else xs
    left = -index - 1 if index < 0 else index
    for x in walked:
        if isinstance(x, Rows):
            return x.item(reader, -left - 1 if index < 0 else left, origin)
        if left == 0:
            return x.last if isinstance(x, Growing) else x
        left -= 1
    raise BadInput("list index out of range")


def _as_rows(reader: Reader, xs: list, origin: Origin) -> Rows:
    """A list of rows and of items like them as rows alone."""
    if len(xs) == 1:
        return xs[0]
    pattern = next(x.pattern for x in xs if isinstance(x, Rows))
    pieces: list[Handle] = []
    for x in xs:
        if isinstance(x, Rows):
            pieces.append(x.stacked())
        elif not isinstance(pattern, Leaf):
            raise Unsupported("a list of tuples that was there before it grew in a loop; start with an empty list")
        else:
            item = tensor_at(reader, pattern, x, origin)
            pieces.append(reader.call(aten.unsqueeze.default, [item, 0], origin))
    return Rows([reader.call(aten.cat.default, [pieces, 0], origin)], pattern, _length(reader, xs, origin))


def _stack(reader: Reader, xs: list, dim: int = 0, origin: Origin = Origin("")) -> Handle:
    rows = _as_rows(reader, xs, origin)
    rows.require_some(reader, origin)
    whole = rows.stacked()
    op, arguments = (aten.movedim.int, [whole, 0, dim]) if dim else (aten.clone.default, [whole, None])
    return reader.call(op, arguments, origin)


def _cat(reader: Reader, xs: list, dim: int = 0, origin: Origin = Origin("")) -> Handle:
    pieces = [x if not isinstance(x, Rows) else _side_by_side(reader, x.stacked(), dim, origin) for x in xs]
    return reader.call(aten.cat.default, [pieces, dim], origin)


def _side_by_side(reader: Reader, rows: Handle, dim: int, origin: Origin) -> Handle:
    """The rows of a tensor joined along a dim that they have."""
    rank = rows.fake.dim() - 1
    if not -rank <= dim < rank:
        raise BadInput(f"cat along dim {dim} of tensors of rank {rank}")
    dim %= rank
    moved = reader.call(aten.movedim.int, [rows, 0, dim], origin) if dim else rows
    shape = list(moved.fake.shape)
    return reader.call(aten.reshape.default, [moved, [*shape[:dim], shape[dim] * shape[dim + 1], *shape[dim + 2:]]], origin)


def _slice(reader: Reader, xs: list, start: Any = None, end: Any = None, step: int = 1, origin: Origin = Origin("")) -> list:
    if (start, end, step) == (None, None, 1):
        return xs.copy()
    if step == -1 and start is end is None:
        flipped = xs.copy()
        _reverse(reader, flipped, origin)
        return flipped
    if len(xs) != 1:
        raise Unsupported("a slice of a list that was there before it grew in a loop; slice torch.stack of it")
    cut = [reader.call(aten.slice.Tensor, [tensor, 0, start, end, step], origin) for tensor in xs[0].tensors]
    return [Rows(cut, xs[0].pattern, cut[0].fake.shape[0])]


def _reverse(reader: Reader, xs: list, origin: Origin) -> None:
    if len(xs) != 1:
        raise Unsupported("a list that was there before it grew in a loop is reversed; flip torch.stack of it")
    flipped = [reader.call(aten.flip.default, [tensor, [0]], origin) for tensor in xs[0].tensors]
    xs[0] = Rows(flipped, xs[0].pattern, xs[0].length)


def _tensor(reader: Reader, xs: list, dtype: Any = None, *_: Any, origin: Origin) -> Handle:
    """torch.tensor of numbers that a loop collected."""
    whole, wanted = _stack(reader, xs, 0, origin), reader.dtype(dtype)
    own = whole.fake.dtype
    wanted = wanted or (torch.get_default_dtype() if own == torch.float64 else own)
    return reader.call(aten._to_copy.default, [whole, wanted, None, None, None, False, None], origin)


GROWING = {"append", "add", "add_", "extend", "list", "copy"}       # which ask nothing of the items that are there
OPERATORS = {"append": _append, "len": _length, "__getitem__": _item, "stack": _stack, "cat": _cat, "concat": _cat,
             "slice": _slice, "reverse": _reverse, "tensor": _tensor,
             "add": lambda reader, xs, ys, origin: xs + ys, "add_": lambda reader, xs, ys, origin: xs.__iadd__(ys),
             "extend": lambda reader, xs, ys, origin: xs.extend(ys),
             "list": lambda reader, xs, origin: xs.copy(), "copy": lambda reader, xs, origin: xs.copy()}


def items_of(reader: Reader, xs: list, origin: Origin) -> list:
    """A list that is returned, item by item. Raises Unsupported where its length varies."""
    found = []
    for x in xs:
        if isinstance(x, Rows) and is_symbolic(x.length):
            raise Unsupported("a list whose length varies is returned; return torch.stack of it")
        found += [x.item(reader, k, origin) for k in range(x.length)] if isinstance(x, Rows) else [x]
    return found


def at_data(reader: Reader, xs: list, index: Datum, origin: Origin) -> Any:
    """xs[index] of a list of tensors or of numbers that are alike, for an index that is read from a tensor."""
    if not xs or isinstance(xs[0], (list, tuple, dict)):
        raise Unsupported("a list of lists is read at an index that data decides; make it a tensor")
    if all(isinstance(x, Handle) for x in xs):
        return row(reader, reader.call(aten.stack.default, [xs, 0], origin), index, origin)
    if any(numbers.number_dtype(x) is None for x in leaves(xs)):
        raise Unsupported("a list is read at an index that data decides, and its items are no tensors and no numbers")
    dtype = numbers.common(xs, "")
    rows = [reader.number_tensor(x, dtype, origin) for x in xs]
    return Datum(row(reader, reader.call(aten.stack.default, [rows, 0], origin), index, origin))
