"""hardswish: each element times min(max(x + 3, 0), 6) / 6, a piecewise stand-in for silu."""
from torch import Tensor
from torch.nn import Hardswish, Linear, Sequential
from torch.nn.functional import hardswish, relu6

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    hardswish(tripled, inplace=True)
    return tripled + x


def spelled_out(x: Tensor) -> Tensor:
    return x * relu6(x + 3.0) / 6.0


def cases():
    yield case("matrix", Hardswish(), normal(3, 7, std=3.0), dtypes=("float32", "float64"))
    yield case("feature_map", Hardswish(), normal(2, 3, 5, 4, std=3.0))
    yield case("middle_piece", Hardswish(), uniform(20, low=-3.0, high=3.0))
    yield case("outer_pieces", Hardswish(), values([[-9.0, -3.5, -3.1], [3.1, 3.5, 9.0]]))
    yield case("kinks", Hardswish(),
               values([-3.0000005, -3.0, -2.9999995, -0.0, 0.0, 2.9999995, 3.0, 3.0000005]))
    yield case("special_values", Hardswish(), special(25), because="minus infinity times zero is NaN")
    yield case("zero_dim", Hardswish(), values(-1.5))
    yield case("empty", Hardswish(), normal(0, 4))
    yield case("spelled_out", spelled_out, normal(3, 5, std=3.0))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), Hardswish(inplace=True)),
               normal(5, 6, std=4.0))
    yield case("dynamic_batch", Hardswish(), normal(3, 4, std=3.0), dynamic={0: {0: "batch"}})
