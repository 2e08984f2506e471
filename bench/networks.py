"""The networks among the benchmark's models that take more than a line: written out, with random weights."""
from __future__ import annotations

import torch
from torch import Tensor, nn


class LeNet(nn.Module):
    """Two convolutions with pooling, three linear layers, on 28 x 28 (LeCun et al., 1998; ReLU, maxima)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                                        nn.Linear(84, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


class Gate(nn.Module):
    """Keeps its input or turns its sign, as the data decide."""

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.sum() > 0):
            return x
        return -x


class GatedLoop(nn.Module):
    """A recurrence h = tanh(gate(W h + b) + x), a Python loop over steps: xs [steps, batch, 4] to all h."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.gate = nn.Linear(4, 4), Gate()

    def forward(self, xs: Tensor) -> Tensor:
        h = torch.zeros_like(xs[0])
        for step in range(xs.size(0)):
            h = torch.tanh(self.gate(self.linear(h)) + xs[step])
        return h


class Recurrent(nn.Module):
    """The outputs of a recurrent layer, batch first, without its last state."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)[0]


def normalised(inside: int, outside: int, size: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """A convolution without bias that keeps the extent (over its stride), and its batch norm."""
    return [nn.Conv2d(inside, outside, size, stride, size // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outside)]


class Residual(nn.Module):
    """y = after(x' + body(x)), where x' is x or its projection."""

    def __init__(self, body: nn.Module, projection: nn.Module | None = None,
                 after: nn.Module | None = None) -> None:
        super().__init__()
        self.body, self.projection, self.after = body, projection or nn.Identity(), after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.projection(x) + self.body(x))


def resnet18() -> nn.Module:
    """ResNet-18 (He et al., 2015, table 1): 3 x 224 x 224 to 1000 classes."""
    layers = [*normalised(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inside = 64
    for channels in (64, 128, 256, 512):
        for stride in (1 if channels == 64 else 2, 1):
            body = nn.Sequential(*normalised(inside, channels, 3, stride), nn.ReLU(),
                                 *normalised(channels, channels, 3))
            same = inside == channels
            projection = None if same else nn.Sequential(*normalised(inside, channels, 1, stride))
            layers.append(Residual(body, projection, nn.ReLU()))
            inside = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def mobilenet_v2() -> nn.Module:
    """MobileNetV2 (Sandler et al., 2018, table 2): 3 x 224 x 224 to 1000 classes."""
    layers, inside = [*normalised(3, 32, 3, 2), nn.ReLU6()], 32
    blocks = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
              (6, 320, 1, 1))
    for expansion, channels, repeats, first_stride in blocks:
        for k in range(repeats):
            stride, wide = first_stride if k == 0 else 1, inside * expansion
            widen = [] if expansion == 1 else [*normalised(inside, wide, 1), nn.ReLU6()]
            block = nn.Sequential(*widen, *normalised(wide, wide, 3, stride, groups=wide), nn.ReLU6(),
                                  *normalised(wide, channels, 1))
            layers.append(Residual(block) if stride == 1 and inside == channels else block)
            inside = channels
    return nn.Sequential(*layers, *normalised(inside, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(1280, 1000))


def encoder(layers: int, width: int, heads: int, norm_first: bool) -> nn.Module:
    """A transformer's encoder: [batch, tokens, width] to the same."""
    layer = nn.TransformerEncoderLayer(width, heads, 4 * width, batch_first=True, norm_first=norm_first)
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


class UNet(nn.Module):
    """A U-Net of four levels (Ronneberger et al., 2015; padded, batch norm): [batch, 3, H, W] to one channel."""

    def __init__(self, first: int = 16) -> None:
        super().__init__()
        widths = [first << level for level in range(4)]
        self.down = nn.ModuleList(self._twice(a, b) for a, b in zip([3, *widths], widths))
        self.widen = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(self._twice(2 * a, a) for a in widths[:-1])
        self.pool, self.head = nn.MaxPool2d(2), nn.Conv2d(first, 1, 1)

    @staticmethod
    def _twice(inside: int, outside: int) -> nn.Module:
        return nn.Sequential(*normalised(inside, outside, 3), nn.ReLU(),
                             *normalised(outside, outside, 3), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        skipped = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else self.pool(x))
            skipped.append(x)
        for widen, block, skip in zip(reversed(self.widen), reversed(self.up), reversed(skipped[:-1])):
            x = block(torch.cat([skip, widen(x)], 1))
        return self.head(x)


class ConvNeXtBlock(nn.Module):
    """A 7 x 7 depthwise convolution, layer norm of channels, two linear layers, GELU (Liu et al., 2022)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.wide, self.narrow = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)
        self.scale = nn.Parameter(torch.rand(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(nn.functional.gelu(self.wide(y)))
        return x + y.permute(0, 3, 1, 2)


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of [batch, channels, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def convnext() -> nn.Module:
    """ConvNeXt at about half its smallest width (40 to 320 channels; 2, 2, 6, 2 blocks): to 1000 classes."""
    layers, inside = [], 3
    for channels, blocks in ((40, 2), (80, 2), (160, 6), (320, 2)):
        first = inside == 3
        layers += [nn.Conv2d(3, channels, 4, 4), ChannelNorm(channels)] if first else \
                  [ChannelNorm(inside), nn.Conv2d(inside, channels, 2, 2)]
        layers += [ConvNeXtBlock(channels) for _ in range(blocks)]
        inside = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(inside),
                         nn.Linear(inside, 1000))


class DecoderLayer(nn.Module):
    """A layer of a causal decoder for one new token; keys and values [batch, heads, past, width / heads]."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                             for part in self.mixed(self.before(x)).chunk(3, -1))
        keys, values = torch.cat([keys, key], 2), torch.cat([values, value], 2)
        seen = nn.functional.scaled_dot_product_attention(query, keys, values)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        return x + self.narrow(nn.functional.gelu(self.wide(self.between(x)))), keys, values


class DecoderStep(nn.Module):
    """One step of a causal decoder: the next token's scores; keys, values [layers, batch, heads, past + 1, :]."""

    def __init__(self, layers: int = 4, width: int = 256, heads: int = 4, vocabulary: int = 1000) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(DecoderLayer(width, heads) for _ in range(layers))
        self.norm, self.scores = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, token: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, kept_keys, kept_values = self.embedding(token), [], []
        for k, layer in enumerate(self.layers):
            x, key, value = layer(x, keys[k], values[k])
            kept_keys.append(key)
            kept_values.append(value)
        return self.scores(self.norm(x)), torch.stack(kept_keys), torch.stack(kept_values)
