"""token_encoder: a small BERT, three integer inputs to states of every token and a pooled one."""
from typing import Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, values


class Layer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.output_norm = nn.LayerNorm(width, eps=1e-12)

    def split(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        attended = F.scaled_dot_product_attention(self.split(self.query(x)), self.split(self.key(x)),
                                                  self.split(self.value(x)), attn_mask=mask)
        x = self.attention_norm(x + self.output(attended.transpose(1, 2).flatten(2)))
        return self.output_norm(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """input_ids, token_type_ids and attention_mask, int64 (batch, sequence), to (states, pooled)."""

    def __init__(self, width: int = 16, heads: int = 2, layers: int = 1):
        super().__init__()
        self.words = nn.Embedding(30, width, padding_idx=0)
        self.positions = nn.Embedding(16, width)
        self.types = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList([Layer(width, heads) for _ in range(layers)])
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tuple[Tensor,
    Tensor]:
        positions = torch.arange(input_ids.size(1)).unsqueeze(0)
        x = self.norm(self.words(input_ids) + self.positions(positions) + self.types(token_type_ids))
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -10000.0
        for layer in self.layers:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Linear(16, 3)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.head(self.encoder(input_ids, token_type_ids, attention_mask)[1])


def inputs(batch: int, sequence: int) -> tuple:
    return (integers(batch, sequence, low=0, high=30), integers(batch, sequence, low=0, high=2),
            integers(batch, sequence, low=0, high=2))


def cases():
    yield case("one_layer", Encoder(), *inputs(2, 6), dtypes=("float32", "float64"))
    yield case("two_layers", Encoder(layers=2), *inputs(2, 6))
    yield case("wider", Encoder(width=24, heads=4), *inputs(1, 9))
    yield case("one_head", Encoder(width=8, heads=1), *inputs(2, 4))
    yield case("sentence_pair", Encoder(), values([[2, 7, 9, 3, 8, 5, 3, 0, 0]], dtype="int64"),
               values([[0, 0, 0, 0, 1, 1, 1, 0, 0]], dtype="int64"),
               values([[1, 1, 1, 1, 1, 1, 1, 0, 0]], dtype="int64"),
               because="two sentences and padding, as a tokenizer gives them")
    yield case("nothing_attended", Encoder(), integers(1, 4, low=0, high=30), integers(1, 4, low=0, high=2),
               values([[0, 0, 0, 0]], dtype="int64"),
               because="the same amount is taken off every score, so all count again")
    yield case("longest_sequence", Encoder(), *inputs(1, 16))
    yield case("classifier", Classifier(), *inputs(2, 5))
    yield case("dynamic_batch", Encoder(), *inputs(2, 6),
               dynamic={position: {0: "batch"} for position in range(3)})
    yield case("dynamic_batch_and_sequence", Classifier(), *inputs(2, 6),
               dynamic={position: {0: "batch", 1: "sequence"} for position in range(3)})
