"""random: 32 random bits an element, the same for the same key wherever they are computed."""
from __future__ import annotations

import numpy as np

from . import error, value
from .movement import shape_of

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """The first word of Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011), for four counter
    words (uint64 arrays below 2**32) and two words of a key."""
    c0, c1, c2, c3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * np.uint64(_MULTIPLIERS[0]), c2 * np.uint64(_MULTIPLIERS[1])
        c0, c1, c2, c3 = ((p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0), p1 & _LOW,
                          (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1), p0 & _LOW)
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return c0


@value("random")
def random(node, inputs, world):
    """Element k of the node's stream in the world's draw: counter (k, draw, stream, high half of k), key the seed."""
    shape = shape_of(node, world)
    place = np.arange(int(np.prod(shape)), dtype=np.uint64)
    bits = philox((place & _LOW, np.full(place.shape, world.draw, np.uint64), np.uint64(node.attrs["stream"]),
                   place >> np.uint64(32)), (world.seed & 0xFFFFFFFF, world.seed >> 32))
    return (bits.astype(np.int64).reshape(shape),)


@error("random")
def random_error(node, inputs, sigmas, outputs, world):
    return (np.zeros(np.shape(outputs[0])),)
