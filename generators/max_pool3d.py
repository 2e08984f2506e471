"""max_pool3d: the largest element of each window of a volume."""
import torch.nn.functional as F
from torch import Tensor
from torch.nn import MaxPool3d

from lockstep.cases import case, normal, special, uniform, values


def padded_on_five_sides(x: Tensor) -> Tensor:
    return F.max_pool3d(F.pad(x, (1, 0, 2, 1, 1, 2), value=-2.0), (2, 3, 2), stride=(2, 1, 3))


def cases():
    yield case("plain", MaxPool3d((2, 3, 1)), normal(2, 2, 4, 6, 3),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("stride_padding_dilation",
               MaxPool3d((2, 3, 4), stride=(1, 3, 2), padding=(1, 0, 2), dilation=(3, 2, 1)),
               normal(1, 2, 4, 8, 5))
    yield case("overlapping", MaxPool3d(2, stride=1), normal(1, 2, 3, 4, 5))
    yield case("all_negative", MaxPool3d(3, stride=2, padding=1),
               uniform(1, 2, 4, 3, 5, low=-5.0, high=-1.0), dtypes=("float32", "int64"),
               because="padding counts as minus infinity, not as zero")
    yield case("ceil_mode", MaxPool3d((2, 3, 2), stride=2, ceil_mode=True), normal(1, 2, 3, 6, 5),
               because="the last windows reach over the edges")
    yield case("ceil_mode_drops_window", MaxPool3d(2, stride=3, padding=1, ceil_mode=True),
               normal(1, 1, 5, 6, 5),
               because="a window that would start in the padding behind the volume is left out")
    yield case("indices", MaxPool3d((2, 1, 3), stride=(1, 2, 2), return_indices=True), normal(2, 2, 3, 4, 5),
               dtypes=("float32", "int64"), because="indices count through the unpadded volume")
    yield case("indices_padded_dilated", MaxPool3d(2, stride=2, padding=1, dilation=2, return_indices=True),
               normal(1, 2, 4, 5, 6))
    yield case("indices_of_ties", MaxPool3d(2, stride=1, return_indices=True),
               values([[[[[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]], [[1.0, 1.0, 2.0], [1.0, 1.0, -0.0]]]]]),
               because="of equal elements the first one wins")
    yield case("not_finite", MaxPool3d((2, 1, 2), return_indices=True),
               values([[[[[1.0, float("nan"), float("-inf"), float("-inf"), float("nan"), 1.0]],
                         [[2.0, float("inf"), float("-inf"), float("-inf"), float("inf"), float("nan")]]]]]),
               because="NaN wins over everything, and a window of minus infinities has an index too")
    yield case("special_values", MaxPool3d(2, stride=1, padding=1), special(1, 1, 3, 3, 3))
    yield case("padded_on_five_sides", padded_on_five_sides, uniform(1, 2, 3, 4, 5, low=-3.0, high=-1.0))
    yield case("unbatched", MaxPool3d((1, 2, 3)), normal(2, 3, 4, 6))
    yield case("whole_volume", MaxPool3d((2, 3, 4)), normal(2, 2, 2, 3, 4))
    yield case("empty_batch", MaxPool3d(2), normal(0, 2, 3, 4, 5))
    yield case("dynamic_batch", MaxPool3d(2, padding=1), normal(2, 2, 3, 4, 3), dynamic={0: {0: "batch"}})
    yield case("dynamic_volume", MaxPool3d(3, stride=1, padding=1), normal(1, 2, 2, 3, 4),
               dynamic={0: {2: "depth", 3: "height", 4: "width"}})
