"""mv_dot: products with vectors: matrix by vector, inner, outer, and their accumulating forms."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


def mv(x: Tensor, y: Tensor) -> Tensor:
    return torch.mv(x, y)


def dot(x: Tensor, y: Tensor) -> Tensor:
    return torch.dot(x, y)


def mv_transposed(x: Tensor, y: Tensor) -> Tensor:
    return torch.mv(x.t(), y)


def dot_every_second(x: Tensor, y: Tensor) -> Tensor:
    return torch.dot(x[::2], y)


def vdot(x: Tensor, y: Tensor) -> Tensor:
    return torch.vdot(x, y)


def vecdot_first_axis(x: Tensor, y: Tensor) -> Tensor:
    return torch.linalg.vecdot(x, y, dim=0)


def outer(x: Tensor, y: Tensor) -> Tensor:
    return torch.outer(x, y)


def inner(x: Tensor, y: Tensor) -> Tensor:
    return torch.inner(x, y)


def addr_in_place(start: Tensor, x: Tensor, y: Tensor) -> Tensor:
    total = start.clone()
    total.addr_(x, y, beta=0.5, alpha=3.0)
    return total


class Addmv(nn.Module):
    """beta * start + alpha * (matrix @ vector)."""

    def __init__(self, beta: float, alpha: float):
        super().__init__()
        self.beta = beta
        self.alpha = alpha

    def forward(self, start: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.addmv(start, x, y, beta=self.beta, alpha=self.alpha)


class Addr(nn.Module):
    """beta * start + alpha * outer(x, y)."""

    def __init__(self, beta: float, alpha: float):
        super().__init__()
        self.beta = beta
        self.alpha = alpha

    def forward(self, start: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.addr(start, x, y, beta=self.beta, alpha=self.alpha)


def cases():
    yield case("mv", mv, normal(4, 5), normal(5), dtypes=("float32", "float64", "int64", "int32"))
    yield case("mv_transposed", mv_transposed, normal(5, 3), normal(5))
    yield case("mv_empty_contraction", mv, normal(3, 0), normal(0), because="a sum of nothing is zero")
    yield case("mv_not_finite", mv, values([[0.0, 1.0], [float("nan"), 1.0], [1.0, -1e30]]),
               values([float("inf"), 2.0]))
    yield case("dot", dot, normal(9), normal(9), dtypes=("float32", "float64", "int64", "int32"))
    yield case("dot_one_element", dot, normal(1), normal(1))
    yield case("dot_empty", dot, normal(0), normal(0))
    yield case("dot_every_second", dot_every_second, normal(10), normal(5))
    yield case("dot_long", dot, spread(777, decades=2), normal(777),
               because="a long sum of terms of many magnitudes shows how it is accumulated")
    yield case("vdot", vdot, normal(6), normal(6))
    yield case("vecdot_first_axis", vecdot_first_axis, normal(5, 3), normal(5, 3))
    yield case("outer", outer, normal(3), normal(4), dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("outer_empty", outer, normal(0), normal(4))
    yield case("inner_vectors", inner, normal(5), normal(5))
    yield case("inner_matrices", inner, normal(2, 4), normal(3, 4), dtypes=("float32", "int64"))
    yield case("inner_many_axes", inner, normal(2, 3, 4), normal(5, 4))
    yield case("inner_scalar", inner, normal(), normal(2, 3),
               because="with a scalar the inner product is a scaling")
    yield case("addmv", Addmv(beta=0.5, alpha=-3.0), normal(4), normal(4, 5), normal(5))
    yield case("addmv_whole_factors", Addmv(beta=2, alpha=3), normal(4), normal(4, 5), normal(5),
               dtypes=("float32", "int64"))
    yield case("addmv_beta_zero", Addmv(beta=0, alpha=1), values([float("nan"), float("inf")]), normal(2, 3),
               normal(3),
               because="with beta zero the input is ignored, NaN included")
    yield case("addmv_scalar_start", Addmv(beta=1, alpha=0.5), normal(), normal(2, 3), normal(3))
    yield case("addr", Addr(beta=0.5, alpha=-3.0), normal(3, 4), normal(3), normal(4))
    yield case("addr_whole_factors", Addr(beta=2, alpha=3), normal(3, 4), normal(3), normal(4),
               dtypes=("float32", "int64"))
    yield case("addr_beta_zero", Addr(beta=0, alpha=2), values([[float("nan")] * 3] * 2), normal(2),
               normal(3),
               because="with beta zero the input is ignored, NaN included")
    yield case("addr_broadcast_start", Addr(beta=1, alpha=2), normal(4), normal(3), normal(4))
    yield case("addr_in_place", addr_in_place, normal(3, 4), normal(3), normal(4))
    yield case("dynamic_mv", mv, normal(3, 5), normal(5),
               dynamic={0: {0: "rows", 1: "inner"}, 1: {0: "inner"}})
    yield case("dynamic_outer", outer, normal(3), normal(4), dynamic={0: {0: "rows"}, 1: {0: "columns"}})
