"""deform_conv2d: a convolution whose taps read where an offset moves them, between the elements."""
import torch

from lockstep.cases import case, normal, uniform, values
from lockstep.vision import deform_conv2d


class Deformable(torch.nn.Module):
    """A layer with weights of its own; the offsets, and the mask where there is one, are inputs."""

    def __init__(self, into, out, kernel, groups=1, bias=True, **options):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(out, into // groups, *kernel))
        self.bias = torch.nn.Parameter(torch.zeros(out)) if bias else None
        self.options = options

    def forward(self, x, offset, mask=None):
        return deform_conv2d(x, offset, self.weight, self.bias, mask=mask, **self.options)


class Predicting(torch.nn.Module):
    """As in detectors: a plain convolution predicts offsets and masks (Zhu et al. 2019)."""

    def __init__(self):
        super().__init__()
        self.predict = torch.nn.Conv2d(4, 27, 3, padding=1)
        self.layer = Deformable(4, 6, (3, 3), padding=1)

    def forward(self, x):
        found = self.predict(x)
        return self.layer(x, found[:, :18], found[:, 18:].sigmoid()).relu()


def cases():
    yield case("plain", Deformable(2, 3, (3, 3)), normal(2, 2, 6, 7), normal(2, 18, 4, 5), dtypes=("float32", "float64"))
    yield case("mask", Deformable(2, 3, (3, 3)), normal(2, 2, 6, 7), normal(2, 18, 4, 5), uniform(2, 9, 4, 5))
    yield case("no_bias", Deformable(2, 3, (2, 3), bias=False), normal(1, 2, 5, 6), normal(1, 12, 4, 4))
    yield case("stride_padding_dilation", Deformable(2, 3, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
               normal(2, 2, 7, 6), normal(2, 12, 4, 8), uniform(2, 6, 4, 8))
    yield case("groups", Deformable(4, 6, (2, 2), groups=2), normal(1, 4, 5, 5), normal(1, 8, 4, 4))
    yield case("offset_groups", Deformable(4, 3, (2, 2)), normal(2, 4, 5, 5), normal(2, 16, 4, 4), uniform(2, 8, 4, 4))
    yield case("groups_of_both_kinds", Deformable(8, 4, (3, 3), groups=2, padding=1), normal(1, 8, 4, 5),
               normal(1, 72, 4, 5), uniform(1, 36, 4, 5))
    yield case("depthwise", Deformable(3, 3, (3, 3), groups=3, padding=1), normal(1, 3, 4, 4), normal(1, 18, 4, 4))
    yield case("one_by_one", Deformable(3, 5, (1, 1)), normal(2, 3, 4, 4), normal(2, 2, 4, 4))
    yield case("far_outside", Deformable(2, 2, (2, 2)), normal(1, 2, 3, 3), normal(1, 8, 2, 2, std=2.0),
               because="what lies outside the image is zero, and partly outside partly zero")
    yield case("on_the_border", Deformable(1, 1, (1, 1)), normal(1, 1, 2, 3),
               values([[[[-1.0, -0.5, 0.0], [1.0, 0.5, -2.0]], [[0.0, -1.0, 0.5], [-1.0, 1.0, 1.0]]]]),
               because="a position one element outside is zero, half an element outside half of it")
    yield case("whole_offsets", Deformable(2, 2, (2, 2)), normal(1, 2, 4, 4),
               values([[[[1.0, 0.0, -1.0]] * 3] * 8]), because="a whole offset reads one element")
    yield case("empty_batch", Deformable(2, 3, (2, 2)), normal(0, 2, 4, 4), normal(0, 8, 3, 3))
    yield case("layer_that_predicts", Predicting(), normal(1, 4, 5, 6))
    yield case("dynamic_batch", Deformable(2, 3, (2, 2)), normal(2, 2, 4, 4), normal(2, 8, 3, 3),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
