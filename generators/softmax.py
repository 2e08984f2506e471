"""softmax: exponentials along one axis, scaled to sum to one."""
import torch
from torch import Tensor
from torch.nn import Softmax

from lockstep.cases import case, integers, normal, values


def from_integers(x: Tensor) -> Tensor:
    return torch.softmax(x, dim=-1, dtype=torch.float32)


def to_float64(x: Tensor) -> Tensor:
    return torch.softmax(x, dim=1, dtype=torch.float64)


def spelled_out(x: Tensor) -> Tensor:
    exponential = torch.exp(x - x.amax(dim=-1, keepdim=True))
    return exponential / exponential.sum(dim=-1, keepdim=True)


def cases():
    yield case("last_axis", Softmax(dim=-1), normal(2, 3, 5), dtypes=("float32", "float64"))
    yield case("first_axis", Softmax(dim=0), normal(4, 3))
    yield case("middle_axis", Softmax(dim=1), normal(2, 7, 4))
    yield case("negative_axis", Softmax(dim=-2), normal(2, 4, 3))
    yield case("long_axis", Softmax(dim=-1), normal(2, 301, std=3.0))
    yield case("scalar", Softmax(dim=0), normal())
    yield case("empty_axis", Softmax(dim=1), normal(3, 0))
    yield case("axis_by_rank", Softmax(dim=None), normal(2, 3, 4),
               because="without a dim the module takes the first axis of 1-D and 3-D inputs")
    yield case("one_element_axis", Softmax(dim=1), normal(3, 1))
    yield case("empty_batch", Softmax(dim=1), normal(0, 4))
    yield case("large_logits", Softmax(dim=-1), values([1e4, 9999.0, -1e4]),
               because="exp(1e4) overflows unless the maximum is taken off first")
    yield case("minus_infinity", Softmax(dim=-1),
               values([[0.5, float("-inf"), 1.0], [float("-inf"), 2.0, 3.0]]),
               because="masked logits are minus infinity, and their probability is exactly zero")
    yield case("fully_masked", Softmax(dim=-1), values([[float("-inf")] * 3, [1.0, 2.0, float("nan")]]),
               because="a row of minus infinities has no maximum to take off and is NaN throughout")
    yield case("plus_infinity", Softmax(dim=0), values([[1.0, 0.0], [float("inf"), 0.5], [2.0, -1.0]]),
               because="infinity less infinity makes its column NaN and leaves the other alone")
    yield case("from_integers", from_integers, integers(3, 5, low=-6, high=7))
    yield case("spelled_out", spelled_out, normal(3, 5))
    yield case("to_float64", to_float64, normal(2, 6))
    yield case("dynamic_batch", Softmax(dim=-1), normal(3, 10), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", Softmax(dim=1), normal(2, 4, 3), dynamic={0: {1: "keys"}})
