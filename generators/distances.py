"""distances: how far apart, or how alike in direction, vectors are."""
import torch
from torch import Tensor, nn
from torch.nn import CosineSimilarity, PairwiseDistance

from lockstep.cases import case, normal, special, values


class AllPairs(nn.Module):
    """torch.cdist: the distance of every vector of one set to every vector of another."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return torch.cdist(left, right, p=self.p)


def by_products(left: Tensor, right: Tensor) -> Tensor:
    return torch.cdist(left, right, p=2.0, compute_mode="use_mm_for_euclid_dist")


def direct(left: Tensor, right: Tensor) -> Tensor:
    return torch.cdist(left, right, p=2.0, compute_mode="donot_use_mm_for_euclid_dist")


def within_one_set(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.pdist(x), torch.pdist(x, p=1.0)


def cases():
    infinity = float("inf")
    parallel = (values([[1.0, 2.0, 2.0], [3.0, 0.0, 4.0], [1.0, 0.0, 0.0]]),
                values([[2.0, 4.0, 4.0], [-3.0, 0.0, -4.0], [0.0, 5.0, 0.0]]))
    yield case("cosine", CosineSimilarity(), normal(3, 5), normal(3, 5), dtypes=("float32", "float64"))
    yield case("cosine_last_axis", CosineSimilarity(dim=-1), normal(2, 3, 4), normal(2, 3, 4))
    yield case("cosine_first_axis", CosineSimilarity(dim=0), normal(5, 3), normal(5, 3))
    yield case("cosine_broadcast", CosineSimilarity(dim=-1), normal(2, 1, 4), normal(3, 4))
    yield case("cosine_broadcast_axis", CosineSimilarity(dim=-2), normal(1, 2, 3), normal(2, 1, 3),
               because="a length is taken after broadcasting")
    yield case("cosine_small", CosineSimilarity(dim=1, eps=0.05), normal(4, 3, std=0.03),
               normal(4, 3, std=0.03),
               because="each length is replaced by epsilon where it is below it")
    yield case("cosine_zero_vector", CosineSimilarity(dim=1), values([[0.0, 0.0], [1.0, 2.0], [1.0, 0.5]]),
               values([[3.0, 4.0], [0.0, 0.0], [2.0, -3.0]]))
    yield case("cosine_parallel", CosineSimilarity(dim=1), *parallel)
    yield case("cosine_special_values", CosineSimilarity(dim=1), special(5, 5), normal(5, 5))
    yield case("cosine_dynamic", CosineSimilarity(), normal(3, 4), normal(3, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    for name, p in (("1", 1.0), ("2", 2.0), ("3", 3.0), ("infinity", infinity)):
        yield case(f"pairwise_{name}", PairwiseDistance(p=p), normal(4, 5), normal(4, 5))
        yield case(f"all_pairs_{name}", AllPairs(p), normal(3, 5), normal(4, 5),
                   dtypes=("float32", "float64"))
    yield case("pairwise_epsilon", PairwiseDistance(p=2.0, eps=0.3, keepdim=True), normal(4, 5),
               normal(4, 5),
               because="epsilon is added to every signed difference, not to the distance")
    yield case("pairwise_equal", PairwiseDistance(p=2.0), values([[1.0, 2.0, 3.0]]),
               values([[1.0, 2.0, 3.0]]))
    yield case("pairwise_vectors", PairwiseDistance(p=2.0), normal(5), normal(5))
    yield case("pairwise_broadcast", PairwiseDistance(p=2.0), normal(4, 5), normal(5))
    yield case("pairwise_dynamic", PairwiseDistance(p=2.0), normal(3, 4), normal(3, 4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("all_pairs_0", AllPairs(0.0), values([[1.0, 2.0, 3.0], [0.0, 2.0, 1.0]]),
               values([[1.0, 2.0, 0.0]]),
               because="counts the coordinates that differ")
    yield case("all_pairs_batch", AllPairs(2.0), normal(2, 3, 5), normal(2, 4, 5))
    yield case("all_pairs_batch_broadcast", AllPairs(2.0), normal(2, 1, 3, 5), normal(3, 4, 5))
    yield case("all_pairs_by_products", by_products, normal(3, 5), normal(4, 5, mean=2.0))
    yield case("all_pairs_direct", direct, normal(3, 5), normal(4, 5, std=1e-2))
    yield case("all_pairs_many", AllPairs(2.0), normal(30, 4), normal(28, 4, mean=3.0),
               because="above 25 vectors PyTorch computes by products")
    yield case("all_pairs_empty", AllPairs(2.0), normal(0, 4), normal(3, 4))
    yield case("within_one_set", within_one_set, normal(5, 4))
    yield case("all_pairs_dynamic", direct, normal(3, 4), normal(5, 4), dynamic={0: {0: "queries"}},
               because="computed directly, since otherwise PyTorch decides by the number of vectors")
