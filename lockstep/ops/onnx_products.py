"""ONNX products: matrices, einsum, convolutions and transposed convolutions."""
from __future__ import annotations

from ..graph import dims as d
from ..graph.build import fixed
from . import onnx
from .aten_convolution import convolution, transposed_convolution
from .aten_deformable import deformable_convolution
from .aten_einsum import einsum as aten_einsum
from .aten_products import accumulated, matmul
from .common import Dim

onnx("MatMul")(matmul)


@onnx("Gemm")
def gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = matmul(a.transpose(0, 1) if transA else a, b.transpose(0, 1) if transB else b)
    return accumulated(0 if c is None else c, product, 0 if c is None else beta, alpha)


@onnx("Einsum")
def einsum(*operands, equation):
    return aten_einsum(equation, operands)


def pads_of(auto_pad: str, pads, extents, kernel, strides, dilations) -> tuple[list[Dim], list[Dim]]:
    """What goes before and after each spatial dim.

    SAME makes ceil(extent / stride) windows; of an odd number of elements, one more goes to the end it names.
    """
    if auto_pad in ("NOTSET", "VALID"):
        pads = list(pads or [0] * 2 * len(kernel)) if auto_pad == "NOTSET" else [0] * 2 * len(kernel)
        return pads[:len(kernel)], pads[len(kernel):]
    before, after = [], []
    for n, k, s, dil in zip(extents, kernel, strides, dilations):
        total = d.maximum(((n + s - 1) // s - 1) * s + dil * (k - 1) + 1 - n, 0)
        less, more = total // 2, total - total // 2
        before.append(less if auto_pad == "SAME_UPPER" else more)
        after.append(more if auto_pad == "SAME_UPPER" else less)
    return before, after


@onnx("Conv")
def conv(x, weight, bias=None, auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None, pads=None,
         strides=None):
    kernel = weight.dims[2:]
    strides, dilations = strides or [1] * len(kernel), dilations or [1] * len(kernel)
    before, after = pads_of(auto_pad, pads, x.dims[2:], kernel, strides, dilations)
    return convolution(x, weight, bias, strides, before, after, dilations, group)


@onnx("ConvTranspose")
def conv_transpose(x, weight, bias=None, auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None,
                   output_padding=None, output_shape=None, pads=None, strides=None):
    """pads cut off the result; output_shape, or SAME, says how much is cut instead."""
    kernel = weight.dims[2:]
    ones = [1] * len(kernel)
    strides, dilations, extra = strides or ones, dilations or ones, output_padding or [0] * len(kernel)
    full = [(n - 1) * s + dil * (k - 1) + 1 + e
            for n, s, dil, k, e in zip(x.dims[2:], strides, dilations, kernel, extra)]
    if auto_pad.startswith("SAME") and output_shape is None:
        output_shape = [n * s for n, s in zip(x.dims[2:], strides)]
    if output_shape is None:
        before, after = pads_of(auto_pad, pads, x.dims[2:], kernel, strides, dilations)
    else:
        totals = [fixed(n - size, "what a transposed convolution cuts off")
                  for n, size in zip(full, output_shape[-len(kernel):])]
        halves = [n // 2 for n in totals]
        before = [n - h for n, h in zip(totals, halves)] if auto_pad != "SAME_UPPER" else halves
        after = [n - b for n, b in zip(totals, before)]
    behind = [e - a + b for e, a, b in zip(extra, after, before)]      # `before` is cut at both ends: give back
    return transposed_convolution(x, weight, bias, strides, before, dilations, behind, group)


@onnx("DeformConv")
def deform_conv(x, weight, offset, bias=None, mask=None, dilations=None, group=1, kernel_shape=None, offset_group=1,
                pads=None, strides=None):
    """How many places there are, the offset says; so only the padding in front is needed."""
    ones = [1] * (weight.rank - 2)
    return deformable_convolution(x, weight, offset, bias, mask, strides or ones, (pads or [0, 0] * len(ones))[:len(ones)],
                                  dilations or ones, group, offset_group)
