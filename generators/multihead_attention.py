"""multihead_attention: several attentions side by side between linear projections."""
from typing import Optional, Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values

PADDED = values([[False, False, False, False, True], [False, False, True, True, True]], dtype="bool")
CAUSAL = values([[column > row for column in range(5)] for row in range(5)], dtype="bool")


class SelfAttention(nn.Module):
    def __init__(self, attention: nn.MultiheadAttention, average: bool = True):
        super().__init__()
        self.attention = attention
        self.average = average

    def forward(self, x: Tensor) -> Tuple[Tensor, Optional[Tensor]]:
        return self.attention(x, x, x, average_attn_weights=self.average)


class OutputOnly(nn.Module):
    def __init__(self, attention: nn.MultiheadAttention):
        super().__init__()
        self.attention = attention

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return self.attention(query, key, value, need_weights=False)[0]


class Masked(nn.Module):
    def __init__(self, attention: nn.MultiheadAttention, need_weights: bool):
        super().__init__()
        self.attention = attention
        self.need_weights = need_weights

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.attention(x, x, x, attn_mask=mask, need_weights=self.need_weights)[0]


class Padded(nn.Module):
    def __init__(self, attention: nn.MultiheadAttention, need_weights: bool):
        super().__init__()
        self.attention = attention
        self.need_weights = need_weights

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        return self.attention(x, x, x, key_padding_mask=padding, need_weights=self.need_weights)[0]


class OfLengths(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, length: Tensor) -> Tensor:
        padding = torch.arange(x.size(1)) >= length.unsqueeze(1)
        return self.attention(x, x, x, key_padding_mask=padding, need_weights=False)[0]


class MaskedAndPadded(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, padding: Tensor, mask: Tensor) -> Tuple[Tensor, Optional[Tensor]]:
        return self.attention(x, x, x, key_padding_mask=padding, attn_mask=mask)


def two_heads(**options) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(8, 2, batch_first=True, **options)


def cases():
    x = normal(2, 5, 8)
    yield case("self", SelfAttention(two_heads()), x, dtypes=("float32", "float64"))
    yield case("self_each_head", SelfAttention(two_heads(), average=False), x)
    yield case("self_sequence_first", SelfAttention(nn.MultiheadAttention(8, 4)), normal(5, 2, 8))
    yield case("self_unbatched", SelfAttention(nn.MultiheadAttention(6, 3)), normal(4, 6))
    yield case("self_one_head", SelfAttention(nn.MultiheadAttention(5, 1, batch_first=True)),
               normal(2, 3, 5))
    yield case("self_no_bias", SelfAttention(two_heads(bias=False)), x)
    yield case("self_bias_of_keys", SelfAttention(nn.MultiheadAttention(8, 2, add_bias_kv=True)),
               normal(5, 2, 8))
    yield case("self_zero_key",
               SelfAttention(two_heads(add_zero_attn=True)), x)
    yield case("self_bias_and_zero_key", OutputOnly(two_heads(add_bias_kv=True, add_zero_attn=True)), x, x,
               x)
    yield case("cross", two_heads(), normal(2, 3, 8), x, x)
    yield case("cross_output_only", OutputOnly(two_heads()), normal(2, 3, 8), x, x,
               dtypes=("float32", "float64"))
    yield case("cross_other_widths", two_heads(kdim=3, vdim=5),
               normal(2, 4, 8), normal(2, 6, 3), normal(2, 6, 5))
    yield case("cross_other_widths_output_only", OutputOnly(nn.MultiheadAttention(8, 4, kdim=6, vdim=3)),
               normal(4, 2, 8), normal(6, 2, 6), normal(6, 2, 3))
    for name, need_weights in (("weights", True), ("output", False)):
        yield case(f"padding_{name}", Padded(two_heads(), need_weights), x, PADDED)
        yield case(f"causal_{name}", Masked(two_heads(), need_weights), x, CAUSAL)
        yield case(f"additive_mask_{name}", Masked(two_heads(), need_weights), x, normal(5, 5))
    yield case("mask_per_head", Masked(two_heads(), True), x, normal(4, 5, 5),
               because="a mask of three axes is batch times heads")
    yield case("padding_and_mask", MaskedAndPadded(), x, PADDED, CAUSAL)
    yield case("dropout", SelfAttention(two_heads(dropout=0.5)), x,
               because="dropout does nothing in inference")
    yield case("dynamic_batch", SelfAttention(two_heads()), x, dynamic={0: {0: "batch"}})
    yield case("dynamic_sequence", OutputOnly(two_heads()), normal(2, 3, 8), x, x,
               dynamic={0: {1: "queries"}, 1: {1: "keys"}, 2: {1: "keys"}})
    yield case("dynamic_lengths", OfLengths(), x, integers(2, low=1, high=6),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}}, smallest=1)
