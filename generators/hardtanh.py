"""hardtanh: each element clamped to a range, by default from minus one to one."""
from torch import Tensor
from torch.nn import Hardtanh, Linear, Sequential
from torch.nn.functional import hardtanh, hardtanh_

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    hardtanh_(tripled, -2.0, 0.5)
    return tripled + x


def whole_bounds(x: Tensor) -> Tensor:
    return hardtanh(x, min_val=-2.0, max_val=3.0)


def cases():
    yield case("matrix", Hardtanh(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("whole_bounds", whole_bounds, normal(4, 5, std=3.0), dtypes=("float32", "int64", "int32"))
    yield case("bounds", Hardtanh(-0.3, 1.7), normal(2, 3, 5, 4))
    yield case("bounds_both_positive", Hardtanh(0.2, 0.9), normal(4, 5))
    yield case("all_below", Hardtanh(-0.5, 2.0), uniform(6, low=-3.0, high=-0.6))
    yield case("special_values", Hardtanh(-2.0, 1.0), special(25), because="NaN must stay NaN")
    yield case("kinks", Hardtanh(),
               values([-1.0000001, -1.0, -0.99999994, -0.0, 0.0, 0.99999994, 1.0, 1.0000001]))
    yield case("zero_dim", Hardtanh(), values(-1.5))
    yield case("empty", Hardtanh(), normal(0, 4))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), Hardtanh(-0.4, 0.9, inplace=True)),
               normal(5, 6))
    yield case("dynamic_batch", Hardtanh(-0.5, 0.7), normal(3, 4), dynamic={0: {0: "batch"}})
