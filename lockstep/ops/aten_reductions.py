"""Reductions: sums, products, means, extremes, counts and deviations over dims."""
from __future__ import annotations

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import arg_reduce, reshape
from . import aten
from .common import axes_of, constant, floating, full, is_float


def dims_of(dim):
    """None and the empty list both mean every dim."""
    return None if dim is None or isinstance(dim, (list, tuple)) and not dim else dim


def accumulated(x, dtype):
    """In the dtype asked for; whole numbers and bools are summed and multiplied as int64."""
    return x.cast(dtype) if dtype else x if is_float(x.dtype) else x.cast("int64")


@aten("sum.default", "sum.dim_IntList")
def total(x, dim=None, keepdim=False, *, dtype=None):
    return accumulated(x, dtype).sum(dims_of(dim), keepdim)


@aten("prod.default", "prod.dim_int")
def product(x, dim=None, keepdim=False, *, dtype=None):
    return accumulated(x, dtype).prod(dim, keepdim)


@aten("mean.default", "mean.dim")
def mean(x, dim=None, keepdim=False, *, dtype=None):
    return (x.cast(dtype) if dtype else x).mean(dims_of(dim), keepdim)


@aten("nansum.default")
def nansum(x, dim=None, keepdim=False, *, dtype=None):
    x = accumulated(x, dtype)
    return total(f.where(f.isnan(x), 0, x) if is_float(x.dtype) else x, dim, keepdim)


@aten("count_nonzero.default", "count_nonzero.dim_IntList")
def count_nonzero(x, dim=None):
    return total(x.cast("bool"), dim)


@aten("amax.default", "max.default")
def amax(x, dim=(), keepdim=False):
    return x.max(dims_of(dim), keepdim)


@aten("amin.default", "min.default")
def amin(x, dim=(), keepdim=False):
    return x.min(dims_of(dim), keepdim)


@aten("aminmax.default")
def aminmax(x, *, dim=None, keepdim=False):
    return x.min(dim, keepdim), x.max(dim, keepdim)


def _where(which: str):
    def apply(x, dim=None, keepdim=False):
        """The first index of the extreme, or of the first NaN; without a dim, of the flattened tensor."""
        if x.rank == 0:
            return full((), 0, "int64")
        if dim is not None:
            return arg_reduce(which, x, dim, keepdim)
        index = arg_reduce(which, x.reshape(-1), 0)
        return index.reshape([1] * x.rank) if keepdim else index
    return apply


def _extreme_and_where(which: str):
    def apply(x, dim, keepdim=False):
        return getattr(x, which)(dim, keepdim), _where(which)(x, dim, keepdim)
    return apply


def _truth(which: str):
    def apply(x, dim=None, keepdim=False):
        """bool, except that uint8 stays uint8. An empty list of dims leaves every element by itself."""
        truths = getattr(x.cast("bool"), which)(dim, keepdim)
        return truths.cast("uint8") if x.dtype == "uint8" else truths
    return apply


for _which in ("max", "min"):
    aten(f"{_which}.dim")(_extreme_and_where(_which))
    aten(f"arg{_which}.default")(_where(_which))
for _which in ("any", "all"):
    aten(f"{_which}.default", f"{_which}.dim", f"{_which}.dims")(_truth(_which))


# ---- deviations

def variance_and_mean(x, dim, correction, keepdim):
    """Two passes: the mean of squares less the square of the mean cancels. The divisor is never negative."""
    axes = axes_of(dims_of(dim), x.rank)
    middle = x.mean(axes, keepdim=True)
    deviation = x - middle
    count = d.product(x.dims[k] for k in axes)
    correction = 1 if correction is None else int(correction) if correction == int(correction) else correction
    divisor = d.maximum(count - correction, 0) if d.is_static(count) or isinstance(correction, int) else \
        f.maximum(constant(count, x.dtype) - correction, 0)
    variance = (deviation * deviation).sum(axes, keepdim) / divisor
    return variance, middle if keepdim else reshape(middle, variance.dims)


def _register_deviations(name: str, finish) -> None:
    @aten(f"{name}.default", f"{name}.dim")
    def by_bias(x, dim=None, unbiased=True, keepdim=False):
        if isinstance(dim, bool):                          # the overload without dims has `unbiased` here
            dim, unbiased = None, dim
        return finish(*variance_and_mean(x, dim, int(unbiased), keepdim))

    @aten(f"{name}.correction")
    def by_correction(x, dim=None, *, correction=None, keepdim=False):
        return finish(*variance_and_mean(x, dim, correction, keepdim))


_register_deviations("var", lambda variance, middle: variance)
_register_deviations("std", lambda variance, middle: f.sqrt(variance))
_register_deviations("var_mean", lambda variance, middle: (variance, middle))
_register_deviations("std_mean", lambda variance, middle: (f.sqrt(variance), middle))


@aten("logsumexp.default", "special_logsumexp.default")
def logsumexp(x, dim, keepdim=False):
    """The maximum off first, so that exp cannot overflow; an infinite one stays, or it would give NaN."""
    x, dims = floating(x), dims_of(dim)
    largest = x.max(dims, keepdim=True)
    largest = f.where(f.isinf(largest), 0, largest)
    logarithm = f.log(f.exp(x - largest).sum(dims, keepdim))
    return logarithm + reshape(largest, logarithm.dims)
