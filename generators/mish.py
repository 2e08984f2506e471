"""mish: each element times the tanh of its softplus."""
from torch import Tensor
from torch.nn import Linear, Mish, Sequential
from torch.nn.functional import mish, softplus

from lockstep.cases import case, normal, special, spread, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    mish(doubled, inplace=True)
    return doubled + x


def spelled_out(x: Tensor) -> Tensor:
    return x * softplus(x).tanh()


def cases():
    yield case("matrix", Mish(), normal(3, 7, std=2.0), dtypes=("float32", "float64"))
    yield case("feature_map", Mish(), normal(2, 3, 5, 4))
    yield case("wide_range", Mish(), spread(30, decades=3.0),
               because="exp(x) overflows unless softplus is guarded")
    yield case("left_tail", Mish(), uniform(12, low=-30.0, high=-15.0),
               because="log(1 + exp(x)) is zero here in float32; log1p(exp(x)) is not")
    yield case("special_values", Mish(), special(25))
    yield case("zero_dim", Mish(), values(-1.5))
    yield case("empty", Mish(), normal(0, 4))
    yield case("spelled_out", spelled_out, normal(3, 5))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), Mish(inplace=True)), normal(5, 6))
    yield case("dynamic_batch", Mish(), normal(3, 4), dynamic={0: {0: "batch"}})
