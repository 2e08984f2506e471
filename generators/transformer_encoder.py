"""transformer_encoder: layers of self-attention and feed-forward network, each with norm and shortcut."""
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values

PADDED = values([[False, False, False, False, True], [False, False, True, True, True]], dtype="bool")
CAUSAL = values([[column > row for column in range(5)] for row in range(5)], dtype="bool")


def layer(width: int = 16, heads: int = 2, batch_first: bool = True,
**options) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(width, heads, 2 * width, batch_first=batch_first, **options)


def encoder(count: int, norm: Optional[nn.Module] = None, **options) -> nn.TransformerEncoder:
    return nn.TransformerEncoder(layer(**options), count, norm, enable_nested_tensor=False)


class Masked(nn.Module):
    """is_causal is given: left out, the encoder looks into the mask, and the program depends on data."""

    def __init__(self, is_causal: bool = False, **options):
        super().__init__()
        self.encoder = encoder(1, **options)
        self.is_causal = is_causal

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.encoder(x, mask=mask, is_causal=self.is_causal)


class Padded(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.encoder = encoder(1, **options)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        return self.encoder(x, src_key_padding_mask=padding)


class OfLengths(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = encoder(1)

    def forward(self, x: Tensor, length: Tensor) -> Tensor:
        padding = torch.arange(x.size(1)) >= length.unsqueeze(1)
        return self.encoder(x, src_key_padding_mask=padding)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerDecoderLayer(16, 2, 24, batch_first=True)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        return self.layer(x, memory)


def cases():
    x = normal(2, 5, 16)
    yield case("one_layer", encoder(1), x, dtypes=("float32", "float64"))
    yield case("two_layers", encoder(2), x)
    yield case("norm_first", encoder(2, norm_first=True), x)
    yield case("norm_first_final_norm", encoder(2, nn.LayerNorm(16), norm_first=True, activation="gelu"), x)
    yield case("gelu", encoder(1, activation="gelu"), x)
    yield case("silu", encoder(1, activation=F.silu), x)
    yield case("no_bias", encoder(1, bias=False), x)
    yield case("other_epsilon", encoder(1, layer_norm_eps=0.1), x)
    yield case("sequence_first", encoder(1, batch_first=False), normal(5, 2, 16))
    yield case("wider", encoder(1, width=32, heads=4, activation="gelu"), normal(1, 7, 32))
    yield case("one_token", encoder(1), normal(2, 1, 16))
    yield case("single_layer_unbatched", layer(), normal(5, 16))
    yield case("causal", Masked(), x, CAUSAL)
    yield case("causal_norm_first", Masked(norm_first=True), x, CAUSAL)
    yield case("causal_as_told", Masked(is_causal=True), x, CAUSAL)
    yield case("additive_mask", Masked(activation=F.silu), x, normal(5, 5),
               because="SiLU keeps PyTorch off its fast path, which reads a float mask as booleans")
    yield case("padding", Padded(), x, PADDED)
    yield case("decoder_layer", Decoder(), normal(2, 3, 16), normal(2, 5, 16))
    yield case("dynamic_batch", encoder(1), x, dynamic={0: {0: "batch"}})
    yield case("dynamic_sequence", encoder(1, norm_first=True), x, dynamic={0: {0: "batch", 1: "sequence"}})
    yield case("dynamic_lengths", OfLengths(), x, integers(2, low=1, high=6),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}}, smallest=1)
