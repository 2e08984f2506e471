"""sequential_network: layers one after the other in an nn.Sequential, on an input of shape [120, 1]."""
from collections import OrderedDict

from torch import nn

from lockstep.cases import case, normal


def network(width: int, activation: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(1, width), activation, nn.Linear(width, width), activation,
    nn.Linear(width, 2))


def cases():
    x = normal(120, 1)
    yield case("relu", network(16, nn.ReLU()), x, dtypes=("float32", "float64"))
    yield case("tanh", network(9, nn.Tanh()), x)
    yield case("selu", network(8, nn.SELU()), x)
    yield case("sigmoid", network(7, nn.Sigmoid()), x)
    yield case("linear_only", nn.Sequential(nn.Linear(1, 3)), x)
    yield case("one_layer_relu", nn.Sequential(nn.Linear(1, 20), nn.ReLU()), x)
    yield case("nested",
               nn.Sequential(nn.Sequential(nn.Linear(1, 6), nn.ReLU()), nn.Linear(6, 4), nn.ELU()), x)
    yield case("named_layers", nn.Sequential(OrderedDict(first=nn.Linear(1, 12), bend=nn.LeakyReLU(0.2),
                                                         last=nn.Linear(12, 1))), x)
    yield case("normalised", nn.Sequential(nn.Linear(1, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5),
                                           nn.Linear(8, 3), nn.Softmax(dim=1)), x)
    yield case("empty", nn.Sequential(), x, because="a sequence of no layers gives its input back")
    yield case("dynamic_batch", network(10, nn.ReLU()), x, dynamic={0: {0: "batch"}})
