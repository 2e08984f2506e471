"""gcd and lcm: the greatest common divisor and the least common multiple of whole numbers."""
import torch
from torch import Tensor

from lockstep.cases import case, integers, values

WHOLE = ("int64", "int32", "int16", "int8", "uint8")


def divisor(a: Tensor, b: Tensor) -> Tensor:
    return torch.gcd(a, b)


def multiple(a: Tensor, b: Tensor) -> Tensor:
    return torch.lcm(a, b)


def cases():
    for name, model in (("gcd", divisor), ("lcm", multiple)):
        for dtype in WHOLE:
            low = 0 if dtype == "uint8" else -12
            yield case(f"{name}_{dtype}", model, integers(4, 6, low=low, high=13, dtype=dtype),
                       integers(4, 6, low=low, high=13, dtype=dtype))
        yield case(f"{name}_broadcast", model, integers(3, 1, low=1, high=100), integers(4, low=1, high=100))
        yield case(f"{name}_zeros", model, values([0, 0, 5, -5, 0], dtype="int64"), values([0, 7, 0, 0, -7], dtype="int64"))
        yield case(f"{name}_mixed", model, integers(5, low=1, high=60, dtype="int32"), integers(5, low=1, high=60))
        yield case(f"{name}_dynamic", model, integers(4, low=-30, high=30), integers(4, low=1, high=30),
                   dynamic={0: {0: "length"}, 1: {0: "length"}})
    yield case("gcd_neighbouring_fibonacci_numbers", divisor, values([2971215073, 7540113804746346429], dtype="int64"),
               values([1836311903, 4660046610375530309], dtype="int64"), because="no numbers take more divisions")
    yield case("lcm_wraps_around", multiple, values([2 ** 30, 123457], dtype="int32"), values([7 * 2 ** 5 + 1, 99991], dtype="int32"))
    yield case("gcd_lowest", divisor, values([-128, -128, 127], dtype="int8"), values([-128, 6, -128], dtype="int8"))
