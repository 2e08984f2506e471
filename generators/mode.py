"""mode: the most frequent value along one dim, and where it was last seen."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values

ALL = ("float32", "float64", "int64", "int32", "uint8", "float16", "bfloat16")


class Mode(nn.Module):
    def __init__(self, dim: int = -1, keepdim: bool = False):
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return torch.mode(x, self.dim, self.keepdim)


def of_bools(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.mode(x > 0, 1)


def cases():
    yield case("last_axis", Mode(), values([[1.0, 3.0, 3.0, 2.0], [4.0, 4.0, 2.0, 2.0], [7.0, 5.0, 6.0, 8.0]]), dtypes=ALL,
               because="of equally frequent values the smallest is given")
    yield case("first_axis", Mode(0), integers(6, 3, low=0, high=3))
    yield case("middle_axis", Mode(-2), integers(2, 7, 3, low=-2, high=2))
    yield case("keepdim", Mode(1, True), integers(3, 8, low=0, high=4, dtype="int32"))
    yield case("all_different", Mode(), normal(3, 5))
    yield case("one_element", Mode(), normal(4, 1))
    yield case("no_dims", Mode(0), normal())
    yield case("bools", of_bools, normal(4, 7))
    yield case("infinities", Mode(), values([[float("inf"), float("-inf"), 1.0, float("-inf")],
                                              [float("inf"), float("inf"), 0.0, 1.0]]))
    yield case("signed_zeros", Mode(), values([[0.0, -0.0, 1.0], [-0.0, 2.0, 2.0]]), because="zeros of both signs are equal")
    yield case("dynamic_batch", Mode(1), integers(3, 6, low=0, high=3), dynamic={0: {0: "batch"}})
