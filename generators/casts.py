"""casts: elements converted from one type to another."""
import torch
from torch import Tensor, nn

from lockstep.cases import booleans, case, integers, normal, special, uniform, values


class To(nn.Module):
    """x.to(dtype)."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        return x.to(self.dtype)


class Through(nn.Module):
    """To a narrower type and back, so that its rounding shows."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        return x.to(self.dtype).to(x.dtype)


def by_method_names(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    return x.int(), x.long(), x.double(), x.half().float(), x.float()


def like_other(x: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    return x.type_as(other), x.to(other)


def half_in_between(x: Tensor) -> Tensor:
    return (x.to(torch.float16) * 3.0 + 0.1).float()


def bfloat16_in_between(x: Tensor) -> Tensor:
    return (x.to(torch.bfloat16) * 3.0 + 0.1).float()


def copied_into(x: Tensor) -> Tensor:
    result = torch.zeros(3, 4, dtype=torch.int32)
    result.copy_(x)
    return result


def cases():
    names = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64, "int32": torch.int32,
             "bool": torch.bool, "uint8": torch.uint8, "int8": torch.int8, "int16": torch.int16}
    sources = ("float32", "float64", "int64", "int32", "bool")
    for name, dtype in names.items():
        low, high = {"bool": (-2.0, 2.0), "uint8": (0.0, 99.0)}.get(name, (-99.0, 99.0))
        yield case(f"to_{name}_from", To(dtype), uniform(3, 6, low=low, high=high), dtypes=sources)
    for name in ("uint8", "int8", "int16"):
        yield case(f"{name}_to_float32", To(torch.float32), integers(12, low=0, high=127, dtype=name))
        yield case(f"{name}_to_int64", To(torch.int64), integers(12, low=0, high=127, dtype=name))
    yield case("fractions_to_integer", To(torch.int64),
               values([0.0, -0.0, 0.99, -0.99, 1.5, -1.5, 2.5, -2.5, 2147483648.0, -1e15]),
               because="a fraction is cut off, not rounded")
    yield case("special_values_to_bool", To(torch.bool), special(25), dtypes=("float32", "float64"),
               because="NaN and denormals are true, minus zero is false")
    yield case("special_values_to_float64", To(torch.float64), special(25))
    yield case("special_values_to_float32", To(torch.float32), special(25, dtype="float64"))
    yield case("float64_too_large_for_float32", To(torch.float32),
               values([1e39, -1e300, 1e-46, 3.4028236e38, 0.1]),
               dtypes=("float64",))
    yield case("integers_too_large_for_float32", To(torch.float32),
               values([16777217, 16777219, -16777217, 2**62 + 1, 2**63 - 1], dtype="int64"),
               because="the integer is rounded to nearest, ties to even")
    yield case("int64_wraps_to_int32", To(torch.int32),
               values([2**31, -2**31 - 1, 2**40 + 5, -1], dtype="int64"))
    yield case("int32_wraps_to_int8", To(torch.int8), values([127, 128, 255, 256, -129, -1], dtype="int32"))
    yield case("int32_wraps_to_uint8", To(torch.uint8),
               values([127, 128, 255, 256, -129, -1], dtype="int32"))
    yield case("through_float16", Through(torch.float16), special(25), because="1e30 becomes infinite")
    yield case("through_bfloat16", Through(torch.bfloat16), special(25))
    yield case("through_float16_rounding", Through(torch.float16), normal(4, 6))
    yield case("through_bfloat16_rounding", Through(torch.bfloat16), normal(4, 6))
    yield case("through_float16_small", Through(torch.float16), normal(4, 6, std=1e-6),
               because="the answers are denormal float16")
    yield case("half_in_between", half_in_between, normal(4, 6),
               because="each half-precision step rounds")
    yield case("bfloat16_in_between", bfloat16_in_between, normal(4, 6))
    yield case("by_method_names", by_method_names, normal(3, 5, std=5.0), dtypes=("float32", "int64"))
    yield case("like_other", like_other, normal(3, 5, std=5.0), integers(2, low=0, high=3, dtype="int32"))
    yield case("copied_into", copied_into, uniform(3, 4, low=-9.0, high=9.0))
    yield case("mask_as_numbers", To(torch.float32), booleans(3, 5))
    yield case("zero_dim", To(torch.int32), values(-2.75))
    yield case("empty", To(torch.int64), normal(0, 4))
    yield case("dynamic_batch", To(torch.int64), uniform(3, 4, low=-9.0, high=9.0),
               dynamic={0: {0: "batch"}})
