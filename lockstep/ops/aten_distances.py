"""Norms, and distances between vectors."""
from __future__ import annotations

import math

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import broadcast, concat, contract, fixed
from . import aten
from .aten_mathematics import pow_of_tensor
from .aten_reductions import dims_of
from .common import floating, promote, result_type, zeros


def norm_of(x, order, dims, keepdim=False):
    """(sum |x|^order)^(1/order); its limits for order 0 (the count of non-zeros) and infinity (extremes)."""
    if order == 0:
        return f.not_equal(x, 0).cast(x.dtype).sum(dims, keepdim)
    if order == 2:
        return f.sqrt((x * x).sum(dims, keepdim))
    size = f.absolute(x)
    if math.isinf(order):
        return size.max(dims, keepdim) if order > 0 else size.min(dims, keepdim)
    if order == 1:
        return size.sum(dims, keepdim)
    return pow_of_tensor(pow_of_tensor(size, order).sum(dims, keepdim), 1 / order)


@aten("linalg_vector_norm.default")
def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    return norm_of(x.cast(dtype) if dtype else x, ord, dims_of(dim), keepdim)


@aten("norm.Scalar", "norm.ScalarOpt_dim", "norm.ScalarOpt_dim_dtype", "norm.ScalarOpt_dtype")
def norm(x, p=2, dim=None, keepdim=False, *, dtype=None):
    return vector_norm(x, 2 if p is None else p, dim, keepdim, dtype=dtype)


@aten("dist.default")
def dist(a, b, p=2):
    a, b = promote(a, b)
    return norm_of(a - b, p, None)


@aten("pairwise_distance.default")
def pairwise_distance(a, b, p=2.0, eps=1e-6, keepdim=False):
    a, b = promote(a, b)
    return norm_of(floating(a - b) + eps, p, -1, keepdim)


@aten("cosine_similarity.default")
def cosine_similarity(a, b, dim=1, eps=1e-8):
    """The product of both, each first divided by its length (or by epsilon, if that is larger) after broadcasting."""
    dtype, dims = result_type(a, b), broadcast(a.dims, b.dims)
    a, b = a.expand(dims), b.expand(dims)
    a, b = (x.cast(dtype) / f.maximum(norm_of(x, 2, dim, keepdim=True), eps).cast(dtype) for x in (a, b))
    return (a * b).sum(dim)


@aten("cdist.default", "_cdist_forward.default")
def cdist(a, b, p=2.0, compute_mode=None):
    """The distance of every row of a to every row of b.

    Euclidean distances come by products where PyTorch does that (mode 1, or more than 25 rows and mode 0 or
    None): it is faster, and cancels where rows are close.
    """
    a, b = promote(a, b)
    rows = (a.dims[-2], b.dims[-2])
    many = any(d.is_static(n) and n > 25 for n in rows)
    if p == 2 and (compute_mode == 1 or not compute_mode and many):
        return euclidean_by_products(a, b)
    gap = a.unsqueeze(-2) - b.unsqueeze(-3)
    return norm_of(gap, p, -1) if a.dims[-1] != 0 else zeros(gap.dims[:-1], a.dtype)


@aten("_euclidean_dist.default")
def euclidean_by_products(a, b):
    """|a|^2 - 2ab + |b|^2; rounding may take it below zero."""
    lengths = (a * a).sum(-1, keepdim=True) + (b * b).sum(-1).unsqueeze(-2)
    square = lengths - contract("...mk,...nk->...mn", a, b) * 2
    return f.sqrt(f.maximum(square, 0))


@aten("pdist.default", "_pdist_forward.default")
def pdist(x, p=2.0):
    """The distances of rows i < j, in the order of i, then j."""
    count = fixed(x.dims[0], "the number of rows of pdist")
    if count < 2:
        return zeros((0,), x.dtype)
    matrix = cdist(x, x, p, compute_mode=2)
    return concat([matrix.select(0, k).slice(0, k + 1, count) for k in range(count - 1)], 0)
