"""ONNX operators of single elements: arithmetic, comparison, logic, bits, casts, mathematical functions."""
from __future__ import annotations

import operator
from functools import reduce

from ..graph import functions as f
from ..graph.functions import trunc_divide, where
from . import onnx
from .aten_casts import same
from .aten_comparison import clamp
from .aten_mathematics import pow_of_tensor, power
from .common import full, is_float, refuse
from .known import known, number

for _name, _function in {
        "Abs": f.absolute, "Neg": operator.neg, "Ceil": f.ceil, "Floor": f.floor, "Round": f.round_even,
        "Sign": f.sign, "Exp": f.exp, "Log": f.log, "Sqrt": f.sqrt, "Reciprocal": f.reciprocal, "Erf": f.erf,
        "Sigmoid": f.sigmoid, "Sin": f.sin, "Cos": f.cos, "Tan": f.tan, "Asin": f.asin, "Acos": f.acos,
        "Atan": f.atan, "Sinh": f.sinh, "Cosh": f.cosh, "Tanh": f.tanh, "Asinh": f.asinh, "Acosh": f.acosh,
        "Atanh": f.atanh, "Not": operator.invert, "BitwiseNot": operator.invert, "IsNaN": f.isnan, "Identity": same,
        # two operands of one dtype
        "Add": operator.add, "Sub": operator.sub, "Mul": operator.mul, "Equal": f.equal, "Less": operator.lt,
        "Greater": operator.gt, "LessOrEqual": operator.le, "GreaterOrEqual": operator.ge,
        "And": operator.and_, "Or": operator.or_, "Xor": operator.xor, "BitwiseAnd": operator.and_, "BitwiseOr": operator.or_,
        "BitwiseXor": operator.xor}.items():
    onnx(_name)(_function)

for _name, _function in {"Max": f.maximum, "Min": f.minimum, "Sum": operator.add}.items():
    onnx(_name)(lambda *tensors, function=_function: reduce(function, tensors))


@onnx("Mean")
def mean(*tensors):
    return reduce(operator.add, tensors) / len(tensors)


@onnx("Div")
def div(a, b):
    """Whole numbers: the quotient rounded towards zero."""
    return a / b if is_float(a.dtype) else trunc_divide(a, b)


@onnx("Pow")
def pow_(base, exponent):
    """The result has the base's dtype; a known exponent gives a product or a root where it can."""
    fixed = known(exponent)
    if fixed is not None and fixed.size == 1 and exponent.rank <= base.rank:
        return pow_of_tensor(base, fixed.item()).cast(base.dtype)
    return power(base, exponent).cast(base.dtype)


@onnx("Mod")
def mod(a, b, fmod=0):
    """With the divisor's sign, or (fmod) the dividend's."""
    return f.fmod(a, b) if fmod else f.remainder(a, b)


@onnx("BitShift")
def bit_shift(x, count, direction):
    return f.shift_left(x, count) if direction == "LEFT" else f.shift_right(x, count)


@onnx("Where")
def where_(condition, a, b):
    return where(condition, a, b)


@onnx("Clip")
def clip_by_attributes(x, min=None, max=None):
    return clamp(x, min, max)


@onnx("Clip", since=11)
def clip(x, low=None, high=None):
    """Bounds are tensors without dims (or with one element, which some exporters write)."""
    return clamp(x, *(v if v is None else v.reshape(()) for v in (low, high)))


@onnx("Cast")
def cast(x, to, saturate=1, round_mode="up"):
    return x.cast(to)


@onnx("CastLike")
def cast_like(x, like, saturate=1, round_mode="up"):
    return x.cast(like.dtype)


@onnx("IsInf")
def is_inf(x, detect_negative=1, detect_positive=1):
    found = f.isinf(x)
    if not detect_negative:
        found = found & (x > 0)
    return found if detect_positive else found & (x < 0)


@onnx("Dropout")
def dropout_by_attributes(x, ratio=0.5):
    return x, full(x.dims, True, "bool")


@onnx("Dropout", since=12)
def dropout(x, ratio=None, training_mode=None, seed=0):
    """Inference leaves everything as it is; the second result is a mask of what was kept."""
    drawn = training_mode is not None and bool(number(training_mode, "whether Dropout trains"))
    share = 0.5 if ratio is None or not drawn else number(ratio, "the ratio of Dropout")
    if drawn and share:
        refuse("Dropout in training mode draws random numbers, which no other runtime draws alike; export in eval mode")
    return x, full(x.dims, True, "bool")
