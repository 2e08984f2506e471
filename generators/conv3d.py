"""conv3d: a kernel slid through a volume, its products summed per output channel."""
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv3d

from lockstep.cases import case, normal


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv3d(x, weight, bias, stride=(1, 2, 1), padding=(0, 1, 2))


def padded_on_every_side(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv3d(F.pad(x, (1, 0, 0, 2, 3, 1), value=0.5), weight, stride=(3, 1, 2))


def cases():
    yield case("plain", Conv3d(2, 3, (2, 3, 1)), normal(2, 2, 3, 4, 3), dtypes=("float32", "float64"))
    yield case("no_bias", Conv3d(2, 3, 2, bias=False), normal(1, 2, 3, 4, 5))
    yield case("pointwise", Conv3d(4, 3, 1), normal(2, 4, 2, 3, 2))
    yield case("stride_padding_dilation",
               Conv3d(2, 3, (2, 3, 2), stride=(1, 2, 3), padding=(2, 0, 1), dilation=(3, 1, 2)),
               normal(1, 2, 4, 7, 6))
    yield case("same_even_kernel", Conv3d(2, 2, (2, 3, 4), padding="same"), normal(1, 2, 3, 4, 5),
               because="even kernels need one more zero behind than in front")
    yield case("valid", Conv3d(2, 3, 2, padding="valid", stride=(1, 2, 1)), normal(1, 2, 3, 5, 4))
    yield case("grouped", Conv3d(4, 6, (2, 1, 3), groups=2), normal(1, 4, 3, 2, 4))
    yield case("depthwise", Conv3d(3, 3, (3, 2, 2), groups=3, padding=(1, 0, 1)), normal(2, 3, 3, 4, 3))
    yield case("depthwise_multiplied", Conv3d(2, 4, 2, groups=2, stride=(2, 1, 1)), normal(1, 2, 4, 3, 3))
    for mode in ("reflect", "replicate", "circular"):
        yield case(f"{mode}_padding", Conv3d(2, 2, (2, 3, 2), padding=(0, 1, 2), padding_mode=mode),
                   normal(1, 2, 3, 4, 3))
    yield case("padded_on_every_side", padded_on_every_side, normal(1, 2, 3, 4, 5), normal(2, 2, 2, 3, 2))
    yield case("cropped", nn.Sequential(nn.ConstantPad3d((-1, 0, 0, -1, 1, 0), 0.0), Conv3d(2, 2, 2)),
               normal(1, 2, 3, 4, 5))
    yield case("unbatched", Conv3d(2, 3, (1, 2, 3)), normal(2, 3, 4, 5))
    yield case("one_output", Conv3d(2, 3, (2, 3, 4)), normal(2, 2, 2, 3, 4))
    yield case("empty_batch", Conv3d(2, 3, 2), normal(0, 2, 3, 3, 3))
    yield case("tensor_weight", convolve, normal(1, 2, 3, 4, 3), normal(3, 2, 2, 3, 2), normal(3),
               dtypes=("float32", "int64", "int32"))
    yield case("dynamic_batch", Conv3d(2, 3, (2, 3, 1), padding=(1, 0, 0)), normal(2, 2, 3, 4, 3),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_volume", Conv3d(2, 2, 3, padding=1), normal(1, 2, 2, 3, 4),
               dynamic={0: {2: "depth", 3: "height", 4: "width"}})
