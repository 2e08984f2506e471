"""pixel_shuffle: channels spread over the pixels of a larger image, the way back, and channels regrouped."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, special

ALL = ("float32", "float64", "int64", "int32", "bool")


def there_and_back(x: Tensor) -> Tensor:
    return torch.pixel_unshuffle(torch.pixel_shuffle(x, 2).relu(), 2)


def regrouped_by_hand(x: Tensor) -> Tensor:
    return x.view(x.size(0), 2, 3, x.size(2), x.size(3)).transpose(1, 2).flatten(1, 2)


def cases():
    yield case("shuffle", nn.PixelShuffle(2), normal(2, 8, 2, 3), dtypes=ALL)
    yield case("shuffle_three", nn.PixelShuffle(3), normal(1, 9, 2, 2))
    yield case("shuffle_one", nn.PixelShuffle(1), normal(1, 2, 2, 3))
    yield case("shuffle_unbatched", nn.PixelShuffle(2), normal(4, 3, 2))
    yield case("shuffle_more_axes", nn.PixelShuffle(2), normal(2, 1, 4, 3, 2))
    yield case("unshuffle", nn.PixelUnshuffle(2), normal(2, 2, 4, 6), dtypes=ALL)
    yield case("unshuffle_three", nn.PixelUnshuffle(3), normal(1, 1, 3, 6))
    yield case("unshuffle_unbatched", nn.PixelUnshuffle(2), normal(3, 2, 4))
    yield case("there_and_back", there_and_back, normal(1, 4, 2, 3))
    yield case("channels", nn.ChannelShuffle(2), normal(2, 6, 2, 3), dtypes=("float32", "float64"))
    yield case("channels_three_groups", nn.ChannelShuffle(3), normal(1, 6, 2, 1))
    yield case("channels_by_hand", regrouped_by_hand, normal(2, 6, 2, 3))
    yield case("special_values", nn.PixelShuffle(2), special(1, 4, 3, 3))
    yield case("dynamic_batch", nn.PixelShuffle(2), normal(2, 4, 3, 2), dynamic={0: {0: "batch"}})
    yield case("dynamic_unshuffle", nn.PixelUnshuffle(2), normal(2, 2, 4, 6), dynamic={0: {0: "batch"}}, sizes=(2, 1, 5),
               because="of an empty batch PyTorch gives the shape as it was, which is its own fault")
    yield case("dynamic_channels", nn.ChannelShuffle(2), normal(2, 4, 2, 3), dynamic={0: {0: "batch"}})
