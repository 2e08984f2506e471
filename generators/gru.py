"""gru: a recurrent layer with a reset and an update gate."""
from typing import Tuple

from torch import Tensor, nn

from lockstep.cases import case, normal


class WithState(nn.Module):
    def __init__(self, layer: nn.GRU):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, state: Tensor) -> Tuple[Tensor, Tensor]:
        return self.layer(x, state)


class LastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.GRU(3, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)[0][:, -1]


def cases():
    yield case("one_layer", nn.GRU(3, 4), normal(5, 2, 3), dtypes=("float32", "float64"))
    yield case("batch_first", nn.GRU(3, 4, batch_first=True), normal(2, 5, 3))
    yield case("initial_state", WithState(nn.GRU(3, 4)), normal(4, 2, 3), normal(1, 2, 4))
    yield case("two_layers", nn.GRU(3, 4, num_layers=2), normal(4, 2, 3))
    yield case("two_layers_state", WithState(nn.GRU(2, 3, num_layers=2)), normal(4, 2, 2), normal(2, 2, 3))
    yield case("bidirectional", nn.GRU(3, 4, bidirectional=True), normal(5, 2, 3))
    yield case("bidirectional_two_layers",
               WithState(nn.GRU(2, 3, num_layers=2, bidirectional=True, batch_first=True)),
               normal(2, 4, 2), normal(4, 2, 3))
    yield case("no_bias", nn.GRU(3, 4, bias=False), normal(4, 2, 3))
    yield case("unbatched", nn.GRU(3, 4), normal(5, 3))
    yield case("unbatched_state", WithState(nn.GRU(3, 4, bidirectional=True)), normal(5, 3), normal(2, 4))
    yield case("one_step", nn.GRU(3, 4), normal(1, 2, 3))
    yield case("dropout_between_layers", nn.GRU(3, 4, num_layers=2, dropout=0.5), normal(3, 2, 3),
               because="dropout does nothing in inference")
    yield case("saturated", nn.GRU(3, 4), normal(4, 2, 3, std=30.0))
    yield case("longer_sequence", nn.GRU(2, 3), normal(30, 1, 2),
               because="the error of every step feeds the next")
    yield case("last_step", LastStep(), normal(2, 5, 3))
    yield case("dynamic_batch", nn.GRU(3, 4), normal(4, 2, 3), dynamic={0: {1: "batch"}})
