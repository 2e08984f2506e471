"""power: a base raised to an exponent, either of which may be a number or a tensor."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, positive, special, spread, uniform, values


class ToNumber(nn.Module):
    """Each element raised to one number."""

    def __init__(self, exponent: float) -> None:
        super().__init__()
        self.exponent = exponent

    def forward(self, x: Tensor) -> Tensor:
        return torch.pow(x, self.exponent)


class OfNumber(nn.Module):
    """One number raised to each element."""

    def __init__(self, base: float) -> None:
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        return torch.pow(self.base, x)


def power(base: Tensor, exponent: Tensor) -> Tensor:
    return torch.pow(base, exponent)


def float_power(base: Tensor, exponent: Tensor) -> Tensor:
    return torch.float_power(base, exponent)


def operators(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x ** 2, x ** 3, 2 ** x


def in_place(x: Tensor, exponent: Tensor) -> Tensor:
    result = x * x + 1.0
    result.pow_(1.5)
    result.pow_(exponent)
    return result


def cases():
    exponents = {"zero": 0.0, "one": 1.0, "two": 2.0, "three": 3.0, "half": 0.5, "minus_one": -1.0,
                 "minus_two": -2.0, "minus_half": -0.5, "third": 1 / 3, "two_and_a_half": 2.5}
    for name, exponent in exponents.items():
        yield case(f"to_{name}", ToNumber(exponent), uniform(3, 5, low=0.2, high=3.0),
                   dtypes=("float32", "float64"))
        yield case(f"to_{name}_special_values", ToNumber(exponent), special(25))
    for exponent in (0, 1, 2, 3, 7):
        yield case(f"integers_to_{exponent}", ToNumber(exponent),
                   integers(4, 5, low=-9, high=10, dtype=None),
                   dtypes=("int64", "int32"))
    yield case("integers_to_half", ToNumber(0.5), integers(12, low=0, high=20))
    yield case("negative_to_third", ToNumber(1 / 3), values([-8.0, -1.0, -0.0, 8.0]),
               because="a negative base has no real power that is not whole")
    yield case("negative_to_five", ToNumber(5.0), normal(3, 5), because="a whole exponent keeps the sign")
    yield case("to_large", ToNumber(37.0), uniform(12, low=0.8, high=1.2))
    for base in (2.0, 0.3, 1.0, 0.0, -2.0):
        name = f"{base}".replace(".", "_").replace("-", "minus_")
        yield case(f"of_{name}", OfNumber(base), values([0.0, -0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -1.5]))
    yield case("of_2_special_values", OfNumber(2.0), special(25))
    yield case("of_integer", OfNumber(3), integers(12, low=0, high=12, dtype=None),
               dtypes=("int64", "int32"))
    yield case("of_real_to_integers", OfNumber(1.5), integers(12, low=-6, high=12))
    yield case("tensors", power, positive(4, 5), normal(4, 5, std=2.0), dtypes=("float32", "float64"))
    yield case("tensors_broadcast", power, positive(2, 1, 4), normal(3, 1))
    yield case("negative_bases", power, normal(4, 6), integers(4, 6, low=-4, high=5),
               because="the float base keeps its type with an integer exponent")
    yield case("integer_tensors", power, integers(4, 6, low=-9, high=10, dtype=None),
               integers(4, 6, low=0, high=8, dtype=None), dtypes=("int64", "int32"))
    yield case("negative_integer_exponents", power, values([1, -1, 1, -1, 2, -3], dtype="int64"),
               values([-1, -1, -2, -2, -1, -2], dtype="int64"),
               because="only one and minus one have whole inverses; all else becomes zero")
    yield case("special_pairs", power, special(25), special(25, 1),
               because="C99 fixes every combination of zeros, infinities, ones and NaN")
    yield case("wide_range", power, spread(30, decades=8.0), values([2.0] * 15 + [3.0] * 15))
    yield case("float_power", float_power, positive(3, 4), normal(4), dtypes=("float32", "int64"),
               because="the answer is always float64")
    yield case("operators", operators, positive(3, 5), dtypes=("float32", "float64", "int64"))
    yield case("in_place", in_place, normal(3, 5), normal(5))
    yield case("zero_dim", power, values(2.0), values(0.5))
    yield case("empty", power, normal(0, 4), normal(4))
    yield case("dynamic_batch", power, positive(3, 4), normal(4), dynamic={0: {0: "batch"}})
    yield case("square_dynamic", ToNumber(2.0), normal(3, 4), dynamic={0: {0: "batch"}})
