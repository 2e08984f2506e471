"""frexp: a float as a mantissa between 1/2 and 1 and an exponent of two."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, special, spread, values


def parts(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.frexp(x)


def put_together(x: Tensor) -> Tensor:
    mantissa, exponent = torch.frexp(x)
    return torch.ldexp(mantissa, exponent)


def cases():
    yield case("ordinary", parts, normal(3, 5), dtypes=("float32", "float64", "float16", "bfloat16"))
    yield case("many_sizes", parts, spread(40, decades=30.0))
    yield case("powers_of_two", parts, values([1.0, 2.0, 0.5, -4.0, 2.0 ** 127, 2.0 ** -126, 2.0 ** -149, -2.0 ** -140]),
               because="denormal numbers have exponents too")
    yield case("largest", parts, values([3.4028234663852886e38, -3.4028234663852886e38, 1.1754942e-38]))
    yield case("special_values", parts, special(25, finite=True))
    yield case("put_together", put_together, normal(20))
    yield case("no_dims", parts, normal())
    yield case("empty", parts, normal(0, 3))
    yield case("dynamic_length", parts, normal(4), dynamic={0: {0: "length"}})
