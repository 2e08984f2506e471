"""leaky_relu: positive elements unchanged, negative ones multiplied by a small slope."""
from torch import Tensor
from torch.nn import LeakyReLU, Linear, Sequential
from torch.nn.functional import leaky_relu, leaky_relu_

from lockstep.cases import case, normal, special, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    leaky_relu_(doubled, 0.3)
    return doubled + x


def of_transposed(x: Tensor) -> Tensor:
    return leaky_relu(x.transpose(0, 2), negative_slope=0.7)


def cases():
    yield case("matrix", LeakyReLU(), normal(3, 7), dtypes=("float32", "float64"))
    yield case("slope", LeakyReLU(0.25), normal(2, 3, 5, 4))
    yield case("negative_slope", LeakyReLU(-0.5), normal(4, 5),
               because="with a slope below zero the maximum of x and slope * x would be wrong")
    yield case("slope_above_one", LeakyReLU(1.75), normal(4, 5),
               because="with a slope above one the maximum of x and slope * x would be wrong")
    yield case("slope_zero", LeakyReLU(0.0), values([-2.0, -0.0, 0.0, 3.0, float("-inf")]),
               because="minus infinity times a slope of zero is NaN")
    yield case("zero_dim", LeakyReLU(), values(-1.5))
    yield case("empty", LeakyReLU(), normal(0, 4))
    yield case("all_negative", LeakyReLU(0.1), uniform(4, 5, low=-3.0, high=-0.1))
    yield case("special_values", LeakyReLU(0.2), special(25))
    yield case("kink", LeakyReLU(), values([-1e-7, -0.0, 0.0, 1e-7]))
    yield case("transposed", of_transposed, normal(3, 2, 5))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), LeakyReLU(0.4, inplace=True)), normal(5, 6))
    yield case("dynamic_batch", LeakyReLU(0.3), normal(3, 4), dynamic={0: {0: "batch"}})
