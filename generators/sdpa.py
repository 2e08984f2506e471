"""sdpa: scaled dot-product attention, the softmax of queries times keys weighing the values."""
import math
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import booleans, case, normal, spread, values


class Attention(nn.Module):
    def __init__(self, is_causal: bool = False, scale: Optional[float] = None, enable_gqa: bool = False):
        super().__init__()
        self.is_causal = is_causal
        self.scale: Optional[float] = scale
        self.enable_gqa = enable_gqa

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor] = None) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value, mask, 0.0, self.is_causal, scale=self.scale,
                                              enable_gqa=self.enable_gqa)


def of_one_tensor(x: Tensor) -> Tensor:
    query, key, value = x.view(x.size(0), x.size(1), 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
    return F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)


def by_hand(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    return torch.softmax(scores, dim=-1) @ value


def cases():
    heads = normal(2, 3, 5, 4)
    yield case("four_axes", Attention(), heads, heads, heads, dtypes=("float32", "float64"))
    yield case("three_axes", Attention(), normal(2, 5, 4), normal(2, 5, 4), normal(2, 5, 4))
    yield case("two_axes", Attention(), normal(5, 4), normal(6, 4), normal(6, 3))
    yield case("other_key_length", Attention(), normal(2, 2, 3, 4), normal(2, 2, 7, 4), normal(2, 2, 7, 4))
    yield case("other_value_width", Attention(), normal(1, 2, 3, 4), normal(1, 2, 5, 4), normal(1, 2, 5, 6))
    yield case("scale", Attention(scale=0.3), heads, heads, heads)
    yield case("causal", Attention(is_causal=True), heads, heads, heads, dtypes=("float32", "float64"))
    yield case("causal_scaled", Attention(is_causal=True, scale=1.5), normal(1, 2, 4, 3), normal(1, 2, 4, 3),
               normal(1, 2, 4, 3))
    yield case("causal_other_length", Attention(is_causal=True), normal(1, 2, 3, 4), normal(1, 2, 5, 4),
               normal(1, 2, 5, 4), because="the triangle starts at the upper left corner")
    yield case("boolean_mask", Attention(), heads, heads, heads,
               values([[True, False, True, True, False], [True] * 5, [False, False, True, False, False],
                       [True, True, False, True, True], [False, True, True, False, True]], dtype="bool"))
    yield case("boolean_mask_per_head", Attention(), heads, heads, heads, booleans(2, 3, 5, 5))
    yield case("boolean_mask_of_keys", Attention(), normal(2, 2, 3, 4), normal(2, 2, 4, 4),
               normal(2, 2, 4, 4),
               values([[[[True, True, False, False]]], [[[True, True, True, False]]]], dtype="bool"))
    yield case("additive_mask", Attention(), heads, heads, heads, normal(5, 5))
    yield case("additive_mask_broadcast", Attention(), normal(2, 2, 3, 4), normal(2, 2, 4, 4),
               normal(2, 2, 4, 4),
               normal(2, 1, 3, 4))
    yield case("additive_minus_infinity", Attention(scale=0.7), normal(1, 2, 2, 4), normal(1, 2, 3, 4),
               normal(1, 2, 3, 4), values([[0.5, float("-inf"), 0.0], [float("-inf"), -1.0, 2.0]]))
    yield case("fully_masked_row", Attention(), normal(1, 1, 2, 4), normal(1, 1, 3, 4), normal(1, 1, 3, 4),
               values([[False, False, False], [True, False, True]], dtype="bool"),
               because="a query that may look at no key gets zeros, not NaN")
    yield case("grouped_queries", Attention(enable_gqa=True), normal(2, 6, 3, 4), normal(2, 2, 5, 4),
               normal(2, 2, 5, 4))
    yield case("one_key_head", Attention(enable_gqa=True, is_causal=True), normal(2, 4, 3, 4),
               normal(2, 1, 3, 4),
               normal(2, 1, 3, 4))
    yield case("one_key", Attention(), normal(1, 2, 3, 4), normal(1, 2, 1, 4), normal(1, 2, 1, 4),
               because="with one key the softmax is 1 and the value comes back exactly")
    yield case("large_scores", Attention(), normal(1, 2, 3, 4, std=40.0), normal(1, 2, 5, 4, std=40.0),
               normal(1, 2, 5, 4), because="the exponentials overflow unless the maximum is taken off first")
    yield case("spread_values", Attention(), normal(1, 2, 3, 4), normal(1, 2, 5, 4), spread(1, 2, 5, 4))
    yield case("longer", Attention(is_causal=True), normal(1, 2, 40, 8), normal(1, 2, 40, 8),
               normal(1, 2, 40, 8),
               because="longer than one block of a blocked kernel")
    yield case("of_one_tensor", of_one_tensor, normal(2, 5, 24))
    yield case("by_hand", by_hand, normal(2, 2, 3, 4), normal(2, 2, 5, 4), normal(2, 2, 5, 4))
    yield case("dynamic_batch", Attention(), heads, heads, heads,
               dynamic={position: {0: "batch"} for position in range(3)})
    yield case("dynamic_sequence", Attention(is_causal=True), heads, heads, heads,
               dynamic={position: {2: "sequence"} for position in range(3)})
    yield case("dynamic_keys", Attention(), normal(2, 2, 3, 4), normal(2, 2, 5, 4), normal(2, 2, 5, 4),
               dynamic={1: {2: "keys"}, 2: {2: "keys"}})
