"""prelu: positive elements unchanged, negative ones multiplied by a slope, learnt for all or per channel."""
from torch import Tensor
from torch.nn import Linear, PReLU, Sequential
from torch.nn.functional import prelu

from lockstep.cases import case, normal, special, uniform, values


def weight_given(x: Tensor, weight: Tensor) -> Tensor:
    return prelu(x, weight)


def cases():
    yield case("one_slope", PReLU(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("one_slope_vector", PReLU(), normal(9))
    yield case("one_slope_map", PReLU(), normal(2, 3, 5, 4))
    yield case("slope_per_channel_matrix", PReLU(5), normal(4, 5))
    yield case("slope_per_channel_map", PReLU(3), normal(2, 3, 5, 4),
               because="the channel is axis one, which is neither the first nor the last")
    yield case("slope_per_channel_volume", PReLU(4), normal(1, 4, 2, 3, 2))
    yield case("initial_slope_kept", PReLU(3, init=0.4), normal(2, 3, 4), keep_weights=True)
    yield case("all_negative", PReLU(3), uniform(2, 3, 4, low=-3.0, high=-0.1))
    yield case("one_channel_one_element", PReLU(1), uniform(1, 1, low=-1.0, high=-0.5))
    yield case("zero_dim", PReLU(), values(-2.5))
    yield case("empty_batch", PReLU(4), normal(0, 4, 3))
    yield case("special_values", PReLU(), special(25))
    yield case("weight_as_input", weight_given, normal(2, 3, 4), normal(3),
               because="slopes below zero and above one occur, so a maximum would be wrong")
    yield case("special_slopes", weight_given, values([[-2.0, -1.0, -0.0, -3.0], [2.0, 1.0, 0.0, 3.0]]),
               values([float("inf"), -0.0, float("nan"), float("-inf")]),
               because="a positive element ignores its slope, even where that is NaN")
    yield case("after_linear", Sequential(Linear(6, 4), PReLU(4)), normal(5, 6))
    yield case("dynamic_batch", PReLU(4), normal(3, 4, 2), dynamic={0: {0: "batch"}})
    yield case("dynamic_map", PReLU(3), normal(2, 3, 5, 4), dynamic={0: {0: "batch", 2: "height"}})
