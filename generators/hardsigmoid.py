"""hardsigmoid: min(max(x + 3, 0), 6) / 6, a piecewise stand-in for the sigmoid."""
from torch import Tensor
from torch.nn import Hardsigmoid, Linear, Sequential
from torch.nn.functional import hardsigmoid

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    tripled = x * 3
    hardsigmoid(tripled, inplace=True)
    return tripled + x

ROUNDED = {"onnx": "the exporter writes the slope 1/6 rounded to float32, which is wrong by more than a rounding"}


def cases():
    yield case("matrix", Hardsigmoid(), normal(3, 7, std=3.0), dtypes=("float32", "float64"), gaps=ROUNDED)
    yield case("feature_map", Hardsigmoid(), normal(2, 3, 5, 4, std=3.0), gaps=ROUNDED)
    yield case("middle_piece", Hardsigmoid(), uniform(20, low=-3.0, high=3.0), gaps=ROUNDED)
    yield case("outer_pieces", Hardsigmoid(), values([[-9.0, -3.5, -3.1], [3.1, 3.5, 9.0]]))
    yield case("kinks", Hardsigmoid(), values([-3.0000005, -3.0, -2.9999995, -0.0, 0.0, 2.9999995, 3.0]))
    yield case("special_values", Hardsigmoid(), special(25))
    yield case("zero_dim", Hardsigmoid(), values(-1.5))
    yield case("empty", Hardsigmoid(), normal(0, 4))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), Hardsigmoid(inplace=True)),
               normal(5, 6, std=4.0))
    yield case("dynamic_batch", Hardsigmoid(), normal(3, 4, std=3.0), dynamic={0: {0: "batch"}})
