"""split: a tensor cut into pieces along an axis."""
from typing import List, Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values

ALL = ("float32", "float64", "int64", "int32", "bool")


class Split(nn.Module):
    def __init__(self, size: int, dim: int):
        super().__init__()
        self.size = size
        self.dim = dim

    def forward(self, x: Tensor) -> List[Tensor]:
        return torch.split(x, self.size, dim=self.dim)


class SplitSizes(nn.Module):
    def __init__(self, sizes: List[int], dim: int):
        super().__init__()
        self.sizes = sizes
        self.dim = dim

    def forward(self, x: Tensor) -> List[Tensor]:
        return torch.split(x, self.sizes, dim=self.dim)


class Chunk(nn.Module):
    def __init__(self, count: int, dim: int):
        super().__init__()
        self.count = count
        self.dim = dim

    def forward(self, x: Tensor) -> List[Tensor]:
        return torch.chunk(x, self.count, dim=self.dim)


class Unbind(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> List[Tensor]:
        return torch.unbind(x, self.dim)


def tensor_split_sections(x: Tensor) -> List[Tensor]:
    return torch.tensor_split(x, 3, dim=1)


def tensor_split_indices(x: Tensor) -> List[Tensor]:
    return torch.tensor_split(x, [1, 4], dim=-1)


def split_at(x: Tensor, places: Tensor) -> tuple[Tensor, ...]:
    return torch.tensor_split(x, places, dim=1)


def horizontal_and_vertical(x: Tensor) -> Tuple[Tensor, Tensor]:
    return torch.hsplit(x, 2)[1], torch.vsplit(x, 3)[2]


def gated(x: Tensor) -> Tensor:
    value, gate = x.chunk(2, dim=-1)
    return value * torch.sigmoid(gate)


def one_piece_used(x: Tensor) -> Tensor:
    return torch.split(x, [2, 3, 1], dim=1)[1]


def cases():
    yield case("even", Split(2, 0), normal(6, 3), dtypes=ALL)
    yield case("last_piece_smaller", Split(3, 1), normal(2, 7))
    yield case("negative_axis", Split(2, -2), normal(2, 5, 3))
    yield case("size_above_extent", Split(9, 0), normal(4, 2), because="one piece holds all")
    yield case("sizes", SplitSizes([1, 4, 2], 1), normal(2, 7, 3), dtypes=ALL)
    yield case("sizes_with_zero", SplitSizes([2, 0, 3], -1), normal(2, 5))
    yield case("chunk_even", Chunk(3, 1), normal(2, 6))
    yield case("chunk_uneven", Chunk(3, 0), normal(7, 2), because="seven rows make pieces of 3, 3 and 1")
    yield case("chunk_fewer", Chunk(4, -1), normal(2, 6),
               because="six columns asked in four give only three pieces of 2")
    yield case("unbind_first", Unbind(0), normal(3, 4))
    yield case("unbind_last", Unbind(-1), normal(2, 3, 2))
    yield case("tensor_split_sections", tensor_split_sections, normal(2, 8),
               because="the remainder goes to the first pieces, unlike chunk")
    yield case("tensor_split_indices", tensor_split_indices, normal(2, 6))
    yield case("tensor_split_at_data", split_at, normal(2, 6), values([4, 2, -1], dtype="int64"),
               because="places may be data, be out of order and count from the end",
               gaps={"traced": "PyTorch tells no shapes of tensor_split without its numbers"})
    yield case("horizontal_and_vertical", horizontal_and_vertical, normal(6, 4))
    yield case("gated", gated, normal(3, 8))
    yield case("one_piece_used", one_piece_used, normal(2, 6))
    yield case("empty_axis", Split(2, 0), normal(0, 3))
    yield case("dynamic_batch", SplitSizes([2, 3], 1), normal(3, 5), dynamic={0: {0: "batch"}})
