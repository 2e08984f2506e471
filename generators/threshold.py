"""threshold: elements above a threshold unchanged, all others replaced by a value."""
from torch import Tensor
from torch.nn import Linear, Sequential, Threshold
from torch.nn.functional import threshold, threshold_

from lockstep.cases import case, normal, special, values


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    threshold_(tripled, 0.5, -7.0)
    return tripled + x


def whole_threshold(x: Tensor) -> Tensor:
    return threshold(x, 2.0, -9.0)


def cases():
    yield case("matrix", Threshold(0.25, 20.0), normal(3, 7), dtypes=("float32", "float64"))
    yield case("whole_threshold", whole_threshold, normal(4, 5, std=3.0),
               dtypes=("float32", "int64", "int32"))
    yield case("negative_threshold", Threshold(-0.5, 0.125), normal(2, 3, 5, 4))
    yield case("value_below", Threshold(1.0, -2.0), normal(4, 5))
    yield case("kink", Threshold(0.75, -3.0), values([0.7499999, 0.75, 0.75000006, -0.75]),
               because="an element equal to the threshold is replaced")
    yield case("special_values", Threshold(0.0, 42.0), special(25), because="NaN is not replaced")
    yield case("infinite_value", Threshold(0.0, float("-inf")), normal(4, 5))
    yield case("zero_dim", Threshold(0.0, 5.0), values(-1.5))
    yield case("empty", Threshold(0.0, 5.0), normal(0, 4))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), Threshold(0.1, 0.7, inplace=True)),
               normal(5, 6))
    yield case("dynamic_batch", Threshold(0.2, 3.0), normal(3, 4), dynamic={0: {0: "batch"}})
