"""mlp: multilayer perceptrons, linear layers with an activation between them."""
from typing import Sequence

from torch import nn

from lockstep.cases import case, normal


def perceptron(widths: Sequence[int], activation: type = nn.ReLU, **options) -> nn.Sequential:
    layers = [nn.Linear(widths[0], widths[1])]
    for inputs, outputs in zip(widths[1:], widths[2:]):
        layers += [activation(**options), nn.Linear(inputs, outputs)]
    return nn.Sequential(*layers)


def cases():
    yield case("four_of_64", perceptron([7, 64, 64, 64, 64, 1]), normal(1, 7))
    yield case("four_of_64_batch", perceptron([7, 64, 64, 64, 64, 1]), normal(5, 7))
    yield case("nine_of_50", perceptron([100] + [50] * 9 + [10]), normal(1, 100))
    yield case("small", perceptron([4, 8, 3]), normal(6, 4), dtypes=("float32", "float64"))
    yield case("odd_widths", perceptron([5, 17, 31, 3]), normal(7, 5))
    yield case("one_input", perceptron([1, 1, 1]), normal(4, 1))
    yield case("no_batch_axis", perceptron([6, 10, 2]), normal(6))
    yield case("more_batch_axes", perceptron([6, 10, 2], nn.Tanh), normal(2, 3, 6))
    yield case("gelu", perceptron([8, 16, 16, 4], nn.GELU), normal(3, 8))
    yield case("silu", perceptron([8, 16, 4], nn.SiLU), normal(3, 8))
    yield case("leaky", perceptron([8, 16, 4], nn.LeakyReLU, negative_slope=0.1), normal(3, 8))
    yield case("in_place_relu", perceptron([8, 12, 12, 4], nn.ReLU, inplace=True), normal(3, 8))
    yield case("classifier", nn.Sequential(nn.Flatten(), perceptron([12, 20, 5]), nn.LogSoftmax(dim=1)),
               normal(3, 3, 4))
    yield case("normalised", nn.Sequential(nn.Linear(6, 14), nn.LayerNorm(14), nn.ReLU(), nn.Linear(14, 3)),
               normal(4, 6))
    yield case("dynamic_batch", perceptron([7, 20, 20, 1]), normal(3, 7), dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_and_sequence", perceptron([6, 10, 2], nn.GELU), normal(2, 3, 6),
               dynamic={0: {0: "batch", 1: "sequence"}})
