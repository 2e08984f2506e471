"""local_response_norm: every element divided by a power of the squares summed over neighbouring channels."""
from torch.nn import LocalResponseNorm

from lockstep.cases import case, normal, spread, values


def cases():
    yield case("odd_size", LocalResponseNorm(3, alpha=0.5, beta=0.6, k=1.5), normal(2, 7, 3, 4),
               dtypes=("float32", "float64"))
    yield case("even_size", LocalResponseNorm(4, alpha=0.5, beta=0.6, k=1.5), normal(2, 7, 3, 4),
               because="an even window holds one more channel before than after")
    yield case("size_one", LocalResponseNorm(1, alpha=0.7), normal(2, 4, 5))
    yield case("window_over_channels", LocalResponseNorm(9, alpha=2.0), normal(2, 3, 4),
               because="most of the window is outside, yet the sum is divided by its full size")
    yield case("defaults", LocalResponseNorm(5), normal(2, 6, 4, std=30.0),
               because="alpha is 1e-4 by default and shows on large inputs only")
    yield case("alexnet", LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0), normal(1, 8, 3, 2, std=50.0))
    yield case("three_axes", LocalResponseNorm(2, alpha=1.0), normal(2, 5, 4))
    yield case("five_axes", LocalResponseNorm(2, alpha=1.0), normal(2, 5, 2, 3, 2))
    yield case("beta_over_one", LocalResponseNorm(3, alpha=1.0, beta=2.5, k=0.5), normal(2, 5, 4))
    yield case("k_zero", LocalResponseNorm(3, alpha=1.0, k=0.0),
               values([[[0.0, 1.0], [0.0, 2.0], [0.0, -3.0]]]),
               because="without k zero is divided by zero")
    yield case("empty_batch", LocalResponseNorm(2), normal(0, 4, 3))
    yield case("many_magnitudes", LocalResponseNorm(3, alpha=0.5), spread(2, 6, 3))
    yield case("not_finite", LocalResponseNorm(2, alpha=1.0),
               values([[[1.0], [float("inf")], [2.0], [3.0], [float("nan")], [-1.0]]]),
               because="the neighbours of an infinity become zero, those of a NaN become NaN")
    yield case("dynamic_batch", LocalResponseNorm(3, alpha=0.5), normal(2, 5, 3, 4),
               dynamic={0: {0: "batch"}}, smallest=1)
