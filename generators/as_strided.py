"""as_strided: a tensor's memory read again, by strides and an offset; resize_ is the simplest such reading."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class Strided(nn.Module):
    def __init__(self, size: tuple[int, ...], stride: tuple[int, ...], offset: int | None = None):
        super().__init__()
        self.size, self.stride, self.offset = size, stride, offset

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_strided(x, self.size, self.stride, self.offset)


def of_a_transpose(x: Tensor) -> Tensor:
    return torch.as_strided(x.t(), (3, 3), (6, 2), 1)


def of_a_computed_transpose(x: Tensor) -> Tensor:
    return torch.as_strided(x.t() + 1.0, (3, 3), (6, 2))


def of_a_slice(x: Tensor) -> Tensor:
    return torch.as_strided(x[1:3], (2, 3), (6, 2))


def of_one_repeated_row(x: Tensor) -> Tensor:
    return torch.as_strided(x[:1].expand(5, 6), (2, 6), (6, 1))


def copied(x: Tensor) -> Tensor:
    return torch.as_strided_copy(x, (2, 2), (1, 2), 3)


def scattered(x: Tensor, y: Tensor) -> Tensor:
    return torch.as_strided_scatter(x, y, (3, 2), (6, 2), 1)


def scattered_into_a_transpose(x: Tensor, y: Tensor) -> Tensor:
    return torch.as_strided_scatter(x.t() * 2.0, y, (3, 2), (6, 2), 1)


def written_through(x: Tensor) -> Tensor:
    whole = x.clone()
    whole.as_strided((3, 2), (6, 2), 1).mul_(2.0)
    return whole


def seen_through(x: Tensor) -> Tensor:
    whole = x.clone()
    part = whole.as_strided((3, 2), (6, 2), 1)
    whole.add_(1.0)
    return part


def resized(x: Tensor) -> Tensor:
    return x.clone().resize_(2, 5)


def resized_larger(x: Tensor) -> Tensor:
    return x.clone().resize_(20, 5)


def cases():
    yield case("windows", Strided((4, 3), (6, 1)), normal(4, 6), dtypes=("float32", "int64", "bool", "complex64"))
    yield case("overlapping", Strided((4, 3), (1, 1), 2), normal(8))
    yield case("repeated", Strided((3, 4), (0, 1)), normal(6), because="a stride of zero reads the same elements again")
    yield case("offset", Strided((2, 2), (1, 2), 5), normal(12))
    yield case("no_dims", Strided((), (), 3), normal(5))
    yield case("empty", Strided((0, 2), (1, 1)), normal(4))
    yield case("transpose", of_a_transpose, normal(4, 6), because="a view's memory is that of what it shows")
    yield case("computed_transpose", of_a_computed_transpose, normal(4, 6),
               because="a sum keeps the strides of its operand, and its memory their order")
    yield case("slice", of_a_slice, normal(4, 6), because="a view starts at its own offset")
    yield case("expanded", of_one_repeated_row, normal(4, 6))
    yield case("copy", copied, normal(10))
    yield case("scatter", scattered, normal(4, 6), normal(3, 2), dtypes=("float32", "complex64"))
    yield case("scatter_into_a_transpose", scattered_into_a_transpose, normal(4, 6), normal(3, 2))
    yield case("written_through", written_through, normal(4, 6))
    yield case("seen_through", seen_through, normal(4, 6))
    yield case("resized", resized, normal(4, 6), dtypes=("float32", "complex64"))
    yield case("resized_larger", resized_larger, normal(4, 6), refuses="is not defined")
    yield case("free_sizes", Strided((2, 2), (1, 1)), normal(4, 6), dynamic={0: {0: "rows"}}, refuses="strides")
