"""polygamma: derivatives of digamma of a given order, and the logarithm of the multivariate gamma function."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, positive, special, uniform, values


class Polygamma(nn.Module):
    """torch.polygamma of one order."""

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        return torch.polygamma(self.order, x)


class Multigammaln(nn.Module):
    """torch.special.multigammaln of one dimension."""

    def __init__(self, p: int) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return torch.special.multigammaln(x, self.p)


def in_place(x: Tensor) -> Tensor:
    result = x + 1.0
    result.polygamma_(1)
    return result


def cases():
    for order in (0, 1, 2, 3, 6):
        one = Polygamma(order)
        yield case(f"order_{order}", one, positive(4, 6, low=0.05, high=20.0), dtypes=("float32", "float64", "int64"))
        yield case(f"order_{order}_negative", one, values([-0.5, -1.25, -2.625, -7.75, -0.1, -10.3]),
                   dtypes=("float32", "float64"))
        yield case(f"order_{order}_large", one, uniform(12, low=30.0, high=1e4))
    for order in (0, 2, 3):
        yield case(f"order_{order}_poles", Polygamma(order), values([0.0, -0.0, -1.0, -7.0]),
                   because="zero and the negative whole numbers are poles")
        yield case(f"order_{order}_special_values", Polygamma(order), special(25))
    yield case("order_1_poles", Polygamma(1), values([0.0, -0.0, 1e-10, -1e-10]))
    yield case("order_20", Polygamma(20), positive(8, low=0.5, high=4.0), dtypes=("float32", "float64"))
    yield case("in_place", in_place, positive(3, 5))
    for p in (1, 3, 5):
        yield case(f"multigammaln_{p}", Multigammaln(p), uniform(4, 6, low=2.5, high=20.0), dtypes=("float32", "float64"))
    yield case("multigammaln_whole", Multigammaln(2), uniform(6, low=2, high=30), dtypes=("int64",))
    yield case("multigammaln_domain", Multigammaln(3), values([0.0, -1.0, 1.0, 0.5, 1.5, float("inf"), float("nan")]),
               because="it is meant for x > (p - 1) / 2")
    yield case("zero_dim", Polygamma(1), values(2.5))
    yield case("empty", Polygamma(2), normal(0, 3))
    yield case("dynamic_batch", Polygamma(1), positive(3, 4), dynamic={0: {0: "batch"}})
