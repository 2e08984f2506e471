"""lstm_cell: one step of a recurrent layer whose gates decide what its cells keep, add and show."""
from typing import Tuple

from torch import Tensor, nn

from lockstep.cases import case, normal


class WithState(nn.Module):
    def __init__(self, cell: nn.LSTMCell):
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor, hidden: Tensor, cell: Tensor) -> Tuple[Tensor, Tensor]:
        return self.cell(x, (hidden, cell))


class Unrolled(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        hidden = x.new_zeros(x.size(1), 4)
        cell = x.new_zeros(x.size(1), 4)
        for step in range(3):
            hidden, cell = self.cell(x[step], (hidden, cell))
        return hidden


def cases():
    yield case("zero_state", nn.LSTMCell(3, 4), normal(2, 3), dtypes=("float32", "float64"))
    yield case("with_state", WithState(nn.LSTMCell(3, 4)), normal(2, 3), normal(2, 4), normal(2, 4),
               dtypes=("float32", "float64"))
    yield case("no_bias", WithState(nn.LSTMCell(3, 4, bias=False)), normal(2, 3), normal(2, 4), normal(2, 4))
    yield case("unbatched", WithState(nn.LSTMCell(3, 4)), normal(3), normal(4), normal(4))
    yield case("unbatched_zero_state", nn.LSTMCell(3, 4), normal(3))
    yield case("one_unit", WithState(nn.LSTMCell(1, 1)), normal(3, 1), normal(3, 1), normal(3, 1))
    yield case("wider", WithState(nn.LSTMCell(9, 17)), normal(3, 9), normal(3, 17), normal(3, 17))
    yield case("saturated", WithState(nn.LSTMCell(3, 4)), normal(2, 3, std=30.0), normal(2, 4), normal(2, 4))
    yield case("large_cell", WithState(nn.LSTMCell(3, 4)), normal(2, 3), normal(2, 4),
               normal(2, 4, std=50.0),
               because="only the cell is unbounded")
    yield case("unrolled", Unrolled(), normal(3, 2, 3))
    yield case("dynamic_batch", WithState(nn.LSTMCell(3, 4)), normal(2, 3), normal(2, 4), normal(2, 4),
               dynamic={position: {0: "batch"} for position in range(3)})
