"""bessel: Bessel functions of the first and second kind, of order 0 and 1, and the spherical one of order 0."""
import torch

from lockstep.cases import case, normal, positive, special, uniform, values

FIRST = (torch.special.bessel_j0, torch.special.bessel_j1)
SECOND = (torch.special.bessel_y0, torch.special.bessel_y1)
SPHERICAL = torch.special.spherical_bessel_j0
ROOTS = {"bessel_j0": (2.40482556, 5.52007811, 8.65372791), "bessel_j1": (3.83170597, 7.01558667, 10.1734681),
         "bessel_y0": (0.89357697, 3.95767842, 7.08605106), "bessel_y1": (2.19714133, 5.42968104, 8.59600587)}


def name_of(function) -> str:
    return function.__name__.removeprefix("special_")


def cases():
    for function in (*FIRST, *SECOND):
        name = name_of(function)
        roots = torch.tensor(ROOTS[name])
        yield case(f"{name}_near_roots", function, values((roots[:, None] + torch.tensor([-1e-3, 0, 1e-3])).tolist()),
                   dtypes=("float32", "float64"), because="beside a root the error is that of the amplitude")
        yield case(f"{name}_around_five", function, values([4.9, 4.9999995, 5.0, 5.0000005, 5.1]),
                   dtypes=("float32", "float64"), because="from 5 on it is computed from a sine and a cosine")
        yield case(f"{name}_far", function, uniform(24, low=5.0, high=300.0), dtypes=("float32", "float64"))
        yield case(f"{name}_special_values", function, special(25), dtypes=("float32", "float64", "int32"))
    for function in FIRST:
        yield case(name_of(function), function, normal(4, 6, std=4.0), dtypes=("float32", "float64", "int64", "bool"))
        yield case(f"{name_of(function)}_near_zero", function, normal(12, std=1e-5))
    for function in SECOND:
        yield case(name_of(function), function, positive(4, 6, low=0.01, high=12.0),
                   dtypes=("float32", "float64", "uint8"))
        yield case(f"{name_of(function)}_near_zero", function, values([0.0, -0.0, 1e-30, 1e-8, 1e-3, -1e-3]))
    yield case("spherical", SPHERICAL, normal(4, 6, std=4.0), dtypes=("float32", "float64", "int64", "bool"))
    yield case("spherical_around_half", SPHERICAL, values([-0.5, 0.49999997, 0.5, 0.50000006, -0.1, 1e-20]),
               dtypes=("float32", "float64"), because="below one half it is a Taylor series")
    yield case("spherical_special_values", SPHERICAL, special(25), dtypes=("float32", "float64", "int32"))
    yield case("zero_dim", torch.special.bessel_j1, values(2.5))
    yield case("empty", torch.special.bessel_y0, normal(0, 3))
    yield case("dynamic_batch", torch.special.bessel_j0, normal(3, 4), dynamic={0: {0: "batch"}})
