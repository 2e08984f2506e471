"""Products of complex tensors: each real product four times, which cancels less than in three."""
from __future__ import annotations

from typing import Callable

from . import ATEN
from .aten_complex_arithmetic import times
from .common import zeros
from .complex import Complex, aten_complex, as_complex, parts


def of_parts(product: Callable, a: Complex, b: Complex) -> Complex:
    """A real product, linear in both factors, of complex ones."""
    return Complex(product(a.real, b.real) - product(a.imag, b.imag), product(a.real, b.imag) + product(a.imag, b.real))


def _product(name: str) -> Callable:
    @aten_complex(name)
    def apply(a, b):
        return of_parts(ATEN[name].function, a, b)
    return apply


mm, bmm, mv, dot, matmul = map(_product, ("mm.default", "bmm.default", "mv.default", "dot.default", "matmul.default"))


@aten_complex("vdot.default")
def vdot(a, b):
    """The first factor conjugated."""
    return dot(a.conj(), b)


@aten_complex("linear.default")
def linear(x, weight, bias=None):
    y = of_parts(ATEN["linear.default"].function, x, weight)
    return y if bias is None else y + bias


def accumulated(start: Complex, product: Complex, beta, alpha) -> Complex:
    """beta * start + alpha * product; what a factor of zero scales is not read."""
    product = times(product, alpha) if alpha != 0 else as_complex(zeros(product.dims, product.real.dtype), product.dtype)
    return product if beta == 0 else product + times(start, beta)


def _accumulating(name: str, product: Callable) -> None:
    @aten_complex(name)
    def apply(start, a, b, *, beta=1, alpha=1):
        return accumulated(start, product(a, b), beta, alpha)


def _batch_sum(a: Complex, b: Complex) -> Complex:
    return parts(lambda part: part.sum(0))(bmm(a, b))


def _outer(a: Complex, b: Complex) -> Complex:
    return parts(lambda part: part.unsqueeze(1))(a) * b


for _name, _of in {"addmm.default": mm, "baddbmm.default": bmm, "addbmm.default": _batch_sum, "addmv.default": mv,
                   "addr.default": _outer}.items():
    _accumulating(_name, _of)


# ---- convolutions

def _convolution(name: str) -> None:
    @aten_complex(name)
    def apply(x, weight, bias=None, *args, **kwargs):
        """The bias is added once, along the channels."""
        real = ATEN[name].function
        y = of_parts(lambda a, b: real(a, b, None, *args, **kwargs), x, weight)
        if bias is None:
            return y
        spatial = weight.rank - 2
        return y + parts(lambda part: part.reshape(-1, *[1] * spatial))(bias)


for _name in ("conv1d.default", "conv2d.default", "conv3d.default", "conv1d.padding", "conv2d.padding", "conv3d.padding",
              "conv_transpose1d.default", "conv_transpose2d.input", "conv_transpose3d.input", "convolution.default"):
    _convolution(_name)
