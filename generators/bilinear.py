"""bilinear: a learned form in two vectors, one matrix between them per output feature, plus a bias."""
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Bilinear

from lockstep.cases import case, normal, spread, values


def form(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.bilinear(x, y, weight, bias)


def form_of_itself(x: Tensor, weight: Tensor) -> Tensor:
    return F.bilinear(x, x, weight)


def cases():
    yield case("matrices", Bilinear(4, 3, 5), normal(6, 4), normal(6, 3), dtypes=("float32", "float64"))
    yield case("no_bias", Bilinear(4, 3, 5, bias=False), normal(6, 4), normal(6, 3))
    yield case("vectors", Bilinear(3, 5, 4), normal(3), normal(5))
    yield case("four_axes", Bilinear(3, 4, 2), normal(2, 3, 2, 3), normal(2, 3, 2, 4))
    yield case("one_output", Bilinear(4, 3, 1), normal(5, 4), normal(5, 3))
    yield case("one_feature_each", Bilinear(1, 1, 3), normal(4, 1), normal(4, 1))
    yield case("empty_batch", Bilinear(4, 3, 2), normal(0, 4), normal(0, 3))
    yield case("tensor_weight", form, normal(3, 4), normal(3, 2), normal(5, 4, 2), normal(5),
               dtypes=("float32", "int64", "int32"))
    yield case("cancelling_terms", Bilinear(12, 9, 2), spread(3, 12), spread(3, 9))
    yield case("not_finite", form, values([[float("inf"), 0.5], [1.0, float("nan")], [1e30, 1.0]]),
               values([[0.0, 1.0], [2.0, 3.0], [1e30, 2.0]]), values([[[1.0, -1.0], [0.5, 2.0]]]),
               values([0.25]))
    yield case("same_tensor_twice", form_of_itself, normal(3, 4), normal(2, 4, 4))
    yield case("dynamic_batch", Bilinear(4, 3, 2), normal(3, 4), normal(3, 3),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
