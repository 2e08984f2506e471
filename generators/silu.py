"""silu: each element times its own sigmoid; also called swish."""
from torch import Tensor
from torch.nn import Linear, SiLU, Sequential
from torch.nn.functional import silu

from lockstep.cases import case, normal, special, spread, uniform, values


def in_place(x: Tensor) -> Tensor:
    doubled = x * 2
    silu(doubled, inplace=True)
    return doubled + x


def spelled_out(x: Tensor) -> Tensor:
    return x * x.sigmoid()


def cases():
    yield case("matrix", SiLU(), normal(3, 7, std=2.0), dtypes=("float32", "float64"))
    yield case("feature_map", SiLU(), normal(2, 3, 5, 4))
    yield case("wide_range", SiLU(), spread(30, decades=3.0))
    yield case("left_tail", SiLU(), uniform(12, low=-100.0, high=-80.0),
               because="exp(-x) overflows below -88.7 and the answer is a small or denormal number")
    yield case("special_values", SiLU(), special(25),
               because="minus infinity times a sigmoid of zero is NaN")
    yield case("zero_dim", SiLU(), values(-1.5))
    yield case("empty", SiLU(), normal(0, 4))
    yield case("spelled_out", spelled_out, normal(3, 5))
    yield case("in_place_then_read", in_place, normal(4, 6))
    yield case("in_place_after_linear", Sequential(Linear(6, 4), SiLU(inplace=True)), normal(5, 6))
    yield case("dynamic_batch", SiLU(), normal(3, 4), dynamic={0: {0: "batch"}})
