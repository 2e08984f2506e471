"""selu: elu with the two fixed constants that keep a deep network's activations normalised."""
from torch import Tensor
from torch.nn import Linear, SELU, Sequential
from torch.nn.functional import selu_

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    selu_(doubled)
    return doubled + x


def cases():
    yield case("matrix", SELU(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("feature_map", SELU(), normal(2, 3, 5, 4))
    yield case("all_positive", SELU(), uniform(4, 5, low=0.1, high=3.0),
               because="here only the scale is seen, not alpha")
    yield case("all_negative", SELU(), uniform(4, 5, low=-3.0, high=-0.1))
    yield case("tiny_negative", SELU(), uniform(12, low=-1e-3, high=-1e-6),
               because="exp(x) - 1 cancels next to zero; expm1 does not")
    yield case("zero_dim", SELU(), values(-1.5))
    yield case("empty", SELU(), normal(0, 4))
    yield case("special_values", SELU(), special(25))
    yield case("kink", SELU(), values([-1e-7, -0.0, 0.0, 1e-7]))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), SELU(inplace=True)), normal(5, 6))
    yield case("dynamic_batch", SELU(), normal(3, 4), dynamic={0: {0: "batch"}})
