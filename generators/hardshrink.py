"""hardshrink: zero where the magnitude is at most lambda, and the element unchanged elsewhere."""
from torch import Tensor
from torch.nn import Hardshrink, Linear, Sequential
from torch.nn.functional import hardshrink

from lockstep.cases import case, normal, special, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return hardshrink(x.transpose(0, 1), lambd=0.3)


def cases():
    yield case("matrix", Hardshrink(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("lambda", Hardshrink(1.25), normal(2, 3, 5, 4, std=2.0))
    yield case("inside", Hardshrink(1.5), uniform(12, low=-1.4, high=1.4), because="every answer is zero")
    yield case("lambda_zero", Hardshrink(0.0), normal(4, 5))
    yield case("negative_lambda", Hardshrink(-0.5), normal(4, 5),
               because="no element lies inside, so all stay")
    yield case("kinks", Hardshrink(0.75),
               values([-0.75000006, -0.75, -0.7499999, -0.0, 0.0, 0.7499999, 0.75, 0.75000006]))
    yield case("special_values", Hardshrink(), special(25), because="0.5, the default lambda, is among them")
    yield case("zero_dim", Hardshrink(), values(-1.5))
    yield case("empty", Hardshrink(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("after_linear", Sequential(Linear(6, 4), Hardshrink(0.4)), normal(5, 6))
    yield case("dynamic_batch", Hardshrink(0.6), normal(3, 4), dynamic={0: {0: "batch"}})
