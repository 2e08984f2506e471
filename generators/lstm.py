"""lstm: a recurrent layer whose gates decide what its cells keep, add and show."""
from typing import Tuple

from torch import Tensor, nn

from lockstep.cases import case, normal


class WithState(nn.Module):
    def __init__(self, layer: nn.LSTM):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, hidden: Tensor, cell: Tensor) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        return self.layer(x, (hidden, cell))


class LastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)[0][:, -1]


class FinalCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)[1][1]


def cases():
    yield case("one_layer", nn.LSTM(3, 4), normal(5, 2, 3), dtypes=("float32", "float64"))
    yield case("batch_first", nn.LSTM(3, 4, batch_first=True), normal(2, 5, 3))
    yield case("initial_state", WithState(nn.LSTM(3, 4)), normal(4, 2, 3), normal(1, 2, 4), normal(1, 2, 4),
               dtypes=("float32", "float64"))
    yield case("two_layers", nn.LSTM(3, 4, num_layers=2), normal(4, 2, 3))
    yield case("bidirectional", nn.LSTM(3, 4, bidirectional=True), normal(5, 2, 3))
    yield case("bidirectional_two_layers",
               WithState(nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True)),
               normal(2, 4, 2), normal(4, 2, 3), normal(4, 2, 3))
    yield case("no_bias", nn.LSTM(3, 4, bias=False), normal(4, 2, 3))
    yield case("projected", nn.LSTM(3, 5, proj_size=2), normal(4, 2, 3),
               because="the hidden state is smaller than the cell")
    yield case("projected_two_layers_state", WithState(nn.LSTM(3, 5, num_layers=2, proj_size=2)),
               normal(4, 2, 3), normal(2, 2, 2), normal(2, 2, 5))
    yield case("unbatched", nn.LSTM(3, 4), normal(5, 3))
    yield case("unbatched_state", WithState(nn.LSTM(3, 4, bidirectional=True)), normal(5, 3), normal(2, 4),
               normal(2, 4))
    yield case("one_step", nn.LSTM(3, 4), normal(1, 2, 3))
    yield case("one_unit", nn.LSTM(1, 1), normal(6, 1, 1))
    yield case("dropout_between_layers", nn.LSTM(3, 4, num_layers=2, dropout=0.5), normal(3, 2, 3),
               because="dropout does nothing in inference")
    yield case("saturated", nn.LSTM(3, 4), normal(4, 2, 3, std=30.0))
    yield case("longer_sequence", nn.LSTM(2, 3), normal(30, 1, 2),
               because="the error of every step feeds the next")
    yield case("last_step", LastStep(), normal(2, 5, 3))
    yield case("final_cell", FinalCell(), normal(4, 2, 3))
    yield case("dynamic_batch", nn.LSTM(3, 4), normal(4, 2, 3), dynamic={0: {1: "batch"}})
    yield case("dynamic_batch_bidirectional", nn.LSTM(3, 4, bidirectional=True, batch_first=True),
               normal(2, 4, 3),
               dynamic={0: {0: "batch"}})
