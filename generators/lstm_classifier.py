"""lstm_classifier: tokens looked up, read by an LSTM, and classified from what it knows at the end."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal


class Classifier(nn.Module):
    """Token ids (batch, sequence) to logits (batch, classes), from the last step."""

    def __init__(self, width: int = 6, layers: int = 1, bidirectional: bool = False, classes: int = 3):
        super().__init__()
        self.embedding = nn.Embedding(11, 5, padding_idx=0)
        self.lstm = nn.LSTM(5, width, layers, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(2 * width if bidirectional else width, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        steps, _ = self.lstm(self.embedding(tokens))
        return self.head(steps[:, -1])


class FromHiddenState(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x: Tensor) -> Tensor:
        _, (hidden, _) = self.lstm(x)
        return self.head(torch.cat([hidden[0], hidden[1]], dim=1))


class AtLength(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 4)
        self.gru = nn.GRU(4, 6, batch_first=True)
        self.head = nn.Linear(6, 3)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        steps, _ = self.gru(self.embedding(tokens))
        last = steps[torch.arange(tokens.size(0)), length - 1]
        return torch.log_softmax(self.head(last), dim=-1)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 4)

    def forward(self, tokens: Tensor) -> Tuple[Tensor, Tensor]:
        logits = self.head(self.lstm(self.embedding(tokens))[0])
        return logits, logits.argmax(-1)


def cases():
    tokens = integers(2, 5, low=0, high=11)
    yield case("last_step", Classifier(), tokens, dtypes=("float32", "float64"))
    yield case("two_layers", Classifier(layers=2), tokens)
    yield case("bidirectional", Classifier(bidirectional=True), tokens)
    yield case("wider", Classifier(width=24, classes=7), integers(3, 9, low=0, high=11))
    yield case("one_token", Classifier(), integers(2, 1, low=0, high=11))
    yield case("from_hidden_state", FromHiddenState(), normal(2, 6, 4))
    yield case("at_length", AtLength(), integers(4, 6, low=0, high=11), integers(4, low=1, high=7))
    yield case("tagger", Tagger(), integers(2, 5, low=0, high=9))
    yield case("dynamic_batch", Classifier(), tokens, dynamic={0: {0: "batch"}})
    yield case("dynamic_batch_at_length", AtLength(), integers(3, 6, low=0, high=11),
               integers(3, low=1, high=7),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
