"""Recurrent layers and cells: tanh and ReLU units, LSTM, GRU.

The product with the input does not depend on the state, so a layer makes it for all steps in one contraction;
the loop over time keeps only the product with the state.
"""
from __future__ import annotations

from ..graph.build import concat, contract
from ..graph.control import loop
from ..graph.functions import sigmoid, tanh
from . import aten
from .aten_activations import relu
from .aten_random import dropout as drop
from .common import Tensor, refuse


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    y = contract("...k,gk->...g", x, weight)
    return y if bias is None else y + bias


def parts(gates: Tensor, count: int) -> list[Tensor]:
    size = gates.dims[-1] // count
    return [gates.slice(-1, k * size, (k + 1) * size) for k in range(count)]


# ---- one step: what the gates are made of, given the products with the input and with the state

def tanh_step(of_input, of_state, hidden):
    return [tanh(of_input + of_state)]


def relu_step(of_input, of_state, hidden):
    return [relu(of_input + of_state)]


def lstm_step(of_input, of_state, hidden, cell):
    take, keep, candidate, show = parts(of_input + of_state, 4)
    cell = sigmoid(keep) * cell + sigmoid(take) * tanh(candidate)
    return [sigmoid(show) * tanh(cell), cell]


def gru_step(of_input, of_state, hidden):
    """The reset gate applies to the product with the state, its bias included."""
    (reset, update, new), (state_reset, state_update, state_new) = parts(of_input, 3), parts(of_state, 3)
    update = sigmoid(update + state_update)
    new = tanh(new + sigmoid(reset + state_reset) * state_new)
    return [(hidden - new) * update + new]


# ---- cells

def _cell(step):
    def cell(x, hx, w_ih, w_hh, b_ih=None, b_hh=None):
        states = hx if isinstance(hx, list) else [hx]
        return tuple(step(linear(x, w_ih, b_ih), linear(states[0], w_hh, b_hh), *states))
    return cell


STEPS = {"rnn_tanh": tanh_step, "rnn_relu": relu_step, "lstm": lstm_step, "gru": gru_step}
for _name, _step in STEPS.items():
    aten(f"{_name}_cell.default")(_cell(_step))


# ---- layers

def direction(step, x, states, weights, backwards):
    """One layer in one direction over x [time, batch, features]: all hidden states, and the last states."""
    w_ih, w_hh, b_ih, b_hh, w_hr = weights
    of_inputs = linear(x.flip(0) if backwards else x, w_ih, b_ih)

    def body(_, carried, slices):
        new = step(slices[0], linear(carried[0], w_hh, b_hh), *carried)
        if w_hr is not None:
            new[0] = linear(new[0], w_hr, None)
        return new, [new[0]]

    *last, hidden = loop(x.dims[0], states, [of_inputs], body)
    return hidden.flip(0) if backwards else hidden, last


def layers(step, x, initial, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    """Layers one on another, in one or both directions: the last layer's hidden states, and every last state.

    `initial` holds one tensor a kind of state, [layers * directions, batch, size].
    """
    if batch_first:
        x = x.transpose(0, 1)
    directions = 2 if bidirectional else 1
    each = len(params) // (num_layers * directions)
    finals = [[] for _ in initial]
    for layer in range(num_layers):
        outputs = []
        for k in range(layer * directions, (layer + 1) * directions):
            weights = _named(params[k * each:(k + 1) * each], has_biases)
            hidden, last = direction(step, x, [s.select(0, k) for s in initial], weights, k % directions == 1)
            outputs.append(hidden)
            for final, state in zip(finals, last):
                final.append(state.unsqueeze(0))
        x = concat(outputs, -1)
        if layer < num_layers - 1:
            x = drop(x, dropout, train)
    return x.transpose(0, 1) if batch_first else x, *(concat(final, 0) for final in finals)


def _named(params, has_biases):
    """(w_ih, w_hh, b_ih, b_hh, w_hr), None for those that a layer lacks."""
    biases = params[2:4] if has_biases else [None, None]
    rest = params[4 if has_biases else 2:]
    return (*params[:2], *biases, rest[0] if rest else None)


def _layered(step):
    def recurrent(x, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
        states = hx if isinstance(hx, list) else [hx]
        return layers(step, x, states, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    return recurrent


def _packed(*_):
    refuse("packed sequences (pack_padded_sequence) are not supported; pass padded sequences")


for _name, _step in STEPS.items():
    aten(f"{_name}.input")(_layered(_step))
    aten(f"{_name}.data")(_packed)
