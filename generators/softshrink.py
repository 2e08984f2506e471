"""softshrink: each element moved towards zero by lambda, and zero where that would change its sign."""
from torch import Tensor
from torch.nn import Softshrink, Linear, Sequential
from torch.nn.functional import softshrink

from lockstep.cases import case, normal, special, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return softshrink(x.transpose(0, 1), lambd=0.3)


def cases():
    yield case("matrix", Softshrink(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("lambda", Softshrink(1.25), normal(2, 3, 5, 4, std=2.0))
    yield case("inside", Softshrink(1.5), uniform(12, low=-1.4, high=1.4), because="every answer is zero")
    yield case("lambda_zero", Softshrink(0.0), normal(4, 5))
    yield case("kinks", Softshrink(0.75),
               values([-0.75000006, -0.75, -0.7499999, -0.0, 0.0, 0.7499999, 0.75, 0.75000006]))
    yield case("special_values", Softshrink(), special(25), because="0.5, the default lambda, is among them")
    yield case("zero_dim", Softshrink(), values(-1.5))
    yield case("empty", Softshrink(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("after_linear", Sequential(Linear(6, 4), Softshrink(0.4)), normal(5, 6))
    yield case("dynamic_batch", Softshrink(0.6), normal(3, 4), dynamic={0: {0: "batch"}})
