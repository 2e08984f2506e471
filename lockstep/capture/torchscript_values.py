"""What TorchScript's values are while a graph is read, and its operators on plain Python values.

Numbers, strings, lists and the like are Python's own. A tensor is a recorder.Handle. The classes here are what lies
between: a tensor known to be one number, a number known only when the model runs, modules and objects.
"""
from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from typing import Any, Callable

import torch
from torch.utils import _pytree as pytree

from ..errors import BadInput, Unsupported
from .recorder import Handle


@dataclass(eq=False)
class Number:
    """A tensor without dims whose value is known (or is an extent); it becomes a handle only where tensors need one.

    wrapped  it stands for a Python number, which takes part in type promotion only by its category
    handle   the tensor it became by being written to in place
    """

    value: Any
    dtype: torch.dtype
    wrapped: bool = False
    handle: Handle | None = None


@dataclass(frozen=True, eq=False)
class Datum:
    """A Python number or bool that is read from a tensor when the model runs: a tensor (float64, int64 or bool) without dims.

    root, offset  the name of the number that it is `offset` more than, where that is known; "" for its own
    """

    handle: Handle
    root: str = ""
    offset: int = 0

    def __bool__(self) -> bool:
        raise AssertionError("a number that only the running model knows was used as if it were known")


@dataclass(frozen=True, eq=False)
class Module:
    """A submodule (or a script object held by one) and its path from the root."""

    script: Any
    path: str


@dataclass(eq=False)
class Object:
    """An instance of a TorchScript class that the graph itself made."""

    type: Any
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Attribute:
    """A module's attribute while it is read: its value now, as it was first read, the leaves of that, and whether the model
    read it before it set it."""

    path: str
    value: Any
    first: Any
    leaves: list
    read: bool = False

    def is_changed_inside(self) -> bool:
        """Whether the list or dict that it was first is another inside."""
        now = leaves(self.first)
        return len(now) != len(self.leaves) or any(a is not b and a != b for a, b in zip(now, self.leaves))


@dataclass(frozen=True)
class Function:
    """A function constant; what it does is read from the node that calls it."""

    name: str


@dataclass(frozen=True)
class Place:
    """Where the reading is: the module's path, and the source line that led here."""

    path: str = ""
    line: str = ""


UNINITIALIZED = Object(None)
OPAQUE = Object(None)        # a string made of a number that only the running model knows

CODES = {0: torch.uint8, 1: torch.int8, 2: torch.int16, 3: torch.int32, 4: torch.int64, 5: torch.float16,
         6: torch.float32, 7: torch.float64, 8: torch.complex32, 9: torch.complex64, 10: torch.complex128,
         11: torch.bool, 12: torch.qint8, 13: torch.quint8, 14: torch.qint32, 15: torch.bfloat16,
         23: torch.float8_e5m2, 24: torch.float8_e4m3fn, 27: torch.uint16, 28: torch.uint32, 29: torch.uint64}
CODE_OF = {dtype: code for code, dtype in CODES.items()}
LAYOUTS = {0: torch.strided, 1: torch.sparse_coo, 2: torch.sparse_csr}
MEMORY_FORMATS = {0: torch.contiguous_format, 1: torch.preserve_format, 2: torch.channels_last,
                  3: torch.channels_last_3d}


def leaves(value: Any) -> list:
    return pytree.tree_leaves(value)


def is_tensor(value: Any) -> bool:
    return isinstance(value, (Handle, Number, torch.Tensor))


def settled(value: Any) -> Any:
    """A known number that was written to in place is the tensor it became."""
    return value.handle if isinstance(value, Number) and value.handle is not None else value


def real(number: Number) -> Any:
    """A known number as PyTorch itself takes it."""
    return number.value if number.wrapped else torch.tensor(number.value, dtype=number.dtype)


def is_symbolic(value: Any) -> bool:
    return isinstance(value, (torch.SymInt, torch.SymFloat, torch.SymBool))


def number_dtype(value: Any) -> torch.dtype | None:
    """int64, float64 or bool, as a Python number is computed with; None for what is no number."""
    if isinstance(value, Datum):
        return value.handle.fake.dtype
    if isinstance(value, (bool, torch.SymBool)):
        return torch.bool
    if isinstance(value, (int, torch.SymInt)):
        return torch.int64
    return torch.float64 if isinstance(value, (float, torch.SymFloat)) else None


def enum_argument(value: Any, real_type: str) -> Any:
    """TorchScript's dtypes, layouts and memory formats are integers; operators are recorded with the objects."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    for name, table in (("ScalarType", CODES), ("MemoryFormat", MEMORY_FORMATS), ("Layout", LAYOUTS)):
        if name in real_type:
            if value not in table:
                raise Unsupported(f"the {name} number {value} is not known")
            return table[value]
    return value


# -- operators on plain values: their Python meanings, by TorchScript's names without overloads

def _slice(xs: Any, start: Any = None, end: Any = None, step: Any = 1) -> Any:
    return xs[slice(start, end, step)]


def _integer(x: Any, base: int = 10) -> Any:
    if isinstance(x, torch.SymInt):
        return x
    if isinstance(x, str):
        return int(x, base)
    return torch.sym_int(x) if is_symbolic(x) else int(x)


def _float(x: Any) -> Any:
    return torch.sym_float(x) if is_symbolic(x) else float(x)


def _bool(x: Any) -> Any:
    return x != 0 if isinstance(x, (torch.SymInt, torch.SymFloat)) else x if is_symbolic(x) else bool(x)


def _minimum(*xs: Any) -> Any:
    return _extreme(torch.sym_min, min, xs)


def _maximum(*xs: Any) -> Any:
    return _extreme(torch.sym_max, max, xs)


def _extreme(symbolic: Callable, plain: Callable, xs: tuple) -> Any:
    if len(xs) == 1:
        xs = tuple(xs[0])
    if not any(is_symbolic(x) for x in xs):
        return plain(xs)
    result = xs[0]
    for x in xs[1:]:
        result = symbolic(result, x)
    return result


def _not(x: Any) -> Any:
    return torch.sym_not(x) if is_symbolic(x) else not x


def _divide(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    if rounding_mode is None:
        return a / b
    return a // b if rounding_mode == "floor" else math.trunc(a / b)


def _range_length(low: Any, high: Any, step: Any) -> Any:
    if any(is_symbolic(x) for x in (low, high, step)):
        return _maximum((high - low + step - 1) // step, 0)
    return len(range(low, high, step))


def _format(template: str, *values: Any) -> str:
    return template.format(*values)


def _set_item(container: Any, key: Any, value: Any) -> Any:
    container[key] = value
    return container


def _delete(container: Any, key: Any) -> None:
    del container[key]


def _append(xs: list, x: Any) -> list:
    xs.append(x)
    return xs


def _update(container: dict, other: dict) -> None:
    container.update(other)


def _get(container: dict, key: Any, default: Any = None) -> Any:
    return container.get(key, default)


def _list(x: Any) -> list:
    return list(x)


def _contains(container: Any, x: Any) -> bool:
    if any(is_tensor(y) for y in (x, *(container if isinstance(container, list) else ()))):
        raise Unsupported("`in` compares tensors, and that depends on data")
    return x in container


def _constant(_xs: Any, _default: Any) -> Any:
    return _xs if _xs else _default


CONTAINERS: dict[str, Callable] = {
    "append": _append, "len": len, "__getitem__": operator.getitem, "_set_item": _set_item, "insert": list.insert,
    "extend": list.extend, "pop": lambda xs, *k: xs.pop(*k), "Delete": _delete, "clear": lambda xs: xs.clear(),
    "reverse": list.reverse, "copy": lambda xs: xs.copy(), "list": _list, "slice": _slice, "add": operator.add,
    "add_": operator.iadd, "mul": operator.mul, "keys": _list, "values": lambda xs: list(xs.values()),
    "items": lambda xs: list(xs.items()), "update": _update, "get": _get,
    "setdefault": lambda d, k, v: d.setdefault(k, v),
    "popitem": lambda d: d.popitem(), "__contains__": _contains, "dict": lambda xs=(): dict(xs),
    "list_with_default": _constant}

PLAIN: dict[str, Callable] = {
    **CONTAINERS, "sub": operator.sub, "floordiv": operator.floordiv, "div": _divide, "remainder": operator.mod,
    "fmod": math.fmod, "neg": operator.neg, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge, "Int": _integer, "Float": _float, "Bool": _bool,
    "ScalarImplicit": lambda x: x, "__not__": _not, "__and__": operator.and_, "__or__": operator.or_,
    "__xor__": operator.xor, "__lshift__": operator.lshift, "__rshift__": operator.rshift, "min": _minimum,
    "max": _maximum, "abs": abs, "Scalar": abs, "floor": lambda x: math.floor(x),
    "ceil": lambda x: math.ceil(x), "str": str, "format": _format,
    "percentFormat": lambda template, *xs: template % xs, "__is__": operator.is_, "__isnot__": operator.is_not,
    "__range_length": _range_length, "__derive_index": lambda k, start, step: start + k * step,
    "rangelist": lambda n: list(range(n)), "sorted": sorted, "sort": lambda xs, reverse=False: xs.sort(reverse=reverse),
    "sum": sum, "any": any, "all": all, "index": lambda xs, x: xs.index(x), "count": lambda xs, x: xs.count(x),
    "remove": lambda xs, x: xs.remove(x),
    "warn": lambda *_: None, "is_scripting": lambda: True, "NumToTensor": lambda x: x,
    "has_torch_function": lambda *_: False}


def plain(name: str, overload: str, inputs: list) -> Any:
    """A TorchScript operator on plain values. Raises Unsupported where it has no meaning here, BadInput where it fails."""
    short = name.split("::")[1]
    try:
        if short in PLAIN:
            return PLAIN[short](*inputs)
        if any(is_symbolic(x) for x in leaves(inputs)):
            raise Unsupported(f"{name} is computed from a size that varies; fix that dim")
        call = torch._C._get_operation_overload(name, overload)
        if call is None or any(a.alias_info is not None and a.alias_info.is_write
                               for a in torch._C._get_schema(name, overload).arguments):
            raise Unsupported(f"the operator {name} is not supported on plain values")
        return call[0](*inputs)
    except (Unsupported, BadInput):
        raise
    except Exception as failure:  # Python's own errors: a missing key, an index out of range, a division by zero
        raise BadInput(f"{name} fails with these inputs: {type(failure).__name__}: {failure}") from failure


# -- operators on tensors that are known numbers

def number_operator(name: str, numbers: list) -> Any:
    """The value of an operator on integers of which some are extents; None where it has no plain meaning."""
    short = name.split("::")[1]
    table = {"add": lambda a, b, alpha=1: a + b * alpha, "sub": lambda a, b, alpha=1: a - b * alpha,
             "rsub": lambda a, b, alpha=1: b - a * alpha, "mul": operator.mul, "floor_divide": operator.floordiv,
             "remainder": operator.mod, "neg": operator.neg, "detach": lambda a: a, "clone": lambda a, _=None: a,
             "alias": lambda a: a}
    if short == "div" and len(numbers) == 3 and numbers[2] == "floor":
        return numbers[0] // numbers[1]
    return table[short](*numbers) if short in table else None
