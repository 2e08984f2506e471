"""torchvision::deform_conv2d for PyTorch where torchvision is not installed, so that models with it can be built and read.

It is for inference and for asking questions, written for clearness: each tap of the kernel reads four elements by index.
"""
from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path
from typing import Sequence

import torch

_SCHEMA = ("deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt "
           "stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt "
           "offset_groups, bool use_mask) -> Tensor")
_libraries: list[torch.library.Library] = []             # what is registered here holds as long as its library


def register() -> None:
    """Makes torch.ops.torchvision.deform_conv2d exist: torchvision's own, where that is installed, else this file's."""
    if importlib.util.find_spec("torchvision") is not None:
        importlib.import_module("torchvision")
    elif not _libraries:
        library = torch.library.Library("torchvision", "DEF")
        library.define(_SCHEMA)
        library.impl("deform_conv2d", _deform_conv2d, "CPU")
        library.impl("deform_conv2d", _shape_of_result, "Meta")
        _libraries.append(library)


def register_for(file: str | Path) -> None:
    """`register`, where a .pt2 or .pt file names an operator of torchvision: PyTorch must know it to read the file."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        programs = [name for name in archive.namelist() if name.endswith((".json", ".py"))]
        if any(b"torchvision" in archive.read(name) for name in programs):
            register()


def deform_conv2d(input: torch.Tensor, offset: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None,
                  stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0, dilation: int | Sequence[int] = 1,
                  mask: torch.Tensor | None = None) -> torch.Tensor:
    """torchvision.ops.deform_conv2d with its parameters: input [N, C, H, W], offset [N, 2 * offset groups * taps, *places],
    weight [O, C/groups, kh, kw], mask [N, offset groups * taps, *places] or None; float32 or float64."""
    register()
    taps = weight.shape[2] * weight.shape[3]
    pairs = [(n, n) if isinstance(n, int) else tuple(n) for n in (stride, padding, dilation)]
    if bias is None:
        bias = input.new_zeros(weight.shape[0])
    return torch.ops.torchvision.deform_conv2d(
        input, weight, offset, input.new_zeros(1) if mask is None else mask, bias, *pairs[0], *pairs[1], *pairs[2],
        input.shape[1] // weight.shape[1], offset.shape[1] // (2 * taps), mask is not None)


def _shape_of_result(input, weight, offset, mask, bias, *numbers):
    return input.new_empty(input.shape[0], weight.shape[0], *offset.shape[2:])


def _deform_conv2d(input, weight, offset, mask, bias, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups,
                   offset_groups, use_mask):
    batch, channels, height, width = input.shape
    rows, columns = offset.shape[2:]
    kh, kw = weight.shape[2:]
    images = torch.nn.functional.pad(input, (1, 1, 1, 1)).reshape(
        batch * offset_groups, channels // offset_groups, height + 2, width + 2)
    moved = offset.reshape(batch * offset_groups, kh * kw, 2, rows, columns)
    factors = mask.reshape(batch * offset_groups, kh * kw, rows, columns)[:, :, None] if use_mask else None
    row = torch.arange(rows, dtype=input.dtype)[:, None] * stride_h - pad_h
    column = torch.arange(columns, dtype=input.dtype) * stride_w - pad_w
    taken = []
    for tap in range(kh * kw):
        y = moved[:, tap, 0] + row + tap // kw * dilation_h
        x = moved[:, tap, 1] + column + tap % kw * dilation_w
        value = _between(images, y, x)
        taken.append(value if factors is None else value * factors[:, tap])
    patches = torch.stack(taken, 2).reshape(batch, groups, channels // groups * kh * kw, rows * columns)
    product = torch.einsum("ngkp,gok->ngop", patches, weight.reshape(groups, weight.shape[0] // groups, -1))
    return product.reshape(batch, weight.shape[0], rows, columns) + bias[:, None, None]


def _between(images, y, x):
    """Bilinear values at positions [images, rows, columns] of images that have a border of zeros around them."""
    height, width = images.shape[2] - 2, images.shape[3] - 2
    inside = (y > -1) & (y < height) & (x > -1) & (x < width)
    y, x = torch.where(inside, y, 0), torch.where(inside, x, 0)
    top, left = y.floor(), x.floor()
    total = 0
    for down in (0, 1):
        for right in (0, 1):
            share = (1 - (y - top - down).abs()) * (1 - (x - left - right).abs())
            place = ((top + down + 1) * (width + 2) + left + right + 1).long().flatten(1)
            found = images.flatten(2).gather(2, place[:, None].expand(-1, images.shape[1], -1))
            total = total + found.reshape(*images.shape[:2], *y.shape[1:]) * share[:, None]
    return torch.where(inside[:, None], total, 0)
