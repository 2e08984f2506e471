"""elu: positive elements unchanged, negative ones alpha * (exp(x) - 1)."""
from torch import Tensor
from torch.nn import ELU, Linear, Sequential
from torch.nn.functional import elu, elu_

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    elu_(doubled, 0.6)
    return doubled + x


def of_transposed(x: Tensor) -> Tensor:
    return elu(x.transpose(0, 1), alpha=1.3)


def cases():
    yield case("matrix", ELU(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("alpha", ELU(alpha=2.5), normal(2, 3, 5, 4))
    yield case("negative_alpha", ELU(alpha=-0.75), normal(4, 5))
    yield case("alpha_zero", ELU(alpha=0.0), normal(4, 5))
    yield case("zero_dim", ELU(), values(-1.5))
    yield case("empty", ELU(), normal(2, 0, 3))
    yield case("tiny_negative", ELU(), uniform(12, low=-1e-3, high=-1e-6),
               because="exp(x) - 1 cancels next to zero; expm1 does not")
    yield case("special_values", ELU(alpha=1.5), special(25))
    yield case("kink", ELU(alpha=3.0), values([-1e-7, -0.0, 0.0, 1e-7, -104.0, float("-inf")]))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), ELU(alpha=0.7, inplace=True)), normal(5, 6))
    yield case("dynamic_batch", ELU(alpha=1.2), normal(3, 4), dynamic={0: {0: "batch"}})
