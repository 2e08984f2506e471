"""fractional_max_pool: maxima of windows whose distances vary, as samples between 0 and 1 decide."""
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal, uniform, values


class Images(nn.Module):
    def __init__(self, kernel: int | tuple[int, int], size: int | tuple[int, int]):
        super().__init__()
        self.kernel, self.size = kernel, size

    def forward(self, x: Tensor, samples: Tensor) -> tuple[Tensor, Tensor]:
        return F.fractional_max_pool2d_with_indices(x, self.kernel, self.size, _random_samples=samples)


class Volumes(nn.Module):
    def __init__(self, kernel: int | tuple[int, ...], size: tuple[int, ...]):
        super().__init__()
        self.kernel, self.size = kernel, size

    def forward(self, x: Tensor, samples: Tensor) -> tuple[Tensor, Tensor]:
        return F.fractional_max_pool3d_with_indices(x, self.kernel, self.size, _random_samples=samples)


def by_ratio(x: Tensor, samples: Tensor) -> Tensor:
    return F.fractional_max_pool2d(x, 2, output_ratio=(0.6, 0.5), _random_samples=samples)


def cases():
    yield case("images", Images(2, (4, 5)), normal(2, 3, 9, 11), uniform(2, 3, 2), dtypes=("float32", "float64"))
    yield case("unequal", Images((3, 2), (3, 6)), normal(1, 2, 8, 9), uniform(1, 2, 2))
    yield case("ratio", by_ratio, normal(1, 2, 10, 12), uniform(1, 2, 2))
    yield case("one_place", Images(3, (1, 1)), normal(1, 2, 5, 6), uniform(1, 2, 2))
    yield case("every_place", Images(1, (4, 5)), normal(1, 1, 4, 5), uniform(1, 1, 2))
    yield case("unbatched", Images(2, (3, 3)), normal(2, 7, 8), uniform(1, 2, 2))
    yield case("volumes", Volumes(2, (2, 3, 4)), normal(1, 2, 5, 7, 9), uniform(1, 2, 3), dtypes=("float32", "float64"))
    yield case("volumes_unequal", Volumes((1, 2, 3), (4, 3, 2)), normal(2, 1, 5, 6, 7), uniform(2, 1, 3))
    yield case("ties", Images(2, (2, 2)), values([[[[1.0, 1.0, 0.0], [1.0, 1.0, 2.0], [2.0, 2.0, 2.0]]]]),
               values([[[0.3, 0.7]]]), because="of equals the first is named")
    yield case("not_a_number", Images(2, (2, 2)),
               values([[[[1.0, float("nan"), 0.0], [float("nan"), 1.0, 2.0], [float("-inf"), 2.0, float("inf")]]]]),
               values([[[0.3, 0.7]]]), because="of several NaN the last is named")
    yield case("dynamic_batch", Images(2, (4, 5)), normal(2, 3, 9, 11), uniform(2, 3, 2), dynamic={0: {0: "batch"}, 1: {0: "batch"}})
