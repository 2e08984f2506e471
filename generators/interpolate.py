"""interpolate: a signal, image or volume sampled at another size."""
from typing import List

import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal

LINEAR = (("linear", (2, 3, 5), 8, 3), ("bilinear", (1, 2, 4, 5), (7, 8), (3, 2)),
          ("bicubic", (1, 2, 4, 5), (7, 9), (3, 4)), ("trilinear", (1, 2, 3, 2, 4), (4, 3, 7), (2, 1, 3)))


class Area(nn.Module):
    def __init__(self, *size: int):
        super().__init__()
        self.size: List[int] = list(size)

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, self.size, mode="area")


def cases():
    for mode in ("nearest", "nearest-exact"):
        name = mode.replace("-", "_")
        yield case(f"{name}_1d_up", nn.Upsample(size=8, mode=mode), normal(2, 3, 5))
        yield case(f"{name}_1d_down", nn.Upsample(size=3, mode=mode), normal(2, 3, 7))
        yield case(f"{name}_2d_doubled", nn.Upsample(scale_factor=2, mode=mode), normal(1, 2, 3, 4),
                   dtypes=("float32", "float64"))
        yield case(f"{name}_2d_uneven", nn.Upsample(size=(7, 3), mode=mode), normal(1, 2, 4, 5))
        yield case(f"{name}_2d_fractional", nn.Upsample(scale_factor=(1.7, 0.6), mode=mode),
                   normal(1, 2, 4, 7))
        yield case(f"{name}_3d", nn.Upsample(size=(3, 5, 2), mode=mode), normal(1, 2, 2, 3, 4))
    for mode, shape, larger, smaller in LINEAR:
        yield case(f"{mode}_up", nn.Upsample(size=larger, mode=mode), normal(*shape),
                   dtypes=("float32", "float64"))
        yield case(f"{mode}_down", nn.Upsample(size=smaller, mode=mode), normal(*shape))
        yield case(f"{mode}_up_corners", nn.Upsample(size=larger, mode=mode, align_corners=True),
                   normal(*shape))
        yield case(f"{mode}_down_corners", nn.Upsample(size=smaller, mode=mode, align_corners=True),
                   normal(*shape))
        yield case(f"{mode}_scaled", nn.Upsample(scale_factor=1.7, mode=mode), normal(*shape),
                   because="the scale as given, not the ratio of sizes, maps the coordinates")
        yield case(f"{mode}_recomputed",
                   nn.Upsample(scale_factor=1.7, mode=mode, recompute_scale_factor=True), normal(*shape),
                   because="here the ratio of sizes maps the coordinates")
    yield case("bilinear_to_one", nn.Upsample(size=(1, 1), mode="bilinear", align_corners=True),
               normal(1, 2, 3, 4),
               because="aligning the corners of one pixel would divide by zero")
    yield case("bilinear_from_one", nn.Upsample(size=(3, 4), mode="bilinear"), normal(1, 2, 1, 1))
    yield case("bilinear_same_size", nn.Upsample(size=(3, 4), mode="bilinear"), normal(1, 2, 3, 4))
    yield case("bicubic_from_small", nn.Upsample(size=(5, 4), mode="bicubic"), normal(1, 1, 2, 1),
               because="the four taps reach over the border on both sides")
    yield case("area_1d", Area(3), normal(2, 2, 7))
    yield case("area_2d", Area(2, 3), normal(1, 2, 5, 7), dtypes=("float32", "float64"))
    yield case("area_3d", Area(2, 1, 3), normal(1, 2, 3, 2, 4))
    yield case("area_up", Area(5, 6), normal(1, 2, 3, 4))
    yield case("dynamic_batch_nearest", nn.Upsample(scale_factor=2, mode="nearest"), normal(2, 2, 3, 4),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_bilinear", nn.Upsample(size=(7, 3), mode="bilinear"), normal(2, 2, 4, 5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_height", nn.Upsample(scale_factor=2, mode="nearest"), normal(1, 2, 3, 4),
               dynamic={0: {2: "height"}})
