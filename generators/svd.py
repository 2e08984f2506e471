"""svd: singular values, and what singular vectors rebuild whatever their signs."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Rebuilt(nn.Module):
    """Singular values, the matrix rebuilt, and that the vectors are orthonormal."""

    def __init__(self, full: bool = False) -> None:
        super().__init__()
        self.full = full

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        u, s, vh = torch.linalg.svd(x, full_matrices=self.full)
        count = s.shape[-1]
        rebuilt = (u[..., :count] * s.unsqueeze(-2)) @ vh[..., :count, :]
        return s, rebuilt, u.mT @ u, vh @ vh.mT


class Values(nn.Module):
    """torch.linalg.svdvals."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.svdvals(x)


class Older(nn.Module):
    """torch.svd."""

    def __init__(self, some: bool) -> None:
        super().__init__()
        self.some = some

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u, s, v = torch.svd(x, some=self.some)
        return s, (u[..., :s.shape[-1]] * s.unsqueeze(-2)) @ v[..., :s.shape[-1]].mT


def magnitudes(x: Tensor) -> tuple[Tensor, Tensor]:
    """Signs aside, the vectors themselves."""
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    return u.abs(), vh.abs()


def largest_two(x: Tensor) -> Tensor:
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    return (u[..., :2] * s[..., None, :2]) @ vh[..., :2, :]


def values_by_name(x: Tensor) -> Tensor:
    return torch.svd(x, compute_uv=False)[1]


SHAPES = {"square": (4, 4), "tall": (6, 3), "wide": (3, 6), "batch": (2, 3, 4, 3), "row": (1, 4), "column": (4, 1)}
RANK_TWO = [[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], [1.0, 0.0, -1.0, 2.0], [3.0, 4.0, 5.0, 10.0]]


def cases():
    for name, shape in SHAPES.items():
        wide = ("float32", "float64") if name in ("square", "tall", "wide") else ("float32",)
        yield case(f"reduced_{name}", Rebuilt(), normal(*shape), dtypes=wide)
        yield case(f"full_{name}", Rebuilt(full=True), normal(*shape), dtypes=wide)
        yield case(f"values_{name}", Values(), normal(*shape), dtypes=wide)
    yield case("larger", Rebuilt(), normal(30, 20))
    yield case("magnitudes", magnitudes, normal(5, 3), dtypes=("float32", "float64"))
    yield case("largest_two", largest_two, normal(6, 5))
    yield case("rank_two", Rebuilt(full=True), values(RANK_TWO), because="vectors of a zero singular value are any basis")
    yield case("zeros", Rebuilt(full=True), values([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]))
    yield case("identity", Rebuilt(), values([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
               because="all singular values alike: any basis")
    yield case("many_sizes", Rebuilt(), spread(4, 4, decades=3.0))
    yield case("squares_vanish", Values(), normal(4, 3, std=1e-30))
    yield case("squares_overflow", Values(), normal(4, 3, std=1e30))
    yield case("no_columns", Rebuilt(full=True), normal(3, 0))
    yield case("empty_batch", Rebuilt(), normal(0, 3, 2))
    yield case("older_some", Older(True), normal(5, 3))
    yield case("older_all", Older(False), normal(3, 5))
    yield case("values_by_older_name", values_by_name, normal(4, 3))
    yield case("dynamic_batch", Rebuilt(), normal(3, 4, 3), dynamic={0: {0: "batch"}})
    yield case("dynamic_rows", Values(), normal(5, 3), dynamic={0: {0: "rows"}}, sizes=(5, 3, 11),
               because="TorchScript takes the shorter side for granted: at least as many rows as columns")
