"""celu: positive elements unchanged, negative ones alpha * (exp(x / alpha) - 1)."""
from torch import Tensor
from torch.nn import CELU, Linear, Sequential
from torch.nn.functional import celu_

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    celu_(doubled, 0.6)
    return doubled + x


def cases():
    yield case("matrix", CELU(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("alpha", CELU(alpha=2.5), normal(2, 3, 5, 4))
    yield case("small_alpha", CELU(alpha=0.15), normal(4, 5), because="the division by alpha shows")
    yield case("negative_alpha", CELU(alpha=-0.75), normal(4, 5))
    yield case("zero_dim", CELU(), values(-1.5))
    yield case("empty", CELU(), normal(0, 4))
    yield case("tiny_negative", CELU(alpha=1.5), uniform(12, low=-1e-3, high=-1e-6),
               because="exp(x) - 1 cancels next to zero; expm1 does not")
    yield case("special_values", CELU(alpha=1.5), special(25))
    yield case("kink", CELU(alpha=3.0), values([-1e-7, -0.0, 0.0, 1e-7, -312.0, float("-inf")]))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), CELU(alpha=0.7, inplace=True)),
               normal(5, 6))
    yield case("dynamic_batch", CELU(alpha=1.2), normal(3, 4), dynamic={0: {0: "batch"}})
