"""rnn_cell: one step of a recurrent layer of tanh or ReLU units."""
from torch import Tensor, nn

from lockstep.cases import case, normal


class Unrolled(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.RNNCell(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.size(1), 4)
        for step in range(3):
            state = self.cell(x[step], state)
        return state


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.RNNCell(4, 4)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        return self.cell(self.cell(x, state), state)


def cases():
    yield case("zero_state", nn.RNNCell(3, 4), normal(2, 3), dtypes=("float32", "float64"))
    yield case("with_state", nn.RNNCell(3, 4), normal(2, 3), normal(2, 4), dtypes=("float32", "float64"))
    yield case("relu", nn.RNNCell(3, 4, nonlinearity="relu"), normal(2, 3), normal(2, 4))
    yield case("relu_no_bias", nn.RNNCell(3, 4, bias=False, nonlinearity="relu"), normal(2, 3))
    yield case("no_bias", nn.RNNCell(3, 4, bias=False), normal(2, 3), normal(2, 4))
    yield case("unbatched", nn.RNNCell(3, 4), normal(3), normal(4))
    yield case("unbatched_zero_state", nn.RNNCell(3, 4), normal(3))
    yield case("one_unit", nn.RNNCell(1, 1), normal(3, 1), normal(3, 1))
    yield case("wider", nn.RNNCell(9, 17), normal(3, 9), normal(3, 17))
    yield case("saturated", nn.RNNCell(3, 4), normal(2, 3, std=30.0), normal(2, 4))
    yield case("twice", Twice(), normal(2, 4), normal(2, 4))
    yield case("unrolled", Unrolled(), normal(3, 2, 3))
    yield case("dynamic_batch", nn.RNNCell(3, 4), normal(2, 3), normal(2, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
