"""glu: the first half of an axis times the sigmoid of the second half."""
from torch import Tensor
from torch.nn import GLU, Linear, Sequential
from torch.nn.functional import glu

from lockstep.cases import case, normal, special, values


def of_transposed(x: Tensor) -> Tensor:
    return glu(x.transpose(0, 1), dim=-1)


def cases():
    infinity, nan = float("inf"), float("nan")
    yield case("last_axis", GLU(), normal(3, 8), dtypes=("float32", "float64"))
    yield case("first_axis", GLU(dim=0), normal(6, 5))
    yield case("channels", GLU(dim=1), normal(2, 6, 3, 4))
    yield case("negative_axis", GLU(dim=-2), normal(2, 3, 10, 3))
    yield case("vector", GLU(dim=0), normal(10))
    yield case("halves_of_one_element", GLU(dim=-1), normal(4, 2))
    yield case("empty_batch", GLU(), normal(0, 6))
    yield case("empty_halves", GLU(dim=1), normal(3, 0))
    yield case("special_values", GLU(), special(2, 24))
    yield case("special_gates", GLU(dim=0), values([[1.0, infinity, -2.0, 0.0, 3.0, -infinity],
                                                    [nan, -infinity, 104.0, infinity, -104.0, 5.0]]),
               because="infinity times a closed gate is NaN")
    yield case("transposed", of_transposed, normal(4, 3))
    yield case("after_linear", Sequential(Linear(6, 8), GLU()), normal(5, 6))
    yield case("dynamic_batch", GLU(), normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("dynamic_length", GLU(dim=1), normal(2, 6, 5), dynamic={0: {2: "length"}})
