"""Elementary functions of complex numbers, after Kahan, Branch Cuts for Complex Elementary Functions (1987): in real
functions that neither cancel nor overflow before the result does, and with the sign of a zero telling the sides of a cut.
"""
from __future__ import annotations

import math

from ..graph import functions as f
from .aten_complex_arithmetic import reciprocal
from .common import constant
from .complex import Complex, aten_complex, as_complex, common_dtype, promote


@aten_complex("exp.default")
def exp(x):
    size = f.exp(x.real)
    return Complex(size * f.cos(x.imag), size * f.sin(x.imag))


@aten_complex("exp2.default", "special_exp2.default")
def exp2(x):
    size, angle = f.exp2(x.real), x.imag * math.log(2)
    return Complex(size * f.cos(angle), size * f.sin(angle))


@aten_complex("expm1.default", "special_expm1.default")
def expm1(x):
    """cos y - 1 as the sine of the half angle: nothing cancels near zero."""
    half = f.sin(x.imag / 2)
    return Complex(f.expm1(x.real) * f.cos(x.imag) - 2 * half * half, f.exp(x.real) * f.sin(x.imag))


@aten_complex("log.default")
def log(x):
    return Complex(f.log(x.abs()), x.angle())


@aten_complex("log2.default")
def log2(x):
    return Complex(f.log2(x.abs()), x.angle() / math.log(2))


@aten_complex("log10.default")
def log10(x):
    return Complex(f.log10(x.abs()), x.angle() / math.log(10))


@aten_complex("log1p.default", "special_log1p.default")
def log1p(x):
    """Near zero from |1 + x|^2 - 1 = re (re + 2) + im^2, which does not cancel as |1 + x| - 1 does."""
    beyond = Complex(x.real + 1, x.imag)
    small = x.abs() < 0.5
    excess = x.real * (x.real + 2) + x.imag * x.imag
    near = f.log1p(f.where(small, excess, 0)) / 2
    return Complex(f.where(small, near, f.log(beyond.abs())), beyond.angle())


@aten_complex("sqrt.default")
def sqrt(x):
    """The root whose real part is not negative; of an eighth of x, so that sums of its size cannot overflow."""
    large = 2 * f.sqrt(f.absolute(x.real) / 8 + f.hypot(x.real / 8, x.imag / 8))
    least = 1e-24 if x.dtype == "complex64" else 1e-163       # half of the root of the least number: 0 stays 0
    small = f.absolute(x.imag) / f.maximum(2 * large, least)
    right = x.real >= 0
    return Complex(f.where(right, large, small), f.copysign(f.where(right, small, large), x.imag))


@aten_complex("rsqrt.default")
def rsqrt(x):
    return reciprocal(sqrt(x))


@aten_complex("sigmoid.default", "special_expit.default")
def sigmoid(x):
    e = exp(-x)
    return reciprocal(Complex(e.real + 1, e.imag))


# ---- powers

def power(x: Complex, p: Complex) -> Complex:
    """Size |x|^re p e^(-im p angle), angle re p angle + im p log |x|; the angle of 0 is 0."""
    size, angle = x.abs(), x.angle()
    zero = f.equal(size, 0)
    grown = f.power(size, p.real) * f.exp(-p.imag * angle)
    turned = p.real * angle + p.imag * f.log(f.where(zero, 1, size))
    undefined = zero & f.not_equal(p.imag, 0) & (p.real <= 0)
    grown = f.where(undefined, math.nan, grown)
    return Complex(grown * f.cos(turned), grown * f.sin(turned))


@aten_complex("pow.Tensor_Tensor", "pow.Scalar")
def pow_of_tensors(x, p):
    return power(*promote(x, p))


@aten_complex("pow.Tensor_Scalar")
def pow_of_number(x, p):
    """Small exponents as products, quotients and roots, as PyTorch computes them."""
    x = as_complex(x, common_dtype(x, p))
    known = {0: lambda: _ones(x), 1: lambda: x, 2: lambda: x * x, 3: lambda: x * x * x,
             0.5: lambda: sqrt(x), -0.5: lambda: rsqrt(x), -1: lambda: reciprocal(x), -2: lambda: reciprocal(x * x)}
    return known[p]() if p in known else power(x, as_complex(p, x.dtype))


def _ones(x: Complex) -> Complex:
    """1 everywhere, of NaN too."""
    one = as_complex(1, x.dtype)
    return Complex(one.real.expand(x.dims), one.imag.expand(x.dims))


@aten_complex("square.default")
def square(x):
    return x * x


@aten_complex("float_power.Scalar", "float_power.Tensor_Scalar", "float_power.Tensor_Tensor")
def float_power(x, p):
    return power(as_complex(x, "complex128"), as_complex(p, "complex128"))


# ---- trigonometric and hyperbolic functions

@aten_complex("sin.default")
def sin(x):
    return Complex(f.sin(x.real) * f.cosh(x.imag), f.cos(x.real) * f.sinh(x.imag))


@aten_complex("cos.default")
def cos(x):
    return Complex(f.cos(x.real) * f.cosh(x.imag), -(f.sin(x.real) * f.sinh(x.imag)))


@aten_complex("sinh.default")
def sinh(x):
    return Complex(f.sinh(x.real) * f.cos(x.imag), f.cosh(x.real) * f.sin(x.imag))


@aten_complex("cosh.default")
def cosh(x):
    return Complex(f.cosh(x.real) * f.cos(x.imag), f.sinh(x.real) * f.sin(x.imag))


@aten_complex("tanh.default")
def tanh(x):
    """From the tangent of the imaginary part; where the real part is large, from the exponential that is left."""
    large = f.absolute(x.real) > 22                          # from there on, tanh of the real part is 1 to the last bit
    near = f.where(large, 0, x.real)
    tangent, s = f.tan(x.imag), f.sinh(near)
    beta = tangent * tangent + 1
    below = beta * s * s + 1
    left = 4 * f.sin(x.imag) * f.cos(x.imag) * f.exp(-2 * f.absolute(x.real))
    settled = f.copysign(constant(1, x.real.dtype), x.real)
    return Complex(f.where(large, settled, beta * f.cosh(near) * s / below), f.where(large, left, tangent / below))


def over_i(function):
    """From a hyperbolic function h, the trigonometric one t(x) = h(i x) / i; and back, from t to h."""
    def apply(x):
        y = function(x.times_i())
        return Complex(y.imag, -y.real)
    return apply


tan = aten_complex("tan.default")(over_i(tanh))


def _roots(x: Complex) -> tuple[Complex, Complex]:
    """The roots of 1 - x and 1 + x."""
    return sqrt(Complex(1 - x.real, -x.imag)), sqrt(Complex(x.real + 1, x.imag))


@aten_complex("ldexp.Tensor")
def ldexp(x, exponent):
    """x * 2^exponent"""
    dtype = common_dtype(x, exponent)
    return as_complex(x, dtype) * power(as_complex(2.0, dtype), as_complex(exponent, dtype))


@aten_complex("asin.default", "arcsin.default")
def asin(x):
    below, above = _roots(x)
    return Complex(f.atan2(x.real, (below * above).real), f.asinh((below.conj() * above).imag))


@aten_complex("acos.default", "arccos.default")
def acos(x):
    below, above = _roots(x)
    return Complex(2 * f.atan2(below.real, above.real), f.asinh((above.conj() * below).imag))


@aten_complex("acosh.default", "arccosh.default")
def acosh(x):
    below, above = sqrt(Complex(x.real - 1, x.imag)), sqrt(Complex(x.real + 1, x.imag))
    return Complex(f.asinh((below.conj() * above).real), 2 * f.atan2(below.imag, above.real))


asinh = aten_complex("asinh.default", "arcsinh.default")(over_i(asin))


@aten_complex("atanh.default", "arctanh.default")
def atanh(x):
    size = f.absolute(x.real)
    gap = (1 - size) * (1 - size) + x.imag * x.imag
    real = f.copysign(f.log1p(4 * size / gap) / 4, x.real)
    return Complex(real, f.atan2(2 * x.imag, (1 - x.real) * (x.real + 1) - x.imag * x.imag) / 2)


atan = aten_complex("atan.default", "arctan.default")(over_i(atanh))
