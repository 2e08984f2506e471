"""repeat: a tensor laid out several times, whole or element by element."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Repeat(nn.Module):
    def __init__(self, *times: int):
        super().__init__()
        self.times = times

    def forward(self, x: Tensor) -> Tensor:
        return x.repeat(self.times)


class Tile(nn.Module):
    def __init__(self, *times: int):
        super().__init__()
        self.times = times

    def forward(self, x: Tensor) -> Tensor:
        return torch.tile(x, self.times)


class RepeatInterleave(nn.Module):
    def __init__(self, times: int, dim: int):
        super().__init__()
        self.times = times
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.repeat_interleave(x, self.times, dim=self.dim)


def interleave_flattened(x: Tensor) -> Tensor:
    return x.repeat_interleave(2)


def per_batch(x: Tensor, query: Tensor) -> Tensor:
    return query.repeat(x.size(0), 1, 1) * x.unsqueeze(1)


def cases():
    yield case("both_axes", Repeat(2, 3), normal(3, 2), dtypes=ALL)
    yield case("new_axes", Repeat(2, 1, 3), normal(2, 4))
    yield case("once", Repeat(1, 1), normal(2, 3))
    yield case("not_at_all", Repeat(0, 2), normal(2, 3), because="zero times leaves an empty tensor")
    yield case("scalar", Repeat(4), normal())
    yield case("tile", Tile(3, 2), normal(2, 3), dtypes=ALL)
    yield case("tile_fewer_axes", Tile(2), normal(2, 3), because="missing leading counts are 1")
    yield case("tile_more_axes", Tile(2, 1, 2), normal(3))
    yield case("interleave_last", RepeatInterleave(3, -1), normal(2, 3), dtypes=ALL)
    yield case("interleave_first", RepeatInterleave(2, 0), normal(3, 2))
    yield case("interleave_heads", RepeatInterleave(2, 1), normal(2, 2, 3, 4))
    yield case("interleave_flattened", interleave_flattened, normal(2, 3))
    yield case("special_values", Repeat(2, 1), special(2, 13))
    yield case("dynamic_batch", Repeat(1, 2), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_count", per_batch, normal(3, 4), normal(1, 2, 4), dynamic={0: {0: "batch"}},
               because="how often it is repeated is known only at run time")
