"""What the operators of this example mean to Lockstep: `--ops ops.py`."""
import numpy as np

import lockstep
from lockstep.graph import dims as d
from lockstep.graph.build import contract
from lockstep.graph.functions import tanh


@lockstep.define("aten::_weight_int8pack_mm")
def int8_linear(x, weight, scales):
    return contract("mk,nk->mn", x, weight.cast(x.dtype)) * scales


@lockstep.define("my_lib::soft_clip")
def soft_clip(x, limit):
    return limit * tanh(x / limit)


@lockstep.kernel("leaky_sum.hpp", growth=16)
def leaky_sum(x, rows, steps, decay):
    y = np.array(x)
    for t in range(1, x.shape[-1]):
        y[..., t] += decay * y[..., t - 1]
    return y


@lockstep.define("my_lib::leaky_sum")
def _(x, decay):
    return leaky_sum([x], [x.type], rows=d.product(x.dims[:-1]), steps=x.dims[-1], decay=decay)
