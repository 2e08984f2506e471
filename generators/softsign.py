"""softsign: each element divided by one plus its magnitude."""
from torch import Tensor
from torch.nn import Linear, Sequential, Softsign
from torch.nn.functional import softsign

from lockstep.cases import case, normal, special, spread, values


def of_transposed(x: Tensor) -> Tensor:
    return softsign(x.transpose(0, 1))


def cases():
    yield case("matrix", Softsign(), normal(3, 7), dtypes=("float32", "float64", "int64", "int32"))
    yield case("feature_map", Softsign(), normal(2, 3, 5, 4))
    yield case("wide_range", Softsign(), spread(30))
    yield case("special_values", Softsign(), special(25), because="infinity over infinity is NaN")
    yield case("zero_dim", Softsign(), values(-1.5))
    yield case("empty", Softsign(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("after_linear", Sequential(Linear(6, 4), Softsign()), normal(5, 6))
    yield case("dynamic_batch", Softsign(), normal(3, 4), dynamic={0: {0: "batch"}})
