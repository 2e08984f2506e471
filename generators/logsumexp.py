"""logsumexp: the logarithm of a sum of exponentials along some axes."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special, uniform, values


class LogSumExp(nn.Module):
    """torch.logsumexp over some axes."""

    def __init__(self, dim: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.logsumexp(x, dim=self.dim, keepdim=self.keepdim)


def by_hand(x: Tensor) -> Tensor:
    return x.exp().sum(dim=-1).log()


def cases():
    infinity, nan = float("inf"), float("nan")
    yield case("last_axis", LogSumExp((-1,)), normal(3, 4, 5), dtypes=("float32", "float64", "int64"))
    yield case("first_axis", LogSumExp((0,)), normal(6, 5))
    yield case("middle_axis_kept", LogSumExp((1,), True), normal(2, 7, 3))
    yield case("two_axes", LogSumExp((0, -1)), normal(3, 4, 5))
    yield case("two_axes_kept", LogSumExp((1, 2), True), normal(3, 4, 5))
    yield case("one_element_axis", LogSumExp((1,)), normal(4, 1),
               because="the logarithm undoes the exponential")
    yield case("large", LogSumExp((1,)), uniform(3, 6, low=900.0, high=1000.0),
               because="exp(900) overflows unless the maximum is taken off first")
    yield case("very_negative", LogSumExp((1,)), uniform(3, 6, low=-1000.0, high=-900.0))
    yield case("infinities", LogSumExp((1,)),
               values([[infinity, 1.0], [-infinity, 2.0], [-infinity, -infinity],
                                                      [infinity, -infinity], [nan, 1.0],
                                                      [infinity, infinity]]),
               because="an infinite maximum must not be subtracted from itself")
    yield case("special_values", LogSumExp((0,)), special(5, 5))
    yield case("empty_sum", LogSumExp((0,)), normal(0, 4),
               because="the logarithm of nothing is minus infinity")
    yield case("empty_answer", LogSumExp((1,)), normal(0, 4))
    yield case("zero_dim", LogSumExp((0,)), normal())
    yield case("by_hand", by_hand, normal(3, 5))
    yield case("dynamic_batch", LogSumExp((1,)), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_terms", LogSumExp((0,)), normal(3, 4), dynamic={0: {0: "batch"}})
