"""inverse: inverses and whole powers of matrices."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Inverse(nn.Module):
    """torch.linalg.inv."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.inv(x)


def with_info(x: Tensor) -> tuple[Tensor, Tensor]:
    inverse, info = torch.linalg.inv_ex(x)
    return inverse, info


def info_alone(x: Tensor) -> Tensor:
    return torch.linalg.inv_ex(x)[1]


def older_name(x: Tensor) -> Tensor:
    return torch.inverse(x)


class Power(nn.Module):
    """torch.linalg.matrix_power."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n = n

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.matrix_power(x, self.n)


class TensorInverse(nn.Module):
    """torch.linalg.tensorinv."""

    def __init__(self, ind: int) -> None:
        super().__init__()
        self.ind = ind

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.tensorinv(x, ind=self.ind)


def cases():
    yield case("square", Inverse(), normal(5, 5), dtypes=("float32", "float64"))
    yield case("batch", Inverse(), normal(2, 3, 4, 4))
    yield case("larger", Inverse(), normal(33, 33))
    yield case("one_element", Inverse(), normal(3, 1, 1))
    yield case("empty_matrix", Inverse(), normal(2, 0, 0))
    yield case("with_info", with_info, normal(2, 3, 3))
    yield case("singular", info_alone, values([[0.0, 3.0], [0.0, 1.0]]), because="the first pivot is zero: info is 1")
    yield case("older_name", older_name, normal(3, 3))
    yield case("diagonal", Inverse(), values([[4.0, 0.0, 0.0], [0.0, -0.5, 0.0], [0.0, 0.0, 1e-6]]))
    yield case("columns_of_many_sizes", Inverse(), spread(3, 3, decades=3.0))
    for n in (-3, -1, 0, 1, 2, 3, 5, 8):
        yield case(f"power_{'minus_' if n < 0 else ''}{abs(n)}", Power(n), normal(2, 3, 3),
                   dtypes=("float32", "float64") if n in (-3, 5) else ("float32",))
    yield case("tensor", TensorInverse(2), normal(4, 3, 6, 1, 2))
    yield case("tensor_first_dim", TensorInverse(1), normal(6, 2, 3), dtypes=("float32", "float64"))
    yield case("dynamic_batch", Inverse(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
