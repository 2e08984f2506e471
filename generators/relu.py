"""relu: the larger of each element and zero."""
from torch import Tensor
from torch.nn import Linear, ReLU, Sequential
from torch.nn.functional import relu

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.relu_()
    return doubled + x


def of_transposed(x: Tensor) -> Tensor:
    return relu(x.transpose(0, 1))


def cases():
    yield case("matrix", ReLU(), normal(3, 7), dtypes=("float32", "float64", "int64", "int32"))
    yield case("feature_map", ReLU(), normal(2, 3, 5, 4))
    yield case("zero_dim", ReLU(), values(-1.5))
    yield case("empty", ReLU(), normal(0, 4))
    yield case("all_negative", ReLU(), uniform(4, 5, low=-3.0, high=-0.1))
    yield case("special_values", ReLU(), special(25), dtypes=("float32", "int64"),
               because="NaN must stay NaN")
    yield case("kink", ReLU(), values([-1e-7, -0.0, 0.0, 1e-7]))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("in_place_then_read", in_place, normal(4, 6),
               because="the sum must see the overwritten product")
    yield case("in_place_after_linear", Sequential(Linear(6, 4), ReLU(inplace=True)), normal(5, 6))
    yield case("dynamic_batch", ReLU(), normal(3, 4, 2), dynamic={0: {0: "batch"}})
    yield case("dynamic_map", ReLU(), normal(2, 3, 5, 4), dynamic={0: {2: "height", 3: "width"}})
