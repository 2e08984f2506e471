"""Deformable convolution: the stand-in for torchvision, ONNX's operator against ONNX's own reference, saved models."""
from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

import lockstep
from lockstep.capture import onnx_file
from lockstep.graph.interpret import evaluate
from lockstep.graph.world import World
from lockstep.ops import onnx_definition
from lockstep.ops.define import define
from lockstep.vision import deform_conv2d


# ---- the stand-in

@pytest.mark.parametrize("stride, padding, dilation, groups", [(1, 0, 1, 1), ((2, 1), (1, 2), (1, 2), 2)])
def test_without_offsets_it_is_a_convolution(stride, padding, dilation, groups):
    x, weight, bias = torch.randn(2, 4, 7, 6), torch.randn(6, 4 // groups, 3, 2), torch.randn(6)
    plain = torch.nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups)
    offset = torch.zeros(2, 12, *plain.shape[2:])
    torch.testing.assert_close(deform_conv2d(x, offset, weight, bias, stride, padding, dilation), plain)
    mask = torch.full((2, 6, *plain.shape[2:]), 0.5)
    without_bias = torch.nn.functional.conv2d(x, weight, None, stride, padding, dilation, groups)
    torch.testing.assert_close(deform_conv2d(x, offset, weight, None, stride, padding, dilation, mask), without_bias / 2)


def test_an_offset_reads_between_the_elements_and_zero_outside():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 5.0]]]])
    weight = torch.ones(1, 1, 1, 1)
    down = torch.tensor([[0.5, 0.5], [0.5, -1.5]])
    right = torch.tensor([[0.0, -0.25], [0.0, 0.0]])
    found = deform_conv2d(x, torch.stack([down, right])[None], weight)
    # rows 0.5, 0.5, 1.5, -0.5 at columns 0, 0.75, 0, 1
    expected = [[2.0, 0.25 * 2.0 + 0.75 * 3.5], [0.5 * 3.0, 0.5 * 2.0]]
    torch.testing.assert_close(found, torch.tensor([[expected]]))


# ---- ONNX

def model_of(mask: bool, bias: bool, **attributes) -> onnx.ModelProto:
    names = ["x", "weight", "offset", *(["bias"] if bias or mask else []), *(["mask"] if mask else [])]
    given = [name if name != "bias" or bias else "" for name in names]
    node = helper.make_node("DeformConv", given, ["y"], **attributes)
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in given if name]
    graph = helper.make_graph([node], "deform", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


@pytest.mark.parametrize("mask, bias, version", product((False, True), (False, True), (19, 22)))
@pytest.mark.parametrize("attributes", [{}, {"strides": [2, 1], "pads": [1, 0, 1, 2]}, {"dilations": [2, 1]},
                                        {"group": 2}, {"offset_group": 2},
                                        {"group": 2, "offset_group": 2, "pads": [1, 1, 1, 1], "kernel_shape": [3, 2]}])
def test_onnx_deform_conv_is_what_onnx_says(mask: bool, bias: bool, version: int, attributes: dict):
    rng = np.random.default_rng(3)
    group, offset_group = attributes.get("group", 1), attributes.get("offset_group", 1)
    pads, strides, dilations = (attributes.get(k, v) for k, v in (("pads", [0] * 4), ("strides", [1, 1]), ("dilations", [1, 1])))
    x, weight = rng.normal(size=(2, 4, 7, 6)), rng.normal(size=(4, 4 // group, 3, 2))
    places = [(n + before + after - dilation * (k - 1) - 1) // stride + 1 for n, k, before, after, stride, dilation
              in zip(x.shape[2:], weight.shape[2:], pads[:2], pads[2:], strides, dilations)]
    arrays = {"x": x, "weight": weight, "offset": rng.normal(size=(2, offset_group * 12, *places)),
              "bias": rng.normal(size=4), "mask": rng.uniform(size=(2, offset_group * 6, *places))}
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    model = model_of(mask, bias, **attributes)
    model.opset_import[0].version = version
    wanted = [port.name for port in model.graph.input]
    expected, = ReferenceEvaluator(model).run(None, {name: arrays[name] for name in wanted})
    graph = define(onnx_file.capture(model, onnx_definition, "deform", shapes={name: arrays[name].shape for name in wanted}))
    found, = evaluate(graph, [arrays[name] for name in wanted], World(True))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


# ---- files

class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(2, 3, 2, 2))

    def forward(self, x, offset):
        return deform_conv2d(x, offset, self.weight)


@pytest.mark.parametrize("form", ["layer.pt2", "layer.pt"])
def test_a_saved_model_is_read(tmp_path: Path, form: str):
    inputs = torch.randn(1, 3, 4, 4), torch.randn(1, 8, 3, 3)
    file, layer = tmp_path / form, Layer().eval()
    if form.endswith(".pt2"):
        torch.export.save(torch.export.export(layer, inputs), file)
    else:
        torch.jit.save(torch.jit.trace(layer, inputs), file)
    assert lockstep.verify(file, inputs).right
