"""incomplete_gamma: the regularised lower and upper incomplete gamma functions P(a, x) and Q(a, x)."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, positive, special, uniform, values

INFINITY = float("inf")


def in_place(a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    lower, upper = a * 2.0, a * 3.0
    lower.igamma_(x)
    upper.igammac_(x)
    return lower, upper


def cases():
    both = ("float32", "float64")
    for name, function in {"lower": torch.special.gammainc, "upper": torch.special.gammaincc}.items():
        yield case(name, function, positive(4, 6, low=0.1, high=10.0), positive(4, 6, low=0.01, high=20.0), dtypes=both)
        yield case(f"{name}_small", function, positive(5, 1, low=0.01, high=1.0), positive(6, low=0.001, high=1.2),
                   dtypes=both, because="here the upper function has a series of its own")
        yield case(f"{name}_tiny_a", function, values([[1e-10], [1e-5], [1e-2]]), values([0.01, 0.4, 0.9, 2.0]),
                   dtypes=both)
        yield case(f"{name}_middle", function, values([[21.0], [60.0], [190.0]]), values([15.0, 21.0, 60.0, 150.0, 200.0]),
                   dtypes=both, because="PyTorch's uniform expansion starts at a = 20")
        yield case(f"{name}_large", function, values([[201.0], [1e3], [1e5]]),
                   values([190.0, 201.0, 250.0, 990.0, 1e3, 1040.0, 9.98e4, 1e5, 1.001e5]), dtypes=both)
        yield case(f"{name}_tails", function, values([[0.5], [5.0], [50.0]]), values([1e-20, 1e-3, 80.0, 100.0, 1e3, 1e6]),
                   dtypes=both)
        yield case(f"{name}_limits", function, values([[0.0], [1.5], [INFINITY], [-1.0], [float("nan")]]),
                   values([0.0, -0.0, 2.0, INFINITY, -1.0, float("nan")]), dtypes=both)
        yield case(f"{name}_special_values", function, positive(25, low=0.5, high=3.0), special(25))
        yield case(f"{name}_empty", function, normal(0, 3), normal(1))
    yield case("in_place", in_place, positive(3, 5), positive(3, 5))
    yield case("broadcast", torch.igamma, positive(2, 1, 3), positive(4, 1))
    yield case("zero_dim", torch.igammac, values(2.5), uniform(3))
    yield case("dynamic_batch", torch.igamma, positive(3, 4), positive(4), dynamic={0: {0: "batch"}})
