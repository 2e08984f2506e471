"""log_softmax: the logarithm of softmax along one axis, computed without leaving the logarithm."""
import torch
from torch import Tensor
from torch.nn import LogSoftmax

from lockstep.cases import case, integers, normal, spread, values


def to_float64(x: Tensor) -> Tensor:
    return torch.log_softmax(x, dim=1, dtype=torch.float64)


def from_integers(x: Tensor) -> Tensor:
    return torch.log_softmax(x, dim=-1, dtype=torch.float32)


def spelled_out(x: Tensor) -> Tensor:
    return x - torch.logsumexp(x, dim=-1, keepdim=True)


def cases():
    yield case("last_axis", LogSoftmax(dim=-1), normal(2, 3, 5), dtypes=("float32", "float64"))
    yield case("first_axis", LogSoftmax(dim=0), normal(4, 3))
    yield case("middle_axis", LogSoftmax(dim=-2), normal(2, 7, 4))
    yield case("vector", LogSoftmax(dim=0), normal(6))
    yield case("long_axis", LogSoftmax(dim=-1), normal(2, 301, std=3.0))
    yield case("one_element_axis", LogSoftmax(dim=1), normal(3, 1))
    yield case("scalar", LogSoftmax(dim=-1), normal())
    yield case("empty_batch", LogSoftmax(dim=1), normal(0, 4))
    yield case("empty_axis", LogSoftmax(dim=1), normal(3, 0))
    yield case("axis_by_rank", LogSoftmax(dim=None), normal(2, 3, 4),
               because="without a dim the module takes the first axis of 1-D and 3-D inputs")
    yield case("large_logits", LogSoftmax(dim=-1), values([1e4, 9999.0, -1e4]),
               because="exp(1e4) overflows unless the maximum is taken off first")
    yield case("improbable", LogSoftmax(dim=-1), values([[0.0, -200.0, -1e30], [50.0, -60.0, 0.0]]),
               because="the softmax underflows to zero where its logarithm is still finite")
    yield case("almost_certain", LogSoftmax(dim=-1), values([[20.0, 0.0], [0.0, 16.0], [40.0, -50.0]]),
               because="the logarithm of a probability next to one is tiny")
    yield case("many_magnitudes", LogSoftmax(dim=-1), spread(3, 8, decades=3))
    yield case("not_finite", LogSoftmax(dim=-1),
               values([[0.5, float("-inf"), 1.0], [float("-inf")] * 3, [1.0, float("inf"), 0.0],
                       [1.0, float("nan"), 2.0]]),
               because="masked logits stay minus infinity; rows without a finite maximum are NaN")
    yield case("to_float64", to_float64, normal(2, 6))
    yield case("from_integers", from_integers, integers(3, 5, low=-6, high=7))
    yield case("spelled_out", spelled_out, normal(3, 5))
    yield case("dynamic_batch", LogSoftmax(dim=-1), normal(3, 10), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", LogSoftmax(dim=1), normal(2, 4, 3), dynamic={0: {1: "classes"}})
