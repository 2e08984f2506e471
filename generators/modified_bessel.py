"""modified_bessel: modified Bessel functions of order 0 and 1, plain and exponentially scaled."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, positive, special, uniform, values

FIRST = (torch.special.modified_bessel_i0, torch.special.modified_bessel_i1, torch.i0, torch.special.i0e,
         torch.special.i1, torch.special.i1e)
SECOND = (torch.special.modified_bessel_k0, torch.special.modified_bessel_k1,
          torch.special.scaled_modified_bessel_k0, torch.special.scaled_modified_bessel_k1)


def in_place(x: Tensor) -> Tensor:
    result = x * 0.5
    result.i0_()
    return result


def cases():
    for function in (*FIRST, *SECOND):
        name = function.__name__.removeprefix("special_")
        first = function in FIRST
        yield case(name, function, normal(4, 6, std=4.0) if first else positive(4, 6, low=0.01, high=12.0),
                   dtypes=("float32", "float64", "int64" if first else "uint8", "bool"))
        yield case(f"{name}_near_zero", function, normal(12, std=1e-4) if first else
                   values([0.0, -0.0, 1e-30, 1e-8, 1e-3, -1e-3]))
        yield case(f"{name}_around_eight" if first else f"{name}_around_two", function,
                   values([7.9, 7.9999995, 8.0, 8.000001, 8.1] if first else [1.9, 1.9999999, 2.0, 2.0000002, 2.1]),
                   dtypes=("float32", "float64"), because="here another series takes over")
        yield case(f"{name}_far", function, uniform(24, low=8.0, high=80.0), dtypes=("float32", "float64"))
        yield case(f"{name}_special_values", function, special(25), dtypes=("float32", "float64", "int32"))
    yield case("i0_overflow", torch.i0, values([88.0, 89.0, 90.5, -91.0, 95.0]),
               because="i0(90.5) fits into float32, but the exponential that it is a multiple of does not")
    yield case("in_place", in_place, normal(3, 5))
    yield case("zero_dim", torch.special.i1e, values(2.5))
    yield case("empty", torch.special.modified_bessel_k0, normal(0, 3))
    yield case("dynamic_batch", torch.i0, normal(3, 4), dynamic={0: {0: "batch"}})
