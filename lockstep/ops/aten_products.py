"""Products: linear layers, products of matrices and vectors, and their accumulating forms."""
from __future__ import annotations

from ..graph.build import broadcast, concat, contract
from ..graph.control import loop
from ..graph.world import HALVES
from . import aten
from .common import Tensor, promote, refuse, zeros


@aten("linear.default")
def linear(x, weight, bias=None):
    """The last dim times a transposed matrix; a weight without rows drops that dim."""
    y = contract("...k,nk->...n" if weight.rank == 2 else "...k,k->...", x, weight)
    return y if bias is None else y + bias


@aten("bilinear.default")
def bilinear(x, y, weight, bias=None):
    """x' W_o y for every output o; the sum over x first, as PyTorch orders it."""
    z = contract("...oj,...j->...o", contract("...i,oij->...oj", x, weight), y)
    return z if bias is None else z + bias


@aten("mm.default")
def mm(a, b):
    return contract("mk,kn->mn", a, b)


@aten("bmm.default")
def bmm(a, b):
    return contract("bmk,bkn->bmn", a, b)


@aten("mv.default")
def mv(matrix, vector):
    return contract("mk,k->m", matrix, vector)


@aten("dot.default", "vdot.default")
def dot(a, b):
    return contract("k,k->", a, b)


@aten("matmul.default")
def matmul(a, b):
    """A 1-D operand is a row (left) or a column (right); leading dims broadcast."""
    if a.rank == 1 and b.rank == 1:
        return dot(a, b)
    if b.rank == 1:
        return contract("...mk,k->...m", a, b)
    if a.rank == 1:
        return contract("k,...kn->...n", a, b)
    return contract("...mk,...kn->...mn", a, b)


def scaled(x: Tensor, factor) -> Tensor:
    """factor * x, without the multiplication where the factor is one."""
    return x if factor == 1 else x * factor


def accumulated(start: Tensor, product: Tensor, beta, alpha) -> Tensor:
    """beta * start + alpha * product; as in BLAS, what a factor of zero scales is not read, NaN included."""
    product = scaled(product, alpha) if alpha != 0 else zeros(product.dims, product.dtype)
    return product if beta == 0 else product + scaled(start, beta)


@aten("addmm.default")
def addmm(start, a, b, *, beta=1, alpha=1):
    return accumulated(start, mm(a, b), beta, alpha)


@aten("baddbmm.default")
def baddbmm(start, a, b, *, beta=1, alpha=1):
    if alpha == 0:
        refuse("baddbmm with alpha=0 passes NaN on or not depending on the sizes; leave the product out")
    return accumulated(start, bmm(a, b), beta, alpha)


@aten("addbmm.default")
def addbmm(start, a, b, *, beta=1, alpha=1):
    """The batch is summed over too; 16-bit floats are rounded after the product of each."""
    if a.dtype not in HALVES:
        return accumulated(start, contract("bmk,bkn->mn", a, b), beta, alpha)
    shape = a.dims[1], b.dims[2]
    first = zeros(shape, a.dtype) if beta == 0 else scaled(start, beta).expand(shape)

    def added(_, totals, factors):
        product = mm(*(x.cast("float32") for x in factors))
        return [accumulated(totals[0].cast("float32"), product, 1, alpha).rounded_to(a.dtype)], []
    return loop(a.dims[0], [first], [a, b], added)[0]


@aten("addmv.default")
def addmv(start, matrix, vector, *, beta=1, alpha=1):
    return accumulated(start, mv(matrix, vector), beta, alpha)


@aten("addr.default")
def addr(start, a, b, *, beta=1, alpha=1):
    """beta * start + alpha * outer(a, b); on bool and, or. Only the start may go unread."""
    start, a, b = promote(start, a, b)
    outer = a.unsqueeze(1) * b
    if outer.dtype == "bool":
        outer = outer & bool(alpha)
        return outer | start if beta else outer
    return scaled(outer, alpha) if beta == 0 else scaled(outer, alpha) + scaled(start, beta)


@aten("linalg_cross.default")
def cross(a, b, *, dim=-1):
    """The vector product along a dim of extent 3."""
    a, b = promote(a, b)
    shape = broadcast(a.dims, b.dims)

    def turned(x, count):
        return concat([x.slice(dim, count, 3), x.slice(dim, 0, count)], dim)
    a, b = a.expand(shape), b.expand(shape)
    return turned(a, 1) * turned(b, 2) - turned(a, 2) * turned(b, 1)
