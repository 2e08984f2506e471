"""pad: a border around a tensor, constant, mirrored, repeated or wrapped around; negative padding crops."""
from typing import List

import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


class Pad(nn.Module):
    def __init__(self, amounts: List[int], value: float = 0.0):
        super().__init__()
        self.amounts = amounts
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, self.amounts, value=self.value)


def causal(x: Tensor) -> Tensor:
    return F.pad(x, [2, 0])[:, : x.size(1)] - x


def cases():
    yield case("zeros", Pad([1, 2]), normal(3, 4), dtypes=ALL)
    yield case("every_axis", Pad([1, 0, 2, 1, 0, 3], -1.5), normal(2, 3, 2))
    yield case("last_of_many", Pad([0, 2], 0.25), normal(2, 3, 2, 2))
    yield case("minus_infinity", Pad([1, 1], float("-inf")), normal(2, 3))
    yield case("cropped", Pad([-1, -2]), normal(2, 6), because="negative padding takes elements away")
    yield case("cropped_and_padded", Pad([-1, 2, 1, -1], 3.5), normal(3, 4))
    yield case("nothing", Pad([0, 0]), normal(2, 3))
    yield case("empty_input", Pad([1, 2], 4.5), normal(2, 0), because="only the border is left")
    yield case("causal", causal, normal(2, 5))
    yield case("constant_1d", nn.ConstantPad1d((2, 1), 3.5), normal(2, 3, 4))
    yield case("constant_2d", nn.ConstantPad2d((1, 2, 3, 0), -0.5), normal(1, 2, 3, 4),
               dtypes=("float32", "float64"))
    yield case("constant_3d", nn.ConstantPad3d((1, 0, 0, 2, 1, 1), 2.25), normal(1, 2, 2, 3, 2))
    yield case("zero_2d_cropping", nn.ZeroPad2d((-1, 1, 2, -1)), normal(2, 2, 4, 5))
    yield case("reflect_1d", nn.ReflectionPad1d((3, 1)), normal(2, 3, 5))
    yield case("reflect_2d", nn.ReflectionPad2d((1, 2, 2, 0)), normal(1, 2, 3, 4),
               dtypes=("float32", "float64"))
    yield case("reflect_3d", nn.ReflectionPad3d((1, 2, 0, 1, 2, 1)), normal(1, 2, 3, 3, 4))
    yield case("reflect_full", nn.ReflectionPad1d((3, 3)), normal(1, 2, 4),
               because="one less than the extent is the most")
    yield case("reflect_unbatched", nn.ReflectionPad2d((2, 1, 0, 1)), normal(2, 3, 4))
    yield case("replicate_1d", nn.ReplicationPad1d((4, 1)), normal(2, 3, 2))
    yield case("replicate_2d", nn.ReplicationPad2d((1, 3, 2, 0)), normal(1, 2, 2, 3),
               dtypes=("float32", "float64"))
    yield case("replicate_3d", nn.ReplicationPad3d((1, 2, 0, 3, 2, 1)), normal(1, 2, 2, 3, 2))
    yield case("circular_1d", nn.CircularPad1d((3, 1)), normal(2, 3, 4))
    yield case("circular_2d", nn.CircularPad2d((1, 2, 2, 0)), normal(1, 2, 3, 4),
               dtypes=("float32", "float64"))
    yield case("circular_3d", nn.CircularPad3d((1, 2, 0, 1, 2, 1)), normal(1, 2, 3, 2, 3))
    yield case("special_values", nn.ReplicationPad1d((2, 2)), special(1, 3, 9))
    yield case("dynamic_batch", nn.ConstantPad2d((1, 2, 0, 1), 1.5), normal(2, 2, 3, 4),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_reflect", nn.ReflectionPad2d((1, 2, 2, 0)), normal(2, 2, 3, 4),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_width", Pad([2, 1], 0.5), normal(2, 4), dynamic={0: {1: "width"}})
