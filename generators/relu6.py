"""relu6: each element clamped to the range from zero to six."""
from torch import Tensor
from torch.nn import Linear, ReLU6, Sequential
from torch.nn.functional import relu6

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    relu6(tripled, inplace=True)
    return tripled + x


def cases():
    yield case("matrix", ReLU6(), normal(3, 7, std=5.0), dtypes=("float32", "float64", "int64", "int32"))
    yield case("feature_map", ReLU6(), normal(2, 3, 5, 4, std=6.0))
    yield case("zero_dim", ReLU6(), values(6.5))
    yield case("empty", ReLU6(), normal(3, 0))
    yield case("all_above", ReLU6(), uniform(4, 5, low=6.1, high=9.0))
    yield case("special_values", ReLU6(), special(25), dtypes=("float32", "int32"),
               because="NaN must stay NaN")
    yield case("kinks", ReLU6(), values([-1e-7, -0.0, 0.0, 1e-7, 5.9999995, 6.0, 6.0000005]))
    yield case("in_place_then_read", in_place, normal(4, 6, std=3.0))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), ReLU6(inplace=True)), normal(5, 6, std=8.0))
    yield case("dynamic_batch", ReLU6(), normal(3, 4, std=4.0), dynamic={0: {0: "batch"}})
