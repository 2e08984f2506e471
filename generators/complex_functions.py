"""complex_functions: exponentials, logarithms, roots, powers and trigonometry of complex numbers."""
import torch
from torch import Tensor

from lockstep.cases import case, normal, spread, values

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"
NAMES = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "sigmoid", "square", "sin", "cos",
         "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
# the sides of the cuts along both axes, told by the sign of a zero
CUTS = [complex(re, im) for re in (-2.0, 2.0) for im in (0.0, -0.0)] + [complex(re, im) for re in (0.0, -0.0) for im in (-2.0, 2.0)]


def powers(x: Tensor) -> tuple[Tensor, ...]:
    return x ** 2, x ** 3, x ** 0.5, x ** -1, x ** -0.5, x ** 0, x ** 1, x ** -2, x ** 2.5, x ** (1 - 0.5j), 2 ** x


def cases():
    for name in NAMES:
        function = getattr(torch, name)
        yield case(name, function, normal(3, 7), dtypes=BOTH)
    for name in ("expm1", "log1p", "sin", "sinh", "asinh", "atanh", "tanh", "tan", "asin", "atan"):
        yield case(f"{name}_near_zero", getattr(torch, name), normal(12, std=1e-4), dtypes=(COMPLEX,),
                   because="a formula by exponentials or logarithms cancels next to zero")
    for name in ("log", "sqrt", "rsqrt", "tanh", "asinh", "log10"):
        yield case(f"{name}_spread", getattr(torch, name), spread(30, decades=8.0), dtypes=(COMPLEX,))
    for name in ("log", "sqrt", "asin", "acos", "atan", "asinh", "acosh", "atanh"):
        yield case(f"{name}_on_the_cut", getattr(torch, name), values(CUTS), dtypes=(COMPLEX,),
                   because="the sign of a zero says on which side of a cut a number lies")
    yield case("tanh_large", torch.tanh, values([30 + 1j, -30 - 2j, 100j, 15 + 0.5j, -13 + 3j]), dtypes=(COMPLEX,),
               because="the hyperbolic cosine overflows where the tangent is long settled")
    yield case("sqrt_huge", torch.sqrt, values([3e38 + 3e38j, -3e38 + 1e38j, 1e-38 + 1e-38j, 0]), dtypes=(COMPLEX,),
               because="the size of the number overflows")
    yield case("powers", powers, normal(3, 4), dtypes=BOTH)
    yield case("power_of_tensors", torch.pow, normal(3, 4), normal(4), dtypes=BOTH)
    yield case("power_of_real", torch.pow, normal(3, 4, dtype="float32"), normal(4), dtypes=(COMPLEX,))
    yield case("power_of_zero", torch.pow, values([0, 0, 0, 0]), values([1, 2.5, 2 + 1j, 0.5]), dtypes=(COMPLEX,))
    yield case("float_power", torch.float_power, normal(3, 4), normal(4), dtypes=(COMPLEX,))
    yield case("polar", torch.polar, normal(3, 4), normal(3, 4), dtypes=("float32", "float64"))
    yield case("zero_dim", torch.exp, normal(), dtypes=(COMPLEX,))
    yield case("dynamic", torch.tanh, normal(3, 4), dtypes=(COMPLEX,), dynamic={0: {0: "batch"}})
    yield case("not_of_complex", torch.nn.functional.softplus, normal(3), dtypes=(COMPLEX,), refuses="softplus")
