"""Convolutions are contractions over windows; transposed ones are products that overlap and add up."""
from __future__ import annotations

from typing import Sequence

from ..graph.build import axes_for, contract, scatter, windows
from . import aten
from .common import Dim, Tensor, pair, zeros

_PLACE, _TAP = "xyz", "uvw"


@aten("conv1d.default", "conv2d.default", "conv3d.default")
def conv(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    padding = pair(padding, weight.rank - 2)
    return convolution(x, weight, bias, stride, padding, padding, dilation, groups)


@aten("conv1d.padding", "conv2d.padding", "conv3d.padding")
def conv_padding(x, weight, bias=None, stride=1, padding="valid", dilation=1, groups=1):
    """ "same" pads as much as a kernel spans, the odd element behind; "valid" pads nothing."""
    spatial = weight.rank - 2
    spans = [dil * (k - 1) for k, dil in zip(weight.dims[2:], pair(dilation, spatial))]
    total = spans if padding == "same" else [0] * spatial
    before = [n // 2 for n in total]
    after = [n - b for n, b in zip(total, before)]
    return convolution(x, weight, bias, stride, before, after, dilation, groups)


@aten("conv_transpose1d.default", "conv_transpose2d.input", "conv_transpose3d.input")
def conv_transpose(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return transposed_convolution(x, weight, bias, stride, padding, dilation, output_padding, groups)


@aten("convolution.default", "_convolution.default", "_convolution.deprecated")
def any_convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups, *_):
    """What convolutions of every rank and direction decompose to; `_convolution` has cuDNN's flags behind."""
    if transposed:
        return transposed_convolution(x, weight, bias, stride, padding, dilation, output_padding, groups)
    return conv(x, weight, bias, stride, padding, dilation, groups)


@aten("conv_tbc.default")
def conv_tbc(x, weight, bias, pad=0):
    """A convolution over time of [time, batch, channels] with a kernel of [taps, in, out]."""
    return conv(x.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)


def convolution(x: Tensor, weight: Tensor, bias: Tensor | None, stride, before: Sequence[Dim],
                after: Sequence[Dim], dilation, groups: int) -> Tensor:
    """Windows of the padded input contracted with the kernel, group by group; x may lack the batch dim."""
    spatial = weight.rank - 2
    if x.rank == spatial + 1:
        return convolution(x.unsqueeze(0), weight, bias, stride, before, after, dilation, groups).squeeze(0)
    stride, dilation, kernel = pair(stride, spatial), pair(dilation, spatial), weight.dims[2:]
    padded = x.pad([0, 0, *before], [0, 0, *after])
    counts = [(n - dil * (k - 1) - 1) // s + 1
              for n, k, s, dil in zip(padded.dims[2:], kernel, stride, dilation)]
    grouped = padded.reshape(x.dims[0], groups, x.dims[1] // groups, *padded.dims[2:])
    patches = windows(grouped, 3, kernel, stride, dilation, counts)
    filters = weight.reshape(groups, weight.dims[0] // groups, *weight.dims[1:])
    place, tap = _PLACE[:spatial], _TAP[:spatial]
    y = contract(f"ngc{place}{tap},goc{tap}->ngo{place}", patches, filters)
    return with_bias(y.reshape(x.dims[0], weight.dims[0], *counts), bias)


def transposed_convolution(x: Tensor, weight: Tensor, bias: Tensor | None, stride, padding, dilation,
                           output_padding, groups: int) -> Tensor:
    """Every element spreads its kernel over the output, and what overlaps adds up; the padding is cut off.

    Not a convolution of the input with zeros between: zero times an infinite weight would be NaN.
    """
    spatial = weight.rank - 2
    if x.rank == spatial + 1:
        return transposed_convolution(x.unsqueeze(0), weight, bias, stride, padding, dilation,
                                      output_padding, groups).squeeze(0)
    stride, padding, dilation, output_padding = (
        pair(v, spatial) for v in (stride, padding, dilation, output_padding))
    extents, kernel = x.dims[2:], weight.dims[2:]
    place, tap = _PLACE[:spatial], _TAP[:spatial]
    grouped = x.reshape(x.dims[0], groups, x.dims[1] // groups, *extents)
    filters = weight.reshape(groups, weight.dims[0] // groups, *weight.dims[1:])
    spread = contract(f"ngc{place},gco{tap}->ngo{place}{tap}", grouped, filters)
    axes = axes_for(spread.dims)
    where_to = [axes[3 + k] * stride[k] + axes[3 + spatial + k] * dilation[k] for k in range(spatial)]
    reach = [(n - 1) * s + dil * (k - 1) + 1 for n, s, dil, k in zip(extents, stride, dilation, kernel)]
    total = scatter(zeros((*spread.dims[:3], *reach), x.dtype), [*axes[:3], *where_to], spread, "sum")
    y = total.reshape(x.dims[0], groups * spread.dims[2], *reach)
    grown = [q - p for p, q in zip(padding, output_padding)]
    return with_bias(y.pad([0, 0, *(-p for p in padding)], [0, 0, *grown]), bias)


def with_bias(y: Tensor, bias: Tensor | None) -> Tensor:
    """One number a channel added to [batch, channels, ...]."""
    return y if bias is None else y + bias.reshape(-1, *[1] * (y.rank - 2))
