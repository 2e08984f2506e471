"""zeta: Hurwitz's zeta function, the sum of (q + k)^-s over k = 0, 1, ..."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, positive, special, uniform, values

ZETA = torch.special.zeta


def of_number_s(q: Tensor) -> tuple[Tensor, Tensor]:
    return torch.special.zeta(2.5, q), torch.special.zeta(3, q)


def of_number_q(s: Tensor) -> tuple[Tensor, Tensor]:
    return torch.special.zeta(s, 1.0), torch.special.zeta(s, 2)


def cases():
    whole = values([[2.0], [3.0], [6.0], [7.0]])
    yield case("plain", ZETA, positive(4, 6, low=1.1, high=9.0), positive(4, 6, low=0.05, high=20.0),
               dtypes=("float32", "float64"))
    yield case("whole_numbers", ZETA, uniform(5, low=2, high=9), uniform(5, low=1, high=9),
               dtypes=("int64", "uint8"))
    yield case("promotes", ZETA, uniform(5, low=2, high=9, dtype="int64"), positive(5))
    yield case("broadcast", ZETA, positive(4, 1, low=1.5, high=4.0), positive(6))
    yield case("number_s", of_number_s, positive(8), dtypes=("float32", "float64"))
    yield case("number_q", of_number_q, positive(8, low=1.2, high=30.0), dtypes=("float32", "float64"))
    yield case("close_to_one", ZETA, values([1.0, 1.0000001, 1.001, 0.999, 0.0, -2.0]), values([0.5]),
               because="s = 1 is a pole, and left of it PyTorch gives NaN")
    yield case("large", ZETA, values([[20.0], [60.0], [150.0]]), values([0.3, 0.9, 1.0, 1.5, 7.5]))
    yield case("left_of_zero", ZETA, whole, values([-0.3, -1.25, -2.5, -7.875, -19.4]),
               dtypes=("float32", "float64"), because="an odd power changes the sign of the terms left of zero")
    yield case("far_left", ZETA, whole, values([-1000.375, -123.0625]), dtypes=("float32", "float64"))
    yield case("poles", ZETA, values([[2.0], [2.5], [3.0]]), values([0.0, -0.0, -1.0, -8.0, -0.5]),
               because="zero and the negative whole numbers are poles; other powers of negative numbers are NaN")
    yield case("special_values_of_q", ZETA, values(3.0), special(25), dtypes=("float32", "float64"))
    yield case("special_values_of_s", ZETA, special(25), values(1.5), dtypes=("float32", "float64"))
    yield case("empty", ZETA, normal(0, 3), normal(1))
    yield case("dynamic_batch", ZETA, positive(3, 4, low=1.5, high=4.0), positive(4), dynamic={0: {0: "batch"}})
