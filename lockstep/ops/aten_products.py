"""Products: linear, matmul and convolutions, all contractions over windows or dims."""
from __future__ import annotations

from ..graph.build import contract, windows
from . import aten
from .common import Tensor, pair


@aten("linear.default")
def linear(x, weight, bias=None):
    y = contract("...k,nk->...n", x, weight)
    return y if bias is None else y + bias


@aten("mm.default")
def mm(a, b):
    return contract("mk,kn->mn", a, b)


@aten("bmm.default")
def bmm(a, b):
    return contract("bmk,bkn->bmn", a, b)


@aten("addmm.default")
def addmm(bias, a, b, *, beta=1, alpha=1):
    return scaled(bias, beta) + scaled(mm(a, b), alpha)


def scaled(x: Tensor, factor):
    """factor * x, without the multiplication where the factor is one."""
    return x if factor == 1 else x * factor


@aten("matmul.default")
def matmul(a, b):
    """A 1-D operand is a row (left) or a column (right); leading dims broadcast."""
    if a.rank == 1 and b.rank == 1:
        return contract("k,k->", a, b)
    if b.rank == 1:
        return contract("...mk,k->...m", a, b)
    if a.rank == 1:
        return contract("k,...kn->...n", a, b)
    return contract("...mk,...kn->...mn", a, b)


@aten("conv1d.default", "conv2d.default", "conv3d.default")
def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Windows of the padded input contracted with the kernel, group by group; x may lack the batch dim."""
    spatial = weight.rank - 2
    if x.rank == spatial + 1:
        return convolution(x.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    stride, padding, dilation = pair(stride, spatial), pair(padding, spatial), pair(dilation, spatial)
    kernel = weight.dims[2:]
    before = [0, 0, *padding]
    padded = x.pad(before, before) if any(padding) else x
    counts = [(n - dil * (k - 1) - 1) // s + 1 for n, k, s, dil in zip(padded.dims[2:], kernel, stride, dilation)]
    grouped = padded.reshape(x.dims[0], groups, x.dims[1] // groups, *padded.dims[2:])
    patches = windows(grouped, 3, kernel, stride, dilation, counts)
    filters = weight.reshape(groups, weight.dims[0] // groups, *weight.dims[1:])
    place, tap = "xyz"[:spatial], "uvw"[:spatial]
    y = contract(f"ngc{place}{tap},goc{tap}->ngo{place}", patches, filters)
    y = y.reshape(x.dims[0], weight.dims[0], *counts)
    return y if bias is None else y + bias.reshape(-1, *[1] * spatial)
