"""Random numbers: PyTorch's distributions over our own bits. No two libraries draw the same ones."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import scan, sort
from ..graph.control import random_bits, require
from ..graph.functions import ceil, erfinv, exp, floor, isfinite, log1p, maximum, remainder, tan, where
from . import aten
from .common import Tensor, constant, full, is_float, refuse, zeros


def uniform01(dims, dtype: str) -> Tensor:
    """Numbers in [0, 1): as many random bits as the dtype's significand holds."""
    if dtype == "float64":
        high, low = random_bits(dims), random_bits(dims)
        return (high.cast(dtype) * 2.0 ** 21 + floor(low.cast(dtype) * 2.0 ** -11)) * 2.0 ** -53
    bits = {"float32": 24, "float16": 11, "bfloat16": 8}[dtype]
    return (floor(random_bits(dims).cast("float64") * 2.0 ** (bits - 32)) * 2.0 ** -bits).cast(dtype)


def standard_normal(dims, dtype: str) -> Tensor:
    """The inverse distribution function at the middle of one of 2**32 equal parts of (0, 1)."""
    middle = random_bits(dims).cast("float64") * 2.0 ** -31 + (2.0 ** -32 - 1)
    return (erfinv(middle) * 2 ** 0.5).cast(dtype)


def _floats(dtype: str | None) -> str:
    dtype = dtype or "float32"
    return dtype if is_float(dtype) else refuse(f"random numbers of the dtype {dtype} are not supported")


# ---- new tensors

@aten("rand.default", "rand.generator")
def rand(size, *, generator=None, dtype=None, layout=None, device=None, pin_memory=None):
    return uniform01(size, _floats(dtype))


@aten("randn.default", "randn.generator")
def randn(size, *, generator=None, dtype=None, layout=None, device=None, pin_memory=None):
    return standard_normal(size, _floats(dtype))


@aten("rand_like.default")
def rand_like(x, *, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    return uniform01(x.dims, _floats(dtype or x.dtype))


@aten("randn_like.default")
def randn_like(x, *, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    return standard_normal(x.dims, _floats(dtype or x.dtype))


def between(low, high, dims, dtype: str | None) -> Tensor:
    """Whole numbers in [low, high), equally likely to one part in 2**32."""
    if d.is_static(high) and d.is_static(low) and high <= low:
        refuse(f"whole numbers from {low} up to, without, {high}: there are none")
    if d.is_static(high) and d.is_static(low) and high - low > 2 ** 32:
        refuse(f"random whole numbers over a range of {high - low} are not supported; at most 2**32")
    return (remainder(random_bits(dims), constant(high - low, "int64")) + low).cast(dtype or "int64")


@aten("randint.default", "randint.generator")
def randint(high, size, *, generator=None, dtype="int64", layout=None, device=None, pin_memory=None):
    return between(0, high, size, dtype)


@aten("randint.low", "randint.low_generator")
def randint_from(low, high, size, *, generator=None, dtype="int64", layout=None, device=None, pin_memory=None):
    return between(low, high, size, dtype)


@aten("randint_like.default")
def randint_like(x, high, *, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    return between(0, high, x.dims, dtype or x.dtype)


@aten("randint_like.low_dtype")
def randint_like_from(x, low, high, *, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    return between(low, high, x.dims, dtype or x.dtype)


@aten("random.from")
def random_from(x, low, high, *, generator=None):
    return between(low, high, x.dims, x.dtype)


@aten("random.to")
def random_to(x, high, *, generator=None):
    return between(0, high, x.dims, x.dtype)


@aten("random.default")
def random_whole(x, *, generator=None):
    """Whole numbers that the dtype holds, from 0 up."""
    ranges = {"bool": 2, "uint8": 2 ** 8, "int8": 2 ** 7, "int16": 2 ** 15, "int32": 2 ** 31, "float32": 2 ** 24 + 1,
              "float16": 2 ** 11 + 1, "bfloat16": 2 ** 8 + 1}
    if x.dtype not in ranges:
        refuse(f"random_ of {x.dtype} without a range is not supported; give one of at most 2**32")
    return between(0, ranges[x.dtype], x.dims, x.dtype)


@aten("randperm.default", "randperm.generator")
def randperm(n, *, generator=None, dtype="int64", layout=None, device=None, pin_memory=None):
    """The order that sorts random keys."""
    return sort(random_bits([n]), 0)[1].cast(dtype or "int64")


# ---- distributions

@aten("uniform.default")
def uniform(x, low=0.0, high=1.0, *, generator=None):
    return uniform01(x.dims, x.dtype) * (high - low) + low


@aten("normal_functional.default")
def normal_like(x, mean=0.0, std=1.0, *, generator=None):
    return standard_normal(x.dims, x.dtype) * std + mean


@aten("normal.Tensor_Tensor", "normal.Tensor_float", "normal.float_Tensor")
def normal(mean, std=1.0, *, generator=None):
    like = mean + std if isinstance(mean, Tensor) else std
    return standard_normal(like.dims, like.dtype) * std + mean


@aten("normal.float_float")
def normal_of_size(mean, std, size, *, generator=None, dtype=None, layout=None, device=None, pin_memory=None):
    return standard_normal(size, _floats(dtype)) * std + mean


@aten("log_normal.default")
def log_normal(x, mean=1.0, std=2.0, *, generator=None):
    return exp(normal_like(x, mean, std))


@aten("exponential.default")
def exponential(x, lambd=1.0, *, generator=None):
    return -log1p(-uniform01(x.dims, x.dtype)) / lambd


@aten("cauchy.default")
def cauchy(x, median=0.0, sigma=1.0, *, generator=None):
    return tan((uniform01(x.dims, x.dtype) - 0.5) * 3.141592653589793) * sigma + median


@aten("geometric.default")
def geometric(x, p, *, generator=None):
    """How many trials until the first success."""
    u = uniform01(x.dims, x.dtype if is_float(x.dtype) else "float32")
    return maximum(ceil(log1p(-u) / log1p(constant(-p, u.dtype))), 1).cast(x.dtype)


@aten("bernoulli.default", "bernoulli.Tensor")
def bernoulli(x, p=None, *, generator=None):
    """1 with the probability that the element holds (or p's, where that is given)."""
    chance = x if p is None else p
    return (uniform01(x.dims, "float32") < chance.cast("float32")).cast(x.dtype)


@aten("bernoulli.p")
def bernoulli_with(x, p, *, generator=None):
    return (uniform01(x.dims, "float64") < p).cast(x.dtype)


def _check_weights(x: Tensor, count: int, replacement: bool) -> None:
    """What PyTorch asks of multinomial's weights; of their values at run time."""
    if not is_float(x.dtype):
        refuse(f"multinomial only supports floating-point dtypes for input, got: {x.dtype}")
    if d.is_static(count) and count <= 0:
        refuse("cannot sample n_sample <= 0 samples")
    if not replacement and d.is_static(count) and d.is_static(x.dims[-1]) and count > x.dims[-1]:
        refuse("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    require(((x >= 0) & isfinite(x)).all())
    require((x.sum(-1) > 0).all())


@aten("multinomial.default")
def multinomial(x, num_samples, replacement=False, *, generator=None):
    """Indices along the last dim, drawn by weight; without replacement: the least of exponential waiting times first
    (Efraimidis and Spirakis, Information Processing Letters 97, 2006)."""
    _check_weights(x, num_samples, replacement)
    weights, dims = x.cast("float64"), [*x.dims[:-1], num_samples]
    if replacement:
        ends = scan("sum", weights, x.rank - 1)[0]
        total = weights.sum(-1, keepdim=True)
        point = uniform01(dims, "float64") * total
        return (ends.unsqueeze(-2) <= point.unsqueeze(-1)).cast("int64").sum(-1)
    waiting = where(weights > 0, -log1p(-uniform01(x.dims, "float64")) / weights, float("inf"))
    return sort(waiting, x.rank - 1)[1].slice(-1, 0, num_samples)


# ---- dropout

def kept(x: Tensor, p: float, dims=None) -> Tensor:
    """1 for what stays, 0 for what is dropped with probability p."""
    return (uniform01(x.dims if dims is None else dims, "float32") >= p).cast(x.dtype).expand(x.dims)


def _whole_channels(x: Tensor) -> list:
    return [*x.dims[:2], *[1] * (x.rank - 2)]


def _dropped(x: Tensor, p: float, dims=None) -> Tensor:
    if p == 1:
        return x * 0
    return x * kept(x, p, dims) / (1 - p)


@aten("dropout.default")
def dropout(x, p, train):
    return _dropped(x, p) if train and p else x


@aten("feature_dropout.default")
def feature_dropout(x, p, train):
    """Whole channels at once."""
    return _dropped(x, p, _whole_channels(x)) if train and p else x


@aten("native_dropout.default")
def native_dropout(x, p, train):
    if not train or p == 0:
        return x, full(x.dims, True, "bool")
    mask = kept(x, p)
    return (zeros(x.dims, x.dtype) if p == 1 else x * mask / (1 - p)), mask > 0


@aten("native_dropout_backward.default")
def native_dropout_backward(gradient, mask, scale):
    """The mask first: whole numbers that it drops are no negative zeros."""
    kept = gradient * mask.cast(gradient.dtype)
    return (kept if is_float(kept.dtype) else kept.cast("float32")) * scale


def _alpha(x: Tensor, p: float, dims=None) -> Tensor:
    """What is dropped becomes SELU's limit -1.7580993408473766, and mean and variance are kept (Klambauer et al. 2017)."""
    if p == 1:
        return x * 0
    limit = 1.7580993408473766
    scale = ((limit * limit * p + 1) * (1 - p)) ** -0.5
    mask = kept(x, p, dims)
    return x * (mask * scale) + ((mask - 1) * (limit * scale) + limit * scale * p)


@aten("alpha_dropout.default")
def alpha_dropout(x, p, train):
    return _alpha(x, p) if train and p else x


@aten("feature_alpha_dropout.default")
def feature_alpha_dropout(x, p, train):
    return _alpha(x, p, _whole_channels(x)) if train and p else x
