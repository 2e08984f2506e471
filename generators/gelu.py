"""gelu: each element times the probability that a standard normal variable is below it."""
from torch import Tensor
from torch.nn import GELU, Linear, Sequential
from torch.nn.functional import gelu

from lockstep.cases import case, normal, special, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return gelu(x.transpose(0, 1), approximate="tanh")


def cases():
    for approximate in ("none", "tanh"):
        exact_or_tanh = {"none": "exact", "tanh": "tanh"}[approximate]
        gelu_module = GELU(approximate=approximate)
        yield case(f"{exact_or_tanh}_matrix", gelu_module, normal(3, 7, std=2.0),
                   dtypes=("float32", "float64"))
        yield case(f"{exact_or_tanh}_special_values", gelu_module, special(25) if approximate == "tanh" else
                   values([0.0, -0.0, 1.0, -1.0, 1e-40, -1e-40, 1e-20, 88.5, -88.5, 1e4, -1e4, 1e30, float("nan")]),
                   because="PyTorch's exact float32 kernel gives NaN at infinity where its float64 one gives infinity: "
                           "only the approximation has one answer there")
        yield case(f"{exact_or_tanh}_left_tail", gelu_module, uniform(20, low=-6.0, high=-3.0),
                   because="the probability is tiny here and 1 + erf(x) cancels")
        yield case(f"{exact_or_tanh}_near_zero", gelu_module, normal(12, std=1e-4))
        yield case(f"{exact_or_tanh}_dynamic_batch", gelu_module, normal(3, 4), dynamic={0: {0: "batch"}})
    yield case("feature_map", GELU(), normal(2, 3, 5, 4))
    yield case("zero_dim", GELU(), values(-1.5))
    yield case("empty", GELU(), normal(0, 4))
    yield case("where_the_two_differ", of_transposed, values([[2.0, -2.0, 2.5], [-2.5, 3.0, -3.0]]),
               because="the approximation is off by most, 5e-4, around two")
    yield case("after_linear", Sequential(Linear(6, 4), GELU()), normal(5, 6))
