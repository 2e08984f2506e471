"""grid_sample: an image or volume read at positions that are data, between its elements and outside them."""
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal, uniform, values

NAN, INF = float("nan"), float("inf")


class Sample(nn.Module):
    def __init__(self, mode: str = "bilinear", padding: str = "zeros", aligned: bool = False):
        super().__init__()
        self.mode = mode
        self.padding = padding
        self.aligned = aligned

    def forward(self, x: Tensor, grid: Tensor) -> Tensor:
        return F.grid_sample(x, grid, mode=self.mode, padding_mode=self.padding, align_corners=self.aligned)


class Transformer(nn.Module):
    """A spatial transformer: an affine map decides where the image is read."""

    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(6, 6)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        grid = F.affine_grid(self.affine(code).view(-1, 2, 3), x.size(), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)


def cases():
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for aligned in (False, True):
                yield case(f"{mode}_{padding}{'_aligned' if aligned else ''}", Sample(mode, padding, aligned),
                           normal(2, 3, 4, 5), uniform(2, 3, 6, 2, low=-1.8, high=1.8),
                           dtypes=("float32", "float64") if padding == "zeros" and not aligned else ("float32",))
    for mode in ("bilinear", "nearest"):
        for padding in ("zeros", "border", "reflection"):
            yield case(f"volume_{mode}_{padding}", Sample(mode, padding), normal(1, 2, 3, 4, 5),
                       uniform(1, 2, 3, 4, 3, low=-1.5, high=1.5))
    yield case("volume_aligned", Sample("bilinear", "reflection", True), normal(1, 2, 3, 4, 5),
               uniform(1, 2, 3, 4, 3, low=-3.0, high=3.0), because="far outside it is reflected several times")
    yield case("far_reflection", Sample("bilinear", "reflection"), normal(1, 1, 3, 4), uniform(1, 3, 5, 2, low=-9.0, high=9.0))
    yield case("one_pixel", Sample("bilinear", "border", True), normal(2, 2, 1, 1), uniform(2, 3, 2, 2, low=-2.0, high=2.0))
    yield case("one_pixel_reflection", Sample("bilinear", "reflection", True), normal(1, 2, 1, 3),
               uniform(1, 3, 2, 2, low=-2.0, high=2.0), because="there is nothing to reflect along a dim of one element")
    yield case("exact_pixels", Sample("bilinear", "zeros", True), normal(1, 1, 3, 5),
               values([[[[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0], [0.5, 0.0], [1.5, 0.0]]]]))
    yield case("not_a_number_at_the_border", Sample("bilinear", "border"), normal(1, 1, 3, 4),
               values([[[[NAN, 0.1], [0.3, NAN]]]]), because="PyTorch reads the first element there")
    yield case("not_finite_image", Sample(), values([[[[1.0, INF], [NAN, 2.0]]]]), values([[[[0.3, 0.2], [-0.9, -0.9]]]]))
    yield case("transformer", Transformer(), normal(2, 2, 5, 5), normal(2, 6))
    yield case("empty_batch", Sample(), normal(0, 2, 3, 4), normal(0, 2, 2, 2))
    yield case("dynamic_batch", Sample("bilinear", "border"), normal(2, 2, 3, 4), uniform(2, 2, 3, 2, low=-1.5, high=1.5),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("dynamic_image", Sample("bilinear", "reflection"), normal(1, 2, 4, 4),
               uniform(1, 2, 3, 2, low=-1.5, high=1.5), dynamic={0: {2: "height", 3: "width"}})
    yield case("float16", Sample(), normal(1, 2, 3, 4, dtype="float16"),
               uniform(1, 2, 3, 2, low=-1.5, high=1.5, dtype="float16"))
