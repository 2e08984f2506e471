"""Python numbers that are read from tensors when the model runs: arithmetic on them, and operators on tensors with them.

Such a number is a tensor without dims: int64 for an int, float64 for a float, bool for a bool, as Python computes.
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import torch
from torch.utils import _pytree as pytree

from ..errors import BadInput, Unsupported
from ..graph.core import Origin
from .recorder import Handle, is_in_place, overload_name
from .torchscript_values import OPAQUE, Datum, is_symbolic, leaves, number_dtype

if TYPE_CHECKING:
    from .torchscript_reader import Reader

aten = torch.ops.aten

BINARY = {"add": aten.add.Tensor, "sub": aten.sub.Tensor, "mul": aten.mul.Tensor, "div": aten.div.Tensor,
          "remainder": aten.remainder.Tensor, "fmod": aten.fmod.Tensor, "pow": aten.pow.Tensor_Tensor,
          "atan2": aten.atan2.default, "copysign": aten.copysign.Tensor,
          "eq": aten.eq.Tensor, "ne": aten.ne.Tensor, "lt": aten.lt.Tensor, "le": aten.le.Tensor, "gt": aten.gt.Tensor,
          "ge": aten.ge.Tensor, "__and__": aten.bitwise_and.Tensor, "__or__": aten.bitwise_or.Tensor,
          "__xor__": aten.bitwise_xor.Tensor, "__lshift__": aten.__lshift__.Tensor, "__rshift__": aten.__rshift__.Tensor}
UNARY = {name: getattr(aten, name).default for name in
         ("neg", "abs", "floor", "ceil", "round", "sqrt", "exp", "expm1", "log", "log1p", "log10", "log2", "sin", "cos", "tan",
          "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "erfc", "lgamma", "isnan", "isinf", "isfinite")} | \
    {"__not__": aten.logical_not.default, "not": aten.logical_not.default, "Scalar": aten.abs.default}
CASTS = {"Int": torch.int64, "Float": torch.float64, "Bool": torch.bool}
FLOATING = {"div", "fmod", "atan2", "copysign", "sqrt", "exp", "expm1", "log", "log1p", "log10", "log2", "sin", "cos", "tan",
            "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "erfc", "lgamma"}       # of whole numbers too
RESULTS = {"IntType": torch.int64, "FloatType": torch.float64, "BoolType": torch.bool}


def read(reader: Reader, tensor: Handle, dtype: torch.dtype | None) -> Datum:
    """A tensor of one element as a Python number; dtype None: the kind that `.item()` gives."""
    own = tensor.fake.dtype
    if own.is_complex:
        raise Unsupported("a complex number is read from a tensor; keep it a tensor")
    count = tensor.fake.numel()
    if isinstance(count, int) and count != 1:
        raise BadInput(f"a tensor of {count} elements is read as one number")
    if tensor.fake.dim():
        tensor = reader.call(aten.reshape.default, [tensor, []], reader.here)
    if dtype is torch.bool and own is not torch.bool:
        return Datum(reader.call(aten.ne.Scalar, [tensor, 0], reader.here))
    natural = torch.float64 if own.is_floating_point else torch.bool if own == torch.bool else torch.int64
    found = _cast(reader, tensor, dtype or natural, reader.here)
    return Datum(Handle(reader.recorder.read(found, reader.here).name, found.fake))     # what the tensor holds now


def calculated(reader: Reader, node: Any, name: str, inputs: list, origin: Origin) -> Any:
    """An operator on Python numbers of which some are read from tensors."""
    short, wanted = name.split("::")[1], node.output().type().kind() if node.outputsSize() == 1 else ""
    if wanted == "StringType":
        return OPAQUE
    if any(x is OPAQUE for x in leaves(inputs)):
        raise Unsupported(f"{name} asks something of a string that is made of a number that is read from a tensor")
    if short in CASTS:
        return _cast_number(reader, inputs[0], CASTS[short], origin)
    if short in ("ScalarImplicit", "IntImplicit", "FloatImplicit"):
        return inputs[0]
    if short in ("min", "max", "sum"):
        return _folded(reader, short, inputs, origin)
    if short == "__derive_index":
        k, start, step = inputs
        return _operation(reader, "add", [start, _operation(reader, "mul", [k, step], origin)], origin)
    if short == "__range_length":
        return _range_length(reader, *inputs, origin)
    found = _operation(reader, short, inputs, origin)
    if found is None:
        raise Unsupported(f"{name} of a Python number that is read from a tensor is not supported; keep it a tensor")
    found = found if wanted not in RESULTS else _cast_number(reader, found, RESULTS[wanted], origin)
    return _placed(found, short, inputs)


def _placed(found: Datum, short: str, inputs: list) -> Datum:
    """The number, and how far it is from the one that it was made from by adding a known number."""
    known = [x for x in inputs if isinstance(x, int)]
    if short not in ("add", "sub") or len(known) != 1 or isinstance(inputs[0], int) and short == "sub":
        return found
    other = next(x for x in inputs if isinstance(x, Datum))
    more = known[0] if short == "add" else -known[0]
    return Datum(found.handle, other.root or other.handle.name, other.offset + more)


def distance(one: Any, other: Any) -> int | None:
    """other - one, where that is known."""
    if not isinstance(one, Datum) or not isinstance(other, Datum):
        return None
    alike = (one.root or one.handle.name) == (other.root or other.handle.name)
    return other.offset - one.offset if alike else None


def _operation(reader: Reader, short: str, inputs: list, origin: Origin) -> Datum | None:
    if short == "floordiv":
        return _floor_division(reader, inputs, origin)
    if short in UNARY:
        dtype = torch.bool if "not" in short else common(inputs, short)
        operands = [_operand(reader, inputs[0], dtype, origin)]
        if short in ("floor", "ceil", "round") and dtype == torch.int64:
            return Datum(operands[0])
        return Datum(reader.call(UNARY[short], operands, origin))
    if short not in BINARY or len(inputs) < 2:
        return None
    dtype = common(inputs, short)
    if dtype == torch.bool and short not in ("eq", "ne", "__and__", "__or__", "__xor__"):
        dtype = torch.int64
    if short == "pow" and dtype == torch.int64:
        dtype = torch.float64                                   # TorchScript's power of whole numbers is a float
    operands = [_operand(reader, x, dtype, origin) for x in inputs[:2]]
    if short == "remainder" and dtype == torch.int64:
        _require_not_zero(reader, operands[1], origin)
    rest = [1] if short in ("add", "sub") else []
    return Datum(reader.call(BINARY[short], operands + rest, origin))


def _floor_division(reader: Reader, inputs: list, origin: Origin) -> Datum:
    dtype = torch.float64 if common(inputs, "") == torch.float64 else torch.int64
    operands = [_operand(reader, x, dtype, origin) for x in inputs]
    if dtype == torch.int64:
        _require_not_zero(reader, operands[1], origin)
    return Datum(reader.call(aten.div.Tensor_mode, [*operands, "floor"], origin))


def _require_not_zero(reader: Reader, divisor: Handle, origin: Origin) -> None:
    reader.require(reader.call(aten.ne.Scalar, [divisor, 0], origin), origin)


def _folded(reader: Reader, short: str, inputs: list, origin: Origin) -> Any:
    """min, max and sum, of numbers or of a list of them."""
    values = list(inputs[0]) if isinstance(inputs[0], (list, tuple)) else inputs
    total = values[0]
    for x in values[1:]:
        if short == "sum":
            total = _operation(reader, "add", [total, x], origin)
            continue
        dtype = common([total, x], short)
        a, b = (_operand(reader, y, dtype, origin) for y in (total, x))
        first = reader.call(aten.lt.Tensor if short == "min" else aten.gt.Tensor, [a, b], origin)
        total = Datum(reader.call(aten.where.self, [first, a, b], origin))
    return total


def _range_length(reader: Reader, low: Any, high: Any, step: Any, origin: Origin) -> Datum:
    """len(range(low, high, step)) for a step that is known."""
    if not isinstance(step, int) or step == 0:
        raise Unsupported("the step of a range is read from a tensor; give it as a number")
    span = _operation(reader, "sub", [high, low] if step > 0 else [low, high], origin)
    turns = _floor_division(reader, [_operation(reader, "add", [span, abs(step) - 1], origin), abs(step)], origin)
    return _folded(reader, "max", [turns, 0], origin)


def common(numbers: list, short: str) -> torch.dtype:
    """The kind in which Python computes with these numbers."""
    dtypes = {number_dtype(x) for x in numbers if number_dtype(x) is not None}
    if torch.float64 in dtypes or short in FLOATING:
        return torch.float64
    return torch.bool if dtypes == {torch.bool} else torch.int64


def as_int(reader: Reader, number: Any, origin: Origin) -> Handle:
    return _operand(reader, number, torch.int64, origin)


def _operand(reader: Reader, number: Any, dtype: torch.dtype, origin: Origin) -> Handle:
    return _cast_number(reader, number, dtype, origin).handle


def _cast_number(reader: Reader, number: Any, dtype: torch.dtype, origin: Origin) -> Datum:
    if not isinstance(number, Datum):
        return Datum(reader.number_tensor(number, dtype, origin))
    if dtype == torch.bool and number.handle.fake.dtype != torch.bool:
        return Datum(reader.call(aten.ne.Scalar, [number.handle, 0], origin))
    return Datum(_cast(reader, number.handle, dtype, origin))


def _cast(reader: Reader, tensor: Handle, dtype: torch.dtype, origin: Origin) -> Handle:
    return tensor if tensor.fake.dtype == dtype else \
        reader.call(aten._to_copy.default, [tensor, dtype, None, None, None, False, None], origin)


def truth(reader: Reader, condition: Any, origin: Origin) -> Handle:
    """A condition of any kind (known, of sizes, read from a tensor) as a tensor of bool without dims."""
    if isinstance(condition, Datum):
        return _cast_number(reader, condition, torch.bool, origin).handle
    if is_symbolic(condition) and condition.node.expr.is_Relational:
        found = reader.recorder.relation(condition, origin)
        found.fake = reader.empty((), torch.bool)
        return found
    return reader.number_tensor(bool(condition), torch.bool, origin)


def both(reader: Reader, *conditions: Handle) -> Handle:
    """Whether every one of some conditions holds."""
    result = conditions[0]
    for one in conditions[1:]:
        result = reader.call(aten.logical_and.default, [result, one], reader.here)
    return result


def negated(reader: Reader, condition: Handle, origin: Origin) -> Handle:
    return reader.call(aten.logical_not.default, [condition], origin)


# -- operators on tensors

FILLING = {"full", "full_like", "new_full"}


def on_tensors(reader: Reader, op: torch._ops.OpOverload, inputs: list, origin: Origin) -> tuple[torch._ops.OpOverload, list]:
    """The operator and its arguments with every number that is read from a tensor made a tensor, or a size that is measured."""
    types = [str(a.real_type) for a in op._schema.arguments]
    counts = op._schema.name == "aten::arange"                  # whose numbers are sizes
    if not counts and any(isinstance(x, Datum) and "number" in types[k] for k, x in enumerate(inputs)):
        op, inputs = _by_tensors(reader, op, inputs, origin)
    for k, value in enumerate(inputs):
        if any(isinstance(x, Datum) for x in leaves(value)):
            if op._schema.arguments[k].name == "momentum" and isinstance(inputs[3], Handle):      # of running statistics
                inputs = [*inputs[:k], _cast(reader, value.handle, inputs[3].fake.dtype, origin), *inputs[k + 1:]]
                continue
            if not counts and not re.search(rf"SymInt\S* {op._schema.arguments[k].name}\b", str(op._schema)):
                raise Unsupported(f"the argument '{op._schema.arguments[k].name}' of {overload_name(op)} is read from a "
                                  f"tensor; it must be known")
            measured = pytree.tree_map_only(Datum, lambda x: reader.extent(x, origin), value)
            inputs = [*inputs[:k], measured, *inputs[k + 1:]]
    return op, inputs


def _by_tensors(reader: Reader, op: torch._ops.OpOverload, inputs: list, origin: Origin) -> tuple[torch._ops.OpOverload, list]:
    """The overload that takes tensors where this one takes numbers."""
    ours = op._schema.arguments
    packet = op.overloadpacket
    for candidate in (getattr(packet, name) for name in packet.overloads()):
        theirs = candidate._schema.arguments
        if [a.name for a in theirs] != [a.name for a in ours] or is_in_place(candidate) != is_in_place(op):
            continue
        places = [k for k, x in enumerate(inputs) if _takes_tensor(theirs[k]) and not _takes_tensor(ours[k])]
        if all(k in places for k, x in enumerate(inputs) if isinstance(x, Datum)):
            others = [x.fake for x in leaves(inputs) if isinstance(x, Handle)]
            return candidate, [_beside(reader, x, others, op, origin) if k in places and x is not None else x
                               for k, x in enumerate(inputs)]
    raise Unsupported(f"{overload_name(op)} takes a Python number that is read from a tensor; keep it a tensor, or compute "
                      f"with operators that take tensors")


def _takes_tensor(argument: Any) -> bool:
    return "Tensor" in str(argument.real_type)


def _beside(reader: Reader, number: Any, others: list, op: torch._ops.OpOverload, origin: Origin) -> Handle:
    """A Python number as a tensor that changes the others' dtype no more than the number does."""
    dtype = number_dtype(number)
    if op._schema.name.startswith("aten::where"):
        others = others[1:]                                      # the first is the condition
    if op._schema.name.startswith(("aten::fill", "aten::masked_fill", "aten::index_fill")):
        dtype = others[0].dtype
    elif not others:
        dtype = torch.get_default_dtype() if dtype == torch.float64 else dtype
    else:
        floor = {torch.bool: True, torch.int64: 1, torch.float64: 1.0}[dtype]
        dtype = others[0].dtype
        for other in others:
            stand_in = torch.empty([1] * other.dim(), dtype=other.dtype)
            dtype = torch.promote_types(dtype, torch.result_type(stand_in, floor))
    return _operand(reader, number, dtype, origin)


def filled(reader: Reader, short: str, inputs: list, origin: Origin) -> Handle:
    """full, full_like and new_full of a number that is read from a tensor."""
    if short == "full":
        like, (size, number, dtype) = None, inputs[:3]
    elif short == "full_like":
        like, number, dtype = inputs[:3]
        size = list(like.fake.shape)
    else:
        like, size, number, dtype = inputs[:4]
    own = torch.get_default_dtype() if number_dtype(number) == torch.float64 else number_dtype(number)
    dtype = reader.dtype(dtype) or (own if like is None else like.fake.dtype)
    size = pytree.tree_map_only(Datum, lambda x: reader.extent(x, origin), size)
    value = _operand(reader, number, dtype, origin)
    wide = reader.call(aten.expand.default, [value, size, False], origin)
    return reader.call(aten.clone.default, [wide, None], origin)


def tensor_of(reader: Reader, data: Any, dtype: torch.dtype | None, origin: Origin) -> Handle:
    """torch.tensor of numbers of which some are read from tensors."""
    if isinstance(data, (list, tuple)):
        return reader.call(aten.stack.default, [[tensor_of(reader, x, dtype, origin) for x in data], 0], origin)
    own = number_dtype(data)
    found = _operand(reader, data, dtype or (torch.get_default_dtype() if own == torch.float64 else own), origin)
    return reader.call(aten.clone.default, [found, None], origin)
