"""adaptive_avg_pool: means of as many windows as the output has places, wide enough to cover the input."""
import torch
from torch import Tensor, nn
from torch.nn import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d

from lockstep.cases import case, normal, special, values


class Classifier(nn.Module):
    """The usual end of an image classifier: global mean, flattened, one linear layer."""

    def __init__(self):
        super().__init__()
        self.pool = AdaptiveAvgPool2d(1)
        self.head = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(self.pool(x), 1))


def cases():
    yield case("sequence", AdaptiveAvgPool1d(4), normal(2, 3, 8), dtypes=("float32", "float64"))
    yield case("sequence_not_dividing", AdaptiveAvgPool1d(4), normal(2, 3, 10),
               because="the windows differ in width and overlap")
    yield case("sequence_upsampled", AdaptiveAvgPool1d(7), normal(2, 2, 3),
               because="more places than elements: elements are repeated and neighbours averaged")
    yield case("sequence_global", AdaptiveAvgPool1d(1), normal(2, 3, 6))
    yield case("image", AdaptiveAvgPool2d((3, 2)), normal(2, 3, 6, 8), dtypes=("float32", "float64"))
    yield case("image_not_dividing", AdaptiveAvgPool2d((3, 5)), normal(2, 2, 7, 11))
    yield case("image_square", AdaptiveAvgPool2d(3), normal(2, 2, 5, 4))
    yield case("image_global", AdaptiveAvgPool2d(1), normal(2, 3, 5, 4))
    yield case("image_height_kept", AdaptiveAvgPool2d((None, 3)), normal(2, 2, 5, 7))
    yield case("image_width_kept", AdaptiveAvgPool2d((2, None)), normal(2, 2, 5, 7))
    yield case("image_upsampled_one_way", AdaptiveAvgPool2d((7, 2)), normal(1, 2, 3, 5))
    yield case("volume", AdaptiveAvgPool3d((2, 3, 1)), normal(1, 2, 4, 6, 3), dtypes=("float32", "float64"))
    yield case("volume_not_dividing", AdaptiveAvgPool3d((2, 3, 4)), normal(1, 2, 3, 5, 7))
    yield case("volume_depth_kept", AdaptiveAvgPool3d((None, 2, 3)), normal(1, 2, 3, 5, 4))
    yield case("volume_global", AdaptiveAvgPool3d(1), normal(2, 2, 2, 3, 4))
    yield case("unbatched_sequence", AdaptiveAvgPool1d(3), normal(2, 7))
    yield case("unbatched_image", AdaptiveAvgPool2d((2, 3)), normal(2, 5, 7))
    yield case("unbatched_volume", AdaptiveAvgPool3d((2, 1, 3)), normal(2, 3, 4, 5))
    yield case("empty_batch", AdaptiveAvgPool2d((2, 3)), normal(0, 3, 4, 5))
    yield case("not_finite", AdaptiveAvgPool1d(3),
               values([[[1.0, float("nan"), float("inf"), 2.0, 3e38, 3e38]]]),
               because="the sum overflows before it is divided")
    yield case("special_values", AdaptiveAvgPool2d((4, 2)), special(1, 1, 5, 5))
    yield case("classifier", Classifier(), normal(2, 5, 4, 3))
    yield case("dynamic_batch", AdaptiveAvgPool2d((3, 2)), normal(2, 3, 7, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_image_global", AdaptiveAvgPool2d(1), normal(2, 3, 4, 5),
               dynamic={0: {2: "height", 3: "width"}})
    yield case("dynamic_image_not_dividing", AdaptiveAvgPool2d((3, 2)), normal(1, 2, 7, 5),
               dynamic={0: {2: "height", 3: "width"}},
               because="the windows' edges depend on an extent that is known at run time only")
