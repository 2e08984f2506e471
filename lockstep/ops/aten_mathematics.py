"""Mathematical functions of single elements: powers, exponentials, logarithms, trigonometry."""
from __future__ import annotations

import math

from ..graph import functions as f
from . import aten
from .aten_arithmetic import mul
from .common import Tensor, constant, floating, is_float, promote, refuse, result_type

_ON_REALS = {name: (name,) for name in (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "sigmoid", "erf",
    "erfc", "erfinv", "sin", "cos", "tan", "sinh", "cosh", "tanh", "lgamma", "digamma")} | {
    name: (name, f"arc{name[1:]}") for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")}
_ALSO = {name: (f"special_{also}",) for name, also in {
    "exp2": "exp2", "expm1": "expm1", "log1p": "log1p", "sigmoid": "expit", "erf": "erf", "erfc": "erfc",
    "erfinv": "erfinv", "lgamma": "gammaln", "digamma": "digamma"}.items()}


def on_reals(function):
    """The function of whole numbers as float32, too."""
    def apply(x):
        return function(floating(x))
    return apply


def on_promoted(function):
    """The function of two operands in their common dtype, at least float32."""
    def apply(a, b):
        return function(*promote(a, b, floating=True))
    return apply


for _name, _names in _ON_REALS.items():
    aten(*(f"{name}.default" for name in (*_names, *_ALSO.get(_name, ()))))(on_reals(getattr(f, _name)))


@aten("abs.default", "absolute.default")
def absolute(x):
    return f.absolute(x)


@aten("sign.default", "sgn.default")
def sign(x):
    """-1, 0 or 1; 0 of NaN, as PyTorch has it."""
    return f.sign(x) if x.dtype != "bool" else x


@aten("square.default")
def square(x):
    return pow_of_tensor(x, 2)


@aten("pow.Tensor_Scalar")
def pow_of_tensor(base, exponent):
    """Small exponents as products, quotients and roots, as PyTorch computes them."""
    if base.dtype == "bool" and isinstance(exponent, bool):
        refuse("a power of truth values: eager PyTorch gives truth values, torch.export's program whole numbers")
    exponent = int(exponent) if isinstance(exponent, bool) else exponent
    dtype = result_type(base, exponent)
    x = base.cast(dtype)
    products = {1: lambda: x, 2: lambda: x * x, 3: lambda: x * x * x}
    roots = {0.5: lambda: f.sqrt(x), -0.5: lambda: f.rsqrt(x), -1: lambda: f.reciprocal(x),
             -2: lambda: f.reciprocal(x * x)}
    simple = (products | roots if is_float(dtype) else products).get(exponent)
    return simple() if simple else f.power(x, exponent)


@aten("pow.Tensor_Tensor", "pow.Scalar")
def power(base, exponent):
    """A negative power of a whole number is 1 or -1 where that is exact, else 0."""
    return f.power(*promote(base, exponent))


@aten("float_power.Tensor_Tensor", "float_power.Tensor_Scalar", "float_power.Scalar")
def float_power(base, exponent):
    base, exponent = (x.cast("float64") if isinstance(x, Tensor) else float(x) for x in (base, exponent))
    return f.power(base, exponent) if isinstance(exponent, Tensor) else pow_of_tensor(base, exponent)


@aten("ldexp.Tensor")
def ldexp(x, exponent):
    """x * 2^exponent; a whole exponent takes the dtype of x."""
    if is_float(exponent.dtype) and not is_float(x.dtype):
        refuse("ldexp of whole numbers by a real exponent: eager PyTorch and torch.export disagree")
    if not is_float(exponent.dtype):
        x = floating(x)
        exponent = exponent.cast(x.dtype)
    return mul(x, f.power(2.0, exponent))


for _names, _function in {("atan2.default", "arctan2.default"): f.atan2, ("hypot.default",): f.hypot,
                          ("copysign.Tensor", "copysign.Scalar"): f.copysign,
                          ("nextafter.default",): f.nextafter}.items():
    aten(*_names)(on_promoted(_function))


@aten("deg2rad.default")
def deg2rad(x):
    return floating(x) * (math.pi / 180)


@aten("rad2deg.default")
def rad2deg(x):
    return floating(x) * (180 / math.pi)


@aten("sinc.default", "special_sinc.default")
def sinc(x):
    x = floating(x)
    angle = x * math.pi
    return f.where(f.equal(x, 0), 1, f.sin(angle) / angle)


@aten("logaddexp.default")
def logaddexp(a, b):
    """log(exp a + exp b): the larger off first, so that nothing overflows; equal infinities stay."""
    a, b = promote(a, b)
    larger = f.maximum(a, b) + f.log1p(f.exp(-f.absolute(a - b)))
    return f.where(f.isinf(a) & f.equal(a, b), a, larger)


@aten("logaddexp2.default")
def logaddexp2(a, b):
    a, b = promote(a, b)
    larger = f.maximum(a, b) + f.log1p(f.exp2(-f.absolute(a - b))) / f.log(constant(2, a.dtype))
    return f.where(f.isinf(a) & f.equal(a, b), a, larger)


def _times_logarithm(logarithm):
    def apply(x, y):
        """Zero times any logarithm is zero, except that of NaN."""
        x, y = promote(x, y, floating=True)
        x, y = (v if isinstance(v, Tensor) else constant(v, w.dtype) for v, w in ((x, y), (y, x)))
        product = f.where(f.equal(x, 0), 0, x * logarithm(y))
        return f.where(f.isnan(y), y, product)
    return apply


aten("xlogy.Tensor", "xlogy.Scalar_Other", "xlogy.Scalar_Self", "special_xlogy.default",
     "special_xlogy.other_scalar", "special_xlogy.self_scalar")(_times_logarithm(f.log))
aten("special_xlog1py.default", "special_xlog1py.other_scalar", "special_xlog1py.self_scalar")(
    _times_logarithm(f.log1p))
xlogy = _times_logarithm(f.log)


@aten("special_entr.default")
def entropy(x):
    """-x log x, 0 at zero, minus infinity below."""
    x = floating(x)
    below = f.where(x < 0, constant(float("-inf"), x.dtype), x)           # zero and NaN stay
    return f.where(x > 0, -x * f.log(x), below)


@aten("logit.default", "special_logit.default")
def logit(x, eps=None):
    """log(x / (1 - x)), of x first brought into [eps, 1 - eps]."""
    x = floating(x)
    if eps is not None:
        x = f.where(x < eps, eps, f.where(x > 1 - eps, 1 - eps, x))
    return f.log(x / (1 - x))
