"""fold: columns summed back into the image that their windows came from (col2im)."""
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal


def overlap_counts(x: Tensor) -> Tensor:
    columns = F.unfold(x, [3, 2], padding=[1, 0])
    return F.fold(columns, [4, 5], [3, 2], padding=[1, 0])


def cases():
    yield case("overlapping", nn.Fold((4, 5), (2, 3)), normal(2, 12, 9), dtypes=("float32", "float64"))
    yield case("disjoint", nn.Fold((4, 6), (2, 3), stride=(2, 3)), normal(1, 18, 4),
               because="windows that tile the image only move elements")
    yield case("padding", nn.Fold((3, 4), (2, 3), padding=(1, 2)), normal(1, 12, 24))
    yield case("stride", nn.Fold((5, 7), (2, 2), stride=(1, 3)), normal(1, 8, 8),
               because="pixels under no window stay zero")
    yield case("dilation", nn.Fold((5, 6), (3, 2), dilation=(2, 3)), normal(1, 12, 3))
    yield case("everything", nn.Fold((6, 7), (2, 3), dilation=(3, 2), padding=(2, 1), stride=(1, 2)),
               normal(2, 12, 21))
    yield case("unbatched", nn.Fold((4, 4), 2, stride=2), normal(8, 4))
    yield case("one_by_one", nn.Fold((2, 3), 1), normal(1, 2, 6))
    yield case("of_unfolded", overlap_counts, normal(1, 2, 4, 5),
               because="each pixel comes back once per window over it")
    yield case("cancelling", nn.Fold((3, 3), (2, 2)), normal(1, 4, 4, mean=1e3, std=1e-2))
    yield case("dynamic_batch", nn.Fold((4, 5), (3, 2), padding=(1, 0)), normal(2, 12, 16),
               dynamic={0: {0: "batch"}})
