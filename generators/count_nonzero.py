"""count_nonzero: how many elements differ from zero, of all or along axes."""
import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, values


class CountAlongAxes(nn.Module):
    """torch.count_nonzero along some axes."""

    def __init__(self, dim: tuple[int, ...]) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.count_nonzero(x, dim=self.dim)


def of_everything(x: Tensor) -> Tensor:
    return torch.count_nonzero(x)


def along_one_axis(x: Tensor) -> Tensor:
    return torch.count_nonzero(x, dim=-1)


def of_comparison(x: Tensor) -> Tensor:
    return (x > 0.3).count_nonzero(dim=0)


def cases():
    yield case("of_everything", of_everything, integers(4, 5, low=-1, high=2, dtype=None),
               dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("last_axis", along_one_axis, integers(4, 5, low=-1, high=2, dtype=None),
               dtypes=("float32", "int64", "bool"))
    yield case("first_axis", CountAlongAxes((0,)), integers(6, 5, low=-1, high=2))
    yield case("two_axes", CountAlongAxes((0, -1)), booleans(3, 4, 5))
    yield case("special_values", CountAlongAxes((1,)), special(5, 5),
               because="minus zero is zero, NaN and denormals are not")
    yield case("signed_zeros", of_everything, values([0.0, -0.0, 1e-40]))
    yield case("zero_dim", of_everything, values(2.0))
    yield case("empty", CountAlongAxes((0,)), normal(0, 4))
    yield case("of_comparison", of_comparison, normal(5, 6))
    yield case("dynamic_batch", along_one_axis, booleans(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_count", of_everything, booleans(3, 4), dynamic={0: {0: "batch"}})
