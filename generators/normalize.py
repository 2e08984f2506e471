"""normalize: vectors along one axis divided by their p-norm, or by epsilon where the norm is smaller."""
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, normal, spread, values


class Normalize(nn.Module):
    """F.normalize with the given norm, axis and least divisor."""

    def __init__(self, p: float = 2.0, dim: int = 1, eps: float = 1e-12):
        super().__init__()
        self.p = p
        self.dim = dim
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, p=self.p, dim=self.dim, eps=self.eps)


def cosine_scores(x: Tensor, y: Tensor) -> Tensor:
    return F.normalize(x, dim=-1) @ F.normalize(y, dim=-1).transpose(0, 1)


def cases():
    yield case("rows", Normalize(), normal(3, 5), dtypes=("float32", "float64"))
    yield case("first_axis", Normalize(dim=0), normal(4, 3))
    yield case("middle_axis", Normalize(dim=-2), normal(2, 4, 3))
    yield case("channels_of_image", Normalize(), normal(2, 4, 3, 2))
    yield case("vector", Normalize(dim=-1), normal(6))
    for p, name in ((1.0, "one"), (3.0, "three"), (0.5, "half"), (-1.0, "minus_one"), (0.0, "zero"),
                    (float("inf"), "infinity"), (float("-inf"), "minus_infinity")):
        yield case(f"norm_{name}", Normalize(p=p), normal(3, 4))
    yield case("large_epsilon", Normalize(eps=2.0), normal(5, 4),
               because="rows with a norm below epsilon are divided by epsilon instead")
    yield case("zero_vectors", Normalize(), values([[0.0, 0.0, -0.0], [1e-20, 0.0, 0.0], [3.0, 0.0, -4.0]]),
               because="zero stays zero, and a norm below epsilon leaves the row shorter than one")
    yield case("one_element_axis", Normalize(), normal(4, 1), because="what remains is the sign")
    yield case("empty_axis", Normalize(), normal(3, 0))
    yield case("empty_batch", Normalize(), normal(0, 3))
    yield case("many_magnitudes", Normalize(), spread(3, 8))
    yield case("not_finite", Normalize(), values([[1.0, float("nan")], [float("inf"), 2.0], [1e30, 1e30]]),
               because="an infinite norm makes zeros; squares of 1e30 overflow float32")
    yield case("cosine_scores", cosine_scores, normal(3, 5), normal(4, 5))
    yield case("dynamic_batch", Normalize(), normal(3, 5), dynamic={0: {0: "batch"}})
    yield case("dynamic_axis", Normalize(p=1.0, dim=-1), normal(3, 4), dynamic={0: {1: "features"}})
