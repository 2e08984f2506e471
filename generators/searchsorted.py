"""searchsorted: where values would go in a sorted sequence, by binary search."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values

NUMBERS = ("float32", "float64", "int64", "int32")
EDGES = [-1.0, 0.0, 0.0, 0.5, 2.0]


class SearchSorted(nn.Module):
    def __init__(self, right: bool = False, out_int32: bool = False):
        super().__init__()
        self.right = right
        self.out_int32 = out_int32

    def forward(self, edges: Tensor, x: Tensor) -> Tensor:
        return torch.searchsorted(torch.sort(edges, dim=-1)[0], x, right=self.right,
        out_int32=self.out_int32)


class Bucketize(nn.Module):
    def __init__(self, right: bool = False, out_int32: bool = False):
        super().__init__()
        self.right = right
        self.out_int32 = out_int32

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        return torch.bucketize(x, edges, right=self.right, out_int32=self.out_int32)


def right_side(edges: Tensor, x: Tensor) -> Tensor:
    return torch.searchsorted(edges, x, side="right")


def through_a_sorter(edges: Tensor, x: Tensor) -> Tensor:
    return torch.searchsorted(edges, x, sorter=torch.argsort(edges, dim=-1))


def number(edges: Tensor) -> Tensor:
    return torch.searchsorted(edges, 0.25)


def number_in_buckets(edges: Tensor) -> Tensor:
    return torch.bucketize(0.25, edges, right=True)


def cases():
    yield case("left", SearchSorted(), normal(6), normal(3, 4), dtypes=NUMBERS)
    yield case("right", SearchSorted(right=True), normal(6), normal(3, 4), dtypes=("float32", "int64"))
    yield case("ties_left", SearchSorted(), values(EDGES), values([0.0, -0.0, 0.5, 2.0, -1.0]),
               because="an equal element is searched from the left, and -0 equals 0")
    yield case("ties_right", right_side, values(EDGES), values([0.0, -0.0, 0.5, 2.0, -1.0]))
    yield case("outside", SearchSorted(), values(EDGES), values([-9.0, 9.0, float("inf"), float("-inf")]))
    yield case("nan", SearchSorted(), values(EDGES), values([float("nan"), 0.25]),
               because="NaN goes behind everything")
    yield case("infinite_edges", SearchSorted(right=True), values([float("-inf"), 0.0, float("inf")]),
               values([float("-inf"), -1.0, float("inf"), 1e38]))
    yield case("rows_of_their_own", SearchSorted(), normal(3, 6), normal(3, 4))
    yield case("integers_with_ties", SearchSorted(right=True), integers(2, 9, low=0, high=5),
               integers(2, 6, low=-1, high=7))
    yield case("narrow_result", SearchSorted(out_int32=True), normal(6), normal(5))
    yield case("through_a_sorter", through_a_sorter, normal(2, 6), normal(2, 4))
    yield case("number", number, values(EDGES))
    yield case("no_edges", SearchSorted(), normal(0), normal(3))
    yield case("nothing_searched", SearchSorted(), normal(4), normal(0))
    yield case("buckets", Bucketize(), normal(3, 5), values(EDGES))
    yield case("buckets_right", Bucketize(right=True), values([[0.0, 0.5], [-1.0, 3.0]]), values(EDGES))
    yield case("buckets_narrow", Bucketize(out_int32=True), integers(6, low=-2, high=4), values(EDGES),
               because="integers are looked up among real edges")
    yield case("number_in_buckets", number_in_buckets, values(EDGES))
    yield case("dynamic_batch", Bucketize(), normal(3, 4), values(EDGES), dynamic={0: {0: "batch"}})
    yield case("dynamic_edges", SearchSorted(), normal(5), normal(4), dynamic={0: {0: "edges"}})
