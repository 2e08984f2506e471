"""matrix_exp: the exponential of a matrix."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Exponential(nn.Module):
    """torch.linalg.matrix_exp."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.matrix_exp(x)


def turned(angle: Tensor) -> Tensor:
    """A rotation by an angle, as the exponential of a skew matrix."""
    zero = torch.zeros_like(angle)
    return torch.matrix_exp(torch.stack([torch.stack([zero, -angle]), torch.stack([angle, zero])]))


def cases():
    for name, size in (("tiny", 1e-6), ("small", 0.02), ("middle", 0.3), ("ordinary", 1.0), ("large", 3.0)):
        yield case(name, Exponential(), normal(4, 4, std=size), dtypes=("float32", "float64"))
    yield case("batch_of_sizes", Exponential(), values([[[0.01, 0.0], [0.02, 0.0]], [[1.0, 2.0], [-3.0, 0.5]],
                                                        [[-9.0, 4.0], [2.0, -12.0]]]),
               because="each matrix has its own number of squarings")
    yield case("batch", Exponential(), normal(2, 2, 3, 3))
    yield case("larger", Exponential(), normal(20, 20, std=0.5))
    yield case("zeros", Exponential(), values([[0.0, 0.0], [0.0, 0.0]]))
    yield case("nilpotent", Exponential(), values([[0.0, 1.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]))
    yield case("diagonal", Exponential(), values([[1.0, 0.0], [0.0, -8.0]]))
    yield case("rotation", turned, values(0.7), dtypes=("float32", "float64"))
    yield case("one_element", Exponential(), normal(3, 1, 1))
    yield case("empty_matrix", Exponential(), normal(0, 0))
    yield case("empty_batch", Exponential(), normal(0, 2, 2))
    yield case("dynamic_batch", Exponential(), normal(3, 4, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_size", Exponential(), normal(4, 4), dynamic={0: {0: "size", 1: "size"}})
