"""tanh: the hyperbolic tangent as an activation."""
from torch import Tensor
from torch.nn import Linear, Sequential, Tanh

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    doubled.tanh_()
    return doubled + x


def cases():
    yield case("matrix", Tanh(), normal(3, 7), dtypes=("float32", "float64", "int32", "bool"))
    yield case("feature_map", Tanh(), normal(2, 3, 5, 4))
    yield case("near_zero", Tanh(), normal(12, std=1e-4), because="exp(2x) - 1 cancels next to zero")
    yield case("saturated", Tanh(), uniform(12, low=5.0, high=100.0))
    yield case("special_values", Tanh(), special(25))
    yield case("zero_dim", Tanh(), values(-1.5))
    yield case("empty", Tanh(), normal(0, 4))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("after_linear", Sequential(Linear(6, 4), Tanh()), normal(5, 6))
    yield case("dynamic_batch", Tanh(), normal(3, 4), dynamic={0: {0: "batch"}})
