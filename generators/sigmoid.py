"""sigmoid: 1 / (1 + exp(-x)), from zero at minus infinity to one at infinity."""
from torch import Tensor
from torch.nn import Linear, Sequential, Sigmoid

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.sigmoid_()
    return doubled + x


def gate(x: Tensor, carry: Tensor) -> Tensor:
    opening = x.sigmoid()
    return opening * x + (1 - opening) * carry


def cases():
    yield case("matrix", Sigmoid(), normal(3, 7, std=2.0), dtypes=("float32", "float64", "int64", "bool"))
    yield case("feature_map", Sigmoid(), normal(2, 3, 5, 4))
    yield case("left_tail", Sigmoid(), uniform(12, low=-100.0, high=-80.0),
               because="exp(-x) overflows below -88.7 and the answer is denormal or zero")
    yield case("right_tail", Sigmoid(), uniform(12, low=10.0, high=20.0))
    yield case("special_values", Sigmoid(), special(25))
    yield case("zero_dim", Sigmoid(), values(-1.5))
    yield case("empty", Sigmoid(), normal(0, 4))
    yield case("gate", gate, normal(3, 5), normal(3, 5))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("after_linear", Sequential(Linear(6, 4), Sigmoid()), normal(5, 6))
    yield case("dynamic_batch", Sigmoid(), normal(3, 4), dynamic={0: {0: "batch"}})
