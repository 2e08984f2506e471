"""Deformable convolution: each tap of a kernel reads where an offset moves it, between the elements (Dai et al. 2017;
with a factor for each tap, the mask: Zhu et al. 2019)."""
from __future__ import annotations

from typing import Sequence

from ..graph.build import contract, iota
from . import aten
from .aten_convolution import with_bias
from .aten_sampling import linear
from .common import Dim, Tensor

_PLACE = "xyz"


@aten("torchvision::deform_conv2d.default")
def deform_conv2d(x, weight, offset, mask, bias, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups,
                  offset_groups, use_mask):
    pads = [pad_h, pad_w]
    return deformable_convolution(x, weight, offset, bias, mask if use_mask else None, [stride_h, stride_w], pads,
                                  [dilation_h, dilation_w], groups, offset_groups)


def deformable_convolution(x: Tensor, weight: Tensor, offset: Tensor, bias: Tensor | None, mask: Tensor | None,
                           stride: Sequence[int], before: Sequence[int], dilation: Sequence[int], groups: int,
                           offset_groups: int) -> Tensor:
    """x [N, C, *spatial], weight [O, C/groups, *kernel] and offset [N, offset_groups * taps * spatial dims, *places].

    The mask is [N, offset_groups * taps, *places]. The channels of one offset group are read at the same positions;
    outside x lies zero. The number of places is the offset's.
    """
    batch, channels = x.dims[:2]
    kernel, places, spatial = weight.dims[2:], offset.dims[2:], x.rank - 2
    one_batch = batch * offset_groups                                # an offset group is read like an image of its own
    images = x.reshape(one_batch, channels // offset_groups, *x.dims[2:])
    moved = offset.reshape(one_batch, *kernel, spatial, *places)
    at = [(moved.select(1 + spatial, k) + regular(k, kernel, places, stride[k], before[k], dilation[k], x.dtype)).unsqueeze(1)
          for k in range(spatial)]
    taken = linear(images, at)                                       # [one_batch, channels of a group, *kernel, *places]
    if mask is not None:
        taken = taken * mask.reshape(one_batch, 1, *kernel, *places)
    taken = taken.reshape(batch, groups, channels // groups, *kernel, *places)
    filters = weight.reshape(groups, weight.dims[0] // groups, *weight.dims[1:])
    tap, place = "uvw"[:spatial], _PLACE[:spatial]
    y = contract(f"ngc{tap}{place},goc{tap}->ngo{place}", taken, filters)
    return with_bias(y.reshape(batch, weight.dims[0], *places), bias)


def regular(k: int, kernel: Sequence[Dim], places: Sequence[Dim], stride: int, before: int, dilation: int,
            dtype: str) -> Tensor:
    """Where the taps of a plain convolution lie along spatial dim k, to be broadcast over [*kernel, *places]."""
    spatial = len(kernel)
    tap = iota(kernel[k]).reshape(-1, *[1] * (2 * spatial - 1 - k))
    place = iota(places[k]).reshape(-1, *[1] * (spatial - 1 - k))
    return (place * stride - before + tap * dilation).cast(dtype)
