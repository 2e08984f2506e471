"""ONNX recurrent layers: RNN, GRU and LSTM, one layer in one or both directions.

The weights of all gates lie one after another, in an order of ONNX's own; they are brought into PyTorch's.
"""
from __future__ import annotations

from ..graph.build import concat, contract
from ..graph.control import loop
from ..graph.functions import sigmoid, tanh
from . import onnx
from .aten_recurrent import direction, gru_step, linear, lstm_step, parts, relu_step, tanh_step
from .common import Tensor, refuse, zeros
from .known import known


def _layer(step, order, x, states, w, r, b, sides, layout, lengths):
    """Every hidden state [time, directions, batch, size], and the last states [directions, batch, size]."""
    x = x.transpose(0, 1) if layout else x
    if lengths is not None and (known(lengths) is None or any(n != x.dims[0] for n in known(lengths))):
        refuse("rows of different lengths (sequence_lens) are not supported; leave the input out")
    count, size = w.dims[0], r.dims[-1]
    start = zeros([count, x.dims[1], size], x.dtype)
    states = [start if s is None else s.transpose(0, 1) if layout else s for s in states]
    hidden, finals = [], [[] for _ in states]
    for k in range(count):
        weights = [_reordered(m.select(0, k), order) for m in (w, r)]
        biases = [None, None] if b is None else [_reordered(half, order) for half in _halves(b.select(0, k))]
        run = step[k] if isinstance(step, list) else step
        every, last = run(x, [s.select(0, k) for s in states], (*weights, *biases, None), sides[k])
        hidden.append(every.unsqueeze(1))
        for final, state in zip(finals, last):
            final.append(state.unsqueeze(0))
    y, finals = concat(hidden, 1), [concat(final, 0) for final in finals]
    return (y.permute(2, 0, 1, 3), *(f.transpose(0, 1) for f in finals)) if layout else (y, *finals)


def _halves(bias: Tensor) -> tuple[Tensor, Tensor]:
    middle = bias.dims[0] // 2
    return bias.slice(0, 0, middle), bias.slice(0, middle, bias.dims[0])


def _reordered(weight: Tensor, order) -> Tensor:
    """The rows of each gate, in another order of gates."""
    size = weight.dims[0] // len(order)
    return concat([weight.slice(0, k * size, (k + 1) * size) for k in order], 0)


def _running(step):
    return lambda x, states, weights, backwards: direction(step, x, states, weights, backwards)


def _sides(name: str) -> list[bool]:
    """For each direction, whether it runs backwards."""
    return {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[name]


def _refuse_unless(activations, usual, clip) -> None:
    if activations and [a.lower() for a in activations] != usual * (len(activations) // len(usual)):
        refuse(f"recurrent layers with the activations {', '.join(activations)} are not supported")
    if clip is not None:
        refuse("recurrent layers that clip their activations are not supported")


@onnx("LSTM")
def lstm(x, w, r, b=None, lengths=None, hidden=None, cell=None, peepholes=None, *, direction="forward",
         hidden_size=None, activations=None, activation_alpha=None, activation_beta=None, clip=None, input_forget=0,
         layout=0):
    """Gates in the order input, output, forget, cell."""
    _refuse_unless(activations, ["sigmoid", "tanh", "tanh"], clip)
    if peepholes is not None or input_forget:
        refuse("an LSTM with peepholes, or with input and forget gates coupled, is not supported")
    run = _running(lstm_step)
    return _layer(run, (0, 2, 3, 1), x, [hidden, cell], w, r, b, _sides(direction), layout, lengths)


@onnx("GRU")
def gru(x, w, r, b=None, lengths=None, hidden=None, *, direction="forward", hidden_size=None, activations=None,
        activation_alpha=None, activation_beta=None, clip=None, layout=0, linear_before_reset=0):
    """Gates in the order update, reset, hidden; resetting comes before the product with the state, or behind it."""
    _refuse_unless(activations, ["sigmoid", "tanh"], clip)
    run = _running(gru_step) if linear_before_reset else _reset_first
    return _layer(run, (1, 0, 2), x, [hidden], w, r, b, _sides(direction), layout, lengths)


def _reset_first(x, states, weights, backwards):
    """Cho et al. 2014: the new state is made from the reset state."""
    w_ih, w_hh, b_ih, b_hh, _ = weights
    of_inputs = linear(x.flip(0) if backwards else x, w_ih, b_ih)
    of_inputs = of_inputs if b_hh is None else of_inputs + b_hh
    gates, new_weight = w_hh.slice(0, 0, 2 * w_hh.dims[1]), w_hh.slice(0, 2 * w_hh.dims[1], w_hh.dims[0])

    def body(_, carried, slices):
        (hidden,), (reset, update, new) = carried, parts(slices[0], 3)
        of_reset, of_update = parts(contract("bk,gk->bg", hidden, gates), 2)
        update = sigmoid(update + of_update)
        new = tanh(new + contract("bk,gk->bg", sigmoid(reset + of_reset) * hidden, new_weight))
        hidden = (hidden - new) * update + new
        return [hidden], [hidden]

    *last, every = loop(x.dims[0], states, [of_inputs], body)
    return every.flip(0) if backwards else every, last


@onnx("RNN")
def rnn(x, w, r, b=None, lengths=None, hidden=None, *, direction="forward", hidden_size=None, activations=None,
        activation_alpha=None, activation_beta=None, clip=None, layout=0):
    names = [a.lower() for a in activations or ["tanh"] * len(_sides(direction))]
    steps = {"tanh": tanh_step, "relu": relu_step}
    _refuse_unless([a for a in names if a not in steps], ["tanh"], clip)
    runs = [_running(steps[a]) for a in names]
    return _layer(runs, (0,), x, [hidden], w, r, b, _sides(direction), layout, lengths)
