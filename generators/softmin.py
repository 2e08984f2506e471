"""softmin: softmax of the negated input, so that the smallest element gets the largest share."""
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Softmin

from lockstep.cases import case, integers, normal, values


def to_float64(x: Tensor) -> Tensor:
    return F.softmin(x, dim=0, dtype=torch.float64)


def from_integers(x: Tensor) -> Tensor:
    return F.softmin(x, dim=1, dtype=torch.float32)


def cases():
    yield case("last_axis", Softmin(dim=-1), normal(2, 3, 5), dtypes=("float32", "float64"))
    yield case("first_axis", Softmin(dim=0), normal(4, 3))
    yield case("middle_axis", Softmin(dim=-2), normal(2, 7, 4))
    yield case("one_element_axis", Softmin(dim=1), normal(3, 1))
    yield case("scalar", Softmin(dim=0), normal())
    yield case("empty_batch", Softmin(dim=1), normal(0, 4))
    yield case("empty_axis", Softmin(dim=1), normal(3, 0))
    yield case("axis_by_rank", Softmin(dim=None), normal(3, 4),
               because="without a dim the module takes the second axis of 2-D inputs")
    yield case("large_values", Softmin(dim=-1), values([1e4, 9999.0, -1e4, -9999.5]),
               because="exp(1e4) overflows unless the minimum is taken off first")
    yield case("not_finite", Softmin(dim=-1),
               values([[0.5, float("inf"), 1.0], [float("inf")] * 3, [1.0, float("-inf"), 0.0],
                       [1.0, float("nan"), 2.0]]))
    yield case("to_float64", to_float64, normal(4, 3))
    yield case("from_integers", from_integers, integers(3, 5, low=-6, high=7))
    yield case("dynamic_batch", Softmin(dim=1), normal(3, 6), dynamic={0: {0: "batch"}})
