"""Reductions of complex tensors: sums and means part by part, products one factor after the other, sizes as real numbers."""
from __future__ import annotations

from ..graph import functions as f
from ..graph.control import loop
from . import ATEN
from .aten_complex_functions import exp, log
from .aten_complex_parts import filled
from .aten_reductions import dims_of, variance_and_mean
from .common import Tensor
from .complex import Complex, aten_complex, as_complex, common_dtype, parts


def accumulated(x, dtype) -> Complex:
    """In the dtype asked for; what is real becomes complex."""
    return as_complex(x, dtype or x.dtype)


def _sum(x: Complex, dim, keepdim: bool) -> Complex:
    return parts(Tensor.sum)(x, dims_of(dim), keepdim)


@aten_complex("sum.default", "sum.dim_IntList")
def total(x, dim=None, keepdim=False, *, dtype=None):
    return _sum(accumulated(x, dtype), dim, keepdim)


@aten_complex("mean.default", "mean.dim")
def mean(x, dim=None, keepdim=False, *, dtype=None):
    return parts(Tensor.mean)(accumulated(x, dtype), dims_of(dim), keepdim)


def _products(x: Complex, dim: int) -> tuple[Complex, Complex]:
    """The product along dim, and the running ones: in order, as PyTorch multiplies, for in another order zeros would have
    other signs."""
    rows = parts(Tensor.transpose)(x, dim, 0)
    one = filled(rows.dims[1:], 1, x.dtype)

    def step(_, carried, slices):
        total = Complex(*carried) * Complex(*slices)
        return [total.real, total.imag], [total.real, total.imag]
    real, imag, *running = loop(rows.dims[0], [one.real, one.imag], [rows.real, rows.imag], step)
    return parts(Tensor.transpose)(parts(Tensor.unsqueeze)(Complex(real, imag), 0), dim, 0), \
        parts(Tensor.transpose)(Complex(*running), dim, 0)


@aten_complex("prod.default", "prod.dim_int")
def product(x, dim=None, keepdim=False, *, dtype=None):
    x = accumulated(x, dtype)
    if dim is None:
        x, dim = parts(Tensor.reshape)(x, -1), 0
    elif x.rank == 0:
        return x
    total, _ = _products(x, dim)
    return total if keepdim else parts(Tensor.squeeze)(total, dim)


@aten_complex("cumprod.default")
def running_product(x, dim, *, dtype=None):
    x = accumulated(x, dtype)
    return x if x.rank == 0 else _products(x, dim)[1]


# ---- deviations: of both parts together, as real numbers

def _register_deviations(name: str, finish) -> None:
    @aten_complex(f"{name}.default", f"{name}.dim")
    def by_bias(x, dim=None, unbiased=True, keepdim=False):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        return by_correction(x, dim, correction=int(unbiased), keepdim=keepdim)

    @aten_complex(f"{name}.correction")
    def by_correction(x, dim=None, *, correction=None, keepdim=False):
        variances, means = zip(*(variance_and_mean(part, dim, correction, keepdim) for part in (x.real, x.imag)))
        return finish(variances[0] + variances[1], Complex(*means))


_register_deviations("var", lambda variance, middle: variance)
_register_deviations("std", lambda variance, middle: f.sqrt(variance))
_register_deviations("var_mean", lambda variance, middle: (variance, middle))
_register_deviations("std_mean", lambda variance, middle: (f.sqrt(variance), middle))


@aten_complex("logsumexp.default", "special_logsumexp.default")
def logsumexp(x, dim, keepdim=False):
    """The largest real part off first, so that exp cannot overflow."""
    largest = x.real.max(dims_of(dim), keepdim=True)
    largest = f.where(f.isinf(largest), 0, largest)
    found = log(_sum(exp(Complex(x.real - largest, x.imag)), dim, keepdim))
    return Complex(found.real + largest.reshape(found.dims), found.imag)


# ---- norms

@aten_complex("linalg_vector_norm.default", "norm.Scalar", "norm.ScalarOpt_dim", "norm.ScalarOpt_dim_dtype",
              "norm.ScalarOpt_dtype")
def norm(x, p=2, dim=None, keepdim=False, *, dtype=None):
    """The norm of the numbers' sizes."""
    x = as_complex(x, dtype or x.dtype)
    return ATEN["linalg_vector_norm.default"].function(x.abs(), 2 if p is None else p, dim, keepdim)


@aten_complex("dist.default")
def distance(a, b, p=2):
    dtype = common_dtype(a, b)
    return norm(as_complex(a, dtype) - as_complex(b, dtype), p)
