"""normal_distribution: its distribution function, the logarithm and the inverse of that, and the scaled erfc."""
import torch

from lockstep.cases import case, normal, special, uniform, values

ERFCX, LOG_NDTR, NDTR, NDTRI = torch.special.erfcx, torch.special.log_ndtr, torch.special.ndtr, torch.special.ndtri


def cases():
    both = ("float32", "float64")
    for name, function in {"erfcx": ERFCX, "log_ndtr": LOG_NDTR, "ndtr": NDTR}.items():
        yield case(name, function, normal(4, 6, std=1.5), dtypes=(*both, "int64", "bool"))
        yield case(f"{name}_right", function, uniform(24, low=1.0, high=60.0))
        yield case(f"{name}_right_of_float64", function, uniform(24, low=1.0, high=36.0), dtypes=("float64",),
                   because="beyond, log_ndtr is denormal, and PyTorch gives zero there")
        yield case(f"{name}_left", function, uniform(24, low=-9.0, high=-1.0), dtypes=both)
        yield case(f"{name}_near_zero", function, normal(12, std=1e-4))
        yield case(f"{name}_special_values", function, special(25), dtypes=(*both, "int32"))
    yield case("erfcx_overflow", ERFCX, values([-9.3, -9.38, -9.39, -9.5, -26.6, -26.7, -30.0]), dtypes=both)
    yield case("erfcx_large", ERFCX, values([50.0, 1e4, 1e8, 1e20, 3e38]), dtypes=both)
    yield case("log_ndtr_around_minus_one", LOG_NDTR, values([-1.1, -1.0000001, -1.0, -0.9999999, -0.9]), dtypes=both,
               because="left of -1 the logarithm is taken of erfcx")
    yield case("log_ndtr_far_left", LOG_NDTR, values([-20.0, -40.0, -1e3, -1e10]), dtypes=both)
    yield case("ndtri", NDTRI, uniform(4, 6), dtypes=both)
    yield case("ndtri_whole", NDTRI, values([0, 1, 2]), dtypes=("int64", "bool"))
    yield case("ndtri_near_half", NDTRI, values([0.5, 0.50000006, 0.4999, 0.375, 0.125, 0.1353, 0.8647, 0.875]), dtypes=both)
    yield case("ndtri_tails", NDTRI, values([1e-3, 1e-7, 1e-14, 1e-30, 1e-44, 0.999, 0.9999999]), dtypes=both)
    yield case("ndtri_domain", NDTRI, values([0.0, -0.0, 1.0, -1e-9, 1.0000001, float("nan"), float("inf")]), dtypes=both)
    yield case("ndtri_special_values", NDTRI, special(25))
    yield case("zero_dim", ERFCX, values(0.5))
    yield case("empty", NDTRI, normal(0, 4))
    yield case("dynamic_batch", LOG_NDTR, normal(3, 4), dynamic={0: {0: "batch"}})
