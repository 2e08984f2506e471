"""airy: Airy's function Ai, oscillating left of zero and vanishing to the right."""
import torch

from lockstep.cases import case, normal, uniform, values

AIRY, INFINITY = torch.special.airy_ai, float("inf")


def cases():
    yield case("middle", AIRY, normal(4, 6, std=2.0), dtypes=("float32", "float64", "int64", "bool"))
    yield case("left", AIRY, uniform(24, low=-40.0, high=-2.0), dtypes=("float32", "float64"))
    yield case("right", AIRY, uniform(24, low=2.0, high=15.0), dtypes=("float32", "float64"))
    yield case("near_roots", AIRY, values([-2.33810741, -2.338, -4.08794944, -4.089, -5.52055983, -11.93601556]),
               dtypes=("float32", "float64"), because="beside a root the error is that of the amplitude")
    yield case("between_series", AIRY, values([-2.1, -2.0901, -2.0899, 2.0899, 2.0901, 2.1, 8.33, 103.8, 104.0]),
               dtypes=("float32", "float64"), because="at -2.09, 2.09 and 103.892 another formula takes over")
    yield case("special_values", AIRY, values([0.0, -0.0, INFINITY, -INFINITY, float("nan"), 1e-40, -1e-40, 1e-20,
                                               88.5, -88.5, 103.9, 1e4, 1e30, 3.4e38]), dtypes=("float32", "float64"))
    yield case("whole", AIRY, values([0, 1, -1, 7, -7, 100, -100, 127]), dtypes=("int32",))
    yield case("zero_dim", AIRY, values(0.5))
    yield case("empty", AIRY, normal(2, 0))
    yield case("dynamic_batch", AIRY, normal(3, 4), dynamic={0: {0: "batch"}})
