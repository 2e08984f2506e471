"""determinant: determinants, their signs and logarithms."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Determinant(nn.Module):
    """torch.linalg.det."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.det(x)


class SignAndLogarithm(nn.Module):
    """torch.linalg.slogdet."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        sign, logarithm = torch.linalg.slogdet(x)
        return sign, logarithm


def older_names(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.det(x), torch.slogdet(x)[1]


def logarithm(x: Tensor) -> Tensor:
    return torch.logdet(x)


POSITIVE = [[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25], [0.5, 0.0, 1.5]]


def cases():
    for name, model in (("det", Determinant()), ("slogdet", SignAndLogarithm())):
        yield case(name, model, normal(4, 4), dtypes=("float32", "float64"))
        yield case(f"{name}_batch", model, normal(2, 3, 3, 3))
        yield case(f"{name}_larger", model, normal(30, 30))
        yield case(f"{name}_one_element", model, normal(3, 1, 1))
        yield case(f"{name}_empty_matrix", model, normal(2, 0, 0), because="the product of nothing is one")
        yield case(f"{name}_empty_batch", model, normal(0, 3, 3))
        yield case(f"{name}_one_exchange", model, values([[0.0, 2.0], [3.0, 1.0]]))
        yield case(f"{name}_zero_column", model, values([[0.0, 2.0], [0.0, 1.0]]))
        yield case(f"{name}_pivots_alike", model, values([[1.0, 1.0], [1.0, -1.0]]))
        yield case(f"{name}_columns_of_many_sizes", model, spread(4, 4, decades=2.0))
        yield case(f"{name}_dynamic_batch", model, normal(3, 4, 4), dynamic={0: {0: "batch"}})
    yield case("logdet", logarithm, values(POSITIVE), dtypes=("float32", "float64"))
    yield case("logdet_negative", logarithm, values([[[0.0, 2.0], [3.0, 1.0]]]), because="no logarithm: NaN")
    yield case("logdet_of_nothing", logarithm, normal(0, 0))
    yield case("logarithm_beyond_range", SignAndLogarithm(), values([[1e30, 0.0, 1.0], [0.0, 1e30, 2.0], [1.0, 0.0, 1e30]]),
               because="the determinant itself leaves the range of float32")
    yield case("older_names", older_names, normal(2, 3, 3))
