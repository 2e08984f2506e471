"""tanhshrink: each element minus its hyperbolic tangent."""
from torch import Tensor
from torch.nn import Linear, Sequential, Tanhshrink
from torch.nn.functional import tanhshrink

from lockstep.cases import case, normal, special, spread, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return tanhshrink(x.transpose(0, 1))


def cases():
    yield case("matrix", Tanhshrink(), normal(3, 7), dtypes=("float32", "float64", "int64", "int32"))
    yield case("feature_map", Tanhshrink(), normal(2, 3, 5, 4))
    yield case("wide_range", Tanhshrink(), spread(30, decades=2.0))
    yield case("cancelling", Tanhshrink(), uniform(12, low=-0.1, high=0.1),
               because="x and tanh(x) agree in most digits, so every error of tanh is magnified")
    yield case("special_values", Tanhshrink(), special(25))
    yield case("zero_dim", Tanhshrink(), values(-1.5))
    yield case("empty", Tanhshrink(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("after_linear", Sequential(Linear(6, 4), Tanhshrink()), normal(5, 6))
    yield case("dynamic_batch", Tanhshrink(), normal(3, 4), dynamic={0: {0: "batch"}})
