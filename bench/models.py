"""The models that are timed: a function each, giving a module and example inputs, all seeded."""
from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Callable

import torch
from torch import Tensor, nn

from .networks import (DecoderStep, GatedLoop, LeNet, Recurrent, UNet, convnext, encoder, mobilenet_v2,
                       resnet18)


@dataclass(frozen=True)
class Model:
    """make gives the module and its inputs. of: the set whose means it counts in.

    scripted: the data decide what it does, which no trace shows.
    """

    name: str
    of: str
    make: Callable[[], tuple[nn.Module, tuple[Tensor, ...]]]
    scripted: bool = False

    def opened(self) -> tuple[nn.Module, tuple[Tensor, ...]]:
        """The module, ready for inference, and its inputs: the same in every process."""
        torch.manual_seed(zlib.crc32(self.name.encode()))
        module, inputs = self.make()
        return module.eval(), inputs


MODELS: dict[str, Model] = {}


def model(of: str, scripted: bool = False) -> Callable:
    """Registers a function as the model of its name, in the set `of`."""
    def register(make: Callable) -> Callable:
        MODELS[make.__name__] = Model(make.__name__, of, make, scripted)
        return make
    return register


class Function(nn.Module):
    """A function of tensors as a module."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(*inputs)


def _mlp(*widths: int, batch: int = 1) -> tuple[nn.Module, tuple[Tensor]]:
    layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())][:-1]
    return nn.Sequential(*layers), (torch.randn(batch, widths[0]),)


@model("anchors")
def mlp_7_64x4_1():
    return _mlp(7, 64, 64, 64, 64, 1)


@model("anchors")
def mlp_100_50x9_10():
    return _mlp(100, *[50] * 9, 10)


@model("anchors")
def mlp_256_1024x2_256():
    return _mlp(256, 1024, 1024, 256, batch=64)


@model("anchors")
def lenet():
    return LeNet(), (torch.randn(1, 1, 28, 28),)


@model("anchors", scripted=True)
def gated_loop():
    return GatedLoop(), (torch.randn(100, 3, 4),)


@model("anchors")
def lstm():
    return Recurrent(nn.LSTM(64, 128, batch_first=True)), (torch.randn(1, 64, 64),)


@model("anchors")
def gru():
    return Recurrent(nn.GRU(64, 128, batch_first=True)), (torch.randn(1, 64, 64),)


@model("anchors")
def resnet_18():
    return resnet18(), (torch.randn(1, 3, 224, 224),)


@model("anchors")
def mobilenet_2():
    return mobilenet_v2(), (torch.randn(1, 3, 224, 224),)


@model("anchors")
def encoder_4x256():
    return encoder(4, 256, heads=4, norm_first=True), (torch.randn(1, 128, 256),)


@model("anchors")
def encoder_12x768():
    return encoder(12, 768, heads=12, norm_first=False), (torch.randn(1, 128, 768),)


@model("anchors")
def gemm_512():
    return Function(torch.matmul), (torch.randn(512, 512), torch.randn(512, 512))


@model("anchors")
def conv_3x3():
    return nn.Conv2d(64, 64, 3, padding=1), (torch.randn(1, 64, 56, 56),)


@model("anchors")
def depthwise_3x3():
    return nn.Conv2d(128, 128, 3, padding=1, groups=128), (torch.randn(1, 128, 56, 56),)


@model("anchors")
def softmax():
    return nn.Softmax(-1), (torch.randn(1024, 1024),)


@model("anchors")
def layer_norm():
    return nn.LayerNorm(768), (torch.randn(512, 768),)


@model("anchors")
def gelu():
    return nn.GELU(), (torch.randn(1 << 20),)


@model("anchors")
def transpose():
    return Function(lambda x: x.t().contiguous()), (torch.randn(1024, 1024),)


@model("anchors")
def pointwise_chain():
    return (Function(lambda x, y: torch.relu(x * y + 1) * torch.sigmoid(x) - y),
            (torch.randn(1 << 20), torch.randn(1 << 20)))


@model("extra")
def unet():
    return UNet(), (torch.randn(1, 3, 128, 128),)


@model("extra")
def convnext_half():
    return convnext(), (torch.randn(1, 3, 224, 224),)


@model("extra")
def gru_bidirectional():
    return Recurrent(nn.GRU(64, 128, 2, batch_first=True, bidirectional=True)), (torch.randn(1, 64, 64),)


@model("extra")
def decoder_step():
    past = (4, 1, 4, 128, 64)
    return DecoderStep(), (torch.randint(1000, (1, 1)), torch.randn(past), torch.randn(past))


@model("extra")
def lenet_64():
    return LeNet(), (torch.randn(64, 1, 28, 28),)


@model("extra")
def encoder_4x256_64():
    return encoder(4, 256, heads=4, norm_first=True), (torch.randn(64, 128, 256),)


@model("overhead")
def add_one():
    return Function(lambda x: x + 1), (torch.randn(1),)
