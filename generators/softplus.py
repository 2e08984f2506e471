"""softplus: log(1 + exp(beta * x)) / beta, and x itself where beta * x exceeds a threshold."""
from torch import Tensor
from torch.nn import Linear, Sequential, Softplus
from torch.nn.functional import softplus

from lockstep.cases import case, normal, special, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return softplus(x.transpose(0, 1), beta=0.5, threshold=1.0)


def cases():
    yield case("matrix", Softplus(), normal(3, 7, std=3.0), dtypes=("float32", "float64"))
    yield case("beta", Softplus(beta=2.5), normal(2, 3, 5, 4))
    yield case("small_beta", Softplus(beta=0.2), normal(4, 5, std=5.0))
    yield case("low_threshold", Softplus(beta=2.0, threshold=3.0),
               values([1.4, 1.4999, 1.5, 1.5001, 1.6, 2.0, -2.0]),
               because="at a threshold this low the jump is wide; 1.5 itself still takes the logarithm")
    yield case("negative_threshold", Softplus(beta=1.5, threshold=-2.0), normal(4, 5, std=2.0))
    yield case("negative_beta", Softplus(beta=-1.5, threshold=2.0), normal(4, 5))
    yield case("around_default_threshold", Softplus(), uniform(12, low=17.0, high=23.0))
    yield case("left_tail", Softplus(), uniform(12, low=-40.0, high=-15.0),
               because="log(1 + exp(x)) is zero here in float32; log1p(exp(x)) is not")
    yield case("special_values", Softplus(), special(25))
    yield case("zero_dim", Softplus(), values(-1.5))
    yield case("empty", Softplus(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5, std=2.0))
    yield case("after_linear", Sequential(Linear(6, 4), Softplus(beta=1.5)), normal(5, 6))
    yield case("dynamic_batch", Softplus(beta=0.8, threshold=5.0), normal(3, 4), dynamic={0: {0: "batch"}})
