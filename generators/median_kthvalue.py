"""median_kthvalue: the middle or the k-th smallest element along an axis."""
from typing import Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, normal, values

NUMBERS = ("float32", "float64", "int64", "int32")


class Median(nn.Module):
    def __init__(self, dim: int = -1, keepdim: bool = False):
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.median(x, dim=self.dim, keepdim=self.keepdim)


class NanMedian(nn.Module):
    def __init__(self, dim: int = -1, keepdim: bool = False):
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        return torch.nanmedian(x, dim=self.dim, keepdim=self.keepdim)[0]


class KthValue(nn.Module):
    def __init__(self, k: int, dim: int = -1, keepdim: bool = False):
        super().__init__()
        self.k = k
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.kthvalue(x, self.k, dim=self.dim, keepdim=self.keepdim)


def of_all(x: Tensor) -> Tensor:
    return torch.median(x)


def of_all_but_nan(x: Tensor) -> Tensor:
    return torch.nanmedian(x)


def median_of_ties(x: Tensor) -> Tensor:
    return torch.median(x, dim=-1)[0]


def kth_of_ties(x: Tensor) -> Tensor:
    return torch.kthvalue(x, 3, dim=-1)[0]


def deviation(x: Tensor) -> Tensor:
    return (x - x.median(dim=1, keepdim=True)[0]).abs().median(dim=1)[0]


def cases():
    yield case("median_odd", Median(), distinct(3, 7), dtypes=NUMBERS)
    yield case("median_even", Median(), distinct(3, 6),
               because="of two middle elements the lower is taken, not their mean")
    yield case("median_first_axis", Median(dim=0), distinct(5, 3))
    yield case("median_kept_axis", Median(dim=-2, keepdim=True), distinct(2, 5, 3))
    yield case("median_one_element", Median(), distinct(3, 1))
    yield case("median_of_all", of_all, distinct(3, 4), dtypes=("float32", "int64"))
    yield case("median_ties", median_of_ties, values([[2.0, 1.0, 2.0, 3.0, 2.0], [0.0, 0.0, 1.0, 1.0, 1.0]]))
    yield case("median_nan", Median(),
               values([[1.0, float("nan"), 3.0], [2.0, float("-inf"), float("inf")]]),
               because="one NaN makes the median NaN, and the index is its place")
    yield case("nanmedian", NanMedian(),
               values([[1.0, float("nan"), 3.0, 7.0], [2.0, float("-inf"), 5.0, 4.0]]))
    yield case("nanmedian_kept_axis", NanMedian(dim=0, keepdim=True),
               values([[1.0, float("nan")], [3.0, float("nan")],
                                                                          [2.0, 4.0]]))
    yield case("nanmedian_only_nan", NanMedian(), values([[float("nan")] * 3, [1.0, 2.0, 3.0]]))
    yield case("nanmedian_of_all", of_all_but_nan, values([[1.0, float("nan")], [3.0, 2.0]]))
    yield case("kth_smallest", KthValue(2), distinct(3, 6), dtypes=NUMBERS)
    yield case("kth_first_axis", KthValue(4, dim=0), distinct(5, 3))
    yield case("kth_kept_axis", KthValue(3, dim=1, keepdim=True), distinct(2, 4, 3))
    yield case("kth_smallest_of_all", KthValue(1), distinct(2, 5))
    yield case("kth_largest_of_all", KthValue(5), distinct(2, 5))
    yield case("kth_ties", kth_of_ties, values([[2.0, 1.0, 2.0, 3.0], [1.0, 1.0, 1.0, 0.0]]))
    yield case("deviation", deviation, normal(3, 7))
    yield case("dynamic_batch", Median(), distinct(3, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_kth", KthValue(2), distinct(3, 5), dynamic={0: {0: "batch"}})
