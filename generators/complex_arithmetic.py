"""complex_arithmetic: sums, products, quotients, sizes and directions of complex tensors, and their tests."""
import torch
from torch import Tensor

from lockstep.cases import case, integers, normal, special, spread, values

BOTH = ("complex64", "complex128")
COMPLEX = "complex64"


def scaled_sum(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    return torch.add(a, b, alpha=2), torch.sub(a, b, alpha=0.5 - 2j)


def with_numbers(x: Tensor) -> Tensor:
    return (2j * x - (1 + 0.5j)) / 3.0 + 1


def real_and_imaginary(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.real, x.imag, x.conj().imag


def addcmul(x: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addcmul(x, a, b, value=0.5j), torch.addcdiv(x, a, b, value=-2)


def blend(start: Tensor, end: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    return torch.lerp(start, end, weight), torch.lerp(start, end, 0.25)


def in_place(x: Tensor, y: Tensor) -> Tensor:
    result = x.clone()
    result.mul_(y)
    result[0] += 1j
    return result.add_(x)


def tests(x: Tensor) -> tuple[Tensor, ...]:
    return torch.isnan(x), torch.isinf(x), torch.isfinite(x), torch.isreal(x), x.bool(), torch.logical_not(x)


def comparisons(a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    return a == b, a != b, a == 1, a.real == b


def converted(x: Tensor) -> tuple[Tensor, ...]:
    return x.to(torch.complex128), x.real.to(torch.complex64), x.cdouble().cfloat(), x.real.int().to(torch.complex64)


def cases():
    for name, function in {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
                           "equal": torch.eq, "reversed_subtract": torch.rsub}.items():
        yield case(name, function, normal(3, 5), normal(5), dtypes=BOTH)
    yield case("multiply_spread", torch.mul, spread(40, dtype=COMPLEX), spread(40, dtype=COMPLEX), dtypes=(COMPLEX,))
    yield case("divide_spread", torch.div, spread(40, decades=12.0), spread(40, decades=12.0), dtypes=BOTH,
               because="the square of the divisor overflows or vanishes unless its larger part is divided out")
    yield case("divide_by_one_part", torch.div, normal(4), values([2, 2j, -0.5, -3j]), dtypes=(COMPLEX,))
    yield case("real_operand", torch.mul, normal(3, 5), normal(5, dtype="float32"), dtypes=(COMPLEX,))
    yield case("real_dividend", torch.div, normal(3, 5, dtype="float32"), normal(5), dtypes=(COMPLEX,))
    yield case("whole_operand", torch.add, normal(3, 5), integers(5, low=-4, high=5), dtypes=(COMPLEX,))
    yield case("mixed_precision", torch.mul, normal(3, dtype="complex64"), normal(3, dtype="float64"))
    yield case("tensor_without_dims", torch.mul, normal(3, dtype="float64"), normal(dtype="complex64"),
               because="the tensor with dims gives the precision, the one without makes it complex")
    yield case("scaled_sum", scaled_sum, normal(3, 4), normal(3, 4), dtypes=(COMPLEX,))
    yield case("numbers", with_numbers, normal(3, 4), dtypes=BOTH)
    yield case("numbers_on_reals", with_numbers, normal(3, 4), because="a complex number makes a real tensor complex")
    yield case("addcmul", addcmul, normal(3, 4), normal(4), normal(3, 1), dtypes=(COMPLEX,))
    yield case("lerp", blend, normal(3, 4), normal(3, 4), normal(4), dtypes=(COMPLEX,))
    yield case("in_place", in_place, normal(3, 4), normal(3, 4), dtypes=(COMPLEX,))
    for function in (torch.reciprocal, torch.neg, torch.sgn, torch.abs, torch.angle, torch.conj, torch.conj_physical):
        yield case(function.__name__, function, normal(3, 7), dtypes=BOTH)
    yield case("abs_spread", torch.abs, spread(40, decades=25.0), dtypes=(COMPLEX,), because="the squares overflow or vanish")
    yield case("sgn_of_zero", torch.sgn, values([0, 1, -2j, 3 + 4j, 1e-30j]), dtypes=(COMPLEX,))
    yield case("angle_of_the_cut", torch.angle, values([complex(-1, 0.0), complex(-1, -0.0), complex(0.0, 0.0), 1j, -1j]),
               dtypes=(COMPLEX,), because="the sign of a zero says on which side of the negative axis a number lies")
    yield case("parts", real_and_imaginary, normal(3, 4), dtypes=BOTH)
    yield case("tests", tests, special(60), dtypes=(COMPLEX,))
    yield case("comparisons", comparisons, values([1, 1j, 2 + 1j, 0]), values([1, 1, 2 + 1j, complex(-0.0, -0.0)]),
               dtypes=(COMPLEX,))
    yield case("isclose", lambda a, b: torch.isclose(a, b, rtol=0.5), values([1, 1j, 2 + 1j, 4]), values([1.2, 1, 2 + 2.5j, 1]),
               dtypes=(COMPLEX,))
    yield case("converted", converted, normal(3, 4), dtypes=(COMPLEX,))
    yield case("zero_dim", torch.mul, normal(), normal(), dtypes=(COMPLEX,))
    yield case("empty", torch.div, normal(0, 3), normal(3), dtypes=(COMPLEX,))
    yield case("dynamic", torch.mul, normal(3, 4), normal(4), dtypes=(COMPLEX,), dynamic={0: {0: "batch"}})
    yield case("half_complex", lambda x: x.to(torch.complex32), normal(3), dtypes=(COMPLEX,), refuses="complex32")
