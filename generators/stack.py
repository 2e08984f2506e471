"""stack: tensors of one shape joined along a new axis."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Stack(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return torch.stack([x, y, z], dim=self.dim)


def horizontally(x: Tensor, y: Tensor) -> Tensor:
    return torch.hstack([x, y])


def vertically(x: Tensor, y: Tensor) -> Tensor:
    return torch.vstack([x, y])


def in_depth(x: Tensor, y: Tensor) -> Tensor:
    return torch.dstack([x, y])


def as_columns(x: Tensor, y: Tensor) -> Tensor:
    return torch.column_stack([x, y])


def interleaved(x: Tensor, y: Tensor) -> Tensor:
    return torch.stack([x, y], dim=-1).flatten(-2)


def cases():
    for name, dim in (("first_axis", 0), ("middle_axis", 1), ("last_axis", 2), ("negative_last", -1)):
        yield case(name, Stack(dim), normal(2, 4), normal(2, 4), normal(2, 4),
                   dtypes=ALL if dim == 1 else ("float32",))
    yield case("negative_middle", Stack(-2), normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 4))
    yield case("scalars", Stack(0), normal(), normal(), normal())
    yield case("mixed_dtypes", Stack(0), normal(3), normal(3, dtype="int32"), normal(3, dtype="bool"))
    yield case("empty", Stack(1), normal(2, 0), normal(2, 0), normal(2, 0))
    yield case("special_values", Stack(1), special(25), special(25), normal(25))
    yield case("horizontal_vectors", horizontally, normal(3), normal(2),
               because="vectors are joined end to end")
    yield case("horizontal_matrices", horizontally, normal(2, 3), normal(2, 1),
               because="matrices are joined side by side")
    yield case("vertical_vectors", vertically, normal(3), normal(3))
    yield case("vertical_matrices", vertically, normal(2, 3), normal(1, 3))
    yield case("depth_vectors", in_depth, normal(3), normal(3))
    yield case("depth_matrices", in_depth, normal(2, 3), normal(2, 3))
    yield case("columns", as_columns, normal(3), normal(3, 2))
    yield case("interleaved", interleaved, normal(2, 3), normal(2, 3))
    yield case("dynamic_batch", Stack(1), normal(3, 2), normal(3, 2), normal(3, 2),
               dynamic={position: {0: "batch"} for position in range(3)})
