"""unfold: sliding windows of a tensor laid side by side; over images, the columns of im2col."""
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Windows(nn.Module):
    def __init__(self, dim: int, size: int, step: int):
        super().__init__()
        self.dim = dim
        self.size = size
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        return x.unfold(self.dim, self.size, self.step)


def patches(x: Tensor) -> Tensor:
    return x.unfold(2, 2, 2).unfold(3, 3, 3).permute(0, 2, 3, 1, 4, 5).flatten(3)


def moving_average(x: Tensor) -> Tensor:
    return x.unfold(-1, 3, 1).mean(-1)


def cases():
    yield case("windows", Windows(1, 3, 2), normal(2, 7), dtypes=ALL)
    yield case("overlapping", Windows(0, 4, 1), normal(6, 2))
    yield case("gaps", Windows(-1, 2, 3), normal(2, 9), because="a step above the size leaves elements out")
    yield case("one_window", Windows(1, 5, 1), normal(3, 5))
    yield case("remainder_dropped", Windows(1, 3, 3), normal(2, 8))
    yield case("middle_axis", Windows(1, 2, 1), normal(2, 4, 3))
    yield case("patches", patches, normal(2, 2, 4, 6))
    yield case("moving_average", moving_average, normal(2, 8))
    yield case("columns", nn.Unfold((2, 3)), normal(2, 3, 4, 5), dtypes=("float32", "float64"))
    yield case("columns_padding", nn.Unfold((3, 2), padding=(1, 2)), normal(1, 2, 3, 4))
    yield case("columns_stride", nn.Unfold((2, 2), stride=(1, 3)), normal(1, 2, 4, 7))
    yield case("columns_dilation", nn.Unfold((3, 2), dilation=(1, 3)), normal(1, 2, 4, 6))
    yield case("columns_everything", nn.Unfold((2, 3), dilation=(3, 2), padding=(2, 1), stride=(1, 2)),
               normal(2, 2, 5, 7))
    yield case("columns_unbatched", nn.Unfold(2, stride=2), normal(3, 4, 6))
    yield case("columns_one_by_one", nn.Unfold(1), normal(1, 2, 3, 2))
    yield case("special_values", nn.Unfold(2, padding=1), special(1, 1, 5, 5))
    yield case("dynamic_batch", nn.Unfold((2, 3), padding=1), normal(2, 2, 3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_windows", Windows(1, 3, 2), normal(3, 7), dynamic={0: {0: "batch"}})
