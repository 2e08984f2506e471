"""conv_transpose3d: every voxel spreads its kernel over the output volume, and the spreads add up."""
import torch.nn.functional as F
from torch import Tensor
from torch.nn import ConvTranspose3d

from lockstep.cases import case, normal


def spread_out(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv_transpose3d(x, weight, bias, stride=(1, 2, 3), padding=(0, 1, 0), output_padding=(0, 1, 2))


def cases():
    yield case("plain", ConvTranspose3d(2, 3, (2, 3, 1)), normal(2, 2, 2, 3, 4),
               dtypes=("float32", "float64"))
    yield case("no_bias", ConvTranspose3d(2, 3, 2, bias=False), normal(1, 2, 2, 3, 4))
    yield case("pointwise", ConvTranspose3d(4, 3, 1), normal(2, 4, 2, 1, 3))
    yield case("stride_padding_dilation",
               ConvTranspose3d(2, 2, (2, 3, 2), stride=(1, 3, 2), padding=(0, 2, 1), dilation=(4, 1, 3)),
               normal(1, 2, 2, 3, 3))
    yield case("output_padding",
               ConvTranspose3d(2, 2, 3, stride=(2, 3, 2), padding=(1, 0, 1), output_padding=(1, 2, 0)),
               normal(1, 2, 2, 2, 3))
    yield case("stride_over_kernel", ConvTranspose3d(2, 2, (1, 2, 1), stride=(2, 3, 2)),
               normal(1, 2, 2, 2, 3),
               because="between the spread kernels nothing falls but the bias")
    yield case("grouped", ConvTranspose3d(4, 6, (2, 1, 3), groups=2), normal(1, 4, 2, 3, 2))
    yield case("depthwise", ConvTranspose3d(3, 3, 2, groups=3, stride=(1, 2, 2), bias=False),
               normal(2, 3, 2, 2, 3))
    yield case("unbatched", ConvTranspose3d(2, 3, (1, 2, 3), stride=2), normal(2, 2, 3, 2))
    yield case("one_voxel", ConvTranspose3d(4, 2, (2, 3, 4)), normal(2, 4, 1, 1, 1))
    yield case("empty_batch", ConvTranspose3d(2, 3, 2), normal(0, 2, 2, 2, 2))
    yield case("tensor_weight", spread_out, normal(1, 2, 2, 3, 2), normal(2, 2, 2, 3, 4), normal(2),
               dtypes=("float32", "int64"))
    yield case("dynamic_batch", ConvTranspose3d(2, 3, (2, 3, 1), stride=2), normal(2, 2, 2, 2, 3),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_volume", ConvTranspose3d(2, 2, 3, stride=2, padding=1, output_padding=1),
               normal(1, 2, 2, 2, 3), dynamic={0: {2: "depth", 3: "height", 4: "width"}})
