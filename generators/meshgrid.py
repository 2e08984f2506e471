"""meshgrid: every combination of several vectors' elements, as grids or as a list of tuples."""
from typing import Tuple

import torch
from torch import Tensor

from lockstep.cases import case, normal

ALL = ("float32", "float64", "int64", "int32", "bool")


def rows_first(x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor]:
    grids = torch.meshgrid([x, y], indexing="ij")
    return grids[0], grids[1]


def columns_first(x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor]:
    grids = torch.meshgrid([x, y], indexing="xy")
    return grids[0], grids[1]


def three_rows_first(x: Tensor, y: Tensor, z: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    grids = torch.meshgrid([x, y, z], indexing="ij")
    return grids[0], grids[1], grids[2]


def three_columns_first(x: Tensor, y: Tensor, z: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    grids = torch.meshgrid([x, y, z], indexing="xy")
    return grids[0], grids[1], grids[2]


def distance_grid(x: Tensor, y: Tensor) -> Tensor:
    rows, columns = torch.meshgrid([x, y], indexing="ij")
    return torch.sqrt(rows * rows + columns * columns)


def pixel_coordinates(x: Tensor) -> Tensor:
    grids = torch.meshgrid([torch.arange(x.size(0)), torch.arange(x.size(1))], indexing="ij")
    return x + grids[0] * 10 + grids[1]


def pairs(x: Tensor, y: Tensor) -> Tensor:
    return torch.cartesian_prod(x, y)


def triples(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return torch.cartesian_prod(x, y, z)


def cases():
    yield case("rows_first", rows_first, normal(3), normal(4), dtypes=ALL)
    yield case("columns_first", columns_first, normal(3), normal(4))
    yield case("three_rows_first", three_rows_first, normal(2), normal(3), normal(4))
    yield case("three_columns_first", three_columns_first, normal(2), normal(3), normal(4),
               because="only the first two axes change places")
    yield case("scalar_operand", rows_first, normal(3), normal())
    yield case("empty_operand", rows_first, normal(3), normal(0))
    yield case("distance_grid", distance_grid, normal(3), normal(4))
    yield case("pixel_coordinates", pixel_coordinates, normal(3, 4))
    yield case("pairs", pairs, normal(3), normal(2), dtypes=ALL)
    yield case("triples", triples, normal(2), normal(3), normal(2))
    yield case("dynamic_rows", rows_first, normal(3), normal(4), dynamic={0: {0: "rows"}})
    yield case("dynamic_both", pixel_coordinates, normal(3, 4), dynamic={0: {0: "rows", 1: "columns"}})
