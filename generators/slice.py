"""slice: parts of a tensor by start, stop and step."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, special, values

ALL = ("float32", "float64", "int64", "int32", "bool")


def from_one(x: Tensor) -> Tensor:
    return x[1:]


def columns(x: Tensor) -> Tensor:
    return x[:, 1:4]


def negative_start(x: Tensor) -> Tensor:
    return x[:, -3:]


def negative_stop(x: Tensor) -> Tensor:
    return x[:-2, 1:-1]


def steps(x: Tensor) -> Tensor:
    return x[::2, 1::3]


def step_with_stop(x: Tensor) -> Tensor:
    return x[:, 1:6:2]


def ellipsis(x: Tensor) -> Tensor:
    return x[..., 1:3]


def ellipsis_between(x: Tensor) -> Tensor:
    return x[1:, ..., :2]


def new_axes(x: Tensor) -> Tensor:
    return x[:, None, 1:, None]


def ellipsis_and_new_axis(x: Tensor) -> Tensor:
    return x[..., None, ::2]


def integer_between(x: Tensor) -> Tensor:
    return x[1, :, -1]


def beyond_the_end(x: Tensor) -> Tensor:
    return x[2:100, -100:2]


def nothing_left(x: Tensor) -> Tensor:
    return x[:, 3:2]


def slice_of_slice(x: Tensor) -> Tensor:
    return x[1:, ::2][::2, 1:]


def neighbours(x: Tensor) -> Tensor:
    return x[:, 1:] - x[:, :-1]


def last_steps(x: Tensor) -> Tensor:
    return x[:, -1:] + x[:, :1]


def assigned(x: Tensor, y: Tensor) -> Tensor:
    z = x.clone()
    z[1:, ::2] = y
    return z


def assigned_number(x: Tensor) -> Tensor:
    y = x * 2
    y[:, -2:] = 3.0
    y[0, 1:3] += 1.5
    return y


def scattered_slice(x: Tensor, y: Tensor) -> Tensor:
    return torch.slice_scatter(x, y, dim=1, start=1, end=6, step=2)


def narrowed(x: Tensor, start: Tensor) -> Tensor:
    return torch.narrow(x, 1, start, 2) * 2.0


def cases():
    shapes = dict.fromkeys(("traced", "scripted"), "PyTorch tells no shape of narrow without the number where it starts")
    yield case("narrow_at_data", narrowed, normal(3, 6), values(3, dtype="int64"), gaps=shapes)
    yield case("narrow_from_the_end", narrowed, normal(3, 6), values(-4, dtype="int64"), gaps=shapes)
    yield case("from_one", from_one, normal(4, 3), dtypes=ALL)
    yield case("columns", columns, normal(3, 6))
    yield case("negative_start", negative_start, normal(2, 5))
    yield case("negative_stop", negative_stop, normal(5, 4))
    yield case("steps", steps, normal(5, 8), dtypes=ALL)
    yield case("step_with_stop", step_with_stop, normal(2, 7))
    yield case("ellipsis", ellipsis, normal(2, 3, 4))
    yield case("ellipsis_between", ellipsis_between, normal(3, 2, 2, 4))
    yield case("new_axes", new_axes, normal(2, 3))
    yield case("ellipsis_and_new_axis", ellipsis_and_new_axis, normal(2, 3, 5))
    yield case("integer_between", integer_between, normal(2, 3, 4))
    yield case("beyond_the_end", beyond_the_end, normal(4, 3),
               because="bounds outside the axis are clamped to it")
    yield case("nothing_left", nothing_left, normal(2, 5))
    yield case("slice_of_slice", slice_of_slice, normal(6, 7))
    yield case("neighbours", neighbours, normal(2, 6))
    yield case("assigned", assigned, normal(3, 5), normal(2, 3))
    yield case("assigned_broadcast", assigned, normal(3, 5), normal(3))
    yield case("assigned_number", assigned_number, normal(3, 5))
    yield case("scattered_slice", scattered_slice, normal(2, 7), normal(2, 3))
    yield case("special_values", steps, special(5, 11))
    yield case("dynamic_batch", columns, normal(3, 6), dynamic={0: {0: "batch"}})
    yield case("dynamic_sequence", last_steps, normal(2, 4, 3), dynamic={0: {1: "sequence"}},
               because="a slice from the end depends on an extent known only at run time")
