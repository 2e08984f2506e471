"""adaptive_max_pool: maxima of as many windows as the output has places, wide enough to cover the input."""
import torch
from torch import Tensor
from torch.nn import AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d

from lockstep.cases import case, normal, special, values


def flat_global(x: Tensor) -> Tensor:
    return torch.flatten(torch.nn.functional.adaptive_max_pool2d(x, 1), 1)


def cases():
    yield case("sequence", AdaptiveMaxPool1d(4), normal(2, 3, 8), dtypes=("float32", "float64"))
    yield case("sequence_not_dividing", AdaptiveMaxPool1d(4), normal(2, 3, 10),
               because="the windows differ in width and overlap")
    yield case("sequence_upsampled", AdaptiveMaxPool1d(7), normal(2, 2, 3))
    yield case("sequence_indices", AdaptiveMaxPool1d(4, return_indices=True), normal(2, 3, 10))
    yield case("image", AdaptiveMaxPool2d((3, 2)), normal(2, 3, 6, 8), dtypes=("float32", "float64"))
    yield case("image_not_dividing", AdaptiveMaxPool2d((3, 5)), normal(2, 2, 7, 11))
    yield case("image_indices", AdaptiveMaxPool2d((3, 2), return_indices=True), normal(2, 2, 7, 5),
               dtypes=("float32", "float64"), because="indices count through the image, row by row")
    yield case("image_global", AdaptiveMaxPool2d(1), normal(2, 3, 5, 4))
    yield case("image_height_kept", AdaptiveMaxPool2d((None, 3)), normal(2, 2, 5, 7))
    yield case("image_upsampled_one_way", AdaptiveMaxPool2d((7, 2), return_indices=True), normal(1, 2, 3, 5))
    yield case("volume", AdaptiveMaxPool3d((2, 3, 1)), normal(1, 2, 4, 6, 3), dtypes=("float32", "float64"))
    yield case("volume_not_dividing_indices", AdaptiveMaxPool3d((2, 3, 4), return_indices=True),
               normal(1, 2, 3, 5, 7))
    yield case("volume_width_kept", AdaptiveMaxPool3d((2, 1, None)), normal(1, 2, 3, 5, 4))
    yield case("unbatched_sequence", AdaptiveMaxPool1d(3, return_indices=True), normal(2, 7))
    yield case("unbatched_image", AdaptiveMaxPool2d((2, 3)), normal(2, 5, 7))
    yield case("unbatched_volume", AdaptiveMaxPool3d((2, 1, 3)), normal(2, 3, 4, 5))
    yield case("empty_batch", AdaptiveMaxPool2d((2, 3)), normal(0, 3, 4, 5))
    yield case("indices_of_ties", AdaptiveMaxPool1d(2, return_indices=True),
               values([[[1.0, 2.0, 2.0, 0.0, -0.0]]]), because="of equal elements the first one wins")
    yield case("not_finite", AdaptiveMaxPool1d(4, return_indices=True),
               values([[[1.0, float("nan"), float("inf"), float("nan"), float("nan"), 2.0, float("-inf"),
                         float("-inf")]]]),
               because="NaN wins over everything, and a window of minus infinities has an index too")
    yield case("special_values", AdaptiveMaxPool2d((4, 3)), special(1, 1, 5, 5))
    yield case("flat_global", flat_global, normal(2, 3, 4, 5))
    yield case("dynamic_batch", AdaptiveMaxPool2d((3, 2)), normal(2, 3, 7, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_image_not_dividing", AdaptiveMaxPool2d((3, 2)), normal(1, 2, 7, 5),
               dynamic={0: {2: "height", 3: "width"}},
               because="the windows' edges depend on an extent that is known at run time only")
